using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Translation: a text in, another out; also answers, other forms, spellings.</summary>
internal sealed class TranslationDefinition : TaskDefinition<TranslatorOptions, Seq2Seq, TextPair>
{
    public static TranslationDefinition Instance { get; } = new();

    public override string Name => "translate";

    public override string Description => "Train a sequence-to-sequence model: it reads a text and writes another, such as a translation, an answer, or another form.";

    public override string ModelName => Seq2SeqConfig.ModelName;

    public override string ModelText => "a sequence-to-sequence model";

    public override string EvaluationText => "a translator translates";

    internal override IReadOnlyList<string> EvaluationOptions { get; } = ["--source", "--target", "--beam", "--length-penalty"];

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train translate --data dates.tsv --test-every 10",
        "unroll train translate --source train.de.gz --target train.en.gz --valid-source val.de.gz --valid-target val.en.gz --lower --out runs/de-en",
        "unroll train translate --data fra.txt.gz --max-words 10 --test-every 50 --test-beam 5",
        "unroll train translate --data fra.txt.gz --source-column 2 --target-column 1",
        "unroll train translate --data ChatbotData.csv --tokens char --attention additive --out runs/chat",
        "unroll train translate --data pairs.jsonl --teacher-schedule linear --teacher-rate 0.0001 --teacher-least 0.5",
        "unroll train translate --resume runs/de-en",
    ];

    protected override IReadOnlyList<(string Title, SettingList<TranslatorOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            .. DataOptions.Given("Pairs of texts: a table with tabs or commas, or JSON lines.", ReadingOptions.OfPairs).In<TranslatorOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. PairedFiles.Texts.In<TranslatorOptions>(o => o.Data.Paired, (o, v) => o with { Data = o.Data with { Paired = v } }),
            .. DataOptions.LabelledInFiles.In<TranslatorOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<TranslatorOptions>(),
            .. TranslatorOptions.FilterSettings,
        ]),
        ("Text (default: fits the data)", TranslatorOptions.OwnTextSettings),
        ("Model (default: fits the data)", TranslatorOptions.ModelSettings),
        ("Loss", GenerationOptions.LossSettings<TranslatorOptions>()),
        ("Training", TrainingOptions.Common<TranslatorOptions>("Default: see --epochs.", "Default: one epoch.", tokens: true).Fitted),
    ];

    protected override Seq2Seq Read(ModelDescription file) => Seq2Seq.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(TranslatorOptions options) =>
    [
        .. options.Data.Problems("--data is missing: name the file of pairs to learn from, or two files with --source and --target."),
        .. options.LossProblems,
        .. options.VariationalProblems(options.Model.Dropout),
        .. options.Model.SharedEmbedding && !options.Joint ? ["--shared-embedding cannot be given: both sides share their vectors only where they have the same tokens; add --joint."] : Array.Empty<string>(),
    ];

    protected override IEnumerable<string> ConfigProblems(TranslatorOptions options) => options.Model.Problems;

    protected override double UsualShare(int count) => GenerationOptions.UsualShareOf(count);

    protected override DataSplit<TextPair> Read(TranslatorOptions options, IDataFiles files, DataReports reports)
    {
        var filtered = 0;
        return options.Data.Split(ReadPairs, p => p.Place, options.Seed, UsualShare) with { LeftOut = filtered };

        IReadOnlyList<TextPair> ReadPairs(IReadOnlyList<string> paths)
        {
            var report = reports.For(paths);
            var pairs = files.ReadPairs(paths, options.Data.Targets, options.Data.Reading, report);
            if (paths == options.Data.Test) return pairs;
            var kept = options.ToFilter().Apply(pairs);
            filtered += pairs.Count - kept.Count;
            report.LeaveOut("pairs with an empty or too long text", pairs.Count - kept.Count);
            return kept;
        }
    }

    protected override (TranslatorOptions Options, Seq2Seq Model) CreateModel(TranslatorOptions options, DataSplit<TextPair> data, TaskObserver observer)
    {
        var plan = options.PlannedFor(data.Train);
        options = Settled(plan, options) with { Tokens = plan.Tokens, SourceTokens = plan.SourceTokens };
        var (source, target) = options.BuildSymbols(data.Train);
        return (options, new(options.Model, source, target, new Rng(options.Seed)));
    }

    protected override TrainingJob CreateJob(TranslatorOptions options, Seq2Seq model, DataSplit<TextPair> data)
    {
        foreach (var pair in data.Test) model.Source.Encode(pair.Source, pair.Place);
        return new Job(options, model, data);
    }

    protected override Func<Evaluation> PrepareEvaluation(Seq2Seq model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        observer.OnPhase(WorkPhase.Reading, options.Files);
        var texts = files.ReadPairs(options.Files, options.Targets, options.Reading);
        var decoding = options.Decoding with { Batch = options.Batch ?? options.Decoding.Batch };
        return () => new(new GenerationReport(GenerationScore.Of(model, texts, decoding, new ProgressTo<double>(share => observer.OnEvaluating("pairs", share)))), "pairs", texts.Count);
    }

    protected override ModelFacts Describe(Seq2Seq model) => new(
        new() { ["source"] = TextOf.SymbolsJson(model.Source), ["target"] = TextOf.SymbolsJson(model.Target) },
        [
            ("model", InWords(model)),
            ("attention", TextOf.Attention(model.Config)),
            ("source", TextOf.Symbols(model.Source)),
            ("target", TextOf.Symbols(model.Target)),
            ("weights", $"{(model.Config.SharedEmbedding ? "one embedding for both sides; " : "")}{TextOf.Weights(model.Config)}"),
        ]);

    static string InWords(Seq2Seq model)
    {
        var c = model.Config;
        return $"encoder {c.Layers} × {c.Cell} of {c.EncoderHidden}{(c.Bidirectional ? ", bidirectional" : "")}; decoder {TextOf.Decoder(c)}; {TextOf.Tokens(model.Source)} in, {TextOf.Tokens(model.Target)} out";
    }

    internal override Inspected Inspect(SequenceModel model, InspectionInput input, IDataFiles files) => InspectedModels.Read((Seq2Seq)model, input);

    protected override Predictor CreatePredictor(Seq2Seq model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        throw new DataMismatchException($"This model writes texts ({model.Kind}): use unroll translate, or unroll eval for its scores.");

    sealed class Job : TrainingJob<TranslatorOptions, Seq2Seq>
    {
        const int SamplesShown = 3;

        readonly DataSplit<TextPair> _data;
        readonly Seq2SeqTask _task;

        public Job(TranslatorOptions options, Seq2Seq model, DataSplit<TextPair> data) : base(options, model)
        {
            _data = data;
            _task = new(model, data.Train, data.Valid, options.ToTask(), new Rng(options.Seed).Fork("order"));
        }

        public override TrainingTask Task => _task;

        public override string Description => InWords(Model);

        public override string Batch => $"{Options.Batch:N0} tokens of {_data.Train.Count - _task.Skipped.Train:N0} pairs";

        public override string? Parts
        {
            get
            {
                var left = _data.LeftOut + _task.Skipped.Train + _task.Skipped.Validation;
                return $"{_data.Train.Count - _task.Skipped.Train:N0} pairs to learn from, {_data.Valid.Count - _task.Skipped.Validation:N0} to validate on, {_data.Test.Count:N0} to test on"
                    + (left > 0 ? $"; {left:N0} left out, being empty or too long" : "");
            }
        }

        public override string? HeldOut => _data.HeldOutName;

        protected override EvaluationReport Evaluate(Seq2Seq best, IProgress<double> progress)
        {
            var greedy = GenerationScore.Of(best, _data.HeldOut, progress: progress);
            return new GenerationReport(greedy, Options.TestBeam is { } beam ? (beam, GenerationScore.Of(best, _data.HeldOut, DecodingOptions.OfBeam(beam), progress)) : null);
        }

        protected override IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(Seq2Seq best)
        {
            TextPair[] some = [.. (HeldOut is null ? _data.Train : _data.HeldOut).Take(SamplesShown)];
            var found = new Translator([best], new()).Translate([.. some.Select(p => p.Source)]);
            return some.Zip(found).Select(s => (IReadOnlyList<(string, string)>)[("source", s.First.Source), ("target", s.First.Target), ("output", s.Second[0].Text)]);
        }

        public override string NextCommand(string run) => $"unroll translate {run} --text \"…\"";
    }
}
