using System.Text.RegularExpressions;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Formats;

/// <summary>Reads every format that there is.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public class DataFiles : IDataFiles
{
    /// <inheritdoc/>
    public IReadOnlyList<Example> ReadExamples(IReadOnlyList<string> paths, ReadingOptions reading, bool needsLabels = true, ReadingReport? report = null) =>
        ExampleFile.Read(paths, OptionsOf(reading) with { NeedsLabels = needsLabels, Report = report });

    /// <summary>Reads texts or series with labels of one file or folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="reading">How; told from the file where it is null.</param>
    /// <exception cref="UnrollException">It cannot be read; all problems are listed.</exception>
    public IReadOnlyList<Example> ReadExamples(string path, ReadingOptions? reading = null) => ReadExamples([path], reading ?? new());

    /// <summary>Reads pairs of texts of one file.</summary>
    /// <inheritdoc cref="ReadExamples(string, ReadingOptions?)"/>
    public IReadOnlyList<TextPair> ReadPairs(string path, ReadingOptions? reading = null) => ReadPairs([path], new Dictionary<string, string>(), reading ?? new());

    /// <summary>Reads tagged sentences of one file.</summary>
    /// <inheritdoc cref="ReadExamples(string, ReadingOptions?)"/>
    public IReadOnlyList<TaggedSentence> ReadSentences(string path, ReadingOptions? reading = null) => ((IDataFiles)this).ReadSentences([path], reading ?? new());

    /// <summary>Reads captions with their images.</summary>
    /// <param name="path">A table of captions.</param>
    /// <param name="pictures">The file of the images.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    public IReadOnlyList<PictureCaption> ReadCaptions(string path, string pictures) => ReadCaptions(path, pictures, new());

    /// <summary>Reads time series of one file.</summary>
    /// <inheritdoc cref="ReadExamples(string, ReadingOptions?)"/>
    public TimeSeriesTable ReadTimeSeries(string path, ReadingOptions? reading = null) => ReadTimeSeries([path], reading ?? new(), []);

    /// <inheritdoc/>
    public string TellFormat(string path, ReadingOptions reading) => ExampleFile.TellFormat(path, OptionsOf(reading) with { NeedsLabels = false });

    /// <inheritdoc/>
    public IReadOnlyList<TextPair> ReadPairs(IReadOnlyList<string> paths, IReadOnlyDictionary<string, string> targets, ReadingOptions reading, ReadingReport? report = null) =>
    [
        .. paths.SelectMany(path => targets.TryGetValue(path, out var target)
            ? AlignedFiles.Read(path, target, reading.FindEncoding(), report)
            : PairFile.Read(path, new() { Format = reading.Format, Source = reading.Text, Target = reading.Label, Encoding = reading.FindEncoding(), Report = report })),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<PictureCaption> ReadCaptions(string path, string pictures, ReadingOptions reading, ReadingReport? report = null) =>
        CaptionFile.Read(pictures, path, new() { Caption = reading.Text, Index = reading.Index, Part = reading.Split, Encoding = reading.FindEncoding(), Report = report });

    /// <inheritdoc/>
    public IReadOnlyList<Series> ReadPictures(string path) => CaptionFile.ReadPictures(path);

    /// <inheritdoc/>
    public TimeSeriesTable ReadTimeSeries(IReadOnlyList<string> paths, ReadingOptions reading, IReadOnlyList<string> targets, ReadingReport? report = null) => TimeSeriesFile.Read(paths, new()
    {
        Format = reading.Format, Time = reading.Time, TimeFormat = reading.TimeFormat, Series = FieldNames.Split(reading.Series), Static = FieldNames.Split(reading.Static), Targets = targets,
        Frequency = reading.Frequency ?? "auto", DecimalComma = reading.DecimalComma, Encoding = reading.FindEncoding(),
    }, report);

    static ExampleFileOptions OptionsOf(ReadingOptions reading) => new()
    {
        Format = reading.Format, Text = reading.Text, Label = reading.Label, Encoding = reading.FindEncoding(), LabelsAreNumbers = reading.LabelsAreNumbers,
        LabelPattern = reading.LabelMatch is null ? null : new Regex(reading.LabelMatch, RegexOptions.CultureInvariant),
        Sound = new() { Bands = reading.Bands ?? new LogMelOptions().Bands },
    };
}
