using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Reads files of data: what <c>Unroll.Formats</c> implements, so that this library needs no other.</summary>
public interface IDataFiles
{
    /// <summary>The formats of texts and series with labels.</summary>
    static IReadOnlyList<string> ExampleFormats { get; } = ["csv", "tsv", "jsonl", "labels", "lines", "folder", "ts", "ucr", "idx", "npy", "wav"];

    /// <summary>The formats of pairs of texts.</summary>
    static IReadOnlyList<string> PairFormats { get; } = ["csv", "tsv", "jsonl"];

    /// <summary>The formats of tables of time series.</summary>
    static IReadOnlyList<string> TimeSeriesFormats { get; } = ["csv", "tsv", "jsonl", "parquet"];

    /// <summary>Reads texts or series with labels.</summary>
    /// <param name="paths">Files or folders.</param>
    /// <param name="reading">How.</param>
    /// <param name="needsLabels">Whether examples without a label are refused.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    IReadOnlyList<Example> ReadExamples(IReadOnlyList<string> paths, ReadingOptions reading, bool needsLabels = true, ReadingReport? report = null);

    /// <summary>Reads pairs of texts.</summary>
    /// <param name="paths">Files of pairs, or of sources only.</param>
    /// <param name="targets">For a file of sources, the file of what belongs to its lines.</param>
    /// <param name="reading">How.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    IReadOnlyList<TextPair> ReadPairs(IReadOnlyList<string> paths, IReadOnlyDictionary<string, string> targets, ReadingOptions reading, ReadingReport? report = null);

    /// <summary>Reads captions with their images.</summary>
    /// <param name="path">A table of captions.</param>
    /// <param name="pictures">The file of the images.</param>
    /// <param name="reading">How.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    IReadOnlyList<PictureCaption> ReadCaptions(string path, string pictures, ReadingOptions reading, ReadingReport? report = null);

    /// <summary>Reads images, or features of them.</summary>
    /// <exception cref="UnrollException">The file cannot be read.</exception>
    IReadOnlyList<Series> ReadPictures(string path);

    /// <summary>Reads time series of one file, or of several with the same columns.</summary>
    /// <param name="paths">The files, at least one.</param>
    /// <param name="reading">How.</param>
    /// <param name="targets">Columns that must be there and hold numbers; none are checked where it is empty.</param>
    /// <param name="report">Gets what was detected, sorted, averaged and filled, and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    TimeSeriesTable ReadTimeSeries(IReadOnlyList<string> paths, ReadingOptions reading, IReadOnlyList<string> targets, ReadingReport? report = null) =>
        throw new DataMismatchException("There is no reader of time series: give an IDataFiles that has one.");

    /// <summary>A text to learn from where none is named.</summary>
    /// <exception cref="UnrollException">There is none.</exception>
    IReadOnlyList<TextDocument> ReadSampleText() => throw new DataMismatchException("There is no text to learn from: name a file.");

    /// <summary>The format of a file of examples, by its name and its first lines.</summary>
    /// <exception cref="UnrollException">It cannot be told, or the file cannot be read.</exception>
    string TellFormat(string path, ReadingOptions reading);

    /// <summary>Reads tagged sentences, of one file or several.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="reading">How.</param>
    /// <param name="needsTags">Whether sentences without tags are refused.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    IReadOnlyList<TaggedSentence> ReadSentences(IReadOnlyList<string> paths, ReadingOptions reading, bool needsTags = true, ReadingReport? report = null)
    {
        var options = new SentenceFileOptions { Format = reading.Format, Word = reading.Text, Tag = reading.Label, Encoding = reading.FindEncoding(), NeedsTags = needsTags, Report = report };
        return paths.Count == 1 ? SentenceFile.Read(paths[0], options) : [.. paths.SelectMany(p => SentenceFile.Read(p, options))];
    }
}
