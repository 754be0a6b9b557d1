using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Unroll;
using Unroll.Stress;

// Every public operation, layer, loss, optimizer and model again and again, with temporaries and outside of tapes, while another thread collects garbage
// and writes over pinned memory that was freed. All results must have the bits of a quiet run.
if (args.Length > 2 || !double.TryParse(args.ElementAtOrDefault(0) ?? "60", NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (> 0 and <= 86400))
{
    Console.Error.WriteLine("usage: Unroll.Stress [SECONDS] [FILTER]\n       SECONDS: above 0, at most 86400; default 60. FILTER: only cases with this in their name.");
    return 2;
}
var filter = args.ElementAtOrDefault(1) ?? "";
var missing = Coverage.Missing(Cases.All.Select(c => c.Name)).ToArray();
if (missing.Length > 0)
{
    Console.Error.WriteLine($"No case for {string.Join(", ", missing)}: add one to Cases.");
    return 1;
}
var cases = Cases.All.Where(c => c.Name.Contains(filter, StringComparison.Ordinal)).ToArray();
if (cases.Length == 0)
{
    Console.Error.WriteLine($"No case has '{filter}' in its name.");
    return 2;
}

var expected = cases.Select(c => c.Run()).ToArray();
var wrong = new Dictionary<string, int>();
using (var stop = new CancellationTokenSource())
{
    var collector = new Thread(() => Collect(stop.Token));
    collector.Start();
    var (clock, rounds, runs) = (Stopwatch.StartNew(), 0, 0L);
    for (; clock.Elapsed.TotalSeconds < seconds; rounds++)
        for (var i = 0; i < cases.Length && clock.Elapsed.TotalSeconds < seconds; i++, runs++)
            if (!SameBits(cases[i].Run(), expected[i])) wrong[cases[i].Name] = wrong.GetValueOrDefault(cases[i].Name) + 1;
    stop.Cancel();
    collector.Join();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{cases.Length} cases, {runs} runs, {GC.CollectionCount(2)} collections, {Compute.Threads} threads, {(GCSettings.IsServerGC ? "server" : "workstation")} collector, {wrong.Values.Sum()} wrong"));
}
foreach (var (name, count) in wrong) Console.WriteLine($"  {name}: {count}");
return wrong.Count > 0 ? 1 : 0;

static bool SameBits(float[] a, float[] b) => System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(a).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(b));

static void Collect(CancellationToken stop)
{
    var random = new Random(1);
    while (!stop.IsCancellationRequested)
    {
        GC.Collect();
        // As large as what was freed, so that it is given out again; not a number, so that it shows.
        for (var i = 0; i < 48; i++) GC.AllocateUninitializedArray<float>(16 + (random.Next(8, 2048) << random.Next(0, 9)), pinned: true).AsSpan().Fill(float.NaN);
    }
}
