using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Tagging: a sentence in, a tag for every word out.</summary>
internal sealed class TaggingDefinition : TaskDefinition<TaggerOptions, SequenceTagger, TaggedSentence>
{
    // What a small set needs to be learned, and a large one can do with.
    const int SentencesSeen = 120_000, LeastEpochs = 5, MostEpochs = 60;

    public static TaggingDefinition Instance { get; } = new();

    public override string Name => "tag";

    public override string Description => "Train a tagger: it reads a sentence and gives every word a tag, such as its part of speech or whether it belongs to a name.";

    public override string ModelName => SequenceTaggerConfig.ModelName;

    public override string ModelText => "a sequence tagger";

    public override string EvaluationText => "a tagger tags";

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train tag --data en_ewt-ud-train.conllu --valid en_ewt-ud-dev.conllu --test en_ewt-ud-test.conllu --out runs/pos",
        "unroll train tag --data train.conll --test test.conll --scheme bioes",
        "unroll train tag --data train.conllu --tag xpos --test-fraction 0.1",
        "unroll train tag --resume runs/pos",
    ];

    protected override IReadOnlyList<(string Title, SettingList<TaggerOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            .. DataOptions.Given("Sentences with a tag for every word: CoNLL-U, or columns with blank lines between sentences.", ReadingOptions.OfSentences).In<TaggerOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. DataOptions.LabelledInFiles.In<TaggerOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<TaggerOptions>(),
            .. TaggerOptions.TextSettings,
        ]),
        ("Model", TaggerOptions.ModelSettings),
        ("Training", TrainingOptions.Common<TaggerOptions>("Default: see --epochs, which by default is more the less data there is.", "Default: one epoch.")),
    ];

    protected override SequenceTagger Read(ModelDescription file) => SequenceTagger.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(TaggerOptions options) => options.Data.Problems("--data is missing: name the file or folder to learn from.");

    protected override IEnumerable<string> ConfigProblems(TaggerOptions options) => options.ToConfig(TagScheme.None).Problems;

    protected override DataSplit<TaggedSentence> Read(TaggerOptions options, IDataFiles files, DataReports reports) =>
        options.Data.Split(paths => files.ReadSentences(paths, options.Data.Reading, report: reports.For(paths)), s => s.Source, options.Seed);

    protected override ReadingOptions ReadingOf(TaggerOptions options, DataReports reports)
    {
        var columns = reports.Data.Facts.FirstOrDefault(f => f.Name == "columns").Value;
        return options.Data.Reading with { Columns = int.TryParse(columns, CultureInfo.InvariantCulture, out var count) ? count : null };
    }

    protected override (TaggerOptions Options, SequenceTagger Model) CreateModel(TaggerOptions options, DataSplit<TaggedSentence> data, TaskObserver observer)
    {
        if (options.Iterations is null) options = options with { Epochs = options.Epochs ?? Math.Clamp(SentencesSeen / Math.Max(1, data.Train.Count), LeastEpochs, MostEpochs) };
        var vocabulary = SentenceVocabulary.Build(data.Train, options.MinCount, !options.Cased, options.ToScheme());
        return (options, new(options.ToConfig(vocabulary.Scheme), vocabulary, new Rng(options.Seed)));
    }

    protected override TrainingJob CreateJob(TaggerOptions options, SequenceTagger model, DataSplit<TaggedSentence> data) => new Job(options, model, data);

    protected override Func<Evaluation> PrepareEvaluation(SequenceTagger model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var sentences = files.ReadSentences(options.Files, options.Reading);
        return () =>
        {
            var score = TaggingScore.Measure(model, sentences, options.Batch ?? 64, new ProgressTo<double>(share => observer.OnEvaluating("sentences", share)));
            return new(new TaggingReport(score), "tokens", score.Words);
        };
    }

    protected override ModelFacts Describe(SequenceTagger model)
    {
        var v = model.Vocabulary;
        return new(
            new()
            {
                ["vocabulary"] = v.Words.Size, ["letters"] = v.Letters.Size,
                ["tags"] = new JsonArray([.. v.Tags.Symbols.Select(t => JsonValue.Create(t))]), ["scheme"] = v.Scheme.ToString().ToLowerInvariant(),
            },
            [("model", InWords(model)), ("words", $"{v.Words.Size:N0}, {v.Letters.Size:N0} letters"), ("tags", TextOf.Names(v.Tags.Symbols))]);
    }

    static string InWords(SequenceTagger model)
    {
        var (c, v) = (model.Config, model.Vocabulary);
        var tags = v.Scheme == TagScheme.None ? $"{v.Tags.Size:N0} tags" : $"{v.Tags.Size:N0} {v.Scheme.ToString().ToLowerInvariant()} tags";
        return $"{c.Layers} × {c.Cell} of {c.HiddenSize}{(c.Bidirectional ? ", bidirectional" : "")}, {(c.Crf ? "crf" : "softmax")}, {v.Words.Size:N0} words, {tags}";
    }

    internal override Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files) => InspectedModels.Read((SequenceTagger)model, input, DataNotes.ReadingOf(model), files);

    protected override Predictor CreatePredictor(SequenceTagger model, PredictionOptions options, IDataFiles files, TaskObserver observer)
    {
        if (options.Explain is not null || options.Class is not null) throw new OptionException("--explain and --class cannot be given: a tagger gives every word its tag.");
        return new TagPredictor(model, options.Reading, options.Best ?? 1, files, observer);
    }

    sealed class Job(TaggerOptions options, SequenceTagger model, DataSplit<TaggedSentence> data) : TrainingJob<TaggerOptions, SequenceTagger>(options, model)
    {
        public override TrainingTask Task { get; } = new SequenceTaggerTask(model, data.Train, data.Valid, options.Batch, new Rng(options.Seed).Fork("order"));

        public override string Description => InWords(Model);

        public override string? Parts => data.ToString();

        public override string Batch => $"{Options.Batch} × sentences of {data.Train.Count:N0}";

        public override string Unit => "words";

        public override string LossUnit => "nats per word";

        public override string? HeldOut => data.HeldOutName;

        protected override EvaluationReport Evaluate(SequenceTagger best, IProgress<double> progress) => new TaggingReport(TaggingScore.Measure(best, data.HeldOut, progress: progress));

        public override string NextCommand(string run) => $"unroll predict {run} --text \"…\"";
    }
}
