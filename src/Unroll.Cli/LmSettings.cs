using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train lm</c>; kept in the checkpoint, so that a run can go on.</summary>
sealed record LmSettings
{
    /// <summary>The most rows, steps, and batches in an iteration.</summary>
    public const int MaxRows = 65536;

    public string? Data { get; init; }
    public string? ValidFile { get; init; }
    public double ValidFraction { get; init; } = 0.1;
    public string Tokens { get; init; } = "char";
    public int MinCount { get; init; } = 1;
    public int? Vocabulary { get; init; }
    public bool Lines { get; init; }
    public string Cell { get; init; } = "lstm";
    public int Embedding { get; init; } = 64;
    public int Hidden { get; init; } = 256;
    public int Layers { get; init; } = 2;
    public double Dropout { get; init; }
    public bool Variational { get; init; }
    public double RecurrentDropout { get; init; }
    public bool Tied { get; init; }
    public double Init { get; init; }
    public int Batch { get; init; } = 32;
    public int Steps { get; init; } = 64;
    public long? Iterations { get; init; }
    public int? Epochs { get; init; }
    public string Optimizer { get; init; } = "adam";
    public double LearningRate { get; init; } = 0.002;
    public double Momentum { get; init; }
    public double WeightDecay { get; init; }
    public string Schedule { get; init; } = "constant";
    public double? DecayFactor { get; init; }
    public int DecayAfter { get; init; }
    public long WarmUp { get; init; }
    public double? Clip { get; init; } = 1;
    public double? ClipValue { get; init; }
    public int Accumulate { get; init; } = 1;
    public long? ValidateEvery { get; init; }
    public long? CheckpointEvery { get; init; }
    public int Patience { get; init; }
    public ulong Seed { get; init; } = 1;

    public static IReadOnlyList<string> Optimizers { get; } = ["sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"];
    public static IReadOnlyList<string> Schedules { get; } = ["constant", "step", "exponential", "cosine", "plateau"];

    /// <summary>What is wrong with numbers that no option let through, but that a damaged checkpoint may hold.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            Check(Batch is >= 1 and <= MaxRows, "batch", Batch);
            Check(Steps is >= 1 and <= MaxRows, "steps", Steps);
            Check(Accumulate is >= 1 and <= MaxRows, "accumulate", Accumulate);
            Check(Iterations is null or >= 1, "iterations", Iterations);
            Check(Epochs is null or >= 1, "epochs", Epochs);
            Check(ValidateEvery is null or >= 1, "validate_every", ValidateEvery);
            Check(CheckpointEvery is null or >= 1, "checkpoint_every", CheckpointEvery);
            Check(ValidFraction is >= 0 and < 1, "valid_fraction", ValidFraction);
            Check(LearningRate is > 0 and <= 1000, "learning_rate", LearningRate);
            Check(Momentum is >= 0 and < 1, "momentum", Momentum);
            Check(WeightDecay is >= 0 and <= 1, "weight_decay", WeightDecay);
            Check(DecayFactor is null or (> 1 and <= 1e6), "decay_factor", DecayFactor);
            Check(Clip is null or > 0, "clip", Clip);
            Check(ClipValue is null or > 0, "clip_value", ClipValue);
            Check(Patience >= 0, "patience", Patience);
            return problems;

            void Check(bool good, string name, object? value)
            {
                if (!good) problems.Add($"{name} is {value}, which is out of range");
            }
        }
    }

    public LanguageModelConfig ToConfig() => new()
    {
        Cell = Cell, EmbeddingSize = Embedding, HiddenSize = Hidden, Layers = Layers, Dropout = Dropout,
        VariationalDropout = Variational, RecurrentDropout = RecurrentDropout, TiedWeights = Tied, InitScale = Init,
    };

    public Optimizer ToOptimizer(IReadOnlyList<NamedParameter> parameters) => Optimizer switch
    {
        "sgd" => new Sgd(parameters, LearningRate, Momentum, nesterov: false, WeightDecay),
        "nesterov" => new Sgd(parameters, LearningRate, Momentum > 0 ? Momentum : 0.9, nesterov: true, WeightDecay),
        "adamw" => new AdamW(parameters, LearningRate, weightDecay: WeightDecay),
        "rmsprop" => new RmsProp(parameters, LearningRate, momentum: Momentum, weightDecay: WeightDecay),
        "adagrad" => new Adagrad(parameters, LearningRate, weightDecay: WeightDecay),
        _ => new Adam(parameters, LearningRate, weightDecay: WeightDecay),
    };

    public Schedule ToSchedule(long iterations)
    {
        Schedule schedule = Schedule switch
        {
            "step" => new StepSchedule(DecayFactor ?? 2, every: 1, after: Math.Max(1, DecayAfter)),
            "exponential" => new ExponentialSchedule(1 / (DecayFactor ?? 1.05)),
            "cosine" => new CosineSchedule(iterations),
            "plateau" => new ReduceOnPlateau(1 / (DecayFactor ?? 2), patience: Math.Max(1, DecayAfter)),
            _ => Training.Schedule.Constant,
        };
        return WarmUp > 0 ? new WarmUpSchedule(WarmUp, schedule) : schedule;
    }

    public TrainerOptions ToTrainerOptions(bool validates) => new()
    {
        Iterations = Iterations, Epochs = Epochs ?? 1, ClipNorm = Clip, ClipValue = ClipValue, Accumulate = Accumulate,
        ValidateEvery = ValidateEvery, CheckpointEvery = CheckpointEvery, Patience = validates ? Patience : 0,
    };

    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, LmSettingsJson.Default.LmSettings)!.AsObject();

    public static LmSettings FromJson(JsonObject json)
    {
        try
        {
            return json.Deserialize(LmSettingsJson.Default.LmSettings)!;
        }
        catch (JsonException e)
        {
            throw new UnrollException($"The options in the checkpoint cannot be read: {e.Message} It may come from another version.", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(LmSettings))]
sealed partial class LmSettingsJson : JsonSerializerContext;
