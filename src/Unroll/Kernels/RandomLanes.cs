using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Unroll.Kernels.Jit;

namespace Unroll.Kernels;

/// <summary>
/// Random numbers as <see cref="Rng.At"/> and <see cref="Rng.ToReal"/> make them, a register at a time: lane j holds the one with index
/// first + j. The hash takes 64 bits a number, so a register of singles is made of two.
/// </summary>
internal static class RandomLanes
{
    [MethodImpl(Inlined)]
    public static Vector512<Real> Next512(ulong key, ulong first)
    {
        var z = Vector512.Create(key + first * Rng.Golden) + Vector512<ulong>.Indices * Rng.Golden;
#if REAL64
        return Vector512.ConvertToDouble(Hash(z).AsInt64()) * Rng.Step;
#else
        var bits = Vector512.Narrow(Hash(z), Hash(z + Vector512.Create((ulong)Vector512<ulong>.Count * Rng.Golden)));
        return Vector512.ConvertToSingle(bits.AsInt32()) * Rng.Step;
#endif
    }

    [MethodImpl(Inlined)]
    public static Vector256<Real> Next256(ulong key, ulong first)
    {
        var z = Vector256.Create(key + first * Rng.Golden) + Vector256<ulong>.Indices * Rng.Golden;
#if REAL64
        return Vector256.ConvertToDouble(Hash(z).AsInt64()) * Rng.Step;
#else
        var bits = Vector256.Narrow(Hash(z), Hash(z + Vector256.Create(unchecked((ulong)Vector256<ulong>.Count * Rng.Golden))));
        return Vector256.ConvertToSingle(bits.AsInt32()) * Rng.Step;
#endif
    }

    [MethodImpl(Inlined)]
    public static Vector128<Real> Next128(ulong key, ulong first)
    {
        var z = Vector128.Create(key + first * Rng.Golden) + Vector128<ulong>.Indices * Rng.Golden;
#if REAL64
        return Vector128.ConvertToDouble(Hash(z).AsInt64()) * Rng.Step;
#else
        var bits = Vector128.Narrow(Hash(z), Hash(z + Vector128.Create(unchecked((ulong)Vector128<ulong>.Count * Rng.Golden))));
        return Vector128.ConvertToSingle(bits.AsInt32()) * Rng.Step;
#endif
    }

    /// <summary>The 24 highest bits of the hash, all that a number takes.</summary>
    [MethodImpl(Inlined)]
    static Vector512<ulong> Hash(Vector512<ulong> z)
    {
        z = (z ^ (z >>> 30)) * Rng.First;
        z = (z ^ (z >>> 27)) * Rng.Second;
        return (z ^ (z >>> 31)) >>> 40;
    }

    /// <inheritdoc cref="Hash(Vector512{ulong})"/>
    [MethodImpl(Inlined)]
    static Vector256<ulong> Hash(Vector256<ulong> z)
    {
        z = (z ^ (z >>> 30)) * Rng.First;
        z = (z ^ (z >>> 27)) * Rng.Second;
        return (z ^ (z >>> 31)) >>> 40;
    }

    /// <inheritdoc cref="Hash(Vector512{ulong})"/>
    [MethodImpl(Inlined)]
    static Vector128<ulong> Hash(Vector128<ulong> z)
    {
        z = (z ^ (z >>> 30)) * Rng.First;
        z = (z ^ (z >>> 27)) * Rng.Second;
        return (z ^ (z >>> 31)) >>> 40;
    }
}
