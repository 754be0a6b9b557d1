using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Configuration;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Which data a training takes, and what of it is held out.</summary>
public sealed record DataOptions
{
    /// <summary>With fewer to learn from, none are held out for validation unless it is asked for: the best of so few is chance.</summary>
    internal const int LeastToValidate = 200;

    /// <summary>Files or folders to learn from.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How they are read.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>A file to validate on; null for none.</summary>
    public string? ValidFile { get; init; }

    /// <summary>The share to validate on, 0 to below 1; null for the task's usual share, or none of fewer than 200.</summary>
    public double? ValidFraction { get; init; }

    /// <summary>Files to test on.</summary>
    public IReadOnlyList<string> Test { get; init; } = [];

    /// <summary>Hold every Nth out as the test, at least 2; null for none.</summary>
    public int? TestEvery { get; init; }

    /// <summary>Hold this share out as the test, above 0 to below 1; null for none.</summary>
    public double? TestFraction { get; init; }

    /// <summary>Hold out what stands at places that match this regular expression; null for none.</summary>
    public string? TestMatch { get; init; }

    /// <summary>The folds of a cross-validation, at least 2; null for none.</summary>
    public int? Folds { get; init; }

    /// <summary>Which of the folds is held out, from 0.</summary>
    public int Fold { get; init; }

    /// <summary>For a file of sources, the file of what belongs to its lines; a file that is not here has both sides.</summary>
    public IReadOnlyDictionary<string, string> Targets { get; init; } = new Dictionary<string, string>();

    /// <summary>For every file of captions, the file of their images.</summary>
    public IReadOnlyDictionary<string, string> Pictures { get; init; } = new Dictionary<string, string>();

    /// <summary>Files as the command line names them, before they are put together; see <see cref="Completed"/>.</summary>
    internal PairedFiles Paired { get; init; } = new();

    /// <summary>Whether there is anything to validate on.</summary>
    internal bool Validates => ValidFile is not null || ValidFraction is not 0;

    bool ChoosesTest => Test.Count > 0 || TestEvery is not null || TestFraction is not null || TestMatch is not null || Folds is not null;

    /// <summary>The settings of any data, in files.</summary>
    internal static SettingList<DataOptions> InFiles { get; } =
    [
        SettingOf<DataOptions>.Paths("data", "FILE", "", o => o.Files, (o, v) => o with { Files = v }, ""),
        SettingOf<DataOptions>.OptionalText("valid_file", "FILE", "", o => o.ValidFile, (o, v) => o with { ValidFile = v }, ""),
        SettingOf<DataOptions>.Number("valid_fraction", "F", "", 0, 1, o => o.ValidFraction, (o, v) => o with { ValidFraction = v }, ""),
    ];

    /// <summary>The settings of data of which a test may be held out, in files.</summary>
    public static SettingList<DataOptions> LabelledInFiles { get; } =
    [
        .. InFiles,
        new Setting<DataOptions, ReadingOptions>("reading", "", "", "", new ObjectKind<ReadingOptions>(ReadingOptions.Settings, new()), o => o.Reading, (o, v) => o with { Reading = v }),
        SettingOf<DataOptions>.Paths("test", "FILE", "", o => o.Test, (o, v) => o with { Test = v }, ""),
        SettingOf<DataOptions>.Whole("test_every", "N", "", 2, int.MaxValue, o => o.TestEvery, (o, v) => o with { TestEvery = v }, ""),
        SettingOf<DataOptions>.Number("test_fraction", "F", "", 0, 1, o => o.TestFraction, (o, v) => o with { TestFraction = v }, "", exclusive: true),
        SettingOf<DataOptions>.OptionalText("test_match", "REGEX", "", o => o.TestMatch, (o, v) => o with { TestMatch = v }, ""),
        SettingOf<DataOptions>.Whole("folds", "K", "", 2, int.MaxValue, o => o.Folds, (o, v) => o with { Folds = v }, ""),
        SettingOf<DataOptions>.Whole("fold", "K", "", 0, int.MaxValue, o => o.Fold, (o, v) => o with { Fold = v }, ""),
        new Setting<DataOptions, IReadOnlyDictionary<string, string>>("targets", "", "", "", new PathMapKind(), o => o.Targets, (o, v) => o with { Targets = v }).With(optional: true),
        new Setting<DataOptions, IReadOnlyDictionary<string, string>>("pictures", "", "", "", new PathMapKind(), o => o.Pictures, (o, v) => o with { Pictures = v }).With(optional: true),
    ];

