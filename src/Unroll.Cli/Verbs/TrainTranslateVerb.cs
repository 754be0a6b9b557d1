using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Unroll.Cli.Reports;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train translate</c>: trains a model that reads a text and writes another.</summary>
sealed class TrainTranslateVerb : TrainVerb<TranslateSettings, Seq2Seq>
{
    static readonly TranslateSettings Fallback = new();

    readonly AlignedOptions _aligned = new();
    readonly DataOptions _data;
    readonly WritingOptions _writing = new(Fallback);
    readonly Option<int?> _maxWords = CommonOptions.Of<int?>("--max-words", "N", "Learn from pairs with no text of more words only; named tests are taken as they are.").Within(1, int.MaxValue);
    readonly Option<double?> _maxRatio = CommonOptions.Of<double?>("--max-ratio", "R", "Learn from pairs only of which neither text has more than R times the other's words.").Within(1, 1e6);
    readonly Option<bool> _joint = new("--joint") { Description = "Both sides have the same tokens, made from both." };
    readonly Option<string?> _sourceTokens = CommonOptions.Of<string?>("--source-tokens", "KIND", "As --tokens, of what is read. Default: as of what is written.").OneOf(WritingSettings.TokenKinds);
    readonly Option<int?> _sourceVocabulary = CommonOptions.Of<int?>("--source-vocabulary", "N", "As --vocabulary, of what is read. Default: as of what is written.").Within(2, Vocabulary.MaxSize);
    readonly Option<bool> _oneWay = new("--one-way") { Description = "Read from the beginning only, not from both ends." };
    readonly Option<int> _encoderSize = CommonOptions.Of("--encoder-size", "N", "Size of each layer and direction that reads; 0 for what gives as much as the writer has.", 0).Within(0, DecoderConfig.MaxSize);
    readonly Option<bool> _sharedEmbedding = new("--shared-embedding") { Description = "Both sides share their vectors; needs --joint." };

    public TrainTranslateVerb() => _data = new("Pairs of texts to learn from: a table with tabs or commas, or JSON lines.", ReadingOptions.Pairs(), _aligned);

    protected override string Name => "translate";

    protected override string Description => "Train a model that reads a text and writes another: a translation, an answer, another form.";

    protected override string[] Examples { get; } =
    [
        "unroll train translate --data dates.tsv --test-every 10",
        "unroll train translate --source train.de.gz --target train.en.gz --valid-source val.de.gz --valid-target val.en.gz --lower --out runs/de-en",
        "unroll train translate --data fra.txt.gz --max-words 10 --test-every 50 --test-beam 5",
        "unroll train translate --data fra.txt.gz --source-column 2 --target-column 1",
        "unroll train translate --data ChatbotData.csv --tokens char --attention additive --out runs/chat",
        "unroll train translate --data pairs.jsonl --teacher-schedule linear --teacher-rate 0.0001 --teacher-least 0.5",
        "unroll train translate --resume runs/de-en",
    ];

    protected override JsonTypeInfo<TranslateSettings> Json => SettingsJson.Default.TranslateSettings;

    protected override IReadOnlyList<OptionGroup> OwnOptions =>
    [
        new("Data", [.. _data.All, _maxWords, _maxRatio, _writing.TestBeam]),
        new("Text, where not given as fits the data", [.. _writing.Text, _joint, _sourceTokens, _sourceVocabulary]),
        new("Model, where not given as fits the data", [.. _writing.Model, _oneWay, _encoderSize, _sharedEmbedding]),
        new("Loss", _writing.Loss),
    ];

    protected override TrainingOptions Shared { get; } = new("translate", Fallback, "Default: as --epochs says.", "Default: one epoch.", planned: true, tokens: true);

    protected override TranslateSettings Read(ParseResult parsed)
    {
        var sourceTokens = parsed.GetValue(_sourceTokens);
        CommonOptions.Check(
        [
            .. _data.Problems(parsed),
            .. _writing.Contradictions(parsed),
            .. parsed.Refuse(_sourceTokens, parsed.GetValue(_joint), "with --joint both sides have the same tokens"),
            .. parsed.Refuse(_sourceVocabulary, parsed.GetValue(_joint), "with --joint both sides have the same tokens"),
            .. parsed.Refuse(_sourceVocabulary, sourceTokens == "byte", "there are always 256 bytes"),
            .. parsed.Refuse(_sharedEmbedding, !parsed.GetValue(_joint), "both sides share their vectors only where they have the same tokens; add --joint"),
            .. Shared.Contradictions(parsed, _data.Validates(parsed)),
        ]);
        var settings = _data.Fill(parsed, Shared.Fill(parsed, _writing.Fill(parsed, new TranslateSettings
        {
            Given = [.. OwnOptions.SelectMany(g => g.Options).Concat(Shared.Training).Where(parsed.Given).Select(o => o.Name)],
            Targets = _aligned.Targets(parsed),
            MaxWords = parsed.GetValue(_maxWords) ?? int.MaxValue,
            MaxRatio = parsed.GetValue(_maxRatio),
            Joint = parsed.GetValue(_joint),
            SourceTokens = sourceTokens,
            SourceVocabulary = parsed.GetValue(_sourceVocabulary),
            OneWay = parsed.GetValue(_oneWay),
            EncoderSize = parsed.GetValue(_encoderSize),
            SharedEmbedding = parsed.GetValue(_sharedEmbedding),
        })));
        CommonOptions.Check(settings.ToConfig().Problems);
        return settings;
    }

