using System.Globalization;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;
using Setting = Unroll.Configuration.SettingOf<Unroll.Tasks.MultiTaskOptions>;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a training of several tasks together.</summary>
/// <remarks>
/// A training has phases: the shared layer as a language model (<see cref="PretrainLm"/>); all tasks together, a task drawn at random for each step; each task by itself (<see cref="FineTune"/>). Without
/// sharing there is only the last. A task stops learning in a phase after <see cref="StopAfter"/> passes through its data without progress; its best weights are kept.
/// </remarks>
public sealed record MultiTaskOptions : TrainingOptions
{
    /// <summary>
    /// AdamW with weight decay, a rate that falls along a cosine in every phase, and a moving average of the weights. Where <see cref="TrainingOptions.Epochs"/> is null, the default, there are 8 √(8,000/n)
    /// passes through the data, at least 8, where n is the mean number of examples of a task: few examples make few steps in a pass.
    /// </summary>
    public MultiTaskOptions() => (Optimizer, Schedule, WeightDecay, Batch, WarmUp, Average) = ("adamw", "cosine", 0.01, 32, 100, 0.998);

    /// <summary>The tasks and their files: <c>NAME=TRAIN[,VALID[,TEST]]</c> each.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>How files are read where it cannot be told: <c>TASK.OPTION=VALUE</c> each, such as <c>subj.encoding=latin-1</c>.</summary>
    public IReadOnlyList<string> Reading { get; init; } = [];

    /// <summary>The share of each task's data to learn from, above 0 to 1; drawn by the seed, alike in every architecture. Default 1.</summary>
    public double TrainFraction { get; init; } = 1;

    /// <summary>What the model is made of.</summary>
    public MultiTaskConfig Model { get; init; } = new();

    /// <summary>The kind of tokens (<see cref="Tokenizer.Kinds"/>), or auto, for what fits the texts of all tasks. Default auto.</summary>
    public string Tokens { get; init; } = ClassifierOptions.Auto;

    /// <summary>Tokens seen less often are unknown; at least 1. Default 2.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>The most tokens; null for 30,000, or of byte pairs for their own default.</summary>
    public int? Vocabulary { get; init; }

    /// <summary>A file of word vectors to begin with; null for none.</summary>
    public string? Embeddings { get; init; }

    /// <summary>Whether the shared layer first learns as a language model on the texts of all tasks. Default false.</summary>
    public bool PretrainLm { get; init; }

    /// <summary>Passes of that through all texts, at least 1. Default 4.</summary>
    public int PretrainEpochs { get; init; } = 4;

    /// <summary>The learning rate of the language model as a share of the other, above 0 to 100. Default 2.</summary>
    public double PretrainRate { get; init; } = 2;

    /// <summary>Whether each task goes on by itself, with shared layers of its own, after all have learned together. Default false.</summary>
    public bool FineTune { get; init; }

    /// <summary>Passes through a task's data in fine-tuning, at least 1; null for 3 √(8,000/n), at least 3, where n is the mean number of examples of a task. Default null.</summary>
    public int? TuneEpochs { get; init; }

    /// <summary>The learning rate of fine-tuning as a share of the other, above 0 to 1. Default 0.5.</summary>
    public double TuneRate { get; init; } = 0.5;

    /// <summary>A model of the same tasks to begin from: it is only fine-tuned. Null for a fresh one. Default null.</summary>
    public string? From { get; init; }

    /// <summary>How a task is drawn for each step: uniform, all alike; size, by the number of examples. Default uniform.</summary>
    public string Sampling { get; init; } = "uniform";

    /// <summary>λ of tasks, by which they are drawn more or less often: <c>NAME=WEIGHT</c> each, above 0. Default 1.</summary>
    public IReadOnlyList<string> TaskWeights { get; init; } = [];

    /// <summary>Passes through its data without a new best after which a task stops learning in a phase; 0 for never, null for as many as <see cref="TuneEpochs"/> has by default. Default null.</summary>
    public int? StopAfter { get; init; }

    /// <summary>ε of label smoothing (Szegedy et al. 2016) in the joint phase and in fine-tuning, from 0 to below 1. Default 0.1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    static IReadOnlyList<string> Samplings { get; } = ["uniform", "size"];

