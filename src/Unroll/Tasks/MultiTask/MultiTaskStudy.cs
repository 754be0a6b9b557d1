using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Pictures;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Compares the architectures of several tasks with the tasks by themselves: every variant with several seeds, on all of the training data and on shares of it. Each run has a folder of its own; what is
/// done is not done again, and processes that are given the same study share its runs. On a share f of the data, passes through examples
/// and the patience are 1/√f times what is given; without, the number of examples decides.
/// </summary>
/// <remarks>Differences are given with the interval that holds 95 % of 2,000 bootstrap samples of the test examples, drawn in pairs: the same examples for both variants (Efron and Tibshirani 1993).</remarks>
internal sealed class MultiTaskStudy(MultiTaskOptions options, StudyOptions study, string path, IDataFiles files, TaskObserver observer)
{
    const int Samples = 2000;
    const int Pause = 500;                       // milliseconds, where all that is left is made by other processes
    const string Tune = "+tune", Language = "+lm";

    /// <summary>The variants: an architecture, with a language model first (<c>+lm</c>), and fine-tuned (<c>+tune</c>).</summary>
    static IReadOnlyList<string> All { get; } = ["single", "uniform", "uniform+tune", "coupled", "shared", "shared+tune", "shared+lm", "shared+lm+tune"];

    /// <summary>The options of a training that a study decides on.</summary>
    public static IReadOnlyList<string> Decided { get; } = ["--architecture", "--pretrain-lm", "--fine-tune", "--train-fraction", "--from", "--folds"];

    /// <summary>The options of the variant that shares most.</summary>
    public static IReadOnlyDictionary<string, string[]> Assume(StudyOptions study)
    {
        var variants = VariantsOf(study).Concat(OfFractionsOf(study)).Where(All.Contains).DefaultIfEmpty(All[^1]).ToArray();
        var architecture = MultiTaskConfig.Architectures.Last(a => variants.Any(v => v.Split('+')[0] == a));
        var options = new Dictionary<string, string[]> { ["--architecture"] = [architecture] };
        if (architecture == "shared") options["--pretrain-lm"] = [];
        if (architecture != "single") options["--fine-tune"] = [];
        return options;
    }

    /// <summary>A run of the study.</summary>
    /// <param name="Variant">What is trained.</param>
    /// <param name="Fraction">The share of the data.</param>
    /// <param name="Seed">The seed.</param>
    sealed record Part(string Variant, double Fraction, ulong Seed)
    {
        public string Name => string.Create(CultureInfo.InvariantCulture, $"{Variant}-{PercentOf(Fraction)}-{Seed}");

        /// <summary>The run that this one goes on from; null for none.</summary>
        public Part? Base => Variant.EndsWith(Tune, StringComparison.Ordinal) ? this with { Variant = Variant[..^Tune.Length] } : null;
    }

    /// <summary>How a run did.</summary>
    /// <param name="Right">Of each task whether each test example was labelled rightly.</param>
    /// <param name="Seconds">How long it took, what it goes on from not counted.</param>
    sealed record Outcome(IReadOnlyDictionary<string, bool[]> Right, double Seconds)
    {
        public double Accuracy(string task) => Right[task].Count(r => r) / (double)Right[task].Length;

        public double Mean => Right.Keys.Average(Accuracy);
    }

    /// <summary>The test examples of each task, which are the same for every run.</summary>
    readonly Dictionary<string, Example[]> _test = new(StringComparer.Ordinal);

