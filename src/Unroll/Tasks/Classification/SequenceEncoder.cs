using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What an encoder made of a batch of sequences.</summary>
/// <param name="Vector">[B, D].</param>
/// <param name="Weights">[T, B], how much each step counts, where attention weighs them; of documents cut into sentences [T, S].</param>
/// <param name="SentenceWeights">[D, B], how much each sentence counts, where documents are cut into sentences and attention weighs them.</param>
internal readonly record struct Encoded(Tensor Vector, Tensor Weights, Tensor SentenceWeights = default);

/// <summary>Makes one vector of a sequence.</summary>
internal abstract class SequenceEncoder : Module
{
    /// <summary>D, the size of the vector.</summary>
    public abstract int OutputSize { get; }

    /// <summary>Encodes the inputs [T, B, I] of a batch.</summary>
    public abstract Encoded Forward(Tensor x, SequenceBatch batch);

    /// <summary>Why it cannot read a sequence step by step, as the end of a sentence on the model; null where it can.</summary>
    public virtual string? NeedsWhole => null;

    /// <summary>The state of a sequence that is read step by step, before its first step.</summary>
    public virtual State ZeroState() => default;

    /// <summary>Takes one step more [1, 1, I]; the state, and what is known of the steps, become those after it.</summary>
    public virtual void Add(Tensor x, State state, PooledSteps steps) => throw new NotSupportedException();

    /// <summary>The vector [1, D] of the steps so far.</summary>
    public virtual Tensor VectorOf(PooledSteps steps) => Tensor.From(steps.Vector, new(1, steps.Vector.Length));

    /// <summary>P, the size of what is known of the steps.</summary>
    public virtual int PooledSize => OutputSize;

    /// <summary>The encoder that the settings ask for, for inputs of size I.</summary>
    public static SequenceEncoder Create(SequenceClassifierConfig config, int inputSize, Dropout? dropout, Dropout? recurrentDropout, Rng rng) => config.Encoder switch
    {
        "mlp" => new FeedForwardEncoder(config, inputSize, dropout, rng),
        "hierarchical" => new HierarchicalEncoder(config, inputSize, dropout, recurrentDropout, rng),
        _ => new RecurrentEncoder(config, inputSize, dropout, recurrentDropout, rng),
    };

    protected static Stacked Layers(SequenceClassifierConfig config, int inputSize, Dropout? dropout, Dropout? recurrentDropout, Rng rng)
    {
        var kind = CellCatalog.Get(config.Cell);
        var layers = new RecurrentLayer[config.Layers];
        for (var l = 0; l < layers.Length; l++, inputSize = layers[l - 1].OutputSize)
            layers[l] = config.Bidirectional
                ? new Bidirectional(kind.Create(inputSize, config.HiddenSize, rng), kind.Create(inputSize, config.HiddenSize, rng), recurrentDropout)
                : new Recurrent(kind.Create(inputSize, config.HiddenSize, rng), recurrentDropout: recurrentDropout);
        return new(layers, dropout);
    }
}

/// <summary>Recurrent layers <c>rnn</c>, then <c>pooling</c>: s = pool(h₁ … h_T).</summary>
internal sealed class RecurrentEncoder : SequenceEncoder
{
    readonly Stacked _rnn;
    readonly Pooling _pooling;

    public RecurrentEncoder(SequenceClassifierConfig config, int inputSize, Dropout? dropout, Dropout? recurrentDropout, Rng rng)
    {
        _rnn = Add("rnn", Layers(config, inputSize, dropout, recurrentDropout, rng));
        _pooling = Add("pooling", Pooling.Create(config.Pooling, _rnn, rng));
    }

    public override int OutputSize => _pooling.OutputSize;

    public override Encoded Forward(Tensor x, SequenceBatch batch)
    {
        var (h, final) = _rnn.Forward(x, lengths: batch.Lengths);
        var pooled = _pooling.Forward(h, final, batch.Lengths);
        return new(pooled.Vector, pooled.Weights);
    }

    public override string? NeedsWhole => _rnn.IsCausal ? null : "reads from both ends";

    public override State ZeroState() => _rnn.ZeroState(1);

    public override void Add(Tensor x, State state, PooledSteps steps)
    {
        var (h, final) = _rnn.Forward(x, state);
        state.CopyFrom(final);
        _pooling.Add(h, state, steps);
    }
}

