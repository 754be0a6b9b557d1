using System.Globalization;
using Unroll.Kernels;

namespace Unroll.Bench;

/// <summary>
/// Fails where a kernel has lost its lead over its baseline in the same process: what a change would do that breaks vectors, packing, fusing
/// or sharing, at the width that is forced, else at the widest. UNROLL_SIMD=scalar shows that it can.
/// </summary>
static class Guard
{
    const double Seconds = 0.5;
    const int Measurements = 3;         // at most: what other programs do passes by, what a change has done stays

    /// <summary>
    /// The least ratios on one thread: less than half of what 256-bit registers show, since a CI machine is not quiet. Narrower registers
    /// owe as much less, unless the baseline uses them too.
    /// </summary>
    static readonly (string Kernel, double Floor, bool AnyWidth, string Protects)[] Floors =
    [
        ("product-many-rows", 18, false, "tiles whose sums stay in registers"),
        ("product-batch", 18, false, "packed panels that stay in the first-level cache"),
        ("product-one-row", 7, false, "the path of a single stream"),
        ("product-transposed", 16, false, "packing a transposed factor on the way, or reading it where it stands"),
        ("product-peak", 0.6, true, "an inner loop of little besides multiply-adds"),
        ("exp", 2.5, false, "functions over whole registers"),
        ("cross-entropy", 3.5, false, "softmax and its gradient without an array between them"),
        ("adam", 2.5, false, "one pass over weights and moments"),
        ("lstm-tiny", 1.5, true, "the fused twin, and little work around small layers"),
        ("lstm-products", 0.4, true, "all that is not a product in a layer"),
        ("lstm-recurrent", 0.8, true, "masks of a scan that are drawn once and cost little more"),
    ];

    public static int Run()
    {
        var widest = Simd.Choose(null);
        var forced = Simd.Bits is 128 or 256 ? Simd.Bits : widest;          // scalar is no width that anything is owed at: it shows that the guard can fail
        var width = Math.Min(1, Math.Min(widest, forced) / 256.0);
        var failures = 0;
        Compute.Threads = 1;                                                // the number of processors does not matter then
        foreach (var (name, usual, anyWidth, protects) in Floors)
        {
            var floor = anyWidth ? usual : usual * width;
            var kernel = KernelList.All.Single(k => k.Name == name).Make();
            var ratio = 0.0;
            for (var i = 0; i < Measurements && ratio < floor; i++) ratio = Math.Max(ratio, Timing.Compare(kernel.Fast, kernel.Baseline, Seconds).Times);
            var good = ratio >= floor;
            if (!good) failures++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-20} {ratio,7:F2}, at least {floor,5:F2}{(good ? "" : $"  FAILED: {protects}")}"));
        }
        if (failures > 0) Console.WriteLine($"{failures} of {Floors.Length} kernels have lost their lead over their baselines ({Machine.Summary}).");
        return failures == 0 ? 0 : 1;
    }
}
