using Unroll.Configuration;
using Unroll.Layers;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>What decides the result of a training, whatever is trained. It is kept in every checkpoint, so that a run can go on.</summary>
public abstract record TrainingOptions
{
    /// <summary>The most rows, steps, and batches in an iteration.</summary>
    internal const int MaxRows = 65536;

    const double Largest = double.MaxValue;

    /// <summary>Rows of a batch, or where texts are written its tokens; 1 to 65,536. Default 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Steps of the optimizer, at least 1; null for what <see cref="Epochs"/> says.</summary>
    public long? Iterations { get; init; }

    /// <summary>Passes through the data, at least 1; null for what <see cref="Iterations"/> says.</summary>
    public int? Epochs { get; init; }

    /// <summary>One of <see cref="Optimizers"/>. Default adam.</summary>
    public string Optimizer { get; init; } = "adam";

    /// <summary>The learning rate at its highest, above 0. Default 0.002.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Of sgd, nesterov and rmsprop; 0 to below 1. Default 0, for nesterov 0.9.</summary>
    public double Momentum { get; init; }

    /// <summary>λ of weight decay, 0 to 1; biases and gains are spared. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>One of <see cref="Schedules"/>. Default constant.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>What the rate is divided by (step, exponential, plateau), above 1; null for 2, exponential 1.05.</summary>
    public double? DecayFactor { get; init; }

    /// <summary>Epochs before the first division (step), validations without progress (plateau). Default 0.</summary>
    public int DecayAfter { get; init; }

    /// <summary>Iterations over which the rate rises from near 0. Default 0.</summary>
    public long WarmUp { get; init; }

    /// <summary>The largest norm of the gradient, above 0; null for any. Default 1.</summary>
    public double? Clip { get; init; } = 1;

    /// <summary>The largest element of the gradient, above 0; null for any.</summary>
    public double? ClipValue { get; init; }

    /// <summary>β of the exponential moving average of the weights, which is validated and saved; 0 to below 1, 0 for none. Default 0.</summary>
    public double Average { get; init; }

    /// <summary>Batches for each step of the optimizer; 1 to 65,536. Default 1.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Iterations between validations, at least 1; null for one epoch.</summary>
    public long? ValidateEvery { get; init; }

    /// <summary>Iterations between checkpoints, at least 1; null as <see cref="ValidateEvery"/>.</summary>
    public long? CheckpointEvery { get; init; }

    /// <summary>Validations without a new best after which the training stops; 0 for never. Default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Whether gradient norms, update-to-weight ratios and the saturation of gates go into the log of the run. Default false.</summary>
    public bool RecordGradients { get; init; }

    /// <summary>The same seed gives the same bits, for any number of threads. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The data, and what of it is held out.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>
    /// The options that hold, by their names on the command line (<c>--epochs</c>), where all else is chosen to fit the data. What differs from its default holds in any case; name here what is to
    /// stay as its default is.
    /// </summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>The optimizers by name.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"];

    /// <summary>The schedules of the learning rate by name.</summary>
    public static IReadOnlyList<string> Schedules { get; } = ["constant", "step", "exponential", "cosine", "plateau"];