/// <summary>
/// Two levels (Yang 2016): the words of each sentence make its vector, s_d = pool(rnn(words)), and the sentences that of the document,
/// v = pool(rnn(s₁ … s_D)), with weights of their own: <c>rnn</c>, <c>pooling</c>, <c>sentence_rnn</c>, <c>sentence_pooling</c>.
/// </summary>
internal sealed class HierarchicalEncoder : SequenceEncoder
{
    readonly Stacked _rnn, _sentenceRnn;
    readonly Pooling _pooling, _sentencePooling;

    public HierarchicalEncoder(SequenceClassifierConfig config, int inputSize, Dropout? dropout, Dropout? recurrentDropout, Rng rng)
    {
        _rnn = Add("rnn", Layers(config, inputSize, dropout, recurrentDropout, rng));
        _pooling = Add("pooling", Pooling.Create(config.Pooling, _rnn, rng));
        _sentenceRnn = Add("sentence_rnn", Layers(config, _pooling.OutputSize, dropout, recurrentDropout, rng));
        _sentencePooling = Add("sentence_pooling", Pooling.Create(config.Pooling, _sentenceRnn, rng));
    }

    public override int OutputSize => _sentencePooling.OutputSize;

    public override Encoded Forward(Tensor x, SequenceBatch batch)
    {
        var (h, final) = _rnn.Forward(x, lengths: batch.Lengths);                                              // [T, S, O]
        var words = _pooling.Forward(h, final, batch.Lengths);                                                 // [S, P]
        var sentences = Ops.Gather(words.Vector, batch.Sentences, new(batch.Documents.Steps, batch.Count));   // [D, B, P]
        (h, final) = _sentenceRnn.Forward(sentences, lengths: batch.Documents);
        var document = _sentencePooling.Forward(h, final, batch.Documents);
        return new(document.Vector, words.Weights, document.Weights);
    }

    public override string? NeedsWhole => "reads whole sentences";
}

/// <summary>
/// The baseline that knows no order, or no time: the mean of a text's vectors, or a series as one flat vector, through layers
/// <c>layer0</c>, …: x ← ReLU(W x + b).
/// </summary>
internal sealed class FeedForwardEncoder : SequenceEncoder
{
    readonly Linear[] _layers;
    readonly Dropout? _dropout;
    readonly int _inputSize, _flatSteps;
    readonly MeanPooling _mean;

    public FeedForwardEncoder(SequenceClassifierConfig config, int inputSize, Dropout? dropout, Rng rng)
    {
        (_dropout, _inputSize, _flatSteps, OutputSize) = (dropout, inputSize, config.Features > 0 ? config.MaxSteps : 0, config.HiddenSize);
        _mean = new(inputSize);
        var size = config.Features > 0 ? inputSize * _flatSteps : inputSize;
        _layers = new Linear[config.Layers];
        for (var l = 0; l < _layers.Length; l++) _layers[l] = Add($"layer{l}", new Linear(l == 0 ? size : OutputSize, OutputSize, rng));
    }

    public override int OutputSize { get; }

    public override Encoded Forward(Tensor x, SequenceBatch batch)
    {
        return new(Transform(_flatSteps > 0 ? Flatten(x) : Ops.MeanOverTime(x, batch.Lengths)), default);
    }

    public override string? NeedsWhole => _flatSteps > 0 ? "reads a series as one vector" : null;

    public override int PooledSize => _inputSize;

    public override void Add(Tensor x, State state, PooledSteps steps) => _mean.Add(x, state, steps);

    public override Tensor VectorOf(PooledSteps steps) => Transform(base.VectorOf(steps));

    Tensor Transform(Tensor x)                                                                                 // [B, I] or [B, T·F]
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            if (l > 0 && _dropout is not null) x = Ops.Dropout(x, _dropout.P, _dropout.Rng);
            x = Ops.Relu(_layers[l].Forward(x));                                                               // [B, H]
        }
        return x;
    }

    static Tensor Flatten(Tensor x)
    {
        var steps = State.Room(x.Shape[0]);
        for (var t = 0; t < steps.Count; t++) steps[t] = x[t];
        return Ops.ConcatColumns(steps.Items);
    }
}