    /// <summary>The options of the command that name data to learn from, to validate and to test on.</summary>
    /// <param name="data">What there is to learn from, in a sentence.</param>
    /// <param name="reading">How it is read.</param>
    public static SettingList<DataOptions> Given(string data, SettingList<ReadingOptions> reading) =>
    [
        DataSetting($"{data} May be .gz; '-' is standard input."),
        .. reading.In<DataOptions>(o => o.Reading, (o, v) => o with { Reading = v }).OutsideFiles,
        ValidSetting($"Validation data, or the share to hold out for it; 0: none. The weights that validate best are kept. Default 0.1; none of fewer than {LeastToValidate}."),
        SettingOf<DataOptions>.Paths("", "FILE|DIR", "Test data, for a final evaluation.", o => o.Test, (o, v) => o with { Test = v }, "--test"),
        SettingOf<DataOptions>.Whole("", "N", "Hold out every Nth example as the test set, starting with the first.", 2, int.MaxValue, o => o.TestEvery, (o, v) => o with { TestEvery = v }, "--test-every"),
        SettingOf<DataOptions>.Number("", "F", "Hold out this share as the test set, stratified by label and drawn by the seed.", 0, 0.999, o => o.TestFraction, (o, v) => o with { TestFraction = v }, "--test-fraction", exclusive: true),
        SettingOf<DataOptions>.OptionalText("", "REGEX", "Hold out as the test set what stands in files (or at places, 'FILE, line N') that match.", o => o.TestMatch, (o, v) => o with { TestMatch = v }, "--test-match"),
        SettingOf<DataOptions>.Whole("", "K", "K-fold cross-validation; prints mean and standard deviation.", 2, 1000, o => o.Folds, (o, v) => o with { Folds = v }, "--folds"),
    ];

    /// <summary>The option that names what to learn from.</summary>
    internal static Setting<DataOptions> DataSetting(string help) => SettingOf<DataOptions>.Paths("", "FILE|DIR", help, o => o.Files, (o, v) => o with { Files = v }, "--data");

    /// <summary>The option that names a file to validate on, or the share to hold out.</summary>
    internal static Setting<DataOptions> ValidSetting(string help) => SettingOf<DataOptions>.OptionalText("", "FILE|SHARE", help,
        o => o.ValidFile ?? o.ValidFraction?.ToString(CultureInfo.InvariantCulture),
        (o, v) => double.TryParse(v, CultureInfo.InvariantCulture, out var share) ? o with { ValidFile = null, ValidFraction = share } : o with { ValidFile = FullPath(v), ValidFraction = 0 }, "--valid");

    static string? FullPath(string? path) => path is null ? null : path == "-" ? Pipes.StandardInput : Path.GetFullPath(path);

    /// <summary>What is missing, or cannot stand together.</summary>
    /// <param name="missing">What to say where nothing is named to learn from.</param>
    public IEnumerable<string> Problems(string missing)
    {
        if (Files.Count == 0 && Paired.Source.Count == 0) yield return missing;
        if (ValidFraction is { } share && share is not (>= 0 and < 1)) yield return string.Create(CultureInfo.InvariantCulture, $"--valid is {share}; expected a share from 0 to below 1, or a file.");
        if (Paired.ValidSource.Count > 0 && (ValidFile is not null || ValidFraction is not null)) yield return "--valid-source cannot be given: --valid says what to validate on; give one of them.";
        (bool Given, string Name)[] ways =
        [
            (Test.Count > 0, "--test"), (Paired.TestSource.Count > 0, "--test-source"), (TestEvery is not null, "--test-every"), (TestFraction is not null, "--test-fraction"),
            (TestMatch is not null, "--test-match"), (Folds is not null, "--folds"),
        ];
        if (ways.Count(w => w.Given) > 1) yield return $"{string.Join(", ", ways.Where(w => w.Given).Select(w => w.Name))}: there is one way to choose the test set; give one of them.";
        foreach (var problem in Reading.Problems) yield return problem;
        foreach (var problem in Paired.Problems(Files.Count > 0)) yield return problem;
        if (ReadingOptions.ProblemOf(() => new Regex(TestMatch ?? "")) is { } bad) yield return $"--test-match is no regular expression: {bad}";
    }

    /// <summary>The options with the files that the command line names in pairs, or with images, where they belong.</summary>
    internal DataOptions Completed()
    {
        var targets = Paired.Targets;
        var pictures = new Dictionary<string, string>();
        DataOptions all = this with
        {
            Files = [.. Files, .. Paired.Source],
            ValidFile = ValidFile ?? Paired.ValidSource.FirstOrDefault(),
            ValidFraction = ValidFraction,
            Test = [.. Test, .. Paired.TestSource],
            Targets = targets.Count > 0 ? targets : Targets,
            Paired = new(),
        };
        if (Paired.Pictures is not { } shown) return all;
        foreach (var path in all.Files) pictures[path] = shown;
        if (all.ValidFile is { } valid) pictures[valid] = Paired.ValidPictures ?? shown;
        foreach (var path in all.Test) pictures[path] = Paired.TestPictures ?? shown;
        return all with { Pictures = pictures };
    }

    /// <summary>The options of each fold of a cross-validation; none where there is none.</summary>
    internal IEnumerable<DataOptions> OfEachFold() => Enumerable.Range(0, Folds ?? 0).Select(f => this with { Fold = f });

