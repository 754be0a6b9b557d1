using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>One to many: a picture, or what is known of one as numbers, starts a decoder that writes what it shows (Vinyals 2015; Xu 2015).</summary>
/// <remarks>
/// <code>
/// x_1 … x_S   the picture's rows, or its rows of squares (<see cref="OrientedGradients"/>), to scale
/// mlp   v = relu(W x + b) of all numbers      m_j = tanh(W_r x_j + b_r) of each row, where attention asks for it
/// rnn   m_j, v = encoder(x_1 … x_S), over the rows
/// s₀ = bridge(v)       y = decoder(s₀, m)
/// </code>
/// Parameters: <c>picture.…</c> and <c>rows.…</c>, or <c>encoder.…</c>, and the decoder's (<see cref="Unroll.Tasks.Decoder"/>) as <c>decoder.…</c>.
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class Captioner : EncoderDecoder
{
    const string TargetKey = "target", ScalesKey = "scales";

    readonly Linear? _picture, _rows;
    readonly Stacked? _encoder;
    readonly Dropout? _dropout;

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="scales">What the columns of what is seen of pictures are scaled by: see <see cref="MeasureScales"/>.</param>
    /// <param name="target">The symbols of what is written.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range or contradict each other; all problems are listed.</exception>
    public Captioner(CaptionerConfig config, FeatureScales scales, TextCoder target, Rng rng) : base(target, rng)
    {
        var problems = config.Problems.ToList();
        if (problems.Count == 0 && scales.Features != config.SeenFeatures) problems.Add($"pictures that are seen as rows of {config.SeenFeatures} numbers need as many scales; there are {scales.Features}");
        if (problems.Count > 0) Throw.BadConfig(problems);
        (Config, Scales) = (config, scales);
        _dropout = DropoutOf(config);
        if (config.Encoder == "mlp")
        {
            _picture = Add("picture", new Linear(config.SeenRows * config.SeenFeatures, config.EncoderSize, rng));
            if (config.HasAttention) _rows = Add("rows", new Linear(config.SeenFeatures, config.EncoderSize, rng));
        }
        else
            _encoder = Add("encoder", Stacked.Of(CellCatalog.Get(config.Cell), config.Layers, config.SeenFeatures, config.EncoderSize, config.Bidirectional, _dropout, rng));
        Decoder = Add("decoder", new Decoder(config, target.Size, config.MemorySize, null, _dropout, rng));
        if (config.InitScale > 0) Init.UniformAll(this, config.InitScale, rng);
    }

    /// <summary>What the model is made of.</summary>
    public CaptionerConfig Config { get; }

    /// <summary>What the columns of what is seen of pictures are scaled by.</summary>
    public FeatureScales Scales { get; }

    /// <inheritdoc/>
    public override Decoder Decoder { get; }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train caption</c>.</summary>
    /// <param name="train">Captions with their images.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="valid">What is validated on, to keep the best weights; a share of <paramref name="train"/> where null, or none of fewer than 200.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static Captioner Train(
        IReadOnlyList<PictureCaption> train, CaptionOptions? options = null, IReadOnlyList<PictureCaption>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        CaptionDefinition.Instance.Train(train, valid, options, observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => CaptionerConfig.ModelName;

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() =>
        [(ConfigKey, Config.ToJson()), (ScalesKey, Scales.ToJson()), (TargetKey, Target.ToJson())];

    internal static Captioner FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, CaptionerConfig.FromJson);
        var scales = file.Read(ScalesKey, FeatureScales.FromJson);
        var target = file.Read(TargetKey, TextCoder.FromJson);
        file.Check();
        file.CheckWeights(config!.LeastWeights(target!.Size));
        return new(config, scales!, target, new Rng(0));
    }

    /// <summary>Captions an image: the best text. A <see cref="CaptionWriter"/> keeps its options for many images.</summary>
    /// <param name="picture">An image of the model's size.</param>
    /// <param name="beam">The beam size, 1 to 1,000; 1 is greedy search.</param>
    /// <exception cref="UnrollException">The image has another size.</exception>
    public string Describe(Series picture, int beam = 1) => new CaptionWriter([this], DecodingOptions.OfBeam(beam)).Describe([picture])[0][0].Text;

    /// <summary>Measures the scales for a model of pictures like these.</summary>
    /// <param name="config">What the model is to be made of.</param>
    /// <param name="pictures">Pictures of its size, those to learn from.</param>
    /// <exception cref="UnrollException">There is no picture, or one has another size.</exception>
    public static FeatureScales MeasureScales(CaptionerConfig config, IEnumerable<Series> pictures) => FeatureScales.MeasurePictures(pictures.Select(p => See(config, p)).ToArray());

    /// <summary>What is seen of a picture [S, F], to scale.</summary>
    /// <exception cref="UnrollException">It has another size than the model's pictures.</exception>
    internal Real[] Prepare(Series picture) => Scales.Apply(See(Config, picture), Config.SeenRows);

    static Series See(CaptionerConfig config, Series picture)
    {
        Check(config, picture);
        return config.Gradients == 0 ? picture : OrientedGradients.Of(picture, config.Gradients);
    }

    /// <exception cref="UnrollException">A picture has another size than the model's, or other pixels.</exception>
    internal static void Check(CaptionerConfig config, Series picture)
    {
        if (picture.Features != config.Features || picture.Steps != config.Rows)
            Throw.PictureSize(picture.Steps, picture.Features, config.Rows, config.Features);
        if (config.Gradients > 0 && picture.Channels != config.Channels) Throw.PictureChannels(picture.Channels, config.Channels);
    }

    /// <summary>Looks at pictures: what the decoder starts with.</summary>
    /// <param name="pictures">[B, S·F]: what is seen of each picture, row by row, to scale.</param>
    internal State Look(Tensor pictures)
    {
        var (batch, rows) = (pictures.Rows, Config.SeenRows);
        var byRow = default(Tensor);                                                 // [S, B, F]
        if (_encoder is not null || _rows is not null)
        {
            var order = Symbols.Ints(rows * batch).Integers[..(rows * batch)];
            for (var i = 0; i < order.Length; i++) order[i] = i % batch * rows + i / batch;
            byRow = Ops.Gather(pictures.Reshape(new(batch * rows, Config.SeenFeatures)), order, new(rows, batch));
        }
        if (_encoder is not null)
        {
            var (outputs, final) = _encoder.Forward(byRow);
            return Decoder.Start(final, outputs, null);
        }
        var v = Ops.Relu(_picture!.Forward(pictures));                               // [B, M]
        if (_dropout is not null) v = _dropout.Forward(v);
        return Decoder.Start(v, _rows is null ? default : Ops.Tanh(_rows.Forward(byRow)), null);
    }

    /// <summary>How well the model writes: BLEU, chrF, exact matches and losses.</summary>
    /// <param name="pictures">Images with their captions.</param>
    /// <param name="decoding">How texts are chosen; greedily where null.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <exception cref="UnrollException">There is none, one has another size than the model's, or a caption has characters that cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<PictureCaption> pictures, DecodingOptions? decoding = null, IProgress<double>? progress = null) =>
        new GenerationReport(GenerationScore.Of(this, pictures, decoding, progress));
}
