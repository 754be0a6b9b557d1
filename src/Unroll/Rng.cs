using System.Runtime.InteropServices;
using Unroll.Kernels;

namespace Unroll;

/// <summary>
/// Seeded random numbers. The i-th number is a hash of (seed, i), so a stream can be split over threads, skipped ahead, saved and
/// resumed without a bit of difference.
/// </summary>
/// <remarks>
/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the mixing constants of
/// its section 4.
/// Not for cryptography. Not safe for use from several threads at once.
/// </remarks>
public sealed class Rng
{
    internal const ulong Golden = 0x9E3779B97F4A7C15;      // 2⁶⁴ divided by the golden ratio, odd
    internal const ulong First = 0xBF58476D1CE4E5B9, Second = 0x94D049BB133111EB;
    internal const Real Step = (Real)(1.0 / (1 << 24));

    ulong _key;
    ulong _count;

    /// <summary>Starts a stream.</summary>
    /// <param name="seed">Any number; the same seed gives the same stream on every machine.</param>
    public Rng(ulong seed) => _key = Mix(seed + Golden);

    /// <summary>The place in the stream. Setting it continues from there, in this process or a later one.</summary>
    public RngState State
    {
        get => new(_key, _count);
        set => (_key, _count) = (value.Key, value.Count);
    }

    /// <summary>A stream of its own, named by <paramref name="purpose"/>: what one draws does not move the other.</summary>
    public Rng Fork(string purpose)
    {
        var hash = 0xCBF29CE484222325UL;                       // FNV-1a, 64 bits
        foreach (var c in purpose) hash = (hash ^ c) * 0x100000001B3UL;
        return new Rng(0) { State = new RngState(Mix(_key ^ hash), 0) };
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => At(_key, _count++);

    /// <summary>A number from [0, 1), a multiple of 2⁻²⁴.</summary>
    public Real NextReal() => ToReal(NextUInt64());

    /// <summary>A number from [0, 1) in double precision, a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number from [0, <paramref name="below"/>), each equally likely.</summary>
    public int Next(int below)
    {
        if (below < 1) Throw.OutOfRange(nameof(below), below, "at least 1");
        var range = (ulong)below;                              // Lemire 2019: multiply, and redraw the few that would be uneven
        var threshold = (0UL - range) % range;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), range, out var low);
            if (low >= threshold) return (int)high;
        }
    }

    /// <summary>
    /// A normally distributed number with mean 0 and deviation 1, by the polar method (Marsaglia and Bray 1964) with the library's own
    /// logarithm: the same on every machine. Takes two numbers of the stream, or more where a pair is refused.
    /// </summary>
    public double NextNormal()
    {
        while (true)
        {
            double u = 2 * NextDouble() - 1, v = 2 * NextDouble() - 1;
            var s = u * u + v * v;
            if (s is 0 or >= 1) continue;
            return u * Math.Sqrt(-2 * VectorMath.Log(Lane1.Of((Real)s)).Value / s);
        }
    }

    /// <summary>Fills a span with numbers from [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public void FillUniform(Span<Real> values, double low, double high)
    {
        foreach (ref var v in values) v = (Real)(low + (high - low) * NextDouble());
    }

    /// <summary>Fills a span with normally distributed numbers.</summary>
    public void FillNormal(Span<Real> values, double mean, double deviation)
    {
        foreach (ref var v in values) v = (Real)(mean + deviation * NextNormal());
    }

    /// <summary>Puts the items in random order, each order equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Takes a block of <paramref name="count"/> numbers out of the stream; number i of the block is <c>At(key, start + i)</c>.</summary>
    internal RngState Skip(int count)
    {
        var start = State;
        _count += (ulong)count;
        return start;
    }

    internal static ulong At(ulong key, ulong index) => Mix(key + index * Golden);

    internal static Real ToReal(ulong bits) => (bits >> 40) * Step;

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * First;
        z = (z ^ (z >> 27)) * Second;
        return z ^ (z >> 31);
    }
}

/// <summary>A place in a stream of random numbers.</summary>
/// <param name="Key">What the seed became.</param>
/// <param name="Count">How many numbers were drawn.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RngState(ulong Key, ulong Count);