    /// <summary>Reads the data and splits it.</summary>
    /// <param name="read">Reads files.</param>
    /// <param name="source">Where an item stands.</param>
    /// <param name="seed">Draws what is held out.</param>
    /// <param name="usualShare">The share of so many to validate on, where none is asked for.</param>
    /// <param name="own">The part of the set that an item names (train, valid or test), or null; used where no option chooses the test set.</param>
    public DataSplit<T> Split<T>(Func<IReadOnlyList<string>, IReadOnlyList<T>> read, Func<T, string> source, ulong seed, Func<int, double>? usualShare = null, Func<T, string?>? own = null)
    {
        // The named files first, so that a mistake in a name shows at once.
        var test = Test.Count > 0 ? read(Test) : [];
        var valid = ValidFile is null ? [] : read([ValidFile]);
        var train = read(Files);
        var rng = new Rng(seed);
        var ownParts = own is not null && !ChoosesTest && train.Any(i => own(i) is not null);
        if (ownParts)
        {
            var parts = DataSplit<T>.ByOwnParts(train, source, own!);
            (train, test) = (parts.Train, parts.Test);
            valid = ValidFraction == 0 ? [] : [.. valid, .. parts.Valid];
        }
        if (TestParts(train, rng.Fork("test"), source) is { } tested) (train, test) = (tested.Train, tested.Test);
        if (ValidFile is not null || ownParts && ValidFraction is null) return new(train, valid, test);
        var held = HoldOut(train, rng, usualShare);
        return new(held.Train, [.. valid, .. held.Test], test);
    }

    /// <summary>Splits items that are in memory; what is validated on is held out of those to learn from where it is null.</summary>
    internal DataSplit<T> Hold<T>(IReadOnlyList<T> train, IReadOnlyList<T>? valid, ulong seed, Func<int, double> usualShare)
    {
        if (valid is not null) return new(train, valid, []);
        var held = HoldOut(train, new Rng(seed), usualShare);
        return new(held.Train, held.Test, []);
    }

    (IReadOnlyList<T> Train, IReadOnlyList<T> Test) HoldOut<T>(IReadOnlyList<T> train, Rng rng, Func<int, double>? usualShare)
    {
        var share = ValidFraction ?? (train.Count < LeastToValidate ? 0 : usualShare?.Invoke(train.Count) ?? 0.1);
        return share > 0 ? Data.Split.ByFraction(train, share, rng.Fork("validation")) : new(train, []);
    }

    (IReadOnlyList<T> Train, IReadOnlyList<T> Test)? TestParts<T>(IReadOnlyList<T> items, Rng rng, Func<T, string> source)
    {
        if (Folds is { } folds) return Data.Split.Folds(items, folds, rng)[Fold];
        if (TestEvery is { } n) return Data.Split.EveryNth(items, n);
        if (TestFraction is { } fraction) return Data.Split.ByFraction(items, fraction, rng);
        if (TestMatch is null) return null;
        var pattern = new Regex(TestMatch, RegexOptions.CultureInvariant);
        var parts = items.ToLookup(i => pattern.IsMatch(source(i)));
        if (!parts.Contains(true) || !parts.Contains(false))
            throw new DataMismatchException($"'{TestMatch}' of --test-match is found in {(parts.Contains(true) ? "all" : "none")} of the {items.Count:N0} places, such as '{source(items[0])}'; expected in some of them.");
        return new([.. parts[false]], [.. parts[true]]);
    }
}

/// <summary>Training, validation and test set; each of the last two may be empty.</summary>
/// <param name="Train">The training set.</param>
/// <param name="Valid">The validation set.</param>
/// <param name="Test">The test set.</param>
public sealed record DataSplit<T>(IReadOnlyList<T> Train, IReadOnlyList<T> Valid, IReadOnlyList<T> Test)
{
    /// <summary>How many items were left out.</summary>
    public int LeftOut { get; init; }

    /// <summary>What the data is called where no file is named.</summary>
    public string? Source { get; init; }

    /// <summary>What the trained model is evaluated on, if anything.</summary>
    public IReadOnlyList<T> HeldOut => Test.Count > 0 ? Test : Valid;

    /// <summary>What that is called; null where there is nothing.</summary>
    public string? HeldOutName => Test.Count > 0 ? "test" : Valid.Count > 0 ? "validation" : null;

    /// <summary>How many of each, in a few words.</summary>
    public override string ToString() => $"{Train.Count:N0} to learn from, {Valid.Count:N0} to validate on, {Test.Count:N0} to test on";

    /// <summary>Items by the part that each says it belongs to.</summary>
    /// <exception cref="UnrollException">Some name no part that is known; all are listed.</exception>
    internal static DataSplit<T> ByOwnParts(IReadOnlyList<T> items, Func<T, string> source, Func<T, string?> own)
    {
        List<T> train = [], valid = [], test = [];
        var problems = new ProblemList();
        foreach (var item in items)
        {
            var name = own(item)?.Trim() ?? "";
            var part = name.ToLowerInvariant() switch
            {
                "train" or "training" => train,
                "valid" or "validation" or "val" or "dev" => valid,
                "test" or "testing" => test,
                _ => null,
            };
            if (part is null) problems.Add($"{source(item)}: {ProblemList.Quote(name)} is no part of a set; expected train, valid or test");
            part?.Add(item);
        }
        problems.ThrowIfAny("The parts of the set cannot be told");
        return new(train, valid, test);
    }
}
