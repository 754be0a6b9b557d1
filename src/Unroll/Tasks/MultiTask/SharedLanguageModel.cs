using System.Runtime.InteropServices;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// Trains a shared bidirectional layer as two language models: the states that are read forwards predict the next token, those that are read backwards the one before.
/// </summary>
/// <remarks>
/// <code>
/// loss = −ln softmax_C(E_c · P h_t + b_c − ln π_c)        C = the tokens of the batch and K drawn ones
/// </code>
/// The softmax is over a sample C of the vocabulary (Bengio and Senécal 2008; Jean et al. 2015): all tokens to be predicted in the batch, and K drawn by how often they occur; π_c is the probability
/// that token c is among them. Scores are products with the vectors E of the input (Press and Wolf 2017; Inan et al. 2017).
/// </remarks>
internal sealed class SharedLanguageModel : Module
{
    const int LongestPiece = 64, SampleSize = 256, BatchRows = 32;

    readonly SharedNetwork _shared;
    readonly Linear _forward, _backward;
    readonly Parameter _bias;
    readonly Dropout? _dropout;
    readonly SequenceInput[] _train, _valid;
    readonly long[] _cumulative;
    readonly double[] _frequency;
    readonly LengthBuckets _buckets;
    readonly SequenceBatch _batch = new();
    readonly Rng _drawing;
    readonly int[] _places;                       // of each token in the sample; −1 for none
    readonly List<int> _sample = [];

    /// <summary>A head on the shared layer.</summary>
    /// <param name="shared">The layer, from both ends.</param>
    /// <param name="train">The texts to learn from, of all tasks.</param>
    /// <param name="valid">The texts to measure on.</param>
    /// <param name="dropout">Dropout on vectors and states; null for none.</param>
    /// <param name="rng">Where weights, the order and the drawn tokens come from.</param>
    public SharedLanguageModel(SharedNetwork shared, IEnumerable<int[]> train, IEnumerable<int[]> valid, Dropout? dropout, Rng rng)
    {
        var (vocabulary, size) = (shared.Embedding.Weight.Shape[0], shared.Embedding.Dimensions);
        var half = shared.Layer!.OutputSize / 2;
        (_shared, _dropout, _drawing) = (shared, dropout, rng.Fork("draws"));
        _forward = Add("forward", new Linear(half, size, rng));
        _backward = Add("backward", new Linear(half, size, rng));
        _bias = Add("bias", new Parameter(new(vocabulary, 1), decays: false));
        (_train, _valid) = (PiecesOf(train), PiecesOf(valid));
        if (_train.Length == 0) throw new DataMismatchException("There is nothing to train a language model on: no text has two tokens. Train without --pretrain-lm.");
        _places = new int[vocabulary];
        _places.AsSpan().Fill(-1);
        _cumulative = new long[vocabulary];
        foreach (var piece in _train)
            foreach (var id in piece.Ids) _cumulative[id]++;
        var total = (double)_train.Sum(p => p.Ids.Length);
        _frequency = [.. _cumulative.Select(n => Math.Max(n, 0.5) / total)];
        for (var v = 1; v < vocabulary; v++) _cumulative[v] += _cumulative[v - 1];
        _buckets = new([.. _train.Select(p => p.Steps)], BatchRows, rng.Fork("order"));
    }

    /// <summary>Batches of a pass over all texts.</summary>
    public int BatchesPerEpoch => _buckets.BatchesPerEpoch;

    /// <summary>How many tokens the last batch had.</summary>
    public long TokensInBatch => _batch.Lengths.Total;

    /// <summary>Texts in pieces of at most so many tokens; a piece of one token predicts nothing.</summary>
    static SequenceInput[] PiecesOf(IEnumerable<int[]> texts) =>
        [.. texts.SelectMany(ids => ids.Chunk(LongestPiece)).Where(p => p.Length > 1).Select(p => new SequenceInput(p, [], p.Length, []))];

    /// <summary>The loss of the next batch, in nats per token: the mean of both directions.</summary>
    public Tensor NextLoss() => Loss(_train, _buckets.Next(), _drawing);

