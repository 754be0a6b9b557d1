using Unroll.Data;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train caption</c>.</summary>
sealed record CaptionSettings : WritingSettings
{
    public CaptionSettings() => (Optimizer, Cell) = ("adamw", "lstm");

    /// <summary>For every file of captions, the file of their pictures.</summary>
    public IReadOnlyDictionary<string, string> Pictures { get; init; } = new Dictionary<string, string>();
    public string Encoder { get; init; } = "rnn";
    public int EncoderSize { get; init; } = 128;
    public bool OneWay { get; init; }
    public int Gradients { get; init; }
    public int Shift { get; init; }

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(Gradients >= 0, "gradients", Gradients);
        tell(Shift >= 0, "shift", Shift);
    }

    public Held<PictureCaption> ReadData(DataReports reports) =>
        Part<PictureCaption>(paths => [.. paths.SelectMany(p => Reading.ReadCaptions(p, Pictures[p], reports.For(paths)))], c => c.Place, c => c.Part);

    /// <summary>The symbols of what is written, made from the captions to learn from.</summary>
    public TextCoder BuildSymbols(IEnumerable<PictureCaption> captions) => TextCoder.Build(captions.Select(c => c.Caption), ToSymbols());

    /// <summary>The settings with everything that was not given chosen to fit the captions to learn from.</summary>
    public CaptionSettings Planned(IReadOnlyList<PictureCaption> train)
    {
        // Names are said in words, sentences in pieces of them; few pictures are seen often, and moved, so that they are not learned by heart alone.
        const double MostLettersOfNames = 40;
        const int CaptionsSeen = 250_000, LeastEpochs = 5, MostEpochs = 150, RowsOfShift = 16, Square = 4, SquaresOfEdges = 4;
        var names = train.Average(c => (double)c.Caption.Length) <= MostLettersOfNames;
        var picture = train[0].Picture;
        var rows = picture.Steps;
        var hasEdges = Math.Min(rows, picture.Features / picture.Channels) >= SquaresOfEdges * Square;
        var encoder = Pick("--encoder", Encoder, rows == 1 ? "mlp" : "rnn");
        return this with
        {
            Tokens = Tokens != Auto ? Tokens : names ? "word" : "bpe",
            MinCount = Pick("--min-count", MinCount, Tokens == "word" ? 2 : 1),
            Gradients = Pick("--gradients", Gradients, hasEdges ? Square : 0),
            Encoder = encoder,
            EncoderSize = Pick("--encoder-size", EncoderSize, encoder == "mlp" ? 256 : 128),
            Attention = Pick("--attention", Attention, rows == 1 ? "none" : "general"),
            Embedding = Pick("--embedding", Embedding, names ? 64 : 256),
            Hidden = Pick("--hidden", Hidden, 256),
            Dropout = Pick("--dropout", Dropout, 0.3),
            LabelSmoothing = Pick("--label-smoothing", LabelSmoothing, 0.1),
            Shift = Pick("--shift", Shift, rows / RowsOfShift),
            Batch = Pick("--batch-tokens", Batch, 1024),
            Epochs = Iterations is null ? Epochs ?? Math.Clamp(CaptionsSeen / train.Count, LeastEpochs, MostEpochs) : Epochs,
            LearningRate = Pick("--lr", LearningRate, 0.002),
            WeightDecay = Pick("--weight-decay", WeightDecay, 0.01),
            WarmUp = Pick("--warmup", WarmUp, 100),
            Average = Pick("--average", Average, 0.998),
        };
    }

    /// <summary>What the settings make of pictures like this.</summary>
    public CaptionerConfig ToConfig(Series picture) => WithDecoder(new CaptionerConfig
    {
        Rows = picture.Steps,
        Features = picture.Features,
        Channels = picture.Channels,
        Gradients = Gradients,
        Encoder = Encoder,
        EncoderSize = EncoderSize,
        Bidirectional = !OneWay,
    });
}
