using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>What decides the result of a training on labelled data, besides the model: which data, and what of it is held out.</summary>
abstract record LabelledSettings : TrainingSettings
{
    /// <summary>With fewer to learn from, none are held out for validation unless it is asked for: the best of so few is chance.</summary>
    public const int LeastToValidate = 200;

    /// <summary>The names of the options that were given, where all else is chosen to fit the data.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];
    public IReadOnlyList<string> Data { get; init; } = [];
    public DataReading Reading { get; init; } = new();
    public string? ValidFile { get; init; }

    /// <summary>The share to validate on; null for <see cref="UsualShare"/>, or nothing where that is too few to choose weights by.</summary>
    public double? ValidFraction { get; init; }
    public IReadOnlyList<string> Test { get; init; } = [];
    public int? TestEvery { get; init; }
    public double? TestFraction { get; init; }
    public string? TestMatch { get; init; }
    public int? Folds { get; init; }

    /// <summary>Which of the folds is held out, from 0.</summary>
    public int Fold { get; init; }

    /// <summary>The settings of each fold of a cross-validation; none where there is none.</summary>
    public IEnumerable<LabelledSettings> OfEachFold() => Enumerable.Range(0, Folds ?? 0).Select(f => this with { Fold = f });

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(ValidFraction is null or (>= 0 and < 1), "valid_fraction", ValidFraction);
        tell(TestEvery is null or >= 2, "test_every", TestEvery);
        tell(TestFraction is null or (> 0 and < 1), "test_fraction", TestFraction);
        tell(Folds is null or >= 2, "folds", Folds);
        tell(Fold >= 0 && Fold < (Folds ?? 1), "fold", Fold);
        tell(Data.Count > 0, "data", "missing");
    }

    /// <summary>The share of so many to validate on, where none was asked for.</summary>
    protected virtual double UsualShare(int count) => 0.1;

    /// <summary>What was given by this option, or else what fits the data.</summary>
    protected T Pick<T>(string option, T given, T planned) => Given.Contains(option) ? given : planned;

    /// <summary>Reads the data and parts it.</summary>
    /// <param name="read">Reads files.</param>
    /// <param name="source">Where an item stands.</param>
    /// <param name="own">Which part an item says itself that it belongs to, null for none; it is heard where no option says what is tested on.</param>
    public Held<T> Part<T>(Func<IReadOnlyList<string>, IReadOnlyList<T>> read, Func<T, string> source, Func<T, string?>? own = null)
    {
        // The named files first, so that a mistake in a name shows at once.
        var test = Test.Count > 0 ? read(Test) : [];
        var valid = ValidFile is null ? [] : read([ValidFile]);
        var train = read(Data);
        var rng = new Rng(Seed);
        var parted = own is not null && !ChoosesTest && train.Any(i => own(i) is not null);
        if (parted)
        {
            var parts = OwnParts(train, source, own!);
            (train, test) = (parts.Train, parts.Test);
            valid = ValidFraction == 0 ? [] : [.. valid, .. parts.Valid];
        }
        if (TestParts(train, rng.Fork("test"), source) is { } tested) (train, test) = (tested.Train, tested.Test);
        var share = ValidFraction ?? (parted || train.Count < LeastToValidate ? 0 : UsualShare(train.Count));
        if (ValidFile is null && share > 0)
        {
            var parts = Split.ByFraction(train, share, rng.Fork("validation"));
            (train, valid) = (parts.Train, [.. valid, .. parts.Test]);
        }
        return new(train, valid, test);
    }

    bool ChoosesTest => Test.Count > 0 || TestEvery is not null || TestFraction is not null || TestMatch is not null || Folds is not null;

    /// <summary>Items by the part that each says it belongs to.</summary>
    /// <param name="items">What there is.</param>
    /// <param name="source">Where an item stands.</param>
    /// <param name="own">The part it names.</param>
    /// <exception cref="UnrollException">Some name no part that is known; all are listed.</exception>
    public static Held<T> OwnParts<T>(IReadOnlyList<T> items, Func<T, string> source, Func<T, string?> own)
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

    Parts<T>? TestParts<T>(IReadOnlyList<T> items, Rng rng, Func<T, string> source)
    {
        if (Folds is { } folds) return Split.Folds(items, folds, rng)[Fold];
        if (TestEvery is { } n) return Split.EveryNth(items, n);
        if (TestFraction is { } fraction) return Split.ByFraction(items, fraction, rng);
        if (TestMatch is null) return null;
        var pattern = new Regex(TestMatch, RegexOptions.CultureInvariant);
        var parts = items.ToLookup(i => pattern.IsMatch(source(i)));
        if (!parts.Contains(true) || !parts.Contains(false))
            throw new UnrollException($"'{TestMatch}' of --test-match is found in {(parts.Contains(true) ? "all" : "none")} of the {items.Count:N0} places, such as '{source(items[0])}'; expected in some of them.");
        return new([.. parts[false]], [.. parts[true]]);
    }
}

/// <summary>What is learned from, validated on, and tested on; each of the last two may be empty.</summary>
sealed record Held<T>(IReadOnlyList<T> Train, IReadOnlyList<T> Valid, IReadOnlyList<T> Test)
{
    /// <summary>How many of each, in a few words.</summary>
    public override string ToString() => $"{Train.Count:N0} to learn from, {Valid.Count:N0} to validate on, {Test.Count:N0} to test on";
}

/// <summary>What is found out about the data of a training: of what is learned from, and of all other files.</summary>
sealed class DataReports(LabelledSettings settings)
{
    readonly ReadingReport _others = new();

    /// <summary>Of what is learned from.</summary>
    public ReadingReport Data { get; } = new();

    /// <summary>Where what is found out about these files goes.</summary>
    public ReadingReport For(IReadOnlyList<string> paths) => ReferenceEquals(paths, settings.Data) ? Data : _others;

    /// <summary>Says what is doubtful, and gives back the rest for the notes of the model.</summary>
    public JsonObject Tell()
    {
        DataText.Warn(Data, _others);
        Work.Building();
        return DataText.ToJson(Data, settings.Data);
    }
}
