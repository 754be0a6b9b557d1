using System.Globalization;

namespace Unroll.Bench;

/// <summary>Kernels against their plain versions, which are measured in turn with them.</summary>
static class KernelBenchmark
{
    public sealed record Result(string Name, Kernel Kernel, Ratio Ratio, int Threads)
    {
        public double Rate => Kernel.Rate(Ratio.Fast);

        public string Json => string.Create(CultureInfo.InvariantCulture,
            $$"""{"system": "unroll", "name": "{{Name}}", "shape": "{{Kernel.Shape}}", "median_s": {{Ratio.Fast:G6}}, "rate": {{Rate:G4}}, "unit": "{{Kernel.Unit}}", "baseline_s": {{Ratio.Baseline:G6}}, "ratio": {{Ratio.Times:G4}}, "threads": {{Threads}}, "register_bits": {{Compute.RegisterBits}}, "cpu": "{{Machine.Processor}}", "runtime": "{{Machine.Runtime}}", "commit": "{{Machine.Commit}}"}""");

        public static string Header => $"{"kernel",-20} {"shape",-34} {"baseline ms",11} {"ms",9} {"rate",14} {"ratio",7}";

        public string Line => string.Create(CultureInfo.InvariantCulture,
            $"{Name,-20} {Kernel.Shape,-34} {Ratio.Baseline * 1e3,11:G4} {Ratio.Fast * 1e3,9:G4} {Rate,6:F1} {Kernel.Unit,-7} {Ratio.Times,7:F1}");
    }

    /// <summary>Checks and times the kernels whose name has <paramref name="filter"/> in it, each for some seconds.</summary>
    public static IEnumerable<Result> Run(string filter, double limit)
    {
        foreach (var (name, make) in KernelList.All.Where(k => k.Name.Contains(filter, StringComparison.Ordinal)))
        {
            var kernel = make();
            kernel.Check(name);
            yield return new(name, kernel, Timing.Compare(kernel.Fast, kernel.Baseline, limit), Compute.Threads);
        }
    }
}
