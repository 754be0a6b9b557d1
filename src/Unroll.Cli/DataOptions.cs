using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>The options that say how labelled data is read.</summary>
/// <param name="formats">The formats there are.</param>
/// <param name="text">The option for the column of what is read.</param>
/// <param name="label">The option for the column of what is learned.</param>
sealed class ReadingOptions(IReadOnlyList<string> formats, Option<string?> text, Option<string?> label)
{
    readonly Option<string?> _format = CommonOptions.Of<string?>("--format", "KIND", $"One of {string.Join(", ", formats)}. Default: told from the ending and the first lines.").OneOf(formats);
    readonly Option<string?> _encoding = CommonOptions.Of<string?>("--encoding", "NAME", "Of text: utf-8 (default), latin-1, windows-1252, utf-16, euc-kr, cp949, shift_jis, ….").NotEmpty();

    public IReadOnlyList<Option> All => [_format, _encoding, text, label];

    public DataReading Read(ParseResult parsed)
    {
        var encoding = parsed.GetValue(_encoding);
        if (encoding is not null)
        {
            try
            {
                TextEncoding.Find(encoding);
            }
            catch (UnrollException e)
            {
                throw new UsageException($"--encoding: {e.Message}");
            }
        }
        return new() { Format = parsed.GetValue(_format), Encoding = encoding, Text = parsed.GetValue(text), Label = parsed.GetValue(label) };
    }
}

/// <summary>The options that say which labelled data a training takes, and what of it is held out.</summary>
sealed class DataOptions
{
    readonly Option<string[]> _data, _test;
    readonly Option<string> _valid = CommonOptions.Of("--valid", "FILE|SHARE", "Data to validate on, or the share to hold out for it; 0 for none. The best weights are those that validate best.", "0.1").NotEmpty();
    readonly Option<int?> _testEvery = CommonOptions.Of<int?>("--test-every", "N", "Hold every Nth out as the test, the first included.").Within(2, int.MaxValue);
    readonly Option<double?> _testFraction = CommonOptions.Of<double?>("--test-fraction", "F", "Hold this share out as the test, of every label alike; which, the seed decides.").Within(0, 0.999, exclusive: true);
    readonly Option<string?> _testMatch = CommonOptions.Of<string?>("--test-match", "REGEX", "Hold out as the test what stands in files (or at places, 'FILE, line N') that match.").NotEmpty();
    readonly Option<int?> _folds = CommonOptions.Of<int?>("--folds", "K", "Cross-validate: train K times, each time tested on another Kth; mean and spread are shown.").Within(2, 1000);
    readonly ReadingOptions _reading;

    public DataOptions(string data, ReadingOptions reading)
    {
        _data = Paths("--data", $"{data} May be .gz.");
        _test = Paths("--test", "Data to test on when the training has ended.");
        _reading = reading;
    }

    /// <summary>An option that takes one path or several.</summary>
    public static Option<string[]> Paths(string name, string description)
    {
        var option = new Option<string[]>(name) { HelpName = "FILE|DIR", Description = description, AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.OneOrMore };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{name} is empty; expected a FILE|DIR.");
        });
        return option;
    }

    public IReadOnlyList<Option> All => [_data, .. _reading.All, _valid, _test, _testEvery, _testFraction, _testMatch, _folds];

    /// <summary>Whether there is anything to validate on.</summary>
    public bool Validates(ParseResult parsed) => Share(parsed) is not 0;

    double? Share(ParseResult parsed) => double.TryParse(parsed.GetValue(_valid), CultureInfo.InvariantCulture, out var share) ? share : null;

    /// <summary>What is missing, or cannot stand together.</summary>
    public IEnumerable<string> Problems(ParseResult parsed)
    {
        if (parsed.GetValue(_data) is not { Length: > 0 }) yield return "--data is missing: name the file or folder to learn from.";
        if (Share(parsed) is { } share && share is not (>= 0 and < 1)) yield return $"--valid is {share}; expected a share from 0 to below 1, or a file.";
        var tests = new Option[] { _test, _testEvery, _testFraction, _testMatch, _folds }.Where(parsed.Given).Select(o => o.Name).ToArray();
        if (tests.Length > 1) yield return $"{string.Join(", ", tests)}: there is one way to choose what is tested on; give one of them.";
        if (parsed.GetValue(_testMatch) is { } pattern && ProblemOf(pattern) is { } problem) yield return $"--test-match is no regular expression: {problem}";
    }

    static string? ProblemOf(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    /// <summary>The settings with what these options say.</summary>
    public TSettings Fill<TSettings>(ParseResult parsed, TSettings settings) where TSettings : LabelledSettings => settings with
    {
        Data = FullPaths(parsed.GetValue(_data)),
        Reading = _reading.Read(parsed),
        ValidFile = Share(parsed) is null ? Path.GetFullPath(parsed.GetValue(_valid)!) : null,
        ValidFraction = Share(parsed) ?? 0,
        Test = FullPaths(parsed.GetValue(_test)),
        TestEvery = parsed.GetValue(_testEvery),
        TestFraction = parsed.GetValue(_testFraction),
        TestMatch = parsed.GetValue(_testMatch),
        Folds = parsed.GetValue(_folds),
    };

    static string[] FullPaths(string[]? paths) => Array.ConvertAll(paths ?? [], Path.GetFullPath);
}
