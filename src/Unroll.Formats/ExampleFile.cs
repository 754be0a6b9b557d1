using System.Text;
using System.Text.RegularExpressions;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>How a file of examples is read.</summary>
internal sealed record ExampleFileOptions
{
    /// <summary>One of <see cref="ExampleFile.Formats"/>, or null to tell it from the file.</summary>
    public string? Format { get; init; }

    /// <summary>The column or field of the text, in tables by name or number from 1; told from the file if null.</summary>
    public string? Text { get; init; }

    /// <summary>The column or field of the label, in tables by name or number from 1; told from the file if null.</summary>
    public string? Label { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Finds the label of a sound in its path, as <see cref="AudioFolder.Read"/> says; told by subfolders and names if null.</summary>
    public Regex? LabelPattern { get; init; }

    /// <summary>The features of sound; those of <see cref="LogMelOptions"/> by default.</summary>
    public LogMelOptions Sound { get; init; } = new();

    /// <summary>Whether examples without a label are refused; true by default.</summary>
    public bool NeedsLabels { get; init; } = true;

    /// <summary>Whether labels are numbers to predict, which may all be different. Default false.</summary>
    public bool LabelsAreNumbers { get; init; }

    /// <summary>Gets what was detected, left out and is doubtful; null where nobody wants to know.</summary>
    public ReadingReport? Report { get; init; }
}

/// <summary>Reads examples of any format.</summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>csv</c>, <c>tsv</c></term><description>a table: <see cref="DelimitedFile"/></description></item>
/// <item><term><c>jsonl</c></term><description>one JSON object a line: <see cref="JsonLinesFile"/></description></item>
/// <item><term><c>labels</c></term><description>one line each, label first: <see cref="LabelLineFile"/></description></item>
/// <item><term><c>lines</c></term><description>one text a line, without labels; told only where none are needed</description></item>
/// <item><term><c>folder</c></term><description>a folder or file for each label: <see cref="LabelFolder"/></description></item>
/// <item><term><c>ts</c></term><description>series of UCR and UEA: <see cref="TsFile"/></description></item>
/// <item><term><c>ucr</c></term><description>series of UCR as text, one a line, class first: <see cref="UcrFile"/></description></item>
/// <item><term><c>idx</c></term><description>MNIST's arrays: <see cref="IdxFile"/></description></item>
/// <item><term><c>npy</c></term><description>NumPy's arrays, <c>.npy</c> or <c>.npz</c>: <see cref="NpyFile"/></description></item>
/// <item><term><c>wav</c></term><description>sound as log-mel series, a file or a folder: <see cref="AudioFolder"/></description></item>
/// </list>
/// </remarks>
internal static class ExampleFile
{
    /// <summary>The names of the formats.</summary>
    public static IReadOnlyList<string> Formats => Tasks.IDataFiles.ExampleFormats;

    /// <summary>Reads all examples of a file or folder.</summary>
    /// <exception cref="UnrollException">
    /// The format is not known or cannot be told, the file cannot be read in it, or there are examples without the labels they need.
    /// </exception>
    public static IReadOnlyList<Example> Read(string path, ExampleFileOptions? options = null) => Read([path], options);

    /// <summary>
    /// Reads all examples of several files, one after the other. Text files in which no line has a label, such as <c>names/*.txt</c>, are files
    /// of one label each.
    /// </summary>
    /// <exception cref="UnrollException">As for <see cref="Read(string, ExampleFileOptions?)"/>, of any of the files.</exception>
    public static IReadOnlyList<Example> Read(IReadOnlyList<string> paths, ExampleFileOptions? options = null)
    {
        options ??= new();
        if (paths.Count > 1 && (options.Format is "folder" || options.Format is null && AreOfOneLabelEach(paths, options)))
            return Told(LabelFolder.ReadFiles(paths, options.Encoding, options.Report), "folder", options);
        var examples = paths.Count == 1 ? ReadOne(paths[0], options) : [.. paths.SelectMany(p => ReadOne(p, options))];
        // Where examples can have several labels, to have none of them is an answer too.
        if (options.NeedsLabels && examples.All(e => e.Labels.Count <= 1) && examples.FirstOrDefault(e => e.Labels.Count == 0) is { } bare) Throw.ExampleWithoutLabel(bare.Source);
        return Told(examples, null, options);
    }

    /// <summary>The format of a file or folder, by its ending and its first bytes and lines.</summary>
    /// <exception cref="UnrollException">It cannot be told, or the file cannot be read.</exception>
    public static string TellFormat(string path, ExampleFileOptions? options = null) => FormatTeller.Tell(path, options ?? new());

    static IReadOnlyList<Example> ReadOne(string path, ExampleFileOptions options)
    {
        var format = options.Format ?? FormatTeller.Tell(path, options);
        options.Report?.Add("format", format);
        return ReadAs(format, path, options);
    }

    static IReadOnlyList<Example> ReadAs(string format, string path, ExampleFileOptions options) => format switch
    {
        "csv" => DelimitedFile.Read(path, options.Text, options.Label, null, options.Encoding, options.NeedsLabels, options.Report),
        "tsv" => DelimitedFile.Read(path, options.Text, options.Label, '\t', options.Encoding, options.NeedsLabels, options.Report),
        "jsonl" => JsonLinesFile.Read(path, options.Text, options.Label, options.Encoding, options.NeedsLabels, options.Report),
        "labels" => LabelLineFile.Read(path, options.Encoding, options.NeedsLabels, options.Report),
        "lines" => ReadLines(path, options),
        "folder" => LabelFolder.Read(path, options.Encoding, options.Report),
        "ts" => TsFile.Read(path),
        "ucr" => UcrFile.Read(path, options.NeedsLabels, options.Report, options.LabelsAreNumbers),
        "idx" => IdxFile.ReadExamples(path),
        "npy" => NpyFile.ReadExamples(path, report: options.Report),
        "wav" => AudioFolder.Read(path, options.LabelPattern, options.Sound),
        var other => throw Throw.UnknownFormat(other, Formats),
    };

    /// <summary>Every line is a text, an empty one too, so that what is predicted stands line by line beside it.</summary>
    static List<Example> ReadLines(string path, ExampleFileOptions options)
    {
        var lines = TextFile.ReadLines(path, options.Encoding, options.Report);
        return [.. lines.Select((line, i) => new Example { Text = line.Trim(), Source = $"{path}, line {i + 1}" })];
    }

    /// <summary>The examples, after what is to be said of them was said.</summary>
    static IReadOnlyList<Example> Told(IReadOnlyList<Example> examples, string? format, ExampleFileOptions options)
    {
        if (options.Report is not { } report) return examples;
        if (format is not null) report.Add("format", format);
        report.Count("rows", examples.Count);
        if (!options.LabelsAreNumbers) ReadingDoubts.AboutLabels(report, examples);
        ReadingDoubts.AboutTexts(report, examples.Select(e => e.Text).OfType<string>());
        return examples;
    }

    static bool AreOfOneLabelEach(IReadOnlyList<string> paths, ExampleFileOptions options) =>
        paths.All(p => FormatTeller.IsNamedAsPlainText(p) && FormatTeller.TellText(p, TextFile.ReadAny(p, options.Encoding ?? Encoding.UTF8), options) is null);
}
