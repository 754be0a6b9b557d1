using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>The register width that the kernels run with: the widest that this processor does well, or the one that was asked for.</summary>
internal static class Simd
{
    /// <summary>The environment variable that forces a width: <c>512</c>, <c>256</c>, <c>128</c> or <c>scalar</c>.</summary>
    public const string Variable = "UNROLL_SIMD";

    /// <summary>Bits in a register: 512, 256, 128, or 0 for one number at a time.</summary>
    public static readonly int Bits = Settings.RegisterBits;

    /// <summary>Numbers in a register.</summary>
    public static int Lanes => Bits == 0 ? 1 : Bits / (8 * sizeof(Real));

    internal static int Choose(string? forced)
    {
        // Without a fused multiply-add of its own a processor falls back to a slow exact one; then a wide register gains nothing.
        var widest = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated && Fma.IsSupported ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
        var asked = forced?.Trim().ToLowerInvariant() switch
        {
            null or "" => widest,
            "512" => 512,
            "256" => 256,
            "128" => 128,
            "scalar" => 0,
            _ => Throw.SimdUnknown<int>(forced),
        };
        return asked <= widest ? asked : Throw.SimdMissing<int>(asked, widest);
    }
}
