using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Tags sentences.</summary>
/// <param name="model">The model.</param>
/// <param name="reading">How files are read.</param>
/// <param name="best">How many sequences of tags to tell of each sentence, from 1.</param>
/// <param name="files">Reads files.</param>
/// <param name="observer">Is told what is doubtful.</param>
internal sealed class TagPredictor(SequenceTagger model, ReadingOptions reading, int best, IDataFiles files, TaskObserver observer) : Predictor
{
    /// <inheritdoc/>
    public override ReadingOptions Reading => reading;

    bool _doubted;

    public override IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts)
    {
        DoubtColumns(texts);
        var places = texts.Select(t => TermTokenizer.LocateWords(t)).ToArray();
        var sentences = texts.Select((text, i) => new TaggedSentence([.. places[i].Select(p => text[p])], [], $"text {i + 1}")).ToArray();
        return [.. model.Tag(sentences, best).Select((tagged, i) => Tell(sentences[i], tagged, PiecesOf(texts[i], places[i], tagged)))];
    }

    public override IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            if (reading.Format == Lines || reading.Format is null && !HasColumns(path))
            {
                foreach (var some in LinesOf(path, reading.FindEncoding()))
                    foreach (var prediction in OfTexts(some)) yield return prediction;
                continue;
            }
            foreach (var some in files.ReadSentences([path], reading, needsTags: false).Chunk(Together))
            {
                var tagged = model.Tag(some, best);
                for (var i = 0; i < some.Length; i++) yield return Tell(some[i], tagged[i], PiecesOf(some[i], tagged[i]));
            }
        }
    }

    /// <summary>Whether a file has a word a line, in columns as trainings read them, and not a text a line. Where that is doubtful, it is said.</summary>
    bool HasColumns(string path)
    {
        if (SentenceFile.TellFormat(path, reading.FindEncoding()) == "conllu" || reading.Text is not null || reading.Label is not null) return true;
        var lines = ConllFile.Columns(TextFile.ReadStart(path, reading.FindEncoding()));
        var columns = lines.GroupBy(l => l.Length).MaxBy(g => g.Count())?.Key ?? 0;             // those of most lines: a bad one is an error of the file
        if (columns <= 1 && lines.All(l => l.Length <= 1)) return columns == 1;
        if (EndInTags(lines)) return true;
        if (lines.Any(l => l.Length != columns) || columns != reading.Columns && columns + 1 != reading.Columns) return false;
        // The words of a text are known alike wherever they stand; of columns only the first has words.
        int[] known = [.. Enumerable.Range(0, columns).Select(c => model.Vocabulary.Encode(new([.. lines.Select(l => l[c])], [], path)).Words.Count(id => id > 0))];
        if (known[0] > known[1..].Max()) return true;
        observer.OnWarning($"{path} is read as words in columns, since its lines have {columns} as in the training's data{(columns == reading.Columns ? "" : " without tags")}. If it is text, give --format {Lines}.");
        return true;
    }

    /// <summary>Says so, once, where texts look like the lines of a column file: they cannot be read otherwise any more.</summary>
    void DoubtColumns(IReadOnlyList<string> texts)
    {
        if (_doubted || reading.Format == Lines || !EndInTags(ConllFile.Columns(string.Join('\n', texts)))) return;
        _doubted = true;
        observer.OnWarning("the texts look like words with their tags in columns, but each line is read as a text. To read columns from standard input, give '-' as FILE.");
    }

    /// <summary>Whether most lines have several fields, the last of which is a tag of the model.</summary>
    bool EndInTags(IReadOnlyList<string[]> lines)
    {
        var tags = model.Vocabulary.InScheme([.. lines.Where(l => l.Length > 1).Select(l => l[^1])]);
        return 2 * tags.Count(t => model.Vocabulary.Tags.Find(t) is not null) > lines.Count;
    }

    Prediction Tell(TaggedSentence sentence, TaggedWords tagged, IReadOnlyList<Piece> pieces)
    {
        var json = new JsonObject
        {
            ["words"] = Array(sentence.Words.Select(w => JsonValue.Create(w))),
            ["tags"] = Array(tagged.Tags.Select(t => JsonValue.Create(t))),
            ["confidence"] = Array(tagged.Confidence.Select(c => JsonValue.Create(c))),
            ["log_probability"] = tagged.Best[0].LogProbability,
        };
        if (best > 1)
            json["best"] = Array(tagged.Best.Select(b => new JsonObject { ["tags"] = Array(b.Tags.Select(t => JsonValue.Create(t))), ["log_probability"] = b.LogProbability }));
        return new(json, "", [], pieces, sentence.Source);

        static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];
    }

    List<Piece> PiecesOf(string text, Range[] places, TaggedWords tagged)
    {
        var pieces = new List<Piece>();
        var end = 0;
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i].Start.Value > end) pieces.Add(new(text[end..places[i].Start.Value], 0));
            pieces.Add(PieceOf(text[places[i]], tagged.Tags[i]));
            end = places[i].End.Value;
        }
        if (end < text.Length) pieces.Add(new(text[end..], 0));
        return pieces;
    }

    List<Piece> PiecesOf(TaggedSentence sentence, TaggedWords tagged)
    {
        var pieces = new List<Piece>();
        for (var i = 0; i < sentence.Words.Count; i++)
        {
            if (i > 0) pieces.Add(new(" ", 0));
            pieces.Add(PieceOf(sentence.Words[i], tagged.Tags[i]));
        }
        return pieces;
    }

    /// <summary>Words in spans stand out; where tags mark none, no word does.</summary>
    Piece PieceOf(string word, string tag) => new(word, model.Vocabulary.Scheme != TagScheme.None && tag != "O" ? 1 : 0, tag == "O" ? "" : tag);
}
