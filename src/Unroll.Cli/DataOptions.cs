using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Data;
using Unroll.Formats;

namespace Unroll.Cli;

/// <summary>The options that say how labelled data is read.</summary>
sealed class ReadingOptions
{
    readonly Option<string?> _format, _text, _labelMatch, _index, _split;
    readonly Option<string?>? _label;
    readonly Option<string?> _encoding = CommonOptions.Of<string?>("--encoding", "NAME", "Of text: utf-8 (default), latin-1, windows-1252, utf-16, euc-kr, cp949, shift_jis, ….").NotEmpty();
    readonly Option<int?> _bands = CommonOptions.Of<int?>("--bands", "N", "Mel bands of sound. Default 40; as many slopes are added.").Within(1, 512);

    ReadingOptions(IReadOnlyList<string> formats, Option<string?> text, Option<string?>? label, bool sound)
    {
        _format = CommonOptions.Of<string?>("--format", "KIND", $"One of {string.Join(", ", formats)}. Default: told from the ending and the first lines.").OneOf(formats);
        _labelMatch = CommonOptions.Of<string?>("--label-match", "REGEX", "Finds the label of a sound in its path: the first group, or all of the match. Default: the subfolder, or what stands before the first _.").NotEmpty();
        _index = CommonOptions.Of<string?>("--index", "COLUMN", "Column that says which picture a caption belongs to, from 0, by name or number from 1. Default: index; without one captions stand in the pictures' order.").NotEmpty();
        _split = CommonOptions.Of<string?>("--split", "COLUMN", "Column that says which part of the set a caption belongs to (train, valid, test), by name or number from 1. Default: split, part or set, where there is one.").NotEmpty();
        (_text, _label) = (text, label);
        All = label is null ? [text, _index, _split, _encoding] : [_format, _encoding, text, label, .. sound ? new Option[] { _labelMatch, _bands } : []];
    }

    /// <summary>For texts and series with labels.</summary>
    public static ReadingOptions Examples() => new(
        ExampleFile.Formats,
        CommonOptions.Of<string?>("--text", "COLUMN", "Column or field of the text, by name or number from 1. Default: told from names and content.").NotEmpty(),
        CommonOptions.Of<string?>("--label", "COLUMN", "Column or field of the label, by name or number from 1. Default: told from names and content.").NotEmpty(), sound: true);

    /// <summary>For sentences with tags.</summary>
    public static ReadingOptions Sentences() => new(
        SentenceFile.Formats,
        CommonOptions.Of<string?>("--word", "COLUMN", "Column of the words, by number from 1. Default 1; CoNLL-U has its own.").NotEmpty(),
        CommonOptions.Of<string?>("--tag", "COLUMN", "Column of the tags: of CoNLL-U by name (upos, xpos, feats, deprel) or number, default upos; else by number, default the last.").NotEmpty(), sound: false);

    /// <summary>For pairs of texts.</summary>
    public static ReadingOptions Pairs() => new(
        PairFile.Formats,
        CommonOptions.Of<string?>("--source-column", "COLUMN", "Column or field of what is read, by name or number from 1. Default: told from names, or the first.").NotEmpty(),
        CommonOptions.Of<string?>("--target-column", "COLUMN", "Column or field of what is to be written, by name or number from 1. Default: told from names, or the second.").NotEmpty(), sound: false);

    /// <summary>For captions of pictures.</summary>
    public static ReadingOptions Captions() => new(
        [], CommonOptions.Of<string?>("--caption", "COLUMN", "Column of the captions, by name or number from 1. Default: told from names.").NotEmpty(), label: null, sound: false);

    /// <summary>For any, where the model decides which.</summary>
    /// <param name="text">The option that names a text's column: not <c>--text</c> where that is a text itself.</param>
    public static ReadingOptions Any(string text) => new(
        [.. ExampleFile.Formats.Concat(SentenceFile.Formats).Concat(PairFile.Formats).Distinct()],
        CommonOptions.Of<string?>(text, "COLUMN", "Column or field of the text, of a sentence's words, or of what is to be translated.").NotEmpty(),
        CommonOptions.Of<string?>("--label", "COLUMN", "Column or field of the label, of the words' tags, or of the translation.").NotEmpty(), sound: true);

    public IReadOnlyList<Option> All { get; }

    /// <summary>What is wrong with what is given.</summary>
    public IEnumerable<string> Problems(ParseResult parsed)
    {
        if (CommonOptions.ProblemOf(() => TextEncoding.Find(parsed.GetValue(_encoding) ?? "utf-8")) is { } unknown) yield return $"--encoding: {unknown}";
        if (CommonOptions.ProblemOf(() => new Regex(Get(parsed, _labelMatch) ?? "")) is { } problem) yield return $"--label-match is no regular expression: {problem}";
    }

    public DataReading Read(ParseResult parsed) => new()
    {
        Format = Get(parsed, _format),
        Encoding = parsed.GetValue(_encoding),
        Text = parsed.GetValue(_text),
        Label = Get(parsed, _label),
        LabelMatch = Get(parsed, _labelMatch),
        Bands = Get(parsed, _bands),
        Index = Get(parsed, _index),
        Split = Get(parsed, _split),
    };