    internal static SettingList<MultiTaskOptions> DataSettings { get; } =
    [
        Setting.Texts("tasks", "NAME=TRAIN[,VALID[,TEST]]", "A task and its files, in any format of 'train classify'; give it once for each task.", o => o.Tasks, (o, v) => o with { Tasks = v }, "--task"),
        Setting.Texts("read", "TASK.OPTION=VALUE", $"How a task's files are read, such as subj.encoding=latin-1. Options: {string.Join(", ", ReadingOptions.OfExamples.Select(s => s.Option.TrimStart('-')))}.", o => o.Reading, (o, v) => o with { Reading = v }),
        Setting.Number("valid_share", "F", "Share to validate on, of tasks without a file for it.", 0, 0.9, o => o.Data.ValidFraction ?? DefaultValid, (o, v) => o with { Data = o.Data with { ValidFraction = v } }, "--valid", exclusive: true),
        Setting.Whole("test_every", "N", "Hold out every Nth example as the test set, starting with the first, of tasks without a file for it.", 2, int.MaxValue, o => o.Data.TestEvery, (o, v) => o with { Data = o.Data with { TestEvery = v } }),
        Setting.Whole("folds", "K", "K-fold cross-validation of tasks without a test file; prints mean and standard deviation.", 2, 1000, o => o.Data.Folds, (o, v) => o with { Data = o.Data with { Folds = v } })
            .With(useless: o => o.Data is { Folds: not null, TestEvery: not null } ? "--test-every chooses the test set already; give one of them" : null),
        Setting.Whole("fold", "K", "", 0, int.MaxValue, o => o.Data.Fold, (o, v) => o with { Data = o.Data with { Fold = v } }, ""),
        Setting.Number("train_fraction", "F", "Learn from this share of each task's data only.", 0, 1, o => o.TrainFraction, (o, v) => o with { TrainFraction = v }, exclusive: true),
    ];

    internal const double DefaultValid = 0.1;

    internal static SettingList<MultiTaskOptions> TextSettings { get; } =
    [
        Setting.Choice("tokens", "KIND", $"Tokenization of all tasks: {string.Join(", ", ClassifierOptions.TokenKinds)}. auto: what fits, where it is the same for all tasks.", () => ClassifierOptions.TokenKinds, o => o.Tokens, (o, v) => o with { Tokens = v }),
        Setting.Whole("min_count", "N", "Tokens that occur less often are unknown (word, char).", 1, int.MaxValue, o => o.MinCount, (o, v) => o with { MinCount = v }),
        Setting.Whole("vocabulary", "N", "Vocabulary size: the most tokens to keep (word, char), or to make (bpe).", 2, Unroll.Data.Vocabulary.MaxSize, o => o.Vocabulary, (o, v) => o with { Vocabulary = v }),
        Setting.OptionalPath("embeddings", "FILE", "Initialise the embeddings with these vectors, in the text format of word2vec or GloVe; they set their size.", o => o.Embeddings, (o, v) => o with { Embeddings = v }),
    ];

    internal static SettingList<MultiTaskOptions> ModelSettings { get; } = MultiTaskConfig.Settings.AsOptions.In<MultiTaskOptions>(o => o.Model, (o, v) => o with { Model = v });

    internal static SettingList<MultiTaskOptions> PhaseSettings { get; } =
    [
        Setting.Flag("pretrain_lm", "First train the shared layer as a language model, on the texts of all tasks.", o => o.PretrainLm, (o, v) => o with { PretrainLm = v })
            .With(useless: o => o.PretrainLm && o.Model.Architecture != "shared" ? $"--architecture {o.Model.Architecture} has no shared layer that reads both ways" : null),
        Setting.Whole("pretrain_epochs", "N", "Passes of the language model through all texts.", 1, int.MaxValue, o => o.PretrainEpochs, (o, v) => o with { PretrainEpochs = v })
            .With(useless: o => o.PretrainLm ? null : "there is no --pretrain-lm"),
        Setting.Number("pretrain_rate", "F", "Learning rate of the language model, as a share of --lr.", 0, 100, o => o.PretrainRate, (o, v) => o with { PretrainRate = v }, exclusive: true)
            .With(useless: o => o.PretrainLm ? null : "there is no --pretrain-lm"),
        Setting.OptionalPath("from", "RUN", "Fine-tune the model of a run with the same tasks, instead of a fresh one.", o => o.From, (o, v) => o with { From = v })
            .With(useless: o => o.From is null || o.FineTune ? null : "there is no --fine-tune"),
        Setting.Choice("sampling", "KIND", "How a task is drawn for each step. uniform: all alike; size: by the number of examples.", () => Samplings, o => o.Sampling, (o, v) => o with { Sampling = v })
            .With(useless: o => o.Model.Shares ? null : "--architecture single trains each task by itself"),
        Setting.Texts("task_weights", "NAME=WEIGHT", "Draw a task so many times as often as the sampling says.", o => o.TaskWeights, (o, v) => o with { TaskWeights = v }, "--task-weight")
            .With(useless: o => o.Model.Shares ? null : "--architecture single trains each task by itself"),
        Setting.Flag("fine_tune", "Go on with each task by itself after all have learned together.", o => o.FineTune, (o, v) => o with { FineTune = v })
            .With(useless: o => o.FineTune && !o.Model.Shares ? "--architecture single trains each task by itself" : null),
        Setting.Whole("tune_epochs", "N", $"Passes through a task's data in fine-tuning. {DefaultOf(LeastTuning)}", 1, int.MaxValue, o => o.TuneEpochs, (o, v) => o with { TuneEpochs = v })
            .With(useless: o => o.FineTune ? null : "there is no --fine-tune"),
        Setting.Number("tune_rate", "F", "Learning rate of fine-tuning, as a share of --lr.", 0, 1, o => o.TuneRate, (o, v) => o with { TuneRate = v }, exclusive: true)
            .With(useless: o => o.FineTune ? null : "there is no --fine-tune"),
        Setting.Whole("stop_after", "N", $"A task stops learning in a phase after N passes through its data without a new best; 0: never. {DefaultOf(LeastPatience)}", 0, int.MaxValue, o => o.StopAfter, (o, v) => o with { StopAfter = v }, "--patience"),
        Setting.Share("label_smoothing", "E", "Label smoothing: share of the target spread over all classes.", o => o.LabelSmoothing, (o, v) => o with { LabelSmoothing = v }),
    ];

