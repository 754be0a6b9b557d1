using System.Globalization;
using System.Text;

namespace Unroll.Bench;

/// <summary>Writes what this machine does as a page of <c>bench/results</c>; what stands there under its heading Notes is kept.</summary>
static class Record
{
    const string Notes = "\n## Notes\n";

    public static void Write(string path, string? workloads, double seconds)
    {
        var all = Compute.Threads;
        int[] counts = all == 1 ? [1] : [1, all];
        var page = new StringBuilder($"# {Machine.Processor}, {Environment.ProcessorCount} processors, {Machine.Registers}\n\n");
        page.Append($"{Machine.Runtime}, {Machine.System}, commit {Machine.Commit}. Written by `Unroll.Bench record`: medians, and ratios of kernels measured in turn.\n");
        page.Append("\n## Kernels\n\n| kernel | shape | baseline, ms |");
        foreach (var n in counts) page.Append($" {Threads(n)}, ms | rate | ratio |");
        page.Append("\n|---|---|---|").Insert(page.Length, "---|---|---|", counts.Length).Append('\n');
        foreach (var (name, make) in KernelList.All)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                Compute.Threads = counts[i];
                var kernel = make();
                kernel.Check(name);
                var ratio = Timing.Compare(kernel.Fast, kernel.Baseline, seconds);
                if (i == 0) page.Append(CultureInfo.InvariantCulture, $"| {name} | {kernel.Shape} | {ratio.Baseline * 1e3:G3} |");
                page.Append(CultureInfo.InvariantCulture, $" {ratio.Fast * 1e3:G3} | {kernel.Rate(ratio.Fast):F1} {kernel.Unit} | {ratio.Times:F1} |");
            }
            page.Append('\n');
        }
        if (workloads is not null)
        {
            page.Append($"\n## Layers\n\n{Threads(all)}.\n\n| workload | mode | ms | GFLOP/s |\n|---|---|---|---|\n");
            foreach (var r in LayerBenchmark.Run(workloads, seconds))
                page.Append(CultureInfo.InvariantCulture, $"| {r.Name} | {r.Mode} | {r.Median * 1e3:G4} | {r.Rate:F1} |\n");
        }
        var old = File.Exists(path) ? File.ReadAllText(path) : "";
        if (old.IndexOf(Notes, StringComparison.Ordinal) is >= 0 and var notes) page.Append(old.AsSpan(notes));
        File.WriteAllText(path, page.ToString());
    }

    static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";
}
