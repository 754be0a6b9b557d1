using System.Text.Json.Serialization;
using Unroll.Layers;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What decides the result of any training, whatever is trained; kept in the checkpoint, so that a run can go on.</summary>
abstract record TrainingSettings
{
    /// <summary>The most rows, steps, and batches in an iteration.</summary>
    public const int MaxRows = 65536;

    public int Batch { get; init; } = 32;
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
    public double Average { get; init; }
    public int Accumulate { get; init; } = 1;
    public long? ValidateEvery { get; init; }
    public long? CheckpointEvery { get; init; }
    public int Patience { get; init; }
    public ulong Seed { get; init; } = 1;

    public static IReadOnlyList<string> Optimizers { get; } = ["sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"];
    public static IReadOnlyList<string> Schedules { get; } = ["constant", "step", "exponential", "cosine", "plateau"];

    /// <summary>What is wrong with numbers that no option let through, but that a damaged checkpoint may hold.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Problems
    {
        get
        {
            var problems = new List<string>();
            Check((good, name, value) =>
            {
                if (!good) problems.Add($"{name} is {value}, which is out of range");
            });
            return problems;
        }
    }

    /// <summary>Tells of each number whether it is one that the options let through.</summary>
    protected virtual void Check(Action<bool, string, object?> tell)
    {
        tell(Batch is >= 1 and <= MaxRows, "batch", Batch);
        tell(Accumulate is >= 1 and <= MaxRows, "accumulate", Accumulate);
        tell(Iterations is null or >= 1, "iterations", Iterations);
        tell(Epochs is null or >= 1, "epochs", Epochs);
        tell(ValidateEvery is null or >= 1, "validate_every", ValidateEvery);
        tell(CheckpointEvery is null or >= 1, "checkpoint_every", CheckpointEvery);
        tell(LearningRate is > 0 and <= 1000, "learning_rate", LearningRate);
        tell(Momentum is >= 0 and < 1, "momentum", Momentum);
        tell(WeightDecay is >= 0 and <= 1, "weight_decay", WeightDecay);
        tell(DecayFactor is null or (> 1 and <= 1e6), "decay_factor", DecayFactor);
        tell(Clip is null or > 0, "clip", Clip);
        tell(ClipValue is null or > 0, "clip_value", ClipValue);
        tell(Average is >= 0 and < 1, "average", Average);
        tell(Patience >= 0, "patience", Patience);
    }

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
        Iterations = Iterations, Epochs = Epochs ?? 1, ClipNorm = Clip, ClipValue = ClipValue, AverageDecay = Average, Accumulate = Accumulate,
        ValidateEvery = ValidateEvery, CheckpointEvery = CheckpointEvery, Patience = validates ? Patience : 0,
    };
}

/// <summary>How settings are written in a checkpoint. A name that is none of theirs is refused: it comes from another version.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DataReading))]
[JsonSerializable(typeof(CaptionSettings))]
[JsonSerializable(typeof(ClassifySettings))]
[JsonSerializable(typeof(LmSettings))]
[JsonSerializable(typeof(TagSettings))]
[JsonSerializable(typeof(TranslateSettings))]
sealed partial class SettingsJson : JsonSerializerContext;
