using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.Seq2SeqConfig>;

namespace Unroll.Tasks;

/// <summary>What a sequence-to-sequence model is made of, besides its symbols.</summary>
public sealed record Seq2SeqConfig : DecoderConfig
{
    /// <summary>The name of the model in files.</summary>
    public const string ModelName = "seq2seq";

    /// <summary>Whether the source is read from both ends. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>
    /// The size of each layer of the encoder, of each direction; 1 to 16,384, or 0 for as much as makes outputs of H numbers: H, or H/2 for each of two
    /// directions. Default 0.
    /// </summary>
    public int EncoderSize { get; init; }

    /// <summary>Whether source and target share their vectors; both sides need the same symbols. Default false.</summary>
    public bool SharedEmbedding { get; init; }

    /// <inheritdoc/>
    public override string Kind => ModelName;

    /// <summary>The size of each layer and direction of the encoder.</summary>
    internal int EncoderHidden => EncoderSize > 0 ? EncoderSize : Bidirectional ? HiddenSize / 2 : HiddenSize;

    /// <summary>M, the size of the encoder's outputs.</summary>
    internal int MemorySize => EncoderHidden * (Bidirectional ? 2 : 1);

    private protected override void AddProblems(List<string> problems)
    {
        if (EncoderSize == 0 && Bidirectional && HiddenSize % 2 != 0)
            problems.Add($"hidden is {HiddenSize}; expected an even number, half of which is for each direction, or an encoder size of its own");
        CheckMemory(problems, MemorySize);
    }

    /// <summary>All, as they stand in a model's file and as options of the command.</summary>
    internal static SettingList<Seq2SeqConfig> Settings { get; } =
    [
        .. DecoderSettings<Seq2SeqConfig>(),
        Setting.Flag("bidirectional", "Encode forwards only (unidirectional).", c => c.Bidirectional, (c, v) => c with { Bidirectional = v }, "--one-way", negated: true).With(formerNames: "!one_way"),
        Setting.Whole("encoder_size", "N", "Hidden size of each encoder layer and direction; 0: what gives outputs of the decoder's size.", 0, MaxSize, c => c.EncoderSize, (c, v) => c with { EncoderSize = v }),
        Setting.Flag("shared_embedding", "Share one embedding between source and target; needs --joint.", c => c.SharedEmbedding, (c, v) => c with { SharedEmbedding = v }),
    ];

    private protected override IReadOnlyList<string> OwnProblems => Settings.Problems(this);

    /// <inheritdoc/>
    public override JsonObject ToJson() => ModelDescription.WriteConfig(ModelName, Settings, this);

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static Seq2SeqConfig FromJson(JsonElement json) => ModelDescription.ReadConfig(json, ModelName, Settings, new(), c => c.Problems);
}
