using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Unroll.Cli.Reports;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train classify</c>: trains a classifier, a label for a text or a series.</summary>
sealed class TrainClassifyVerb : TrainVerb<ClassifySettings, SequenceClassifier>
{
    static readonly ClassifySettings Fallback = new();

    readonly DataOptions _data = new("What to learn from: texts or series with labels; a folder with a subfolder or file for each label; several files.", ReadingOptions.Examples());
    readonly Option<string> _effort = CommonOptions.Of("--effort", "HOW", "The work a plan may take. quick: of texts a linear model only, in seconds. balanced: the linear model and up to two networks, as held-out parts of the training data say. best: up to eight large networks, many times the work.", Fallback.Effort).OneOf(ClassifySettings.Efforts);
    readonly Option<string> _tokens = CommonOptions.Of("--tokens", "KIND", $"What a token of a text is: {string.Join(", ", ClassifySettings.TokenKinds)}; auto takes char for short words and scripts without spaces or with long words, such as Hangul, else word.", Fallback.Tokens).OneOf(ClassifySettings.TokenKinds);
    readonly Option<int> _minCount = CommonOptions.Of<int>("--min-count", "N", "Tokens that occur less often are unknown (word, char).").Within(1, int.MaxValue);
    readonly Option<int?> _vocabulary = CommonOptions.Of<int?>("--vocabulary", "N", "The most tokens to keep (word, char), or to make (bpe).").Within(2, Unroll.Data.Vocabulary.MaxSize);
    readonly Option<bool> _cased = new("--cased") { Description = "Tell words apart by upper and lower case, and numbers by their digits." };
    readonly Option<int> _maxSteps = CommonOptions.Of("--max-steps", "N", "The most tokens or steps that are read, from the beginning; 0 for all.", Fallback.MaxSteps).Within(0, int.MaxValue);
    readonly Option<string> _encoder = CommonOptions.Of<string>("--encoder", "KIND", "rnn; mlp, without recurrence: the mean of the embeddings, or the whole series at once; hierarchical: words to sentences, sentences to a document.").OneOf(SequenceClassifierConfig.Encoders);
    readonly Option<string> _cell = CommonOptions.Of<string>("--cell", "KIND", $"The kind of cell: {string.Join(", ", CellCatalog.All.Select(k => k.Name))}.").OneOf(CellCatalog.All.Select(k => k.Name));
    readonly Option<int> _embedding = CommonOptions.Of<int>("--embedding", "N", "Size of a token's vector.").Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _hidden = CommonOptions.Of<int>("--hidden", "N", "Size of each layer, of each direction.").Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _layers = CommonOptions.Of<int>("--layers", "N", "Layers.").Within(1, 64);
    readonly Option<bool> _oneWay = new("--one-way") { Description = "Read from the beginning only, not from both ends." };
    readonly Option<string> _pooling = CommonOptions.Of<string>("--pooling", "KIND", $"How all steps become one vector: {string.Join(", ", Layers.Pooling.Kinds)}. With attention, predict shows what the model looked at.").OneOf(Layers.Pooling.Kinds);
    readonly Option<double> _dropout = CommonOptions.Of<double>("--dropout", "P", "Share dropped on links that are not recurrent.").Within(0, 0.999);
    readonly Option<bool> _variational = new("--variational") { Description = "The same dropout mask for all steps of a sequence." };
    readonly Option<double> _recurrentDropout = CommonOptions.Of<double>("--recurrent-dropout", "P", "Share dropped of the state, where it enters the next step.").Within(0, 0.999);
    readonly Option<int> _members = CommonOptions.Of<int>("--members", "N", "Networks that learn side by side and vote: N times the work, fewer mistakes on small data; 0 for the linear model alone.").Within(0, 64);
    readonly Option<int> _ngrams = CommonOptions.Of<int>("--ngrams", "N", "Add a linear model over n-grams of 1 to N tokens to the vote; 0 for none. Not for series.").Within(0, SequenceClassifierConfig.MostNGrams);
    readonly Option<double> _wordDropout = CommonOptions.Of<double>("--word-dropout", "P", "Share of tokens read as unknown while training.").Within(0, 0.999);
    readonly Option<double> _embeddingDropout = CommonOptions.Of<double>("--embedding-dropout", "P", "Share of the vocabulary whose vectors are zero in a batch.").Within(0, 0.999);
    readonly Option<string?> _embeddings = CommonOptions.Of<string?>("--embeddings", "FILE", "Begin with these vectors of words, in the text format of word2vec or GloVe; their size is that of the embedding.").NotEmpty();
    readonly Option<bool> _frozen = new("--frozen") { Description = "Leave the vectors of --embeddings as they are." };
    readonly Option<double> _labelSmoothing = CommonOptions.Of<double>("--label-smoothing", "E", "Share of the target that is spread over all classes.").Within(0, 0.999);
    readonly Option<double> _classWeights = CommonOptions.Of<double>("--class-weights", "P", "How much rare classes count for more: 0 not at all, 1 until all classes count alike.").Within(0, 1);

