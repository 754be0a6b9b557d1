using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Language models: a text in, the next token out.</summary>
internal sealed class LanguageModelDefinition : TaskDefinition<LanguageModelOptions, LanguageModel, TextDocument>
{
    /// <summary>Without data of one's own: long enough for readable samples, short enough to watch.</summary>
    const long DemoIterations = 700, DefaultIterations = 2000, DefaultEvery = 500;

    public static LanguageModelDefinition Instance { get; } = new();

    public override string Name => "lm";

    public override string Description => "Train a language model: it reads a text and learns to predict the next token.";

    public override string ModelName => LanguageModelConfig.ModelName;

    public override string ModelText => "a language model";

    public override string EvaluationText => "a language model predicts a text";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train lm",
        "unroll train lm --data input.txt --iterations 2000 --out runs/shakespeare",
        "unroll train lm --data train.txt --valid valid.txt --tokens word --min-count 3 --epochs 10 --out runs/words",
        "unroll train lm --resume runs/shakespeare",
    ];

    protected override IReadOnlyList<(string Title, SettingList<LanguageModelOptions> Settings)> Settings { get; } =
    [
        ("Data", LanguageModelOptions.DataSettings),
        ("Model", LanguageModelOptions.ModelSettings),
        ("Training", TrainingOptions.Common<LanguageModelOptions>($"Default {DefaultIterations:N0} ({DemoIterations} without --data).", $"Default {DefaultEvery}, with --epochs one epoch.")),
    ];

    protected override LanguageModel Read(ModelDescription file) => LanguageModel.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(LanguageModelOptions options) => options.Data.ValidFraction is { } share and not (>= 0 and < 1)
        ? [FormattableString.Invariant($"--valid is {share}; expected a share from 0 to below 1, or a file.")] : [];

    protected override IEnumerable<string> ConfigProblems(LanguageModelOptions options) => options.Model.Problems.Concat(Tokenizer.OptionProblems(options.Tokens, options.MinCount, options.Vocabulary));

    protected override LanguageModelOptions Complete(LanguageModelOptions options) => WithLength(options, options.Data.Files.Count == 0);

    /// <summary>The options with the usual length, where none is given.</summary>
    internal static LanguageModelOptions WithLength(LanguageModelOptions options, bool demo) => options.Epochs is not null ? options : options with
    {
        Iterations = options.Iterations ?? (demo ? DemoIterations : DefaultIterations),
        ValidateEvery = options.ValidateEvery ?? DefaultEvery,
    };

    protected override DataSplit<TextDocument> Read(LanguageModelOptions options, IDataFiles files, DataReports reports)
    {
        // The smaller text first, so that a mistake in its name shows at once.
        IReadOnlyList<TextDocument> valid = options.Data.ValidFile is { } file ? TextFile.ReadDocuments(file) : [];
        var report = reports.For(options.Data.Files);
        report.Add("format", "text");
        report.Add("encoding", "utf-8");
        var named = options.Data.Files.Count > 0;
        IReadOnlyList<TextDocument> train = named ? [.. options.Data.Files.SelectMany(f => TextFile.ReadDocuments(f, report))] : files.ReadSampleText();
        report.Count("characters", train.Sum(t => (long)t.Text.Length));
        return new(train, valid, []) { Source = named ? null : train[0].Source };
    }

    /// <summary>A text is held out at its end, when it is in tokens.</summary>
    protected override DataSplit<TextDocument> Hold(LanguageModelOptions options, IReadOnlyList<TextDocument> train, IReadOnlyList<TextDocument>? valid) => new(train, valid ?? [], []);

    protected override (LanguageModelOptions Options, LanguageModel Model) CreateModel(LanguageModelOptions options, DataSplit<TextDocument> data, TaskObserver observer) =>
        (options, new(options.Model, Tokenizer.Build(options.Tokens, data.Train, options.MinCount, options.Vocabulary), new Rng(options.Seed)));

    protected override TrainingJob CreateJob(LanguageModelOptions options, LanguageModel model, DataSplit<TextDocument> data)
    {
        var train = TokenStream.Encode(model.Tokenizer, data.Train);
        TokenStream? valid = null;
        if (data.Valid.Count > 0) valid = TokenStream.Encode(model.Tokenizer, data.Valid);
        else if (options.Data.ValidFraction is > 0 and var share) (train, valid) = train.Split(share);
        return new Job(options, model, new(model, train, valid, new() { Batch = options.Batch, Steps = options.Steps, Lines = options.Lines }, new Rng(options.Seed).Fork("order")));
    }

    protected override Func<Evaluation> PrepareEvaluation(LanguageModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        if (options.Reading != new ReadingOptions()) throw new OptionException("A language model reads plain text in UTF-8; how else to read it cannot be given.");
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var stream = TokenStream.Encode(model.Tokenizer, [.. options.Files.SelectMany(TextFile.ReadDocuments)]);
        return () =>
        {
            var score = model.Measure(stream, options.Batch ?? 1, progress: new ProgressTo<double>(share => observer.OnEvaluating("text", share)));
            return new(new LanguageModelReport(score), "tokens", score.Tokens);
        };
    }

    protected override ModelFacts Describe(LanguageModel model)
    {
        var (stepwise, batched) = ModelSpeed.Of(model);
        var state = model.ZeroState(1);
        var stateBytes = Enumerable.Range(0, state.Count).Sum(i => state[i].Count) * sizeof(Real);
        var c = model.Config;
        return new(
            new()
            {
                ["tokens"] = model.Tokenizer.Kind, ["vocabulary"] = model.Tokenizer.VocabularySize, ["state_bytes"] = stateBytes,
                ["generate_tokens_per_s"] = stepwise, ["read_tokens_per_s"] = batched,
            },
            [
                ("model", $"{c.Layers} × {c.Cell} of {c.HiddenSize}, embedding {(c.EmbeddingSize == 0 ? "one-hot" : c.EmbeddingSize)}{(c.TiedWeights ? ", tied" : "")}{(c.Dropout > 0 ? $", dropout {c.Dropout}" : "")}{(c.RecurrentDropout > 0 ? $", recurrent dropout {c.RecurrentDropout}" : "")}"),
                ("tokens", $"{model.Tokenizer.Kind}, {model.Tokenizer.VocabularySize:N0} symbols"),
                ("state", $"{TextOf.Bytes(stateBytes)} a stream"),
                ("speed here", $"generates {stepwise:N0} tokens/s, one stream; reads {batched:N0} tokens/s in batches"),
            ]);
    }

    internal override Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files) => InspectedModels.Read((LanguageModel)model, input);

    protected override Predictor CreatePredictor(LanguageModel model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        throw new DataMismatchException("This is a language model, which predicts what comes next: use unroll generate, or unroll eval for its loss.");

    sealed class Job(LanguageModelOptions options, LanguageModel model, LanguageModelTask task) : TrainingJob<LanguageModelOptions, LanguageModel>(options, model)
    {
        public override TrainingTask Task => task;

        public override string Description => $"{Model.Config.Layers} × {Model.Config.Cell} of {Model.Config.HiddenSize}, {Model.Tokenizer.VocabularySize:N0} {Model.Tokenizer.Kind} tokens";

        public override string Batch => $"{Options.Batch} × {(Options.Lines ? "lines" : $"{Options.Steps}")}";

        protected override IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(LanguageModel best) =>
            Enumerable.Range(1, 3).Select(i => (IReadOnlyList<(string, string)>)[($"sample {i}", Sample(best, (ulong)i))]);

        public override string NextCommand(string run) => $"unroll generate {run} --length 1000";

        static string Sample(LanguageModel model, ulong seed)
        {
            var session = new LanguageModelSession(model);
            var sampler = new Sampler(new() { Temperature = 0.7 }, new Rng(seed));
            session.Read(model.Tokenizer.EndOfLineId ?? 0);
            var ids = new int[model.Tokenizer.Kind == "word" ? 60 : 240];
            for (var i = 0; i < ids.Length; i++) session.Read(ids[i] = sampler.Next(session.Logits));
            return model.Tokenizer.Decode(ids).Trim('\n');
        }
    }
}
