using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A vector for every word of a batch: one that is learned for the word, and one that two recurrent cells make of its letters, one reading
/// from each end (Ling 2015; Lample 2016). A word that was never seen still has letters.
/// </summary>
/// <remarks>
/// <code>
/// x = W[word] ⊕ h→(letters) ⊕ h←(letters)        [E + 2·H]
/// </code>
/// Each spelling of a batch is read once, however often its word occurs. Parameters: <c>words.weight</c> [V, E], <c>letters.weight</c>,
/// <c>spelling.…</c> as a bidirectional layer names them. The tables start from U(−√(3/E), √(3/E)), which gives vectors of norm 1 on average.
/// </remarks>
internal sealed class WordEncoder : Module
{
    readonly Embedding _words;
    readonly Embedding? _letters;
    readonly Bidirectional? _spelling;
    readonly Dropout? _dropout;

    /// <summary>An encoder of fresh weights.</summary>
    /// <param name="words">V, the number of words.</param>
    /// <param name="wordSize">E, the size of a word's own vector.</param>
    /// <param name="letters">The number of letters.</param>
    /// <param name="letterSize">The size of a letter's vector; 0 for no letters.</param>
    /// <param name="letterHidden">H, the size of each cell over letters.</param>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="rng">Where weights come from.</param>
    /// <param name="dropout">On the letters' vectors; none where null.</param>
    public WordEncoder(int words, int wordSize, int letters, int letterSize, int letterHidden, CellKind cell, Rng rng, Dropout? dropout = null)
    {
        _words = Add("words", Table(words, wordSize));
        OutputSize = wordSize;
        if (letterSize == 0) return;
        _letters = Add("letters", Table(letters, letterSize));
        _spelling = Add("spelling", new Bidirectional(cell.Create(letterSize, letterHidden, rng), cell.Create(letterSize, letterHidden, rng)));
        _dropout = dropout;
        OutputSize += _spelling.OutputSize;

        Embedding Table(int size, int dimensions)
        {
            var table = new Embedding(size, dimensions, rng);
            Init.Uniform(table.Weight, Math.Sqrt(3.0 / dimensions), rng);
            return table;
        }
    }

    /// <summary>E, or E + 2·H with letters.</summary>
    public int OutputSize { get; }

    /// <summary>Whether letters are read.</summary>
    public bool ReadsLetters => _letters is not null;

    /// <summary>Words [T, B] → [T, B, <see cref="OutputSize"/>]; zeros where there is no word.</summary>
    /// <param name="words">The words' ids, −1 where there is none.</param>
    /// <param name="spellings">For each word the row in <paramref name="letters"/>, −1 where there is none; [T, B].</param>
    /// <param name="letters">The spellings of the batch, [C, U].</param>
    /// <param name="letterLengths">How many letters each has.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is in no table.</exception>
    public Tensor Forward(TokenMatrix words, ReadOnlySpan<int> spellings, TokenMatrix letters, Lengths letterLengths)
    {
        var x = _words.Forward(words);                                               // [T, B, E]
        if (_letters is null) return x;
        var c = _letters.Forward(letters);                                           // [C, U, D]
        if (_dropout is not null) c = _dropout.Forward(c);
        var (_, final) = _spelling!.Forward(c, lengths: letterLengths);
        var read = Ops.ConcatColumns(final[0], final[final.Count / 2]);              // [U, 2H]: the last state of each direction
        return Ops.ConcatColumns(x, Ops.Gather(read, spellings, words.Shape));       // [T, B, E + 2H]
    }
}