    public StudyResult Run(CancellationToken cancellation)
    {
        var parts = PartsOf();
        Prepare();
        var outcomes = new Dictionary<Part, Outcome>();
        while (outcomes.Count < parts.Count)
        {
            var before = outcomes.Count;
            foreach (var part in parts)
            {
                if (outcomes.ContainsKey(part) || (part.Base is { } first && !File.Exists(OutcomeOf(first)))) continue;
                using var claim = Claim(part);
                if (claim is null) continue;                                         // another process makes it
                if (!File.Exists(OutcomeOf(part))) observer.OnStudy(part.Name, parts.IndexOf(part) + 1, parts.Count);
                if (RunOf(part, cancellation) is not { } outcome) return Cancelled(outcomes.Count);
                outcomes[part] = outcome;
            }
            if (outcomes.Count == before && cancellation.WaitHandle.WaitOne(Pause)) return Cancelled(outcomes.Count);
        }
        return Compare(outcomes);
    }

    StudyResult Cancelled(int done) => new(new() { ["study"] = path, ["completed"] = false, ["runs"] = done, ["of"] = PartsOf().Count }, [], Completed: false);

    string OutcomeOf(Part part) => Path.Combine(path, part.Name, "outcome.json");

    /// <summary>Keeps other processes from a run until it is closed; null where another has it. A process that dies gives it back.</summary>
    IDisposable? Claim(Part part) => FileLock.TryTake(Path.Combine(path, $".{part.Name}.lock"));

    IReadOnlyList<string> Variants { get; } = VariantsOf(study);

    IReadOnlyList<string> OfFractions { get; } = OfFractionsOf(study);

    static IReadOnlyList<string> VariantsOf(StudyOptions study) => study.Variants.Count > 0 ? [.. study.Variants.Distinct()] : All;

    static IReadOnlyList<string> OfFractionsOf(StudyOptions study) => study.FractionVariants.Count > 0 ? [.. study.FractionVariants.Distinct()]
        : study.Variants.Count > 0 ? VariantsOf(study) : [All[0], .. All.Where(v => v.EndsWith(Tune, StringComparison.Ordinal))];

    double[] Fractions => [.. study.Fractions.Select(ShareOf).Where(f => f < 1).Distinct().Order(), 1];

    static double ShareOf(string text)
    {
        var (number, percent) = text.EndsWith('%') ? (text[..^1], true) : (text, false);
        if (!double.TryParse(number, CultureInfo.InvariantCulture, out var share) || !((share = percent ? share / 100 : share) is > 0 and <= 1))
            throw new OptionException($"--fraction is '{text}'; expected a share above 0 up to 1, or a percentage such as 10%.");
        return share;
    }

    /// <summary>A share in percent, to its last digit.</summary>
    internal static string PercentOf(double share) => (100 * (decimal)share).ToString("0.###############", CultureInfo.InvariantCulture);

    List<Part> PartsOf()
    {
        if (study.FractionVariants.Count > 0 && study.Fractions.Count == 0) throw new OptionException("--fraction-variant cannot be given: there is no --fraction.");
        foreach (var variant in Variants.Concat(OfFractions))
            if (!All.Contains(variant)) throw new OptionException($"--variant is '{variant}'; expected one of {string.Join(", ", All)}.{Nearest.Question(variant, All)}");
        var parts = new List<Part>();
        foreach (var fraction in Fractions.Reverse())
            for (var s = 0; s < study.Seeds; s++)
                foreach (var variant in fraction < 1 ? OfFractions : Variants)
                    foreach (var part in new[] { new Part(variant, fraction, options.Seed + (ulong)s) }.SelectMany(p => p.Base is { } first ? new[] { first, p } : [p]))
                        if (!parts.Contains(part)) parts.Add(part);
        return parts;
    }

    string SettingsPath => Path.Combine(path, "settings.json");

