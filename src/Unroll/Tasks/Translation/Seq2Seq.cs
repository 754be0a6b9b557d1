using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Reads a text and writes another: a translation, an answer (Sutskever 2014; Bahdanau 2014; Luong 2015).</summary>
/// <remarks>
/// <code>
/// e_j = dropout(W_e[x_j])       m_j, s = encoder(e_1 … e_S)       s₀ = bridge(s)       y = decoder(s₀, m)
/// </code>
/// Parameters: <c>source.weight</c> [V, E] (unless shared), <c>encoder.…</c> as PyTorch's <c>nn.LSTM</c> names them, and the decoder's (<see cref="Unroll.Tasks.Decoder"/>) as <c>decoder.…</c>.
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class Seq2Seq : EncoderDecoder
{
    const string SourceKey = "source", TargetKey = "target";

    readonly Embedding _embedding;
    readonly Stacked _encoder;
    readonly Dropout? _dropout;

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="source">The symbols of what is read.</param>
    /// <param name="target">The symbols of what is written.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range or contradict each other; all problems are listed.</exception>
    public Seq2Seq(Seq2SeqConfig config, TextCoder source, TextCoder target, Rng rng) : base(target, rng)
    {
        var problems = config.Problems.ToList();
        if (config.SharedEmbedding && source.Size != target.Size) problems.Add($"a shared embedding needs the same symbols on both sides; there are {source.Size} and {target.Size}");
        if (problems.Count > 0) Throw.BadConfig(problems);
        (Config, Source) = (config, source);
        _dropout = DropoutOf(config);
        _embedding = Add("source", new Embedding(source.Size, config.EmbeddingSize, rng));
        Init.Normal(_embedding.Weight, EmbeddingDeviation, rng);
        _encoder = Add("encoder", Stacked.Of(CellCatalog.Get(config.Cell), config.Layers, config.EmbeddingSize, config.EncoderHidden, config.Bidirectional, _dropout, rng));
        Decoder = Add("decoder", new Decoder(config, target.Size, config.MemorySize, config.SharedEmbedding ? _embedding : null, _dropout, rng));
        if (config.InitScale > 0) Init.UniformAll(this, config.InitScale, rng);
    }

    /// <summary>What the model is made of.</summary>
    public Seq2SeqConfig Config { get; }

    /// <summary>The symbols of what is read.</summary>
    public TextCoder Source { get; }

    /// <inheritdoc/>
    public override Decoder Decoder { get; }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train translate</c>.</summary>
    /// <param name="train">Pairs of texts.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="valid">What is validated on, to keep the best weights; a share of <paramref name="train"/> where null, or none of fewer than 200.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static Seq2Seq Train(
        IReadOnlyList<TextPair> train, TranslatorOptions? options = null, IReadOnlyList<TextPair>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        TranslationDefinition.Instance.Train(train, valid, options, observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => Seq2SeqConfig.ModelName;

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() =>
        [(ConfigKey, Config.ToJson()), (SourceKey, Source.ToJson()), (TargetKey, Target.ToJson())];

    internal static Seq2Seq FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, Seq2SeqConfig.FromJson);
        var source = file.Read(SourceKey, TextCoder.FromJson);
        var target = file.Read(TargetKey, TextCoder.FromJson);
        file.Check();
        file.CheckWeights(config!.LeastWeights(target!.Size));
        return new(config, source!, target, new Rng(0));
    }

    /// <summary>Translates a text, or answers it: the best output. A <see cref="Translator"/> keeps its options for many texts.</summary>
    /// <param name="text">The source.</param>
    /// <param name="beam">The beam size, 1 to 1,000; 1 is greedy search.</param>
    /// <exception cref="UnrollException">The text has characters that the model cannot read.</exception>
    public string Translate(string text, int beam = 1) => new Translator([this], DecodingOptions.OfBeam(beam)).Translate([text])[0][0].Text;

    /// <summary>Reads sources: what the decoder starts with.</summary>
    /// <param name="source">[S, B]: texts, each with its end.</param>
    /// <param name="lengths">The steps of each row; all where null.</param>
    public State Read(TokenMatrix source, Lengths? lengths = null)
    {
        var x = _embedding.Forward(source);                                          // [S, B, E]
        if (_dropout is not null) x = _dropout.Forward(x);
        var (outputs, final) = _encoder.Forward(x, lengths: lengths);                // [S, B, M]
        return Decoder.Start(final, outputs, lengths);
    }

    /// <summary>How well the model writes: BLEU, chrF, exact matches and losses.</summary>
    /// <param name="pairs">Sources, and what is right for each.</param>
    /// <param name="decoding">How texts are chosen; greedily where null.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <exception cref="UnrollException">There is no pair that is short enough, or a text has characters that cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<TextPair> pairs, DecodingOptions? decoding = null, IProgress<double>? progress = null) =>
        new GenerationReport(GenerationScore.Of(this, pairs, decoding, progress));
}
