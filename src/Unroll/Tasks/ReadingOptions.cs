using System.Text;
using System.Text.RegularExpressions;
using Unroll.Configuration;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How files are read; what is null is told from the files. A model keeps it in its notes, so that later a path is enough.</summary>
public sealed record ReadingOptions
{
    /// <summary>The format; told from the name and the first lines if null.</summary>
    public string? Format { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public string? Encoding { get; init; }

    /// <summary>The column of the text, a sentence's words, what is read of a pair, or the caption: by name or number from 1.</summary>
    public string? Text { get; init; }

    /// <summary>The column of the label, a word's tag, or what is to be written of a pair: by name or number from 1.</summary>
    public string? Label { get; init; }

    /// <summary>A regular expression that finds the label of a sound in its path.</summary>
    public string? LabelMatch { get; init; }

    /// <summary>Mel bands of sound, 1 to 512; 40 if null.</summary>
    public int? Bands { get; init; }

    /// <summary>The column that says which picture a caption belongs to.</summary>
    public string? Index { get; init; }

    /// <summary>The column that says which part of the set a caption belongs to.</summary>
    public string? Split { get; init; }

    /// <summary>Of sentences in columns: how many the training's data had. It is what tells a column file from running text.</summary>
    public int? Columns { get; init; }

    /// <summary>Whether labels are numbers to predict, which may all be different. The task says so.</summary>
    public bool LabelsAreNumbers { get; init; }

    /// <summary>Of time series: the column of the time, by name or number from 1; several separated by commas; <c>none</c> where rows have no time.</summary>
    public string? Time { get; init; }

    /// <summary>Of time series: a format of .NET or C, or <c>day-first</c>, <c>month-first</c>, <c>unix</c>, <c>unix-ms</c>; told from the stamps if null.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>Of time series: the columns, separated by commas, whose texts tell series apart; told from the table if null.</summary>
    public string? Series { get; init; }

    /// <summary>Of time series: the columns, separated by commas, with one value for a whole series; told from the table if null.</summary>
    public string? Static { get; init; }

    /// <summary>Of time series: the time from one step to the next, as <see cref="TimeStep.Parse"/> takes it; told from the times if null.</summary>
    public string? Frequency { get; init; }

    /// <summary>Of time series: whether numbers are written as 1.234,5.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>All, as they stand in files.</summary>
    internal static SettingList<ReadingOptions> Settings { get; } =
    [
        SettingOf<ReadingOptions>.OptionalText("format", "KIND", "", o => o.Format, (o, v) => o with { Format = v }),
        SettingOf<ReadingOptions>.OptionalText("encoding", "NAME", "", o => o.Encoding, (o, v) => o with { Encoding = v }),
        SettingOf<ReadingOptions>.OptionalText("text", "COLUMN", "", o => o.Text, (o, v) => o with { Text = v }),
        SettingOf<ReadingOptions>.OptionalText("label", "COLUMN", "", o => o.Label, (o, v) => o with { Label = v }),
        SettingOf<ReadingOptions>.OptionalText("label_match", "REGEX", "", o => o.LabelMatch, (o, v) => o with { LabelMatch = v }),
        SettingOf<ReadingOptions>.Whole("bands", "N", "", 1, 512, o => o.Bands, (o, v) => o with { Bands = v }),
        SettingOf<ReadingOptions>.OptionalText("index", "COLUMN", "", o => o.Index, (o, v) => o with { Index = v }),
        SettingOf<ReadingOptions>.OptionalText("split", "COLUMN", "", o => o.Split, (o, v) => o with { Split = v }),
        SettingOf<ReadingOptions>.Whole("columns", "N", "", 0, int.MaxValue, o => o.Columns, (o, v) => o with { Columns = v }),
        .. OfTime("").Select(s => s.With(optional: true)),
    ];

    /// <summary>The settings of time series.</summary>
    public static SettingList<ReadingOptions> OfTimeSeries { get; } = [FormatOf(IDataFiles.TimeSeriesFormats), EncodingSetting, .. OfTime(null)];

    static SettingList<ReadingOptions> OfTime(string? option) =>
    [
        SettingOf<ReadingOptions>.OptionalText("time", "COLUMN", "Column of the time, by name or number from 1; several separated by commas (date, hour); none: rows have no time. Default: inferred.", o => o.Time, (o, v) => o with { Time = v }, option),
        SettingOf<ReadingOptions>.OptionalText("time_format", "FORMAT", "Format of time stamps, such as dd/MM/yyyy or %d/%m/%Y; day-first, month-first, unix, unix-ms. Default: inferred.", o => o.TimeFormat, (o, v) => o with { TimeFormat = v }, option),
        SettingOf<ReadingOptions>.OptionalText("series", "COLUMNS", "Columns, separated by commas, that tell series apart. Default: inferred.", o => o.Series, (o, v) => o with { Series = v }, option),
        SettingOf<ReadingOptions>.OptionalText("static", "COLUMNS", "Columns, separated by commas, with one value for a whole series. Default: those of texts of which that is so.", o => o.Static, (o, v) => o with { Static = v }, option),
        SettingOf<ReadingOptions>.OptionalText("freq", "STEP", "Time from one step to the next: 15min, h, D, B, W, M, Q, Y. Default: inferred.", o => o.Frequency, (o, v) => o with { Frequency = v }, option),
        SettingOf<ReadingOptions>.Flag("decimal_comma", "Numbers are written as 1.234,5.", o => o.DecimalComma, (o, v) => o with { DecimalComma = v }, option),
    ];

    /// <summary>The settings of texts and series with labels.</summary>
    public static SettingList<ReadingOptions> OfExamples { get; } =
    [
        FormatOf(IDataFiles.ExampleFormats), EncodingSetting,
        TextColumn("--text", "Column or field of the text, by name or number from 1. Default: inferred from names and content."),
        LabelColumn("--label", "Column or field of the label, by name or number from 1. Default: inferred from names and content."),
        LabelMatchSetting, BandsSetting,
    ];

    /// <summary>The settings of sentences with tags.</summary>
    public static SettingList<ReadingOptions> OfSentences { get; } =
    [
        FormatOf(SentenceFile.Formats), EncodingSetting,
        TextColumn("--word", "Column of the words, by number from 1. Default 1; CoNLL-U has its own."),
        LabelColumn("--tag", "Column of the tags: of CoNLL-U by name (upos, xpos, feats, deprel) or number, default upos; else by number, default the last."),
    ];

    /// <summary>The settings of pairs of texts.</summary>
    public static SettingList<ReadingOptions> OfPairs { get; } =
    [
        FormatOf(IDataFiles.PairFormats), EncodingSetting,
        TextColumn("--source-column", "Column or field of the source, by name or number from 1. Default: inferred from names, or the first."),
        LabelColumn("--target-column", "Column or field of the target, by name or number from 1. Default: inferred from names, or the second."),
    ];

    /// <summary>The settings of captions of images.</summary>
    public static SettingList<ReadingOptions> OfCaptions { get; } =
    [
        TextColumn("--caption", "Column of the captions, by name or number from 1. Default: inferred from names."),
        SettingOf<ReadingOptions>.OptionalText("index", "COLUMN", "Column with the number of the caption's image, from 0. Default: index; without one, captions are in the order of the images.", o => o.Index, (o, v) => o with { Index = v }),
        SettingOf<ReadingOptions>.OptionalText("split", "COLUMN", "Column with the part of the set a caption belongs to (train, valid, test). Default: split, part or set, where there is one.", o => o.Split, (o, v) => o with { Split = v }),
        EncodingSetting,
    ];

    /// <summary>The settings of any data, where the model decides which.</summary>
    /// <param name="text">The option that names a text's column: not <c>--text</c> where that is a text itself.</param>
    public static SettingList<ReadingOptions> OfAny(string text) =>
    [
        FormatOf([.. IDataFiles.ExampleFormats.Concat(SentenceFile.Formats).Concat(IDataFiles.PairFormats).Distinct()]), EncodingSetting,
        TextColumn(text, "Column or field of the text, of a sentence's words, or of the source."),
        LabelColumn("--label", "Column or field of the label, of the words' tags, or of the target."),
        LabelMatchSetting, BandsSetting,
    ];

    static Setting<ReadingOptions> FormatOf(IReadOnlyList<string> formats) =>
        SettingOf<ReadingOptions>.OptionalChoice("format", "KIND", $"Format: {string.Join(", ", formats)}. Default: inferred from the extension and the first lines.", () => formats, o => o.Format, (o, v) => o with { Format = v });

    static Setting<ReadingOptions> EncodingSetting => SettingOf<ReadingOptions>.OptionalText("encoding", "NAME", "Text encoding: utf-8 (default), latin-1, windows-1252, utf-16, euc-kr, cp949, shift_jis, ….", o => o.Encoding, (o, v) => o with { Encoding = v });

    static Setting<ReadingOptions> TextColumn(string option, string help) => SettingOf<ReadingOptions>.OptionalText("text", "COLUMN", help, o => o.Text, (o, v) => o with { Text = v }, option);

    static Setting<ReadingOptions> LabelColumn(string option, string help) => SettingOf<ReadingOptions>.OptionalText("label", "COLUMN", help, o => o.Label, (o, v) => o with { Label = v }, option);

    static Setting<ReadingOptions> LabelMatchSetting => SettingOf<ReadingOptions>.OptionalText(
        "label_match", "REGEX", "Regular expression for the label in the path of a sound: the first group, or the whole match. Default: the subfolder, or what precedes the first _.", o => o.LabelMatch, (o, v) => o with { LabelMatch = v });

    static Setting<ReadingOptions> BandsSetting => SettingOf<ReadingOptions>.Whole("bands", "N", "Mel bands of sound. Default 40; as many deltas are added.", 1, 512, o => o.Bands, (o, v) => o with { Bands = v });

    /// <summary>What is wrong with what is given.</summary>
    internal IEnumerable<string> Problems
    {
        get
        {
            if (ProblemOf(() => FindEncoding()) is { } unknown) yield return $"--encoding: {unknown}";
            if (ProblemOf(() => new Regex(LabelMatch ?? "")) is { } problem) yield return $"--label-match is no regular expression: {problem}";
        }
    }

    internal static string? ProblemOf(Action make)
    {
        try
        {
            make();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or UnrollException)
        {
            return e.Message;
        }
    }

    /// <summary>The same, but for what is said here.</summary>
    internal ReadingOptions With(ReadingOptions other) => new()
    {
        Format = other.Format ?? Format, Encoding = other.Encoding ?? Encoding, Text = other.Text ?? Text, Label = other.Label ?? Label,
        LabelMatch = other.LabelMatch ?? LabelMatch, Bands = other.Bands ?? Bands, Index = other.Index ?? Index, Split = other.Split ?? Split,
        Columns = Columns, LabelsAreNumbers = LabelsAreNumbers, Time = other.Time ?? Time, TimeFormat = other.TimeFormat ?? TimeFormat, Series = other.Series ?? Series,
        Static = other.Static ?? Static, Frequency = other.Frequency ?? Frequency, DecimalComma = other.DecimalComma || DecimalComma,
    };

    /// <summary>The encoding; null for UTF-8.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    public Encoding? FindEncoding() => Encoding is null ? null : TextEncoding.Find(Encoding);
}
