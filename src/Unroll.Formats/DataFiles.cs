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

    static ExampleFileOptions OptionsOf(ReadingOptions reading) => new()
    {
        Format = reading.Format, Text = reading.Text, Label = reading.Label, Encoding = reading.FindEncoding(), LabelsAreNumbers = reading.LabelsAreNumbers,
        LabelPattern = reading.LabelMatch is null ? null : new Regex(reading.LabelMatch, RegexOptions.CultureInvariant),
        Sound = new() { Bands = reading.Bands ?? new LogMelOptions().Bands },
    };
}
