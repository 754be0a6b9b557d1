using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Some sentences side by side, as a tagger takes them; each spelling among them once. The memory is used again by the next.</summary>
internal sealed class SentenceBatch
{
    readonly Dictionary<string, int> _spellings = new(StringComparer.Ordinal);
    readonly List<int[]> _letters = [];
    int[] _rows = [], _tags = [], _lengths = [], _letterLengths = [];

    /// <summary>T, the words of the longest sentence; at least 1.</summary>
    public int Steps => Words.Steps;

    /// <summary>B, the sentences.</summary>
    public int Batch => Words.Batch;

    /// <summary>The words' ids [T, B], −1 past the end of a sentence.</summary>
    public TokenMatrix Words { get; } = new(1, 0);

    /// <summary>How many words each sentence has.</summary>
    public Lengths Lengths { get; } = new([], 1);

    /// <summary>For each word the row of its <see cref="Letters"/>, [T, B]; −1 past the end of a sentence.</summary>
    public ReadOnlySpan<int> Spellings => _rows.AsSpan(0, Steps * Batch);

    /// <summary>The spellings' letters [C, U].</summary>
    public TokenMatrix Letters { get; } = new(1, 0);

    /// <summary>How many letters each spelling has.</summary>
    public Lengths LetterLengths { get; } = new([], 1);

    /// <summary>The tags' ids [T, B], −1 where they are not known and past the end of a sentence.</summary>
    public ReadOnlySpan<int> Tags => _tags.AsSpan(0, Steps * Batch);

    /// <summary>How many tags are known.</summary>
    public int KnownTags { get; private set; }

    /// <summary>Takes sentences in.</summary>
    /// <param name="sentences">All sentences.</param>
    /// <param name="chosen">The numbers of those that make the batch, at least one.</param>
    public void Set(IReadOnlyList<EncodedSentence> sentences, ReadOnlySpan<int> chosen)
    {
        var batch = chosen.Length;
        if (_lengths.Length < batch) _lengths = new int[batch];
        var steps = 1;
        for (var b = 0; b < batch; b++) steps = Math.Max(steps, _lengths[b] = sentences[chosen[b]].Words.Count);
        Words.Resize(steps, batch);
        Lengths.Set(_lengths.AsSpan(0, batch), steps);
        if (_rows.Length < steps * batch) (_rows, _tags) = (new int[steps * batch], new int[steps * batch]);
        Words.Ids.Fill(-1);
        _rows.AsSpan(0, steps * batch).Fill(-1);
        _tags.AsSpan(0, steps * batch).Fill(-1);
        _spellings.Clear();
        _letters.Clear();
        KnownTags = 0;
        for (var b = 0; b < batch; b++) SetRow(b, batch, sentences[chosen[b]]);
        SetLetters();
    }

    void SetRow(int b, int batch, EncodedSentence sentence)
    {
        for (var t = 0; t < sentence.Words.Count; t++)
        {
            var at = t * batch + b;
            Words.Ids[at] = sentence.Words[t];
            _tags[at] = sentence.Tags[t];
            if (_tags[at] >= 0) KnownTags++;
            if (!_spellings.TryGetValue(sentence.Sentence.Words[t], out var row))
            {
                _spellings.Add(sentence.Sentence.Words[t], row = _letters.Count);
                _letters.Add(sentence.Letters[t]);
            }
            _rows[at] = row;
        }
    }

    void SetLetters()
    {
        var (count, longest) = (_letters.Count, 1);
        if (_letterLengths.Length < count) _letterLengths = new int[count];
        for (var u = 0; u < count; u++) longest = Math.Max(longest, _letterLengths[u] = _letters[u].Length);
        Letters.Resize(longest, count);
        LetterLengths.Set(_letterLengths.AsSpan(0, count), longest);
        Letters.Ids.Clear();
        for (var u = 0; u < count; u++)
            for (var c = 0; c < _letters[u].Length; c++) Letters.Ids[c * count + u] = _letters[u][c];
    }
}
