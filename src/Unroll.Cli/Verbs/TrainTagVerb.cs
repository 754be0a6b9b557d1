using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Unroll.Cli.Reports;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train tag</c>: trains a tagger, a tag for every word.</summary>
sealed class TrainTagVerb : TrainVerb<TagSettings, SequenceTagger>
{
    // What a small set needs to be learned, and a large one can do with.
    const int SentencesSeen = 120_000, LeastEpochs = 5, MostEpochs = 60;

    static readonly TagSettings Fallback = new();

    readonly DataOptions _data = new("Sentences with a tag for every word, to learn from: CoNLL-U, or columns with blank lines between sentences.", ReadingOptions.Sentences());
    readonly Option<int> _minCount = CommonOptions.Of("--min-count", "N", "Words and letters that occur less often are unknown; above 1 there is something to learn of the unknown.", Fallback.MinCount).Within(1, int.MaxValue);
    readonly Option<bool> _cased = new("--cased") { Description = "Tell words apart by upper and lower case too; letters always are." };
    readonly Option<string?> _scheme = CommonOptions.Of<string?>("--scheme", "KIND", $"Bring the tags to a scheme: {string.Join(", ", TagSettings.Schemes)}. Default: the one they are in, but bio for iob1.").OneOf(TagSettings.Schemes);
    readonly Option<string> _cell = CommonOptions.Of("--cell", "KIND", $"The kind of cell: {string.Join(", ", CellCatalog.All.Select(k => k.Name))}.", Fallback.Cell).OneOf(CellCatalog.All.Select(k => k.Name));
    readonly Option<int> _embedding = CommonOptions.Of("--embedding", "N", "Size of a word's own vector.", Fallback.Embedding).Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _letters = CommonOptions.Of("--letters", "N", "Size of a letter's vector; 0 for a tagger that does not look at letters.", Fallback.Letters).Within(0, LanguageModelConfig.MaxSize);
    readonly Option<int> _lettersHidden = CommonOptions.Of("--letters-hidden", "N", "Size of each of the two cells that read a word's letters.", Fallback.LettersHidden).Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _hidden = CommonOptions.Of("--hidden", "N", "Size of each layer, of each direction.", Fallback.Hidden).Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _layers = CommonOptions.Of("--layers", "N", "Recurrent layers over the words.", Fallback.Layers).Within(1, 64);
    readonly Option<bool> _oneWay = new("--one-way") { Description = "Read sentences from their beginning only, not from both ends." };
    readonly Option<string?> _output = CommonOptions.Of<string?>("--output", "KIND", "softmax: each tag by itself; crf: neighbouring tags are scored too. Default: crf where tags mark spans (B-, I-, …), else softmax.").OneOf(TagSettings.Outputs);
    readonly Option<double> _dropout = CommonOptions.Of("--dropout", "P", "Share dropped on links that are not recurrent.", Fallback.Dropout).Within(0, 0.999);
    readonly Option<bool> _variational = new("--variational") { Description = "The same dropout mask for all words of a sentence." };
    readonly Option<double> _recurrentDropout = CommonOptions.Of("--recurrent-dropout", "P", "Share dropped of the state over words, where it enters the next step.", Fallback.RecurrentDropout).Within(0, 0.999);
    readonly Option<double> _wordDropout = CommonOptions.Of("--word-dropout", "P", "Share of words taken for unknown while training, so that letters and neighbours count.", Fallback.WordDropout).Within(0, 0.999);

    protected override string Name => "tag";

    protected override string Description => "Train a tagger: it reads a sentence and gives every word a tag, such as its part of speech or whether it belongs to a name.";

    protected override string[] Examples { get; } =
    [
        "unroll train tag --data en_ewt-ud-train.conllu --valid en_ewt-ud-dev.conllu --test en_ewt-ud-test.conllu --out runs/pos",
        "unroll train tag --data train.conll --test test.conll --scheme bioes",
        "unroll train tag --data train.conllu --tag xpos --test-fraction 0.1",
        "unroll train tag --resume runs/pos",
    ];

    protected override JsonTypeInfo<TagSettings> Json => SettingsJson.Default.TagSettings;