    /// <summary>The settings that every training has.</summary>
    /// <param name="length">How long a training is by default, in a sentence.</param>
    /// <param name="validations">How often it validates by default, in a sentence.</param>
    /// <param name="tokens">Whether batches are counted in tokens, not in rows.</param>
    public static SettingList<T> Common<T>(string length, string validations, bool tokens = false) where T : TrainingOptions =>
    [
        SettingOf<T>.Whole("batch", "N", tokens ? "Most tokens per batch on either side, padding included." : "Rows per batch.", 1, MaxRows, o => o.Batch, (o, v) => o with { Batch = v }, tokens ? "--batch-tokens" : null),
        SettingOf<T>.Whole("iterations", "N", $"Optimizer steps. {length}", 1, long.MaxValue, o => o.Iterations, (o, v) => o with { Iterations = v }),
        SettingOf<T>.Whole("epochs", "N", "Passes through the data, instead of --iterations.", 1, int.MaxValue, o => o.Epochs, (o, v) => o with { Epochs = v })
            .With(useless: o => o is { Iterations: not null, Epochs: not null } ? "--iterations says how long to train already; give one of them" : null),
        SettingOf<T>.Choice("optimizer", "KIND", $"Optimizer: {string.Join(", ", Optimizers)}.", () => Optimizers, o => o.Optimizer, (o, v) => o with { Optimizer = v }),
        SettingOf<T>.Number("learning_rate", "RATE", "Learning rate.", 0, 1000, o => o.LearningRate, (o, v) => o with { LearningRate = v }, "--lr", exclusive: true),
        SettingOf<T>.Number("momentum", "M", "Momentum (sgd, nesterov, rmsprop).", 0, 0.9999, o => o.Momentum, (o, v) => o with { Momentum = v })
            .With(useless: o => o.Optimizer is "sgd" or "nesterov" or "rmsprop" ? null : $"--optimizer {o.Optimizer} has none"),
        SettingOf<T>.Number("weight_decay", "W", "Weight decay; biases and gains are exempt.", 0, 1, o => o.WeightDecay, (o, v) => o with { WeightDecay = v }),
        SettingOf<T>.Choice("schedule", "KIND", $"Learning-rate schedule: {string.Join(", ", Schedules)}.", () => Schedules, o => o.Schedule, (o, v) => o with { Schedule = v })
            .With(useless: o => o.Schedule == "plateau" && !o.Data.Validates ? "plateau follows the validation, and --valid is 0" : null),
        SettingOf<T>.Number("decay_factor", "F", "Divide the rate by F every epoch (step, exponential) or on a plateau. Default 2; exponential 1.05.", 1, 1e6, o => o.DecayFactor, (o, v) => o with { DecayFactor = v }, "--decay", exclusive: true)
            .With(useless: o => o.Schedule is "step" or "exponential" or "plateau" ? null : $"--schedule {o.Schedule} does not divide the rate"),
        SettingOf<T>.Whole("decay_after", "N", "Epochs before the first division (step), validations without progress (plateau).", 0, int.MaxValue, o => o.DecayAfter, (o, v) => o with { DecayAfter = v })
            .With(useless: o => o.Schedule is "step" or "plateau" ? null : $"--schedule {o.Schedule} has no such wait"),
        SettingOf<T>.Whole("warm_up", "N", "Iterations over which the rate rises from near 0.", 0, long.MaxValue, o => o.WarmUp, (o, v) => o with { WarmUp = v }, "--warmup"),
        SettingOf<T>.Number("clip", "NORM", "Clip the gradient to this norm; 0: off.", 0, Largest, o => o.Clip, (o, v) => o with { Clip = v is > 0 ? v : null }),
        SettingOf<T>.Number("clip_value", "V", "Clip each element of the gradient to this size; 0: off.", 0, Largest, o => o.ClipValue, (o, v) => o with { ClipValue = v is > 0 ? v : null }),
        SettingOf<T>.Number("average", "BETA", "Exponential moving average of the weights with this decay (e.g. 0.999), validated and saved; 0: off.", 0, 0.99999, o => o.Average, (o, v) => o with { Average = v }),
        SettingOf<T>.Whole("accumulate", "N", "Batches per optimizer step.", 1, MaxRows, o => o.Accumulate, (o, v) => o with { Accumulate = v }),
        SettingOf<T>.Whole("validate_every", "N", $"Iterations between validations. {validations}", 1, long.MaxValue, o => o.ValidateEvery, (o, v) => o with { ValidateEvery = v }),
        SettingOf<T>.Whole("checkpoint_every", "N", "Iterations between checkpoints. Default: as --validate-every.", 1, long.MaxValue, o => o.CheckpointEvery, (o, v) => o with { CheckpointEvery = v }),
        SettingOf<T>.Whole("patience", "N", "Stop after N validations without a new best; 0: never.", 0, int.MaxValue, o => o.Patience, (o, v) => o with { Patience = v })
            .With(useless: o => o.Patience > 0 && !o.Data.Validates ? "it waits for validations, and --valid is 0" : null),
        SettingOf<T>.Flag("record_gradients", "Log gradient norms by parameter and by time step, update-to-weight ratios, saturated gates and dead units, which 'inspect' draws.", o => o.RecordGradients, (o, v) => o with { RecordGradients = v }).With(optional: true),
        SettingOf<T>.Whole("seed", "N", "The same seed gives the same bits, for any number of threads.", 0UL, ulong.MaxValue, o => o.Seed, (o, v) => o with { Seed = v }),
    ];

    /// <summary>What is wrong with a variational dropout without a dropout, where both were given: else the data decides on the dropout.</summary>
    internal IEnumerable<string> VariationalProblems(double dropout) =>
        Given.Contains("--variational") && Given.Contains("--dropout") && dropout == 0 ? ["--variational cannot be given: --dropout is 0."] : [];

    /// <summary>In files: the options that were given.</summary>
    public static Setting<T> GivenSetting<T>() where T : TrainingOptions =>
        SettingOf<T>.Texts("given", "OPTION", "", o => o.Given, (o, v) => o with { Given = v }, "").With(optional: true);

    internal Optimizer ToOptimizer(IReadOnlyList<NamedParameter> parameters) => Optimizer switch
    {
        "sgd" => new Sgd(parameters, LearningRate, Momentum, nesterov: false, WeightDecay),
        "nesterov" => new Sgd(parameters, LearningRate, Momentum > 0 ? Momentum : 0.9, nesterov: true, WeightDecay),
        "adamw" => new AdamW(parameters, LearningRate, weightDecay: WeightDecay),
        "rmsprop" => new RmsProp(parameters, LearningRate, momentum: Momentum, weightDecay: WeightDecay),
        "adagrad" => new Adagrad(parameters, LearningRate, weightDecay: WeightDecay),
        "adam" => new Adam(parameters, LearningRate, weightDecay: WeightDecay),
        _ => throw new ArgumentOutOfRangeException(nameof(Optimizer), Optimizer, $"{nameof(Optimizer)} must be one of {string.Join(", ", Optimizers)}."),
    };

    internal Schedule ToSchedule(long iterations)
    {
        Schedule schedule = Schedule switch
        {
            "step" => Training.Schedule.Step(DecayFactor ?? 2, every: 1, after: Math.Max(1, DecayAfter)),
            "exponential" => Training.Schedule.Exponential(1 / (DecayFactor ?? 1.05)),
            "cosine" => Training.Schedule.Cosine(iterations),
            "plateau" => Training.Schedule.OnPlateau(1 / (DecayFactor ?? 2), patience: Math.Max(1, DecayAfter)),
            "constant" => Training.Schedule.Constant,
            _ => throw new ArgumentOutOfRangeException(nameof(Schedule), Schedule, $"{nameof(Schedule)} must be one of {string.Join(", ", Schedules)}."),
        };
        return WarmUp > 0 ? Training.Schedule.WarmUp(WarmUp, schedule) : schedule;
    }

    internal virtual TrainerOptions ToTrainerOptions(bool validates) => new()
    {
        Iterations = Iterations, Epochs = Epochs ?? 1, ClipNorm = Clip, ClipValue = ClipValue, AverageDecay = Average, Accumulate = Accumulate,
        ValidateEvery = ValidateEvery, CheckpointEvery = CheckpointEvery, Patience = validates ? Patience : 0,
        RecordGradients = RecordGradients,
    };
}