    protected override string Name => "classify";

    protected override string Description => "Train a classifier: it reads a text or a series and gives it a label.";

    protected override string[] Examples { get; } =
    [
        "unroll train classify --data reviews.csv",
        "unroll train classify --data SMSSpamCollection --test-every 5 --out runs/spam",
        "unroll train classify --data SMSSpamCollection --test-every 5 --effort quick",
        "unroll train classify --data ratings_train.txt --test ratings_test.txt --text document --label label --tokens char",
        "unroll train classify --data names/*.txt --test-every 10 --class-weights 0.5",
        "unroll train classify --data train.tsv --test test.tsv --pooling attention --embeddings glove.6B.100d.txt",
        "unroll train classify --data subj.all --encoding latin-1 --folds 10",
        "unroll train classify --data train-images-idx3-ubyte.gz --test t10k-images-idx3-ubyte.gz",
        "unroll train classify --data recordings --test-match \"_[0-4]\\.wav\"",
        "unroll train classify --data series_TRAIN.ts --test series_TEST.ts --encoder mlp",
        "unroll train classify --resume runs/spam",
    ];

    protected override JsonTypeInfo<ClassifySettings> Json => SettingsJson.Default.ClassifySettings;

    protected override IReadOnlyList<OptionGroup> OwnOptions =>
    [
        new("Data", _data.All),
        new("Plan: what fits the data, where the options below do not say it", [_effort]),
        new("Text, where not given as fits the data", [_tokens, _minCount, _vocabulary, _cased, _embeddings, _frozen, _wordDropout, _embeddingDropout]),
        new("Model, where not given as fits the data", [_encoder, _cell, _embedding, _hidden, _layers, _oneWay, _pooling, _maxSteps, _dropout, _variational, _recurrentDropout, _members, _ngrams]),
        new("Loss", [_labelSmoothing, _classWeights]),
    ];

    protected override TrainingOptions Shared { get; } = new("classify", Fallback, "Default: as --epochs says.", "Default: one epoch.", planned: true);

    protected override ClassifySettings Read(ParseResult parsed)
    {
        var (encoder, tokens) = (parsed.GetValue(_encoder), parsed.GetValue(_tokens));
        CommonOptions.Check(
        [
            .. _data.Problems(parsed),
            .. parsed.Refuse(_cell, encoder == "mlp", "--encoder mlp has none"),
            .. parsed.Refuse(_oneWay, encoder == "mlp", "--encoder mlp has no directions"),
            .. parsed.Refuse(_pooling, encoder == "mlp", "--encoder mlp takes the mean"),
            .. parsed.Refuse(_variational, parsed.Given(_dropout) && parsed.GetValue(_dropout) == 0, "--dropout is 0"),
            .. parsed.Refuse(_recurrentDropout, encoder == "mlp", "--encoder mlp has no state"),
            .. parsed.Refuse(_frozen, !parsed.Given(_embeddings), "there are no --embeddings"),
            .. parsed.Refuse(_embedding, parsed.Given(_embeddings), "the vectors of --embeddings have a size"),
            .. parsed.Refuse(_cased, tokens is not ("word" or "auto"), "only words are told apart without it"),
            .. parsed.Refuse(_members, parsed.Given(_members) && parsed.GetValue(_members) == 0 && (encoder == "mlp" || parsed.Given(_ngrams) && parsed.GetValue(_ngrams) == 0), "without networks and n-grams there is no model"),
            .. parsed.Refuse(_minCount, tokens == "byte", "there are always 256 bytes"),
            .. parsed.Refuse(_vocabulary, tokens == "byte", "there are always 256 bytes"),
            .. Shared.Contradictions(parsed, _data.Validates(parsed)),
        ]);
        return _data.Fill(parsed, Shared.Fill(parsed, new ClassifySettings
        {
            Given = [.. OwnOptions.SelectMany(g => g.Options).Concat(Shared.Training).Where(parsed.Given).Select(o => o.Name)],
            Effort = parsed.GetValue(_effort)!,
            Tokens = tokens!,
            MinCount = parsed.GetValue(_minCount),
            Vocabulary = parsed.GetValue(_vocabulary),
            Cased = parsed.GetValue(_cased),
            Encoder = encoder ?? Fallback.Encoder,
            Cell = parsed.GetValue(_cell) ?? Fallback.Cell,
            Embedding = parsed.GetValue(_embedding),
            Hidden = parsed.GetValue(_hidden),
            Layers = parsed.GetValue(_layers),
            OneWay = parsed.GetValue(_oneWay),
            Pooling = parsed.GetValue(_pooling) ?? Fallback.Pooling,
            MaxSteps = parsed.GetValue(_maxSteps),
            Dropout = parsed.GetValue(_dropout),
            Variational = parsed.GetValue(_variational),
            RecurrentDropout = parsed.GetValue(_recurrentDropout),
            Members = parsed.GetValue(_members),
            NGrams = parsed.GetValue(_ngrams),
            WordDropout = parsed.GetValue(_wordDropout),
            EmbeddingDropout = parsed.GetValue(_embeddingDropout),
            Embeddings = parsed.GetValue(_embeddings) is { } vectors ? Path.GetFullPath(vectors) : null,
            Frozen = parsed.GetValue(_frozen),
            LabelSmoothing = parsed.GetValue(_labelSmoothing),
            ClassWeights = parsed.GetValue(_classWeights),
        }));
    }

