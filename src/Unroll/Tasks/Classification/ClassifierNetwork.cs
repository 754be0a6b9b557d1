using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>One network of a <see cref="SequenceClassifier"/>: from a batch to the scores of all classes.</summary>
internal sealed class ClassifierNetwork : Module
{
    readonly TokenEmbedding? _embedding;
    readonly SequenceEncoder _encoder;
    readonly Linear _output;
    readonly Dropout? _dropout;

    public ClassifierNetwork(SequenceClassifierConfig config, Tokenizer? tokenizer, Rng rng, Rng dropoutRng)
    {
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, dropoutRng, config.VariationalDropout) : null;
        if (tokenizer is not null)
        {
            _embedding = Add("", new TokenEmbedding(tokenizer.VocabularySize, config.EmbeddingSize, tokenizer.UnknownId ?? -1, config.WordDropout, config.EmbeddingDropout, rng, dropoutRng));
            _embedding.Weight.Trainable = !config.FrozenEmbedding;
        }
        var recurrentDropout = config.RecurrentDropout > 0 ? new Dropout(config.RecurrentDropout, dropoutRng) : null;
        _encoder = Add("", SequenceEncoder.Create(config, _embedding?.Dimensions ?? config.Features, _dropout, recurrentDropout, rng));
        _output = Add("output", new Linear(_encoder.OutputSize, config.Classes.Count, rng));
    }

    /// <summary>The vector of each token [V, E]; null for series.</summary>
    public Parameter? Embeddings => _embedding?.Weight;

    /// <summary>How it encodes.</summary>
    public SequenceEncoder Encoder => _encoder;

    /// <summary>Reads one step more of a text or a series; without dropout.</summary>
    /// <param name="token">The token of a text [1, 1].</param>
    /// <param name="values">The scaled numbers of a series [F].</param>
    /// <param name="state">The encoder's state, which becomes that after the step.</param>
    /// <param name="steps">What is known of the steps.</param>
    public void Add(TokenMatrix token, ReadOnlySpan<Real> values, State state, PooledSteps steps) =>
        _encoder.Add(_embedding?.Forward(token) ?? Tensor.From(values, new(1, 1, values.Length)), state, steps);

    /// <summary>Scores of all classes before softmax or σ [1, C], of the steps so far.</summary>
    public Tensor Score(PooledSteps steps) => Recorder.Report(_output, Recorder.Logits, _output.Forward(_encoder.VectorOf(steps)));

    /// <summary>Scores of all classes before softmax or σ [B, C], the inputs of the encoder [T, B, I], and what attention weighed.</summary>
    public (Tensor Logits, Tensor Inputs, Encoded Encoded) Forward(SequenceBatch batch)
    {
        var x = _embedding is not null ? _embedding.Forward(batch.Tokens) : Tensor.From(batch.Values, new(batch.Lengths.Steps, batch.Count, batch.Features));
        if (Tape.Inspects) x.WithGradient();
        var inputs = x;
        if (_dropout is not null) x = _dropout.Forward(x);
        var encoded = _encoder.Forward(x, batch);
        // The vector has no steps to share a mask among: each of its rows draws its own.
        var v = _dropout is null ? encoded.Vector : Ops.Dropout(encoded.Vector, _dropout.P, _dropout.Rng);
        return (Recorder.Report(_output, Recorder.Logits, _output.Forward(v)), inputs, encoded);                                // [B, C]
    }
}
