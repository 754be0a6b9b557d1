using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.CaptionerConfig>;

namespace Unroll.Tasks;

/// <summary>What a captioner is made of, besides its symbols and the scales of its features.</summary>
public sealed record CaptionerConfig : DecoderConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "captioner";

    /// <summary>The encoders by name: mlp, of all numbers at once; rnn, over the rows.</summary>
    public static IReadOnlyList<string> Encoders { get; } = ["mlp", "rnn"];

    /// <summary>The numbers of a row of a picture; 1 to 16,384.</summary>
    public required int Features { get; init; }

    /// <summary>The numbers of a pixel, a part of <see cref="Features"/>. Default 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>
    /// The pixels along a square, where pictures are seen as the edges and colours of squares (<see cref="OrientedGradients"/>); 0 to 16,384, 0 for the pixels as they
    /// are. Default 0.
    /// </summary>
    public int Gradients { get; init; }

    /// <summary>The rows of a picture, 1 for a plain vector: mlp needs pictures of one size; 1 to 16,384.</summary>
    public required int Rows { get; init; }

    /// <summary>One of <see cref="Encoders"/>. Default mlp.</summary>
    public string Encoder { get; init; } = "mlp";

    /// <summary>Whether rows are read from both ends. Default true; not for mlp.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>The size of each layer of the encoder, of each direction; 1 to 16,384. Default 256.</summary>
    public int EncoderSize { get; init; } = 256;

    /// <inheritdoc/>
    public override string Kind => ModelName;

    /// <summary>S, the rows that are seen: of pixels or of squares.</summary>
    internal int SeenRows => Gradients == 0 ? Rows : OrientedGradients.Squares(Rows, Gradients);

    /// <summary>F, the numbers of each.</summary>
    internal int SeenFeatures => Gradients == 0 ? Features : OrientedGradients.Squares(Features / Channels, Gradients) * (OrientedGradients.Directions + Channels);

    /// <summary>M, the size of what attention sees.</summary>
    internal int MemorySize => EncoderSize * (Encoder == "rnn" && Bidirectional ? 2 : 1);

    internal override long LeastWeights(long vocabulary) =>
        base.LeastWeights(vocabulary) + (Encoder == "mlp" ? (long)EncoderSize * SeenRows * SeenFeatures : (long)EncoderSize * EncoderSize);

    private protected override void AddProblems(List<string> problems)
    {
        if (Channels >= 1 && Features >= 1 && Features % Channels != 0) problems.Add($"channels are {Channels}; expected a part of the {Features} features");
        if (problems.Count == 0 && (long)SeenRows * SeenFeatures * EncoderSize > Array.MaxLength)
            problems.Add($"{SeenRows} rows of {SeenFeatures} numbers and {EncoderSize} units make a matrix of more than {Array.MaxLength:N0} numbers");
        CheckMemory(problems, MemorySize);
    }

    /// <summary>All, as they stand in a model's file and as options of the command.</summary>
    internal static SettingList<CaptionerConfig> Settings { get; } =
    [
        .. DecoderSettings<CaptionerConfig>(),
        Setting.Whole("features", "N", "", 1, MaxSize, c => c.Features, (c, v) => c with { Features = v }, ""),
        Setting.Whole("rows", "N", "", 1, MaxSize, c => c.Rows, (c, v) => c with { Rows = v }, ""),
        Setting.Whole("channels", "N", "", 1, MaxSize, c => c.Channels, (c, v) => c with { Channels = v }, ""),
        Setting.Whole("gradients", "N", "Describe images by histograms of oriented gradients of squares of N × N pixels; 0: use the pixels.", 0, MaxSize, c => c.Gradients, (c, v) => c with { Gradients = v }),
        Setting.Choice("encoder", "KIND", "Image encoder. rnn: row by row; mlp: all numbers at once.", () => Encoders, c => c.Encoder, (c, v) => c with { Encoder = v }),
        Setting.Flag("bidirectional", "Read the rows from the top only (unidirectional).", c => c.Bidirectional, (c, v) => c with { Bidirectional = v }, "--one-way", negated: true)
            .With(useless: c => c.Encoder == "mlp" ? "--encoder mlp has no directions" : null, formerNames: "!one_way"),
        Setting.Whole("encoder_size", "N", "Hidden size of each encoder layer and direction.", 1, MaxSize, c => c.EncoderSize, (c, v) => c with { EncoderSize = v }),
    ];

    private protected override IReadOnlyList<string> OwnProblems => Settings.Problems(this);

    /// <inheritdoc/>
    public override JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static CaptionerConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new() { Features = 1, Rows = 1 }, c => c.Problems);
}