    protected override IReadOnlyList<OptionGroup> OwnOptions =>
    [
        new("Data", [.. _data.All, _minCount, _cased, _scheme]),
        new("Model", [_cell, _embedding, _letters, _lettersHidden, _hidden, _layers, _oneWay, _output, _dropout, _variational, _recurrentDropout, _wordDropout]),
    ];

    protected override TrainingOptions Shared { get; } = new("tag", Fallback, "Default: as --epochs says, which by default is more the less data there is.", "Default: one epoch.");

    protected override TagSettings Read(ParseResult parsed)
    {
        CommonOptions.Check(
        [
            .. _data.Problems(parsed),
            .. parsed.Refuse(_variational, parsed.GetValue(_dropout) == 0, "--dropout is 0"),
            .. parsed.Refuse(_lettersHidden, parsed.GetValue(_letters) == 0, "--letters is 0"),
            .. Shared.Contradictions(parsed, _data.Validates(parsed)),
        ]);
        var settings = _data.Fill(parsed, Shared.Fill(parsed, new TagSettings
        {
            MinCount = parsed.GetValue(_minCount),
            Cased = parsed.GetValue(_cased),
            Scheme = parsed.GetValue(_scheme),
            Cell = parsed.GetValue(_cell)!,
            Embedding = parsed.GetValue(_embedding),
            Letters = parsed.GetValue(_letters),
            LettersHidden = parsed.GetValue(_lettersHidden),
            Hidden = parsed.GetValue(_hidden),
            Layers = parsed.GetValue(_layers),
            OneWay = parsed.GetValue(_oneWay),
            Output = parsed.GetValue(_output),
            Dropout = parsed.GetValue(_dropout),
            Variational = parsed.GetValue(_variational),
            RecurrentDropout = parsed.GetValue(_recurrentDropout),
            WordDropout = parsed.GetValue(_wordDropout),
        }));
        CommonOptions.Check(settings.ToConfig(TagScheme.None).Problems);
        return settings;
    }

    protected override TrainingJob Prepare(TagSettings settings, SequenceTagger? model)
    {
        var reports = new DataReports(settings);
        var data = settings.Part(paths => settings.Reading.ReadSentences(paths, report: reports.For(paths)), s => s.Source);
        var told = reports.Tell();
        if (model is null)
        {
            if (settings.Iterations is null) settings = settings with { Epochs = settings.Epochs ?? Math.Clamp(SentencesSeen / data.Train.Count, LeastEpochs, MostEpochs) };
            var vocabulary = SentenceVocabulary.Build(data.Train, settings.MinCount, !settings.Cased, settings.ToScheme());
            model = new SequenceTagger(settings.ToConfig(vocabulary.Scheme), vocabulary, new Rng(settings.Seed));
            (settings.Reading with { Columns = int.TryParse(reports.Data.Facts.FirstOrDefault(f => f.Name == "columns").Value, CultureInfo.InvariantCulture, out var columns) ? columns : null }).NoteIn(model, told);
        }
        return new TagJob(settings, model, data);
    }

    sealed class TagJob(TagSettings settings, SequenceTagger model, Held<TaggedSentence> data) : TrainingJob
    {
        public override TrainingSettings Settings => settings;

        public override SequenceModel Model => model;

        public override TrainingTask Task { get; } = new SequenceTaggerTask(model, data.Train, data.Valid, settings.Batch, new Rng(settings.Seed).Fork("order"));

        public override string Description => ModelText.Of(model);

        public override string? Parts => data.ToString();

        public override string Batch => $"{settings.Batch} × sentences of {data.Train.Count:N0}";

        public override string Unit => "words";

        public override string? HeldOut => data.Test.Count > 0 ? "test" : data.Valid.Count > 0 ? "validation" : null;

        public override ScoreReport Measure(SequenceModel best, IProgress<double> progress) =>
            new TaggingReport(TaggingScore.Measure((SequenceTagger)best, data.Test.Count > 0 ? data.Test : data.Valid, progress: progress));

        public override string ShowLoss(double loss) => $"{loss:F4} nats per word";

        public override string Next(RunFolder run) => $"unroll predict {run.Path} --text \"…\"";
    }
}