    protected override TrainingJob Prepare(ClassifySettings settings, SequenceClassifier? model)
    {
        var reports = new DataReports(settings);
        var data = settings.Part(paths => settings.Reading.ReadExamples(paths, report: reports.For(paths)), e => e.Source);
        CheckClasses([.. data.Train, .. data.Valid, .. data.Test]);
        var told = reports.Tell();
        if (model is null)
        {
            ClassifierPlan plan;
            using (var progress = new ProgressLine("planning")) plan = settings.PlanFor(data.Train, progress);
            settings = settings.Planned(plan, data.Train.Count);
            model = Build(settings, plan, data.Train);
            settings.Reading.NoteIn(model, told);
            model.Notes[PlanText.NoteKey] = PlanText.ToJson(plan);
        }
        model.Prepare(data.Test);                    // what cannot be tested on shows now, not when the training has ended
        return new ClassifyJob(settings, model, data);
    }

    /// <summary>Refuses data in which nearly every example has a label of its own: what was taken for labels is none, and nothing can be learned of it.</summary>
    static void CheckClasses(IReadOnlyList<Example> examples)
    {
        const int Few = 20;
        var labels = examples.SelectMany(e => e.Labels).Distinct(StringComparer.Ordinal).ToArray();
        if (examples.Count >= Few && labels.Length > examples.Count / 2 && examples.All(e => e.Labels.Count <= 1))
            throw new UnrollException($"{labels.Length:N0} different labels for {examples.Count:N0} examples, such as '{labels[0]}' and '{labels[1]}': nearly every example is a class of its own. Name the column of the labels with --label, or the format with --format.");
    }

    static SequenceClassifier Build(ClassifySettings settings, ClassifierPlan plan, IReadOnlyList<Example> train)
    {
        var (config, rng) = (plan.Config, new Rng(settings.Seed));
        if (config.Features > 0)
        {
            var scales = FeatureScales.Measure(train.Where(e => e.Series is not null).Select(e => e.Series!));
            // Without recurrence all series are brought to one length.
            return new(config.Encoder == "mlp" && config.MaxSteps == 0 ? config with { MaxSteps = Math.Max(1, train.Max(e => e.Series?.Steps ?? 0)) } : config, null, scales, rng);
        }
        var tokenizer = TextTokens.Build(settings, [.. train.Select(e => new TextDocument(e.Source, e.Text ?? ""))]);
        if (settings.Embeddings is null) return new(config, tokenizer, null, rng);
        var vectors = WordVectors.Read(settings.Embeddings, Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Symbol).ToHashSet());
        var model = new SequenceClassifier(config with { EmbeddingSize = vectors.Dimensions }, tokenizer, null, rng);
        if (model.UseVectors(vectors, rng.Fork("vectors")) == 0)
            throw new UnrollException($"{settings.Embeddings} has none of the {tokenizer.VocabularySize:N0} tokens of the data, such as '{tokenizer.Symbol(tokenizer.VocabularySize / 2)}'. Are its words of the same language and case?");
        return model;
    }

    sealed class ClassifyJob(ClassifySettings settings, SequenceClassifier model, Held<Example> data) : TrainingJob
    {
        public override TrainingSettings Settings => settings;

        public override SequenceModel Model => model;

        public override TrainingTask Task { get; } = new SequenceClassifierTask(
            model, data.Train, data.Valid, settings.ToTaskOptions(), new Rng(settings.Seed).Fork("order"));

        public override string Description => ModelText.Of(model);

        public override string? Parts => data.ToString();

        public override string Batch => $"{settings.Batch} × examples of {data.Train.Count:N0}";

        public override string Unit => model.Tokenizer is null ? "steps" : "tokens";

        public override string? HeldOut => data.Test.Count > 0 ? "test" : data.Valid.Count > 0 ? "validation" : null;

        public override ScoreReport Measure(SequenceModel best, IProgress<double> progress) => new ClassificationReport(
            SequenceClassifierTask.Evaluate((SequenceClassifier)best, data.Test.Count > 0 ? data.Test : data.Valid, progress: progress));

        public override string ShowLoss(double loss) => $"{loss:F4} nats per example";

        public override string Next(RunFolder run) => model.Tokenizer is null ? $"unroll predict {run.Path} FILE" : $"unroll predict {run.Path} --text \"…\"";
    }
}
