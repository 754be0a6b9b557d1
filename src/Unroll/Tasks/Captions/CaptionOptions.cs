using Unroll.Configuration;
using Unroll.Data;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.CaptionOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a training of a model that captions images.</summary>
public sealed record CaptionOptions : GenerationOptions
{
    /// <summary>AdamW.</summary>
    public CaptionOptions() => Optimizer = "adamw";

    /// <summary>What the model is made of; the size of the images is told from them.</summary>
    public CaptionerConfig Model { get; init; } = new() { Rows = 1, Features = 1, Encoder = "rnn", EncoderSize = 128 };

    /// <summary>Rows and pixels that images are randomly shifted by in training; at least 0. Default 0.</summary>
    public int Shift { get; init; }

    internal static Setting<CaptionOptions> ShiftSetting { get; } =
        Setting.Whole("shift", "N", "Augmentation: randomly shift training images by up to N rows and pixels; 0: off.", 0, DecoderConfig.MaxSize, o => o.Shift, (o, v) => o with { Shift = v }).With(fitted: true);

    internal static SettingList<CaptionOptions> ModelSettings { get; } = CaptionerConfig.Settings.AsOptions.In<CaptionOptions>(o => o.Model, (o, v) => o with { Model = v }).Fitted;

    /// <summary>The options with everything that was not given chosen to fit the captions to learn from.</summary>
    /// <param name="train">The captions.</param>
    /// <param name="encoder">The encoder that was given; null for none.</param>
    /// <param name="settle">Puts what was given in its place.</param>
    internal CaptionOptions PlannedFor(IReadOnlyList<PictureCaption> train, string? encoder, Func<CaptionOptions, CaptionOptions> settle)
    {
        // Names are said in words, sentences in pieces of them; few images are seen often, and moved, so that they are not learned by heart alone.
        const double MostLettersOfNames = 40;
        const int CaptionsSeen = 250_000, LeastEpochs = 5, MostEpochs = 150, RowsOfShift = 16, Square = 4, SquaresOfEdges = 4;
        var names = train.Average(c => (double)c.Caption.Length) <= MostLettersOfNames;
        var picture = train[0].Picture;
        var rows = picture.Steps;
        var hasEdges = Math.Min(rows, picture.Features / picture.Channels) >= SquaresOfEdges * Square;
        encoder ??= rows == 1 ? "mlp" : "rnn";
        return settle(this with
        {
            Tokens = Tokens != Auto ? Tokens : names ? "word" : "bpe",
            MinCount = Tokens == "word" ? 2 : 1,
            Model = Model with
            {
                Gradients = hasEdges ? Square : 0,
                Encoder = encoder,
                EncoderSize = encoder == "mlp" ? 256 : 128,
                Attention = rows == 1 ? "none" : "general",
                EmbeddingSize = names ? 64 : 256,
                HiddenSize = 256,
                Dropout = 0.3,
            },
            LabelSmoothing = 0.1,
            Shift = rows / RowsOfShift,
            Batch = 1024,
            Epochs = Iterations is null ? Epochs ?? Math.Clamp(CaptionsSeen / train.Count, LeastEpochs, MostEpochs) : Epochs,
            LearningRate = 0.002,
            WeightDecay = 0.01,
            WarmUp = 100,
            Average = 0.998,
        }) with
        { Tokens = Tokens != Auto ? Tokens : names ? "word" : "bpe" };
    }
}
