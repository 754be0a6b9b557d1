using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Examples side by side, as a classifier's layers take them; filled again and again without new memory where it suffices.</summary>
internal sealed class SequenceBatch
{
    readonly TokenMatrix _tokens = new(0, 0);
    readonly List<int[]> _texts = [];
    int[] _lengths = [], _documentLengths = [], _sentences = [];
    Real[] _values = [];

    /// <summary>The tokens [T, B], −1 past a row's length; [T, S] with a row for each of S sentences where documents are cut.</summary>
    public TokenMatrix Tokens => _tokens;

    /// <summary>The tokens of each text, whole.</summary>
    public IReadOnlyList<int[]> Texts => _texts;

    /// <summary>The numbers [T, B, F] of series, zeros past a row's length.</summary>
    public ReadOnlySpan<Real> Values => _values.AsSpan(0, Lengths.Steps * Count * Features);

    /// <summary>How many steps each row has.</summary>
    public Lengths Lengths { get; } = new([], 0);

    /// <summary>Of documents cut into sentences: how many sentences each row has.</summary>
    public Lengths Documents { get; } = new([], 0);

    /// <summary>Of documents cut into sentences, [D, B]: the row of each document's d-th sentence; −1 for none.</summary>
    public ReadOnlySpan<int> Sentences => _sentences.AsSpan(0, Documents.Steps * Count);

    /// <summary>B, the number of examples.</summary>
    public int Count { get; private set; }

    /// <summary>F, the numbers of a step of series; 0 for texts.</summary>
    public int Features { get; private set; }

    /// <summary>Takes in the chosen examples.</summary>
    /// <param name="inputs">All examples.</param>
    /// <param name="chosen">Which of them.</param>
    /// <param name="features">F of series; 0 for texts.</param>
    /// <param name="sentences">Whether documents are cut into sentences.</param>
    /// <param name="leastSteps">T at least, for an encoder that needs one length.</param>
    public void Fill(IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen, int features, bool sentences, int leastSteps = 0)
    {
        (Count, Features) = (chosen.Length, features);
        _texts.Clear();
        foreach (var i in chosen) _texts.Add(inputs[i].Ids);
        if (sentences) FillSentences(inputs, chosen);
        else if (features > 0) FillSeries(inputs, chosen, leastSteps);
        else FillTexts(inputs, chosen);
    }

    void FillTexts(IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen)
    {
        var steps = SetLengths(inputs, chosen, 0);
        _tokens.Resize(steps, chosen.Length);
        for (var b = 0; b < chosen.Length; b++) FillColumn(inputs[chosen[b]].Ids, b);
    }

    void FillSeries(IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen, int leastSteps)
    {
        var steps = SetLengths(inputs, chosen, leastSteps);
        var size = steps * chosen.Length * Features;
        if (_values.Length < size) _values = new Real[size];
        _values.AsSpan(0, size).Clear();
        for (var b = 0; b < chosen.Length; b++)
        {
            var input = inputs[chosen[b]];
            for (var t = 0; t < input.Steps; t++)
                input.Values.AsSpan(t * Features, Features).CopyTo(_values.AsSpan((t * chosen.Length + b) * Features));
        }
    }

    int SetLengths(IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen, int leastSteps)
    {
        Grow(ref _lengths, chosen.Length);
        var steps = leastSteps;
        for (var b = 0; b < chosen.Length; b++) steps = Math.Max(steps, _lengths[b] = inputs[chosen[b]].Steps);
        Lengths.Set(_lengths.AsSpan(0, chosen.Length), steps);
        return steps;
    }

    void FillSentences(IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen)
    {
        Grow(ref _documentLengths, chosen.Length);
        int longest = 0, rows = 0, steps = 0;
        for (var b = 0; b < chosen.Length; b++)
        {
            _documentLengths[b] = inputs[chosen[b]].SentenceEnds.Length;
            longest = Math.Max(longest, _documentLengths[b]);
            rows += _documentLengths[b];
        }
        Documents.Set(_documentLengths.AsSpan(0, chosen.Length), longest);
        Grow(ref _sentences, longest * chosen.Length);
        _sentences.AsSpan(0, longest * chosen.Length).Fill(-1);
        Grow(ref _lengths, rows);
        for (int b = 0, row = 0; b < chosen.Length; b++)
        {
            var from = 0;
            for (var d = 0; d < _documentLengths[b]; d++, row++)
            {
                var end = inputs[chosen[b]].SentenceEnds[d];
                steps = Math.Max(steps, _lengths[row] = end - from);
                _sentences[d * chosen.Length + b] = row;
                from = end;
            }
        }
        Lengths.Set(_lengths.AsSpan(0, rows), steps);
        _tokens.Resize(steps, rows);
        for (int b = 0, row = 0; b < chosen.Length; b++)
        {
            var from = 0;
            foreach (var end in inputs[chosen[b]].SentenceEnds)
            {
                FillColumn(inputs[chosen[b]].Ids.AsSpan(from, end - from), row++);
                from = end;
            }
        }
    }

    void FillColumn(ReadOnlySpan<int> ids, int column)
    {
        var all = _tokens.Ids;
        for (var t = 0; t < _tokens.Steps; t++) all[t * _tokens.Batch + column] = t < ids.Length ? ids[t] : -1;
    }

    static void Grow(ref int[] array, int length)
    {
        if (array.Length < length) array = new int[Math.Max(length, 2 * array.Length)];
    }
}