    T? Get<T>(ParseResult parsed, Option<T>? option) => option is not null && All.Contains(option) ? parsed.GetValue(option) : default;
}

/// <summary>The options that say which labelled data a training takes, and what of it is held out.</summary>
sealed class DataOptions
{
    readonly Option<string[]> _data, _test;
    readonly Option<string?> _valid = CommonOptions.Of<string?>("--valid", "FILE|SHARE", $"Data to validate on, or the share to hold out for it; 0 for none. The weights that validate best are kept. Default 0.1, none of fewer than {LabelledSettings.LeastToValidate}.").NotEmpty();
    readonly Option<int?> _testEvery = CommonOptions.Of<int?>("--test-every", "N", "Hold every Nth out as the test, the first included.").Within(2, int.MaxValue);
    readonly Option<double?> _testFraction = CommonOptions.Of<double?>("--test-fraction", "F", "Hold this share out as the test, of every label alike; which, the seed decides.").Within(0, 0.999, exclusive: true);
    readonly Option<string?> _testMatch = CommonOptions.Of<string?>("--test-match", "REGEX", "Hold out as the test what stands in files (or at places, 'FILE, line N') that match.").NotEmpty();
    readonly Option<int?> _folds = CommonOptions.Of<int?>("--folds", "K", "Cross-validate: train K times, each time tested on another Kth; mean and spread are shown.").Within(2, 1000);
    readonly ReadingOptions _reading;
    readonly AlignedOptions? _aligned;

    /// <param name="data">What there is to learn from, in a sentence.</param>
    /// <param name="reading">How it is read.</param>
    /// <param name="aligned">Two files in the place of one; null where there is no such thing.</param>
    public DataOptions(string data, ReadingOptions reading, AlignedOptions? aligned = null)
    {
        _data = Paths("--data", $"{data} May be .gz; '-' is standard input.");
        _test = Paths("--test", "Data to test on when the training has ended.");
        (_reading, _aligned) = (reading, aligned);
    }

    /// <summary>An option that takes one path or several.</summary>
    public static Option<string[]> Paths(string name, string description, string value = "FILE|DIR")
    {
        var option = new Option<string[]>(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{name} is empty; expected a {value}.");
            foreach (var problem in CommonOptions.OptionsAmong(result)) result.AddError(problem);
        });
        return option;
    }

    public IReadOnlyList<Option> All => [_data, .. _aligned?.All ?? [], .. _reading.All, _valid, _test, _testEvery, _testFraction, _testMatch, _folds];

    /// <summary>Whether there is anything to validate on.</summary>
    public bool Validates(ParseResult parsed) => Share(parsed) is not 0;

    double? Share(ParseResult parsed) => double.TryParse(parsed.GetValue(_valid), CultureInfo.InvariantCulture, out var share) ? share : null;

    /// <summary>What is missing, or cannot stand together.</summary>
    public IEnumerable<string> Problems(ParseResult parsed)
    {
        if (!parsed.Given(_data) && _aligned?.Sources(parsed) is not { Length: > 0 })
            yield return _aligned is null ? "--data is missing: name the file or folder to learn from." : "--data is missing: name the file of pairs to learn from, or two files with --source and --target.";
        if (Share(parsed) is { } share && share is not (>= 0 and < 1)) yield return $"--valid is {share}; expected a share from 0 to below 1, or a file.";
        foreach (var problem in _aligned is null ? [] : parsed.Refuse(_aligned.Valid, parsed.Given(_valid), "--valid says what to validate on; give one of them")) yield return problem;
        var tests = new[] { _test, _aligned?.Test, _testEvery, _testFraction, _testMatch, _folds }.OfType<Option>().Where(parsed.Given).Select(o => o.Name).ToArray();
        if (tests.Length > 1) yield return $"{string.Join(", ", tests)}: there is one way to choose what is tested on; give one of them.";
        foreach (var problem in _reading.Problems(parsed)) yield return problem;
        foreach (var problem in _aligned?.Problems(parsed, _data) ?? []) yield return problem;
        if (CommonOptions.ProblemOf(() => new Regex(parsed.GetValue(_testMatch) ?? "")) is { } bad) yield return $"--test-match is no regular expression: {bad}";
    }

    /// <summary>The settings with what these options say.</summary>
    public TSettings Fill<TSettings>(ParseResult parsed, TSettings settings) where TSettings : LabelledSettings => settings with
    {
        Data = [.. DataPath.Full(parsed.GetValue(_data)), .. _aligned?.Sources(parsed) ?? []],
        Reading = _reading.Read(parsed),
        ValidFile = parsed.Given(_valid) ? Share(parsed) is null ? DataPath.Full(parsed.GetValue(_valid)!) : null : _aligned?.ValidSources(parsed).FirstOrDefault(),
        ValidFraction = Share(parsed) ?? (parsed.Given(_valid) ? 0 : null),
        Test = [.. DataPath.Full(parsed.GetValue(_test)), .. _aligned?.TestSources(parsed) ?? []],
        TestEvery = parsed.GetValue(_testEvery),
        TestFraction = parsed.GetValue(_testFraction),
        TestMatch = parsed.GetValue(_testMatch),
        Folds = parsed.GetValue(_folds),
    };
}
