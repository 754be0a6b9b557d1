using System.Diagnostics;
using System.Globalization;

namespace Unroll.Bench;

/// <summary>
/// What a neighbour costs: layers timed alone, and beside a process that never rests, with one thread and with all. Means, not medians: a stall counts.
/// </summary>
/// <remarks>
/// On P processors the neighbour leaves P − 1 and its half of one, so a fair share is the time with all threads times P / (P − ½), or the time of one
/// thread where that is less.
/// </remarks>
static class BusyBenchmark
{
    /// <summary>What a neighbour does.</summary>
    public static int Burn()
    {
        Console.WriteLine("burning");
        for (; ; ) Thread.SpinWait(1000);
    }

    public sealed record Result(string Name, string Mode, double One, double All, double OneBusy, double AllBusy)
    {
        public double Fair => Math.Min(One, All * Environment.ProcessorCount / (Environment.ProcessorCount - 0.5));

        public string Line => string.Create(CultureInfo.InvariantCulture,
            $"| {Name} | {Mode} | {One * 1000:G3} | {All * 1000:G3} | {OneBusy * 1000:G3} | {AllBusy * 1000:G3} | {OneBusy / One:F2} | {AllBusy / Fair:F2} |");

        public const string Header = """
            | workload | mode | one thread, ms | all, ms | one, busy, ms | all, busy, ms | one, of its share | all, of their share |
            |---|---|---|---|---|---|---|---|
            """;
    }

    const int Rounds = 3;

    public static IEnumerable<Result> Run(string workloads, double seconds, string? only)
    {
        var threads = Compute.Threads;
        foreach (var (name, mode, run) in LayerBenchmark.Layers(workloads, only))
        {
            var times = new double[4];
            for (var round = 0; round < Rounds; round++)
            {
                Both(times.AsSpan(0, 2));
                using var neighbour = Neighbour();
                try
                {
                    Both(times.AsSpan(2, 2));
                }
                finally
                {
                    neighbour.Kill();
                    neighbour.WaitForExit();
                }
            }
            yield return new(name, mode, times[0], times[1], times[2], times[3]);

            void Both(Span<double> sums)
            {
                foreach (var i in (ReadOnlySpan<int>)[0, 1])
                {
                    Compute.Threads = i == 0 ? 1 : threads;
                    sums[i] += Timing.Mean(run, seconds) / Rounds;
                }
            }
        }
    }

    static Process Neighbour()
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(BusyBenchmark).Assembly.Location, "burn"]) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadLine();
        return process;
    }
}
