using System.CommandLine;

namespace Unroll.Cli;

/// <summary>The options of every training, whatever is trained, and how they become settings.</summary>
sealed class TrainingOptions
{
    readonly TrainingSettings _fallback;
    readonly Option<int> _batch, _decayAfter, _accumulate, _patience;
    readonly Option<long> _warmUp;
    readonly Option<long?> _iterations, _validateEvery, _checkpointEvery;
    readonly Option<int?> _epochs;
    readonly Option<string> _optimizer, _schedule;
    readonly Option<double> _lr, _momentum, _weightDecay, _clip, _clipValue, _average;
    readonly Option<double?> _decay;
    readonly Option<ulong> _seed;

    /// <param name="verb">What is trained, as in <c>unroll train lm</c>; also the name of its runs.</param>
    /// <param name="fallback">The defaults.</param>
    /// <param name="length">How long a training is by default: a sentence for the help of <c>--iterations</c>.</param>
    /// <param name="validations">How often it validates by default: a sentence for the help of <c>--validate-every</c>.</param>
    /// <param name="planned">Whether what is not given is chosen to fit the data; then no defaults are shown of what depends on it.</param>
    /// <param name="tokens">Whether batches are counted in tokens, not in rows.</param>
    public TrainingOptions(string verb, TrainingSettings fallback, string length, string validations, bool planned = false, bool tokens = false)
    {
        _fallback = fallback;
        _batch = Planned(tokens ? "--batch-tokens" : "--batch", "N", tokens ? "The most tokens of a batch, of either side, padding counted." : "Rows of a batch.", fallback.Batch).Within(1, TrainingSettings.MaxRows);
        _iterations = CommonOptions.Of<long?>("--iterations", "N", $"Steps of the optimizer. {length}").Within(1, long.MaxValue);
        _epochs = CommonOptions.Of<int?>("--epochs", "N", "Passes through the data, in place of --iterations.").Within(1, int.MaxValue);
        _optimizer = Planned("--optimizer", "KIND", $"One of {string.Join(", ", TrainingSettings.Optimizers)}.", fallback.Optimizer).OneOf(TrainingSettings.Optimizers);
        _lr = Planned("--lr", "RATE", "Learning rate.", fallback.LearningRate).Within(0, 1000, exclusive: true);
        _momentum = CommonOptions.Of("--momentum", "M", "Momentum (sgd, nesterov, rmsprop).", 0.0).Within(0, 0.9999);
        _weightDecay = Planned("--weight-decay", "W", "Pull of weights towards 0; biases and norms are spared.", fallback.WeightDecay).Within(0, 1);
        _schedule = Planned("--schedule", "KIND", $"How the rate changes: {string.Join(", ", TrainingSettings.Schedules)}.", fallback.Schedule).OneOf(TrainingSettings.Schedules);
        _decay = CommonOptions.Of<double?>("--decay", "F", "The rate is divided by F each epoch (step, exponential) or on a plateau. Default 2; exponential 1.05.").Within(1, 1e6, exclusive: true);
        _decayAfter = CommonOptions.Of("--decay-after", "N", "Epochs before the first division (step), validations without progress (plateau).", 0).Within(0, int.MaxValue);
        _warmUp = Planned("--warmup", "N", "Iterations over which the rate rises from near 0.", fallback.WarmUp).Within(0, long.MaxValue);
        _clip = Planned("--clip", "NORM", "Largest norm of the gradient; 0 for any.", fallback.Clip ?? 0).Within(0, double.MaxValue);
        _clipValue = CommonOptions.Of("--clip-value", "V", "Largest element of the gradient; 0 for any.", 0.0).Within(0, double.MaxValue);
        _average = Planned("--average", "BETA", "Keep a running mean of the weights, of such memory (0.999 is usual); it is validated and saved. 0 for none.", fallback.Average).Within(0, 0.99999);
        _accumulate = CommonOptions.Of("--accumulate", "N", "Batches for each step of the optimizer.", 1).Within(1, TrainingSettings.MaxRows);
        _validateEvery = CommonOptions.Of<long?>("--validate-every", "N", $"Iterations between validations. {validations}").Within(1, long.MaxValue);
        _checkpointEvery = CommonOptions.Of<long?>("--checkpoint-every", "N", "Iterations between checkpoints. Default as --validate-every.").Within(1, long.MaxValue);
        _patience = CommonOptions.Of("--patience", "N", "Stop after N validations without a new best; 0 for never.", fallback.Patience).Within(0, int.MaxValue);
        _seed = CommonOptions.Of("--seed", "N", "The same seed gives the same bits, for any number of threads.", fallback.Seed).Within(0, ulong.MaxValue);
        Out = CommonOptions.Of<string?>("--out", "RUN", $"Folder for the run; must not exist. Default runs/{verb}, or the next free name.").NotEmpty();
        Resume = CommonOptions.Of<string?>("--resume", "RUN", "Go on with a run as if it had never been interrupted; options come from its checkpoint.").NotEmpty();
        Training =
        [
            _batch, _iterations, _epochs, _optimizer, _lr, _momentum, _weightDecay, _schedule, _decay, _decayAfter, _warmUp, _clip, _clipValue, _average,
            _accumulate, _validateEvery, _checkpointEvery, _patience, _seed,
        ];

        Option<T> Planned<T>(string name, string value, string description, T shown) =>
            planned ? CommonOptions.Of<T>(name, value, description) : CommonOptions.Of(name, value, description, shown);
    }