    protected override TrainingJob Prepare(TranslateSettings settings, Seq2Seq? model)
    {
        var filtered = 0;
        var reports = new DataReports(settings);
        var data = settings.Part(ReadPairs, p => p.Place);
        var told = reports.Tell();
        if (model is null)
        {
            settings = settings.Planned(data.Train);
            var (source, target) = settings.BuildSymbols(data.Train);
            model = new Seq2Seq(settings.ToConfig(), source, target, new Rng(settings.Seed));
            settings.Reading.NoteIn(model, told);
        }
        foreach (var pair in data.Test) model.Source.Encode(pair.Source, pair.Place);           // what cannot be read shows now, not when the training has ended
        return new TranslateJob(settings, model, data, filtered);

        IReadOnlyList<TextPair> ReadPairs(IReadOnlyList<string> paths)
        {
            var pairs = settings.Reading.ReadPairs(paths, settings.Targets, reports.For(paths));
            if (paths == settings.Test) return pairs;
            var kept = settings.ToFilter().Apply(pairs);
            filtered += pairs.Count - kept.Count;
            reports.For(paths).LeaveOut("pairs with an empty or too long text", pairs.Count - kept.Count);
            return kept;
        }
    }

    sealed class TranslateJob : TrainingJob
    {
        const int Samples = 3;

        readonly TranslateSettings _settings;
        readonly Seq2Seq _model;
        readonly Held<TextPair> _data;
        readonly Seq2SeqTask _task;
        readonly int _filtered;

        public TranslateJob(TranslateSettings settings, Seq2Seq model, Held<TextPair> data, int filtered)
        {
            (_settings, _model, _data, _filtered) = (settings, model, data, filtered);
            _task = new(model, data.Train, data.Valid, settings.ToTask(), new Rng(settings.Seed).Fork("order"));
        }

        public override TrainingSettings Settings => _settings;

        public override SequenceModel Model => _model;

        public override TrainingTask Task => _task;

        public override string Description => ModelText.Of(_model);

        public override string Batch => $"{_settings.Batch:N0} tokens of {_data.Train.Count - _task.Skipped.Train:N0} pairs";

        public override string? Parts
        {
            get
            {
                var left = _filtered + _task.Skipped.Train + _task.Skipped.Validation;
                return $"{_data.Train.Count - _task.Skipped.Train:N0} pairs to learn from, {_data.Valid.Count - _task.Skipped.Validation:N0} to validate on, {_data.Test.Count:N0} to test on"
                    + (left > 0 ? $"; {left:N0} left out, being empty or too long" : "");
            }
        }

        public override string? HeldOut => _data.Test.Count > 0 ? "test" : _data.Valid.Count > 0 ? "validation" : null;

        IReadOnlyList<TextPair> Held => _data.Test.Count > 0 ? _data.Test : _data.Valid;

        public override ScoreReport Measure(SequenceModel best, IProgress<double> progress)
        {
            var greedy = WritingScore.Of((Seq2Seq)best, Held, progress: progress);
            return new WritingReport(greedy, _settings.TestBeam is { } beam ? (beam, WritingScore.Of((Seq2Seq)best, Held, SearchOptions.OfBeam(beam), progress)) : null);
        }

        public override void ShowSamples(SequenceModel best)
        {
            TextPair[] some = [.. (HeldOut is null ? _data.Train : Held).Take(Samples)];
            var found = new Translator([(Seq2Seq)best], new()).Translate([.. some.Select(p => p.Source)]);
            foreach (var (pair, texts) in some.Zip(found)) Output.Table("", [("read", pair.Source), ("right", pair.Target), ("written", texts[0].Text)]);
        }

        public override string ShowLoss(double loss) => $"{loss:F4} nats per token";

        public override string Next(RunFolder run) => $"unroll translate {run.Path} --text \"…\"";
    }
}
