using System.Globalization;
using System.Text.Json;
using Unroll;
using Unroll.Bench;
using Unroll.Kernels;
using Unroll.Tasks;

const double Seconds = 0.5;         // for each kernel, or each mode of a layer, unless said otherwise

if (Settings.Problem is { } problem) return Refuse(problem);
switch (args)
{
    case ["kernels", .. var options] when options.Except(["--json"]).ToArray() is { Length: <= 1 } filter && !filter.Any(f => f.StartsWith('-')):
        return Kernels(filter.FirstOrDefault(""), options.Contains("--json"));
    case ["layers", var workloads, var seconds, .. { Length: <= 1 } name]:
        return Layers(workloads, seconds, name.FirstOrDefault());
    case ["busy", var workloads, var seconds, .. { Length: <= 1 } name]:
        return Busy(workloads, seconds, name.FirstOrDefault());
    case ["burn"]:
        return BusyBenchmark.Burn();
    case ["guard"]:
        return Guard.Run();
    case ["widths"]:
        Console.WriteLine(string.Join(' ', new[] { 512, 256, 128 }.Where(bits => bits <= Simd.Choose(null))));
        return 0;
    case ["translate", var source, var target, var attention, var iterations, var sentences, var hidden]:
        return Translate(source, target, attention, iterations, sentences, hidden);
    case ["stream", var mode, var units] when int.TryParse(units, CultureInfo.InvariantCulture, out var size) && ForecasterConfig.Modes.Contains(mode):
        Console.WriteLine(StreamBenchmark.Run(mode, size));
        return 0;
    case ["multitask", var cell, var units, var vocabulary] when int.TryParse(units, CultureInfo.InvariantCulture, out var size) && int.TryParse(vocabulary, CultureInfo.InvariantCulture, out var words):
        Console.WriteLine(MultiTaskBenchmark.Run(cell, size, words));
        return 0;
    case ["record", var page, .. { Length: <= 1 } workloads]:
        Record.Write(page, workloads.FirstOrDefault(), Seconds);
        return 0;
    default:
        return Refuse("""
            usage: Unroll.Bench kernels [FILTER] [--json]
                     Times kernels, all or those with FILTER in their name, in turn with a plain version of each, and prints the ratio.
                   Unroll.Bench layers WORKLOADS.json SECONDS [NAME]
                     Times recurrent layers, inference and training; one JSON line for each workload and mode.
                   Unroll.Bench busy WORKLOADS.json SECONDS [NAME]
                     Times recurrent layers alone and beside a process that never rests, against a fair share of the processors.
                   Unroll.Bench translate SOURCE TARGET ATTENTION ITERATIONS SENTENCES HIDDEN
                     Times the training of a translator of words and its decoding with a beam of 5; one JSON line.
                   Unroll.Bench stream direct|autoregressive|smoothing UNITS
                     Times one observation and the next forecast of a forecaster that reads a stream; one JSON line.
                   Unroll.Bench multitask CELL UNITS VOCABULARY
                     Times the training of each architecture of several tasks, in turn; one JSON line with what each costs of tasks by themselves.
                   Unroll.Bench record PAGE.md [WORKLOADS.json]
                     Writes kernels with one and with all threads, and layers, as a page for bench/results.
                   Unroll.Bench guard
                     Fails where a kernel has lost its lead over its plain version.
                   Unroll.Bench widths
                     Prints the register widths that this processor has, in bits.
            """);
}

static int Kernels(string filter, bool json)
{
    if (!KernelList.All.Any(k => k.Name.Contains(filter, StringComparison.Ordinal)))
        return Refuse($"No kernel has '{filter}' in its name; there are {string.Join(", ", KernelList.All.Select(k => k.Name))}.");
    if (!json) Console.WriteLine($"{Machine.Summary}\nthreads: {Compute.Threads}\n\n{KernelBenchmark.Result.Header}");
    foreach (var result in KernelBenchmark.Run(filter, Seconds)) Console.WriteLine(json ? result.Json : result.Line);
    return 0;
}

static int Layers(string workloads, string seconds, string? name) =>
    Each(workloads, seconds, name, limit => LayerBenchmark.Run(workloads, limit, name).Select(r => r.Json));

static int Busy(string workloads, string seconds, string? name) =>
    Each(workloads, seconds, name, limit => BusyBenchmark.Run(workloads, limit, name).Select(r => r.Line), BusyBenchmark.Result.Header);

static int Each(string workloads, string seconds, string? name, Func<double, IEnumerable<string>> lines, string? header = null)
{
    if (!double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) || limit is not (>= 0 and <= 3600))
        return Refuse($"SECONDS is '{seconds}'; expected a number, 0 to 3600.");
    var found = false;
    try
    {
        foreach (var line in lines(limit))
        {
            if (!found && header is not null) Console.WriteLine(header);
            Console.WriteLine(line);
            found = true;
        }
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
    {
        return Refuse($"{workloads}: {e.Message} Expected a list of workloads as in bench/workloads.json.");
    }
    return found ? 0 : Refuse($"{workloads} has no workload{(name is null ? "" : $" named '{name}'")}.");
}

static int Translate(string source, string target, string attention, string iterations, string sentences, string hidden)
{
    if (!int.TryParse(iterations, CultureInfo.InvariantCulture, out var count) || count < 1) return Refuse($"ITERATIONS is '{iterations}'; expected a whole number, at least 1.");
    if (!int.TryParse(sentences, CultureInfo.InvariantCulture, out var texts) || texts < 1) return Refuse($"SENTENCES is '{sentences}'; expected a whole number, at least 1.");
    if (!int.TryParse(hidden, CultureInfo.InvariantCulture, out var units) || units < 2 || units % 2 != 0) return Refuse($"HIDDEN is '{hidden}'; expected an even number, at least 2.");
    try
    {
        Console.WriteLine(TranslateBenchmark.Run(source, target, attention, count, texts, units));
        return 0;
    }
    catch (UnrollException e)
    {
        return Refuse(e.Message);
    }
}

static int Refuse(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