    /// <summary>Common options that a training in phases has otherwise or has not.</summary>
    static readonly string[] Replaced = ["--iterations", "--epochs", "--patience", "--accumulate"];

    internal static SettingList<MultiTaskOptions> CommonSettings { get; } =
    [
        Setting.Whole("epochs", "N", $"Passes through the data. {DefaultOf(LeastEpochs)}", 1, int.MaxValue, o => o.Epochs, (o, v) => o with { Epochs = v }),
        .. Common<MultiTaskOptions>("", "Default: as many as a task has batches, on average.").Where(s => !Replaced.Contains(s.Option)),
    ];

    const int LeastEpochs = 8, LeastTuning = 3, LeastPatience = 3, EnoughExamples = 8000;

    static string DefaultOf(int least) => $"Default: {least}, and more where tasks have fewer than 8,000 examples on average.";

    /// <summary>With the passes that are asked for, and those that so many examples need where none are.</summary>
    internal MultiTaskOptions WithPasses(int tasks, int examples)
    {
        var factor = Math.Sqrt(Math.Max(1, (double)EnoughExamples * tasks / examples));
        int Passes(int least) => (int)Math.Ceiling(least * factor);
        return this with { Epochs = Epochs ?? Passes(LeastEpochs), TuneEpochs = TuneEpochs ?? Passes(LeastTuning), StopAfter = StopAfter ?? Passes(LeastPatience) };
    }

    /// <summary>What a program can ask for and no training has.</summary>
    internal IEnumerable<string> Conflicts
    {
        get
        {
            if (Iterations is not null) yield return "iterations are given; a training in phases counts passes: epochs, pretrain epochs, tune epochs";
            if (Patience > 0) yield return "patience is of trainings with one phase; expected 0, and stop after";
            if (Accumulate > 1) yield return $"accumulate is {Accumulate}; expected 1";
            if (PretrainLm && Model.Architecture != "shared") yield return $"the architecture {Model.Architecture} has no shared layer that reads both ways, which a language model would train";
            if (FineTune && !Model.Shares) yield return "the architecture single trains each task by itself; there is nothing to fine-tune";
            if (From is not null && !FineTune) yield return "a model to begin from is only fine-tuned; expected fine tune";
            if (From is not null && Data.Folds is not null) yield return "a model to begin from has learned from all folds but one; expected no folds";
        }
    }

    /// <summary>Each phase has an average of its own.</summary>
    internal override TrainerOptions ToTrainerOptions(bool validates) => base.ToTrainerOptions(validates) with { AverageDecay = 0 };

    /// <summary>The tasks with their files.</summary>
    /// <exception cref="FormatException">One is not of the form.</exception>
    internal IReadOnlyList<TaskData> ToData() => TaskData.WithReading([.. Tasks.Select(TaskData.Parse)], Reading);

    /// <summary>λ of each of these tasks.</summary>
    /// <exception cref="FormatException">One is not of the form, or names no task.</exception>
    internal double[] WeightsOf(IReadOnlyList<string> names)
    {
        var weights = names.Select(_ => 1.0).ToArray();
        foreach (var text in TaskWeights)
        {
            var at = text.LastIndexOf('=');
            if (at < 0 || !double.TryParse(text[(at + 1)..], CultureInfo.InvariantCulture, out var weight) || !(weight > 0 && double.IsFinite(weight)))
                throw new FormatException($"--task-weight is '{text}'; expected NAME=WEIGHT, a number above 0.");
            var task = names.ToList().IndexOf(text[..at]);
            if (task < 0) throw new FormatException($"--task-weight {text}: there is no task '{text[..at]}'; tasks are {string.Join(", ", names)}.");
            weights[task] = weight;
        }
        return weights;
    }
}
