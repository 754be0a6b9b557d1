using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>How labelled data is read; what is not said is told from the files. A model keeps it in its notes, so that later a path is enough.</summary>
sealed record DataReading
{
    const string NoteKey = "reading";

    public string? Format { get; init; }
    public string? Encoding { get; init; }
    public string? Text { get; init; }
    public string? Label { get; init; }
    public string? LabelMatch { get; init; }
    public int? Bands { get; init; }
    public string? Index { get; init; }
    public string? Split { get; init; }

    /// <summary>Of sentences in columns: how many the training's data had. It is what tells a column file from running text.</summary>
    public int? Columns { get; init; }

    public static DataReading Of(SequenceModel model)
    {
        if (model.Notes[NoteKey] is not { } note) return new();
        try
        {
            return note.Deserialize(SettingsJson.Default.DataReading) ?? new();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UnrollException($"What the model notes of its data cannot be read: {e.Message} It may come from another version.", e);
        }
    }

    public void NoteIn(SequenceModel model, JsonObject? data) =>
        model.Notes = new JsonObject { [NoteKey] = JsonSerializer.SerializeToNode(this, SettingsJson.Default.DataReading), [DataText.NoteKey] = data };

    /// <summary>The same, but for what is said here.</summary>
    public DataReading With(DataReading other) => new()
    {
        Format = other.Format ?? Format, Encoding = other.Encoding ?? Encoding, Text = other.Text ?? Text, Label = other.Label ?? Label,
        LabelMatch = other.LabelMatch ?? LabelMatch, Bands = other.Bands ?? Bands, Index = other.Index ?? Index, Split = other.Split ?? Split,
        Columns = Columns,
    };

    public IReadOnlyList<Example> ReadExamples(IReadOnlyList<string> paths, bool needsLabels = true, ReadingReport? report = null) => ExampleFile.Read(Begin(paths), new()
    {
        Format = Format, Text = Text, Label = Label, Encoding = FindEncoding(), NeedsLabels = needsLabels, Report = report,
        LabelPattern = LabelMatch is null ? null : new Regex(LabelMatch, RegexOptions.CultureInvariant),
        Sound = new() { Bands = Bands ?? new LogMelOptions().Bands },
    });

    /// <summary>Tagged sentences; the text is then a word and the label its tag.</summary>
    public IReadOnlyList<TaggedSentence> ReadSentences(IReadOnlyList<string> paths, bool needsTags = true, ReadingReport? report = null)
    {
        var options = new SentenceFileOptions { Format = Format, Word = Text, Tag = Label, Encoding = FindEncoding(), NeedsTags = needsTags, Report = report };
        return Begin(paths).Count == 1 ? SentenceFile.Read(paths[0], options) : [.. paths.SelectMany(p => SentenceFile.Read(p, options))];
    }

    /// <summary>Pairs of texts; the text is then what is read and the label what is to be written.</summary>
    /// <param name="paths">Files of pairs, or of sources only.</param>
    /// <param name="targets">For a file of sources, the file of what belongs to its lines.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    public IReadOnlyList<TextPair> ReadPairs(IReadOnlyList<string> paths, IReadOnlyDictionary<string, string> targets, ReadingReport? report = null) =>
    [
        .. Begin(paths).SelectMany(path => targets.TryGetValue(path, out var target)
            ? AlignedFiles.Read(path, target, FindEncoding(), report)
            : PairFile.Read(path, new() { Format = Format, Source = Text, Target = Label, Encoding = FindEncoding(), Report = report })),
    ];

    /// <summary>Captions with their pictures; the text is then the caption.</summary>
    public IReadOnlyList<PictureCaption> ReadCaptions(string path, string pictures, ReadingReport? report = null) =>
        CaptionFile.Read(pictures, Begin([path])[0], new() { Caption = Text, Index = Index, Part = Split, Encoding = FindEncoding(), Report = report });

    static IReadOnlyList<string> Begin(IReadOnlyList<string> paths)
    {
        Work.Reading(paths);
        return paths;
    }

    public System.Text.Encoding? FindEncoding() => Encoding is null ? null : TextEncoding.Find(Encoding);
}
