using System.IO.Compression;

namespace Unroll.Tasks;

/// <summary>A matrix of numbers as a page carries it: one byte for each, a whole number of steps, packed.</summary>
/// <param name="Data">The bytes, a row after the other, deflated and in Base64.</param>
/// <param name="Step">What one step is worth: values are rounded to it.</param>
internal readonly record struct PackedMap(string Data, double Step)
{
    const int Most = 127;

    /// <summary>Packs numbers; what is not finite becomes 0.</summary>
    public static PackedMap Of(ReadOnlySpan<Real> values)
    {
        var step = StepOf(values);
        var bytes = new byte[values.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(sbyte)Math.Clamp(Math.Round(values[i] / step), -Most, Most);
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(bytes);
        return new(Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length), step);
    }

    /// <summary>A hundredth where all values fit, which is so for gates and hidden states; else the next round number: 0.02, 0.05, 0.1 and so on, or below.</summary>
    static double StepOf(ReadOnlySpan<Real> values)
    {
        double largest = 0;
        foreach (var value in values)
            if (Real.IsFinite(value)) largest = Math.Max(largest, Math.Abs(value));
        if (largest is > 0.5 and <= 0.01 * Most || largest == 0) return 0.01;
        var power = Math.Pow(10, Math.Floor(Math.Log10(largest / Most)));
        foreach (var factor in new[] { 1, 2, 5 })
            if (largest <= factor * power * Most * (1 + 1e-9)) return factor * power;
        return 10 * power;
    }
}
