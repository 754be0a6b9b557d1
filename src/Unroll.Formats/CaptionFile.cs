using System.Globalization;
using System.Text;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>How a table of captions is read.</summary>
internal sealed record CaptionFileOptions
{
    /// <summary>The column of the captions, by name or number from 1. If null, one with a usual name: caption, text, description, title, name.</summary>
    public string? Caption { get; init; }

    /// <summary>
    /// The column that says which picture a caption belongs to, from 0, by name or number from 1. If null, the one named <c>index</c>; without one,
    /// captions stand in the order of the pictures.
    /// </summary>
    public string? Index { get; init; }

    /// <summary>The column of the part of the set, by name or number from 1. If null, the one named <c>split</c>; without one, there are no parts.</summary>
    public string? Part { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Gets what was detected, left out and is doubtful; null where nobody wants to know.</summary>
    public ReadingReport? Report { get; init; }
}

/// <summary>Reads pictures with captions: an array of pictures or features, and a table of texts.</summary>
/// <remarks>
/// Pictures are <c>.npy</c>, <c>.npz</c> or IDX files, [N, H, W] or [N, H, W, C]: the rows of a picture are the steps of its series. Of features
/// [N, F] each is a single step. The table is CSV or TSV with names in its first row. A picture may have several captions, or none.
/// </remarks>
internal static class CaptionFile
{
    static readonly string[] IndexNames = ["index"], PartNames = ["split", "part", "set"];

    /// <summary>Reads all captions with their pictures, in the order of the table.</summary>
    /// <param name="pictures">The file of the pictures.</param>
    /// <param name="captions">The file of the captions, packed with gzip or not.</param>
    /// <param name="options">The columns; all told from the table if null.</param>
    /// <exception cref="UnrollException">
    /// A file cannot be read, a column is missing, a caption belongs to no picture, or without an index there are not as many as pictures.
    /// </exception>
    public static IReadOnlyList<PictureCaption> Read(string pictures, string captions, CaptionFileOptions? options = null)
    {
        options ??= new();
        var series = ReadPictures(pictures, options.Report);
        var rows = DelimitedFile.ReadRows(captions, "rows of captions", null, options.Encoding, options.Report);
        var names = rows[0].Fields;
        var caption = Column(captions, names, options.Caption, FieldNames.Captions);
        if (caption < 0) Throw.CaptionColumnNotTold(captions, FieldNames.Show(names));
        var index = Column(captions, names, options.Index, IndexNames);
        var part = Column(captions, names, options.Part, PartNames);
        rows.RemoveAt(0);
        if (rows.Count == 0) Throw.NoExamples(captions, "rows below the names");
        if (index < 0 && rows.Count != series.Length) Throw.CaptionsDoNotFit(captions, rows.Count, pictures, series.Length);
        var result = new List<PictureCaption>(rows.Count);
        var problems = new ProblemList();
        for (var r = 0; r < rows.Count; r++)
        {
            if (PictureOf(rows[r], index, r, series.Length) is { } picture)
                result.Add(new(series[picture], DelimitedFile.Text(rows[r], caption), part < 0 ? null : DelimitedFile.Text(rows[r], part), $"{captions}, line {rows[r].Line}"));
            else
                problems.Add($"{DelimitedFile.Place(rows[r], index)}: {ProblemList.Quote(rows[r].Fields[index])} is no picture; they are 0 to {series.Length - 1:N0}");
        }
        problems.ThrowIfAny($"{captions} does not fit {pictures}");
        options.Report?.Add("caption column", names[caption].Trim());
        options.Report?.Add("index column", index < 0 ? "none" : names[index].Trim());
        options.Report?.Count("rows", result.Count);
        if (options.Report is { } report) ReadingDoubts.AboutTexts(report, result.Select(c => c.Caption));
        return result;
    }

    static int Column(string path, string[] names, string? wanted, string[] usual) =>
        wanted is null ? FieldNames.Find(names, usual) : TableColumns.Asked(path, names, wanted);

    static int? PictureOf(DelimitedRow row, int index, int number, int count)
    {
        if (index < 0) return number;
        return int.TryParse(row.Fields[index], NumberStyles.None, CultureInfo.InvariantCulture, out var picture) && picture < count ? picture : null;
    }

    /// <summary>Reads pictures, or features of them, without captions.</summary>
    /// <exception cref="UnrollException">The file cannot be read, or holds no pictures.</exception>
    public static IReadOnlyList<Series> ReadPictures(string path) => ReadPictures(path, null);

    static Series[] ReadPictures(string path, ReadingReport? report)
    {
        var examples = ExampleFile.Read(path, new() { NeedsLabels = false, Report = report });
        var series = new Series[examples.Count];
        for (var i = 0; i < series.Length; i++)
        {
            if (examples[i].Series is not { } picture)
            {
                Throw.NotPictures(path);
                break;
            }
            // [N, F] are features, each of its own kind; pictures without channels have one.
            series[i] = picture.Features == 1 ? new(picture.Values.ToArray(), 1, picture.Steps)
                : picture.Channels == picture.Features ? new(picture.Values.ToArray(), picture.Steps, picture.Features, channels: 1) : picture;
        }
        return series;
    }
}