    /// <summary>How it is trained.</summary>
    public IReadOnlyList<Option> Training { get; }

    /// <summary>Where the run goes.</summary>
    public Option<string?> Out { get; }

    /// <summary>The run to go on with.</summary>
    public Option<string?> Resume { get; }

    /// <summary>Whether the length of the training is given in epochs.</summary>
    public bool InEpochs(ParseResult parsed) => parsed.Given(_epochs);

    /// <summary>Options that do nothing where these others stand beside them.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed, bool validates)
    {
        var (rule, kind) = (Get(parsed, _optimizer, _fallback.Optimizer), Get(parsed, _schedule, _fallback.Schedule));
        return
        [
            .. parsed.Refuse(_epochs, parsed.Given(_iterations), "--iterations says how long to train already; give one of them"),
            .. parsed.Refuse(_momentum, rule is not ("sgd" or "nesterov" or "rmsprop"), $"--optimizer {rule} has none"),
            .. parsed.Refuse(_decay, kind is not ("step" or "exponential" or "plateau"), $"--schedule {kind} does not divide the rate"),
            .. parsed.Refuse(_decayAfter, kind is not ("step" or "plateau"), $"--schedule {kind} has no such wait"),
            .. parsed.Refuse(_schedule, kind == "plateau" && !validates, "plateau follows the validation, and --valid is 0"),
            .. parsed.Refuse(_patience, parsed.GetValue(_patience) > 0 && !validates, "it waits for validations, and --valid is 0"),
        ];
    }

    /// <summary>The settings with what these options say.</summary>
    public TSettings Fill<TSettings>(ParseResult parsed, TSettings settings) where TSettings : TrainingSettings => settings with
    {
        Batch = Get(parsed, _batch, settings.Batch),
        Iterations = parsed.GetValue(_iterations),
        Epochs = parsed.GetValue(_epochs),
        Optimizer = Get(parsed, _optimizer, settings.Optimizer),
        LearningRate = Get(parsed, _lr, settings.LearningRate),
        Momentum = parsed.GetValue(_momentum),
        WeightDecay = Get(parsed, _weightDecay, settings.WeightDecay),
        Schedule = Get(parsed, _schedule, settings.Schedule),
        DecayFactor = parsed.GetValue(_decay),
        DecayAfter = parsed.GetValue(_decayAfter),
        WarmUp = Get(parsed, _warmUp, settings.WarmUp),
        Clip = Get(parsed, _clip, settings.Clip ?? 0) is > 0 and var norm ? norm : null,
        ClipValue = parsed.GetValue(_clipValue) > 0 ? parsed.GetValue(_clipValue) : null,
        Average = Get(parsed, _average, settings.Average),
        Accumulate = parsed.GetValue(_accumulate),
        ValidateEvery = parsed.GetValue(_validateEvery),
        CheckpointEvery = parsed.GetValue(_checkpointEvery),
        Patience = parsed.GetValue(_patience),
        Seed = parsed.GetValue(_seed),
    };

    /// <summary>What was given, or else the default, whether that is shown or not.</summary>
    static T Get<T>(ParseResult parsed, Option<T> option, T fallback) => parsed.Given(option) ? parsed.GetValue(option)! : fallback;
}
