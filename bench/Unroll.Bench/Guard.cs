using System.Globalization;
using Unroll.Kernels;

namespace Unroll.Bench;

/// <summary>
/// Fails where a kernel has lost its lead over its baseline in the same process: what a change would do that breaks vectors, packing, fusing
/// or sharing. UNROLL_SIMD=scalar shows that it can.
/// </summary>
static class Guard
{
    const double Seconds = 0.5;

    /// <summary>
    /// The least ratios, on one thread but for the last: about half of what a quiet machine with 256-bit registers shows, since a CI machine is not quiet. A machine whose
    /// registers are narrower owes as much less.
    /// </summary>
    static readonly (string Kernel, int Threads, double Floor, string Protects)[] Floors =
    [
        ("product-many-rows", 1, 10, "tiles of six rows that stay in registers"),
        ("product-batch", 1, 10, "the same in a step of a batch"),
        ("product-one-row", 1, 4, "the path of a single stream"),
        ("product-transposed", 1, 10, "copying of a transposed factor"),
        ("tanh", 1, 4, "functions over whole registers"),
        ("cross-entropy", 1, 4, "the fused softmax of many classes"),
        ("adam", 1, 1.5, "one pass over weights and moments"),
        ("lstm-train", 1, 1, "the fused twin"),
        ("threads", 2, 1, "sharing between threads"),
    ];

    public static int Run()
    {
        var width = Math.Min(1, Simd.Choose(null) / 256.0);                 // what the processor has, whatever is forced
        var failures = 0;
        foreach (var (kernel, threads, usual, protects) in Floors)
        {
            if (threads > Environment.ProcessorCount)
            {
                Console.WriteLine($"{kernel,-20} passed over: {Environment.ProcessorCount} processor");
                continue;
            }
            Compute.Threads = threads;
            var floor = kernel is "threads" or "lstm-train" ? usual : usual * width;
            var ratio = KernelBenchmark.Run(kernel, Seconds).Single().Ratio.Times;
            var good = ratio >= floor;
            if (!good) failures++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kernel,-20} {ratio,7:F2}, at least {floor,5:F2}  {(good ? "" : $"FAILED: look at {protects}")}"));
        }
        return failures == 0 ? 0 : 1;
    }
}
