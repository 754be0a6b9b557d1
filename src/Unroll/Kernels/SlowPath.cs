using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>Whether kernels run without what they live on: 256-bit registers and a fused multiply-add on x86.</summary>
internal static class SlowPath
{
    /// <summary>Why, and what can be done; null where they run as they should or as was asked by <see cref="Simd.Variable"/>.</summary>
    public static string? Reason { get; } = Environment.GetEnvironmentVariable(Simd.Variable) is null or "" ? Find(Vector256.IsHardwareAccelerated && Fma.IsSupported) : null;

    internal static string? Find(bool compiled)
    {
        if (compiled || !X86Base.IsSupported) return null;
        const string Slow = "Unroll computes some twenty times slower than it could";
        return !ProcessorHas() ? "This processor has no AVX2 with fused multiply-add: Unroll emulates it, exactly and slowly."
            : RuntimeFeature.IsDynamicCodeCompiled ? $"{Slow}: AVX2 or FMA is switched off by the runtime's settings (DOTNET_EnableAVX2, DOTNET_EnableFMA, DOTNET_EnableHWIntrinsic)."
            : $"{Slow}: this native program was compiled without AVX2 and FMA. Publish it with <IlcInstructionSet>x86-64-v3</IlcInstructionSet>.";
    }

    /// <summary>What the processor itself says (CPUID, leaves 1 and 7), whatever the program was compiled for.</summary>
    static bool ProcessorHas()
    {
        const int Fused = 1 << 12, SystemSaves = 1 << 27, Wide = 1 << 5;
        if (X86Base.CpuId(0, 0).Eax < 7) return false;
        return (X86Base.CpuId(1, 0).Ecx & (Fused | SystemSaves)) == (Fused | SystemSaves) && (X86Base.CpuId(7, 0).Ebx & Wide) != 0;
    }
}
