using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Models;

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
        if (!Encoders.Contains(Encoder)) problems.Add($"encoder is '{Encoder}'; expected one of {string.Join(", ", Encoders)}");
        Size(problems, "features", Features, 1);
        Size(problems, "rows", Rows, 1);
        if (Channels < 1 || (Features >= 1 && Features % Channels != 0)) problems.Add($"channels are {Channels}; expected a part of the {Features} features");
        Size(problems, "gradients", Gradients, 0);
        Size(problems, "encoder size", EncoderSize, 1);
        if (problems.Count == 0 && (long)SeenRows * SeenFeatures * EncoderSize > Array.MaxLength)
            problems.Add($"{SeenRows} rows of {SeenFeatures} numbers and {EncoderSize} units make a matrix of more than {Array.MaxLength:N0} numbers");
        CheckMemory(problems, MemorySize);
    }

    private protected override void Write(JsonObject json)
    {
        json["features"] = Features;
        json["rows"] = Rows;
        json["channels"] = Channels;
        json["gradients"] = Gradients;
        json["encoder"] = Encoder;
        json["bidirectional"] = Bidirectional;
        json["encoder_size"] = EncoderSize;
    }

    /// <summary>The settings from JSON.</summary>
    /// <exception cref="UnrollException">Settings are missing, of a wrong type or out of range; all are listed.</exception>
    public static CaptionerConfig FromJson(JsonElement json)
    {
        var reader = new ConfigReader(json, ModelName);
        return reader.Finish(Read(reader, new CaptionerConfig
        {
            Features = reader.Whole("features"),
            Rows = reader.Whole("rows"),
            Channels = reader.Whole("channels"),
            Gradients = reader.Whole("gradients"),
            Encoder = reader.Text("encoder"),
            Bidirectional = reader.Flag("bidirectional"),
            EncoderSize = reader.Whole("encoder_size"),
        }), c => c.Problems);
    }
}
