using Unroll.Data;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>A model that encodes something and writes a text about it: what <see cref="Seq2Seq"/> and <see cref="Captioner"/> have in common.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public abstract class EncoderDecoder : SequenceModel
{
    // N(0, 1), the default of embeddings, drowns what a few occurrences of a word can teach.
    internal const double EmbeddingDeviation = 0.1;

    private protected EncoderDecoder(TextCoder target, Rng rng) => (Target, DropoutRng) = (target, rng.Fork("dropout"));

    /// <summary>The symbols of what is written.</summary>
    public TextCoder Target { get; }

    /// <summary>Writes.</summary>
    public abstract Decoder Decoder { get; }

    /// <summary>Where dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    private protected Dropout? DropoutOf(DecoderConfig config) => config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng, config.VariationalDropout) : null;

    /// <summary>The mean cross-entropy of the targets in nats, each predicted after the right tokens before it (teacher forcing).</summary>
    /// <param name="start">What the decoder starts with.</param>
    /// <param name="inputs">[T, B]: the beginning, then the text.</param>
    /// <param name="targets">[T, B]: the text, then the end; −1 past a row's length.</param>
    /// <param name="lengths">The steps of each row.</param>
    /// <param name="labelSmoothing">ε from 0 to 1.</param>
    public Tensor Loss(State start, TokenMatrix inputs, TokenMatrix targets, Lengths lengths, double labelSmoothing = 0) =>
        Loss(Decoder.Forward(inputs, start, lengths).Readout, targets, lengths, labelSmoothing);

    /// <summary>
    /// The same where the decoder reads its own last choice, the likeliest token, in place of the right one: with probability
    /// 1 − <paramref name="teacher"/>, drawn for each token (scheduled sampling, Bengio 2015). No gradient flows through a choice.
    /// </summary>
    /// <param name="start">What the decoder starts with.</param>
    /// <param name="inputs">[T, B]: the beginning, then the text.</param>
    /// <param name="targets">[T, B]: the text, then the end; −1 past a row's length.</param>
    /// <param name="lengths">The steps of each row.</param>
    /// <param name="teacher">The probability of reading the right token; 0 for its own alone (free running).</param>
    /// <param name="rng">Where it is drawn from; a number for each token, none where nothing is to be drawn.</param>
    /// <param name="token">Room for a step.</param>
    /// <param name="labelSmoothing">ε from 0 to 1.</param>
    internal Tensor SelfFedLoss(
        State start, TokenMatrix inputs, TokenMatrix targets, Lengths lengths, double teacher, Rng rng, TokenMatrix token, double labelSmoothing = 0)
    {
        var (steps, batch) = (inputs.Steps, inputs.Batch);
        var readouts = State.Room(steps);
        token.Resize(1, batch);
        inputs.Ids[..batch].CopyTo(token.Ids);
        for (var t = 0; t < steps; t++)
        {
            var (h, next) = Decoder.Forward(token, start);
            (readouts[t], start) = (h[0], next);
            if (t + 1 < steps) Choose(h, inputs.Ids.Slice((t + 1) * batch, batch), teacher, rng, token.Ids);
        }
        return Loss(Ops.Stack(readouts.Items), targets, lengths, labelSmoothing);
    }

    /// <summary>The tokens to read next: the right ones, or the likeliest.</summary>
    unsafe void Choose(Tensor readout, ReadOnlySpan<int> right, double teacher, Rng rng, Span<int> next)
    {
        var own = false;
        for (var b = 0; b < next.Length; b++)
        {
            next[b] = teacher > 0 && rng.NextDouble() < teacher ? right[b] : -1;
            own |= next[b] < 0;
        }
        if (!own) return;
        using var scratch = Tape.Scratch();
        var scores = Recorder.Report(Decoder.Output, Recorder.Logits, Decoder.Output.Forward(readout));
        Tensor best = Symbols.Ints(2 * next.Length), sums = Tensor.New(new(next.Length));
        fixed (int* ids = best.Integers)
        fixed (Real* x = scores, s = sums)
            ThreadTeam.Run(new TopKernel { X = x, Ids = ids, LogSums = s, Columns = scores.Columns, Count = 2 }, next.Length, Ops.RowGrain(scores.Columns));
        for (var b = 0; b < next.Length; b++)
        {
            var two = best.Integers.Slice(2 * b, 2);
            if (next[b] < 0) next[b] = two[0] == Target.BeginId ? two[1] : two[0];       // as in use, nothing begins twice
        }
    }

    /// <summary>Only the steps that count are given to the output layer, which costs most.</summary>
    Tensor Loss(Tensor readouts, TokenMatrix targets, Lengths lengths, double labelSmoothing)
    {
        if (lengths.AreFull) return Losses.CrossEntropy(readouts, Decoder.Output, targets.Ids, labelSmoothing);
        Span<int> places = Symbols.Ints(lengths.Total).Integers[..lengths.Total], right = Symbols.Ints(lengths.Total).Integers[..lengths.Total];
        var count = 0;
        for (var t = 0; t < targets.Steps; t++)
            for (var b = 0; b < targets.Batch; b++)
                if (t < lengths.Values[b]) (places[count], right[count++]) = (t * targets.Batch + b, targets[t, b]);
        var rows = Ops.Gather(readouts.Reshape(new(readouts.Rows, readouts.Columns)), places, new(count));
        return Losses.CrossEntropy(rows, Decoder.Output, right, labelSmoothing);
    }
}