    /// <summary>Makes the folder, or makes sure that it holds a study of the same settings.</summary>
    void Prepare()
    {
        var data = MultiTaskDefinition.Instance.ReadAll(options, files);
        foreach (var task in options.ToData())
        {
            _test[task.Name] = [.. data.Test.Where(e => e.Task == task.Name).Select(e => e.Example)];
            if (_test[task.Name].Length == 0) throw new DataMismatchException($"Task {task.Name} has no test set, on which variants are compared. Give --task {task.Name}=TRAIN,VALID,TEST, or --test-every N for all tasks without one.");
        }
        if (_test.Count == 1) throw new DataMismatchException($"There is one task, '{_test.Keys.Single()}'; a study compares ways in which several share layers. Give another --task.");
        for (var s = 0; s < study.Seeds; s++)
            foreach (var fraction in Fractions.Reverse()) MultiTaskDefinition.CheckShare(options with { TrainFraction = fraction, Seed = options.Seed + (ulong)s }, data);
        var common = options with { Given = [], Model = options.Model with { Architecture = "shared" }, PretrainLm = true, FineTune = true };      // variants may be added
        var settings = new JsonObject { ["options"] = MultiTaskDefinition.Instance.ToJson(common), ["data"] = Fingerprint(data) }.ToJsonString();
        if (File.Exists(SettingsPath))
        {
            if (File.ReadAllText(SettingsPath) != settings) throw new InvalidConfigurationException($"{path} holds a study of other settings or other data, {SettingsPath}. Give the same options to go on with it, or another --out.");
            return;
        }
        // What begins with a dot is left by a process that was ended, or made by one that begins the same study.
        if (File.Exists(path) || Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(e => !Path.GetFileName(e).StartsWith('.')))
            throw new InvalidFileException($"{path} exists already and is no study. Give another --out.");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.CannotSave(path, e.Message, e);
        }
        AtomicFile.Write(SettingsPath, settings);
    }

    static string Fingerprint(DataSplit<TaskExample> data)
    {
        var hash = new Fnv();
        foreach (var part in new[] { data.Train, data.Valid, data.Test })
            foreach (var example in part)
                foreach (var c in $"{example.Task}\n{string.Join('\n', example.Example.Labels)}\n{example.Example.Text}\n") hash.Add(c);
        return hash.ToString();
    }

    MultiTaskOptions OptionsOf(Part part)
    {
        var architecture = part.Variant.Split('+')[0];
        return options with
        {
            Model = options.Model with { Architecture = architecture },
            PretrainLm = part.Variant.Contains(Language, StringComparison.Ordinal),
            FineTune = part.Base is not null,
            From = part.Base is { } first ? Path.GetFullPath(Path.Combine(path, first.Name)) : null,
            TrainFraction = part.Fraction,
            Seed = part.Seed,
            Epochs = Passes(options.Epochs),
            TuneEpochs = Passes(options.TuneEpochs),
            StopAfter = Passes(options.StopAfter),
        };

        // A share of the data has as many steps less in a pass: with the passes of the whole, models would stay near what they began with. What is not given follows from the number of examples.
        int? Passes(int? passes) => passes is { } whole ? (int)Math.Ceiling(whole / Math.Sqrt(part.Fraction)) : null;
    }

    /// <summary>How a run did; it is made, or gone on with, where it is not done. Null where it was cancelled.</summary>
    Outcome? RunOf(Part part, CancellationToken cancellation)
    {
        var folder = Path.Combine(path, part.Name);
        var found = OutcomeOf(part);
        if (File.Exists(found)) return ReadOutcome(found);
        var asked = OptionsOf(part);
        var run = new TrainingRun(MultiTaskDefinition.Instance, folder, files, observer);
        var resumes = File.Exists(new RunFolder(folder).CheckpointPath);
        if (!resumes && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);            // it was ended before its first checkpoint
        var spent = Path.Combine(path, $".{part.Name}.seconds");
        if (!resumes) File.Delete(spent);
        using var clock = new RunClock(spent);
        var result = resumes ? run.Resume(cancellation) : run.Start(asked, cancellation);
        if (result.End == TrainingEnd.Cancelled) return null;
        var best = (MultiTaskClassifier)result.Best!;
        var right = new Dictionary<string, bool[]>();
        foreach (var task in best.Tasks)
        {
            var examples = _test[task.Name];
            right[task.Name] = [.. best.Predict(task.Name, examples, cancellation: cancellation).Zip(examples, (p, e) => task.Classes[Array.IndexOf(p, p.Max())] == e.Labels[0])];
        }
        var seconds = clock.End();
        var json = new JsonObject
        {
            ["variant"] = part.Variant, ["fraction"] = part.Fraction, ["seed"] = part.Seed, ["seconds"] = seconds,
            ["right"] = new JsonObject(right.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)string.Concat(r.Value.Select(b => b ? '1' : '0'))))),
        };
        AtomicFile.Write(found, json.ToJsonString());
        File.Delete(new RunFolder(folder).CheckpointPath);                           // it takes several times the room of the model
        return new(right, seconds);
    }

    Outcome ReadOutcome(string file)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(file)) is JsonObject json && json["right"] is JsonObject right && json["seconds"] is JsonValue seconds
                && _test.All(t => right[t.Key] is JsonValue answers && answers.GetValue<string>().Length == t.Value.Length))
                return new(right.ToDictionary(r => r.Key, r => r.Value!.GetValue<string>().Select(c => c == '1').ToArray()), seconds.GetValue<double>());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
        }
        throw new InvalidFileException($"{file} is damaged: it does not say of every test example whether it was right. Delete its folder to make the run again.");
    }

    StudyResult Compare(IReadOnlyDictionary<Part, Outcome> outcomes)
    {
        var rows = (from fraction in Fractions.Reverse()
                    from variant in fraction < 1 ? OfFractions : Variants
                    select RowOf(variant, fraction, outcomes)).ToArray();
        var tasks = outcomes.Values.First().Right.Keys.ToArray();
        var reference = Variants[0];
        var tables = rows.GroupBy(r => r.Fraction).Select(g => new ReportTable(
            [g.Key < 1 ? $"{PercentOf(g.Key)} % of the data" : "all of the data", .. tasks, "mean", $"over {reference}", "95 %", "minutes"],
            [.. g.Select(r => (IReadOnlyList<string>)[r.Variant, .. tasks.Select(t => Figure(r.Tasks[t])), Figure(r.Mean), .. r.Gain is null ? ["", ""] : Gain(r), $"{r.Seconds / 60:F1}"])])).ToArray();
        var json = new JsonObject
        {
            ["study"] = path, ["completed"] = true, ["seeds"] = study.Seeds,
            ["rows"] = new JsonArray([.. rows.Select(r => new JsonObject
            {
                ["variant"] = r.Variant, ["fraction"] = r.Fraction, ["seconds"] = r.Seconds,
                ["tasks"] = new JsonObject(tasks.Select(t => KeyValuePair.Create(t, (JsonNode?)new JsonObject { ["accuracy"] = r.Tasks[t].Mean, ["std"] = r.Tasks[t].Deviation }))),
                ["accuracy"] = r.Mean.Mean, ["std"] = r.Mean.Deviation, ["gain"] = r.Gain, ["gain_low"] = r.Low, ["gain_high"] = r.High,
            })]),
        };
        string[] written = [Path.Combine(path, "study.json"), Path.Combine(path, "study.md")];
        AtomicFile.Write(written[0], json.ToJsonString());
        AtomicFile.Write(written[1], Markdown(tables));
        if (Fractions.Length > 1)
        {
            written = [.. written, Path.Combine(path, "study.svg")];
            AtomicFile.Write(written[^1], CurveOf(rows));
        }
        return new(json, tables, Completed: true) { Files = written };

        static string Figure((double Mean, double Deviation) f) => string.Create(CultureInfo.InvariantCulture, $"{100 * f.Mean:F1} ± {100 * f.Deviation:F1}");
        static string[] Gain(Row r) => [string.Create(CultureInfo.InvariantCulture, $"{100 * r.Gain:+0.0;−0.0;0.0}"), string.Create(CultureInfo.InvariantCulture, $"{100 * r.Low:+0.0;−0.0;0.0} to {100 * r.High:+0.0;−0.0;0.0}")];
    }

    /// <summary>A variant on a share of the data: means and standard deviations over seeds, and the mean's difference to the reference with its interval.</summary>
    sealed record Row(string Variant, double Fraction, IReadOnlyDictionary<string, (double Mean, double Deviation)> Tasks, (double Mean, double Deviation) Mean, double? Gain, double? Low, double? High, double Seconds);

    Row RowOf(string variant, double fraction, IReadOnlyDictionary<Part, Outcome> outcomes)
    {
        Part[] PartsOf(string name) => [.. Enumerable.Range(0, study.Seeds).Select(s => new Part(name, fraction, options.Seed + (ulong)s))];
        var parts = PartsOf(variant);
        Outcome[] own = [.. parts.Select(p => outcomes[p])];
        var tasks = own[0].Right.Keys.ToDictionary(t => t, t => TrainingRun.SpreadOf([.. own.Select(o => o.Accuracy(t))]));
        var seconds = parts.Average(p => outcomes[p].Seconds + (p.Base is { } first ? outcomes[first].Seconds : 0));
        var reference = PartsOf(Variants[0]);
        if (variant == Variants[0] || !reference.All(outcomes.ContainsKey)) return new(variant, fraction, tasks, TrainingRun.SpreadOf([.. own.Select(o => o.Mean)]), null, null, null, seconds);
        var (gain, low, high) = Bootstrap(own, [.. reference.Select(p => outcomes[p])]);
        return new(variant, fraction, tasks, TrainingRun.SpreadOf([.. own.Select(o => o.Mean)]), gain, low, high, seconds);
    }

    /// <summary>The difference of the mean accuracies, and the interval that holds 95 % of it where test examples are drawn anew.</summary>
    internal static (double Gain, double Low, double High) Bootstrap(IReadOnlyList<double[]> differences)
    {
        var rng = new Rng(1);
        var means = new double[Samples];
        for (var b = 0; b < Samples; b++)
            foreach (var task in differences)
            {
                double sum = 0;
                for (var i = 0; i < task.Length; i++) sum += task[rng.Next(task.Length)];
                means[b] += sum / task.Length / differences.Count;
            }
        Array.Sort(means);
        return (differences.Average(d => d.Average()), means[(int)(0.025 * Samples)], means[(int)(0.975 * Samples) - 1]);
    }

    /// <summary>Of each example: how much more often it is right, over the seeds.</summary>
    static (double Gain, double Low, double High) Bootstrap(Outcome[] own, Outcome[] reference) => Bootstrap(
        [.. own[0].Right.Keys.Select(task => Enumerable.Range(0, own[0].Right[task].Length).Select(i => own.Average(o => o.Right[task][i] ? 1.0 : 0) - reference.Average(o => o.Right[task][i] ? 1.0 : 0)).ToArray())]);

    static string Markdown(IEnumerable<ReportTable> tables)
    {
        var text = new StringBuilder();
        foreach (var table in tables)
        {
            if (text.Length > 0) text.Append('\n');
            text.Append("| ").AppendJoin(" | ", table.Columns).Append(" |\n|").Append(string.Concat(table.Columns.Select((_, i) => i == 0 ? "---|" : "---:|"))).Append('\n');
            foreach (var row in table.Rows) text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }
        return text.ToString();
    }

    /// <summary>The mean accuracy over the share of the data, a line for each variant.</summary>
    string CurveOf(IReadOnlyList<Row> rows)
    {
        const int Width = 800, Height = 450;
        var curves = OfFractions.Select((v, i) => new Curve($"s{i % Palette.Lines.Count}", v, [.. rows.Where(r => r.Variant == v).OrderBy(r => r.Fraction).Select(r => (100 * r.Fraction, 100 * r.Mean.Mean))])).ToArray();
        return Picture.Alone(Width, Height, "Mean accuracy over the share of the training data", svg => LineChart.Draw(svg, curves, Width, Height, "% of the training data"));
    }
}