    /// <summary>The mean loss on the texts to measure on, by a sample that is the same each time; not a number where there are none.</summary>
    public double Validate()
    {
        if (_valid.Length == 0) return double.NaN;
        var (sum, count, drawing) = (0.0, 0L, new Rng(1));
        foreach (var some in Enumerable.Range(0, _valid.Length).Chunk(BatchRows))
        {
            using var scratch = Tape.Scratch();
            sum += Loss(_valid, some, drawing).Scalar * some.Sum(i => _valid[i].Steps - 1.0);
            count += some.Sum(i => _valid[i].Steps - 1L);
        }
        return sum / count;
    }

    Tensor Loss(SequenceInput[] pieces, ReadOnlySpan<int> chosen, Rng drawing)
    {
        _batch.Fill(pieces, chosen, features: 0, sentences: false);
        var x = _shared.Embedding.Read(_batch.Tokens);
        if (_dropout is not null) x = _dropout.Forward(x);
        var h = _shared.Layer!.Forward(x, lengths: _batch.Lengths).Output;                           // [T, B, 2H]
        if (_dropout is not null) h = _dropout.Forward(h);
        h = h.Reshape(new(h.Rows, h.Columns));
        Sample(drawing);
        var rows = Ops.Gather(_shared.Embedding.Weight, SampleIds, new(_sample.Count));          // [C, E]
        var bias = Ops.Gather(_bias, SampleIds, new(_sample.Count)) + Correction();               // [C, 1]
        rows = Ops.ConcatColumns(rows, bias);                                                    // a column that a 1 meets: one product
        var loss = 0.5 * (Predict(h, 0, 1, _forward, rows) + Predict(h, 1, -1, _backward, rows));
        foreach (var id in _sample) _places[id] = -1;
        return loss;
    }

    ReadOnlySpan<int> SampleIds => CollectionsMarshal.AsSpan(_sample);

    /// <summary>The tokens of the batch, and drawn ones.</summary>
    void Sample(Rng drawing)
    {
        _sample.Clear();
        foreach (var id in _batch.Tokens.Ids)
            if (id >= 0) Take(id);
        for (var i = 0; i < SampleSize; i++) Take(Draw((long)(drawing.NextDouble() * _cumulative[^1])));
    }

    /// <summary>The token of the <paramref name="place"/>-th occurrence, counted from 0.</summary>
    int Draw(long place)
    {
        var (low, high) = (0, _cumulative.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_cumulative[middle] > place) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    void Take(int id)
    {
        if (_places[id] >= 0) return;
        _places[id] = _sample.Count;
        _sample.Add(id);
    }

    /// <summary>−ln π_c of the sample, [C, 1].</summary>
    Tensor Correction()
    {
        var draws = _batch.Lengths.Total + SampleSize;
        var correction = Tensor.New(new(_sample.Count, 1));
        for (var c = 0; c < _sample.Count; c++) correction.Values[c] = (Real)(-Math.Log(1 - Math.Pow(1 - _frequency[_sample[c]], draws)));
        return correction;
    }

    /// <summary>The loss of one direction: the states of its half of the columns predict the token that is <paramref name="ahead"/> steps on.</summary>
    Tensor Predict(Tensor h, int half, int ahead, Linear project, Tensor rows)
    {
        Span<int> tokens = _batch.Tokens.Ids, from = Symbols.Ints(h.Rows).Integers[..h.Rows], targets = Symbols.Ints(h.Rows).Integers[..h.Rows];
        var (steps, batch) = (_batch.Tokens.Steps, _batch.Count);
        var count = 0;
        for (var t = 0; t < steps; t++)
            for (var b = 0; b < batch; b++)
            {
                var to = t + ahead;
                if (to < 0 || to >= steps || tokens[t * batch + b] < 0 || tokens[to * batch + b] is not (>= 0 and var next)) continue;
                (from[count], targets[count++]) = (t * batch + b, _places[next]);
            }
        var size = h.Columns / 2;
        var states = Ops.Columns(Ops.Gather(h, from[..count], new(count)), half * size, size);       // [N, H]
        var p = Ops.ConcatColumns(project.Forward(states), Tensor.Full(new(count, 1), 1));           // [N, E + 1]
        return Losses.InPlace(Ops.MatMul(p, rows, transposeB: true), targets[..count]);              // [N, C]
    }

    /// <summary>The place in the texts and in the drawn tokens.</summary>
    public (long Position, RngState Drawing) Place
    {
        get => (_buckets.Position, _drawing.State);
        set => (_buckets.Position, _drawing.State) = value;
    }
}
