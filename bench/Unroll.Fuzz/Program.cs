using System.Globalization;
using System.Text.Json;
using Unroll;
using Unroll.Fuzz;

const string Usage = """
    usage: Unroll.Fuzz [--count N] [--seed N] [--kind NAME] [--keep FOLDER] [--json]
             Reads N changed files of each kind (2,000) and counts what becomes of them: read, refused with a message, or a fault: another exception, more
             than 5 seconds, more than 500 MB. Fails where there is a fault. --keep: writes such files and what they did into a folder.
    """;
const long MostBytes = 500_000_000;
var mostTime = TimeSpan.FromSeconds(5);

var (count, seed, kind, keep, json) = (2000, 1UL, "", "", false);
for (var i = 0; i < args.Length; i++)
{
    var value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i])
    {
        case "--count" when int.TryParse(value, CultureInfo.InvariantCulture, out count): i++; break;
        case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out seed): i++; break;
        case "--kind": (kind, i) = (value, i + 1); break;
        case "--keep": (keep, i) = (value, i + 1); break;
        case "--json": json = true; break;
        default: Console.Error.WriteLine(Usage); return 2;
    }
}

var work = Directory.CreateTempSubdirectory("unroll-fuzz-").FullName;
List<Outcome> outcomes = [];
if (!json) Console.WriteLine($"{"kind",-20}{"read",8}{"refused",9}{"crashes",9}{"hangs",7}{"over 500 MB",13}");
foreach (var k in FileKinds.All().Where(k => kind.Length == 0 || k.Name == kind)) outcomes.Add(Try(k));
Directory.Delete(work, recursive: true);
if (json)
    Console.WriteLine(JsonSerializer.Serialize(outcomes.Select(o => new { kind = o.Kind, read = o.Read, refused = o.Refused, crashes = o.Crashes, hangs = o.Hangs, over_500_mb = o.TooLarge })));
return outcomes.TrueForAll(o => o.IsGood) && outcomes.Count > 0 ? 0 : 1;

Outcome Try(Kind k)
{
    var outcome = new Outcome(k.Name);
    var folder = Path.Combine(work, k.Name.Replace(' ', '-'));
    foreach (var (name, bytes) in k.Beside) Write(Path.Combine(folder, name), bytes);
    var path = Path.Combine(folder, k.File);
    foreach (var good in k.Seeds)
    {
        Write(path, k.IsPacked ? FileKinds.Gzip(good) : good);
        var unchanged = new Reading(() => k.Read(path));
        if (!unchanged.Ends(mostTime) || unchanged.Thrown is not null) Fault(outcome, path, $"unchanged: {unchanged.Thrown}", o => o.Crashes++);
    }
    for (var i = 0; i < count; i++)
    {
        var rng = new Rng(seed).Fork($"{k.Name} {i}");
        Write(path, k.Changed(rng));
        var reading = new Reading(() => k.Read(path));
        if (!reading.Ends(mostTime)) Fault(outcome, path, $"{i}: not ended after {mostTime}", o => o.Hangs++);
        else if (reading.Bytes > MostBytes) Fault(outcome, path, $"{i}: {reading.Bytes:N0} bytes", o => o.TooLarge++);
        else if (reading.Thrown is null) outcome.Read++;
        else if (reading.Thrown is UnrollException && !reading.Thrown.Message.Contains("should not happen", StringComparison.Ordinal)) outcome.Refused++;
        else Fault(outcome, path, $"{i}: {reading.Thrown}", o => o.Crashes++);
    }
    if (!json) Console.WriteLine($"{k.Name,-20}{outcome.Read,8:N0}{outcome.Refused,9:N0}{outcome.Crashes,9:N0}{outcome.Hangs,7:N0}{outcome.TooLarge,13:N0}");
    return outcome;
}

void Fault(Outcome outcome, string path, string what, Action<Outcome> add)
{
    add(outcome);
    Console.Error.WriteLine($"{outcome.Kind} {what}");
    if (keep.Length == 0) return;
    var kept = Path.Combine(keep, $"{outcome.Kind.Replace(' ', '-')}-{outcome.Crashes + outcome.Hangs + outcome.TooLarge}-{Path.GetFileName(path)}");
    Write(kept, File.ReadAllBytes(path));
    File.WriteAllText(kept + ".what", what);
}

static void Write(string path, byte[] bytes)
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    File.WriteAllBytes(path, bytes);
}
