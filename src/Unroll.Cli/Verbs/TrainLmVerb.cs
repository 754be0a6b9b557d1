using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train lm</c>: trains a language model on a text.</summary>
sealed class TrainLmVerb : TrainVerb<LmSettings, LanguageModel>
{
    /// <summary>Without data of one's own: long enough for readable samples, short enough to watch.</summary>
    const long DemoIterations = 700, DefaultIterations = 2000, DefaultEvery = 500;

    static readonly LmSettings Fallback = new();

    readonly Option<string?> _data = CommonOptions.Of<string?>("--data", "FILE|DIR", "Text to learn from; may be .gz; '-' is standard input. In a folder each file is a document. Default: the library's own source.").NotEmpty();
    readonly Option<string> _valid = CommonOptions.Of("--valid", "FILE|SHARE", "Text to validate on, or the share at the end of the data; 0 for none.", "0.1").NotEmpty();
    readonly Option<string> _tokens = CommonOptions.Of("--tokens", "KIND", $"What a token is: {string.Join(", ", Tokenizer.Kinds)}.", Fallback.Tokens).OneOf(Tokenizer.Kinds);
    readonly Option<int> _minCount = CommonOptions.Of("--min-count", "N", "Symbols that occur less often become <unk> (char, word).", 1).Within(1, int.MaxValue);
    readonly Option<int?> _vocabulary = CommonOptions.Of<int?>("--vocabulary", "N", "The most symbols to keep (char, word), or to make (bpe).").Within(2, Vocabulary.MaxSize);
    readonly Option<bool> _lines = new("--lines") { Description = "Each line is a sequence of its own, learned in full; otherwise the text is one stream." };
    readonly Option<int> _steps = CommonOptions.Of("--steps", "N", "Tokens that gradients flow back over.", Fallback.Steps).Within(1, TrainingSettings.MaxRows);
    readonly Option<string> _cell = CommonOptions.Of("--cell", "KIND", $"The kind of cell: {string.Join(", ", CellCatalog.All.Select(k => k.Name))}.", Fallback.Cell).OneOf(CellCatalog.All.Select(k => k.Name));
    readonly Option<int> _embedding = CommonOptions.Of("--embedding", "N", "Size of a token's vector; 0 for one-hot.", Fallback.Embedding).Within(0, LanguageModelConfig.MaxSize);
    readonly Option<int> _hidden = CommonOptions.Of("--hidden", "N", "Size of each layer.", Fallback.Hidden).Within(1, LanguageModelConfig.MaxSize);
    readonly Option<int> _layers = CommonOptions.Of("--layers", "N", "Recurrent layers.", Fallback.Layers).Within(1, 64);
    readonly Option<double> _dropout = CommonOptions.Of("--dropout", "P", "Share dropped on links that are not recurrent.", 0.0).Within(0, 0.999);
    readonly Option<bool> _variational = new("--variational") { Description = "The same dropout mask for all steps of a chunk." };
    readonly Option<double> _recurrentDropout = CommonOptions.Of("--recurrent-dropout", "P", "Share of a layer's state dropped where it enters the next step's gates; one mask for a chunk.", 0.0).Within(0, 0.999);
    readonly Option<bool> _tied = new("--tied") { Description = "The output shares the embedding's weights; needs --embedding equal to --hidden." };
    readonly Option<double> _init = CommonOptions.Of("--init", "S", "All weights start from U(-S, S); 0 for each layer's default.", 0.0).Within(0, 10);

    protected override string Name => "lm";

    protected override string Description => "Train a language model: it reads a text and learns to write on.";

    protected override string[] Examples { get; } =
    [
        "unroll train lm",
        "unroll train lm --data input.txt --iterations 2000 --out runs/shakespeare",
        "unroll train lm --data train.txt --valid valid.txt --tokens word --min-count 3 --epochs 10 --out runs/words",
        "unroll train lm --resume runs/shakespeare",
    ];

    protected override JsonTypeInfo<LmSettings> Json => SettingsJson.Default.LmSettings;

    protected override IReadOnlyList<OptionGroup> OwnOptions =>
    [
        new("Data", [_data, _valid, _tokens, _minCount, _vocabulary, _lines, _steps]),
        new("Model", [_cell, _embedding, _hidden, _layers, _dropout, _variational, _recurrentDropout, _tied, _init]),
    ];

    protected override TrainingOptions Shared { get; } = new(
        "lm", Fallback, $"Default {DefaultIterations:N0} ({DemoIterations} where no data is named).", $"Default {DefaultEvery}, with --epochs one epoch.");

    protected override LmSettings Read(ParseResult parsed)
    {
        var share = double.TryParse(parsed.GetValue(_valid), CultureInfo.InvariantCulture, out var fraction);
        if (share && fraction is not (>= 0 and < 1)) throw new UsageException($"--valid is {fraction}; expected a share from 0 to below 1, or a file.");
        CommonOptions.Check(
        [
            .. parsed.Refuse(_steps, parsed.GetValue(_lines), "with --lines gradients flow over whole lines"),
            .. parsed.Refuse(_variational, parsed.GetValue(_dropout) == 0, "there is no --dropout"),
            .. Shared.Contradictions(parsed, validates: !share || fraction > 0),
        ]);
        var settings = Shared.Fill(parsed, new LmSettings
        {
            Data = parsed.GetValue(_data) is { } path ? DataPath.Full(path) : null,
            ValidFile = share ? null : DataPath.Full(parsed.GetValue(_valid)!),
            ValidFraction = share ? fraction : 0,
            Tokens = parsed.GetValue(_tokens)!,
            MinCount = parsed.GetValue(_minCount),
            Vocabulary = parsed.GetValue(_vocabulary),
            Lines = parsed.GetValue(_lines),
            Cell = parsed.GetValue(_cell)!,
            Embedding = parsed.GetValue(_embedding),
            Hidden = parsed.GetValue(_hidden),
            Layers = parsed.GetValue(_layers),
            Dropout = parsed.GetValue(_dropout),
            Variational = parsed.GetValue(_variational),
            RecurrentDropout = parsed.GetValue(_recurrentDropout),
            Tied = parsed.GetValue(_tied),
            Init = parsed.GetValue(_init),
            Steps = parsed.GetValue(_steps),
        });
        CommonOptions.Check([.. settings.ToConfig().Problems, .. Tokenizer.OptionProblems(settings.Tokens, settings.MinCount, settings.Vocabulary)]);
        return Shared.InEpochs(parsed) ? settings : settings with
        {
            Iterations = settings.Iterations ?? (settings.Data is null ? DemoIterations : DefaultIterations),
            ValidateEvery = settings.ValidateEvery ?? DefaultEvery,
        };
    }

    protected override TrainingJob Prepare(LmSettings settings, LanguageModel? model)
    {
        // The smaller text first, so that a mistake in its name shows at once.
        var validTexts = settings.ValidFile is null ? null : TextFile.ReadDocuments(settings.ValidFile);
        Work.Reading([settings.Data ?? "the library's own source"]);
        var report = new ReadingReport();
        report.Add("format", "text");
        report.Add("encoding", "utf-8");
        var texts = settings.Data is null ? EmbeddedCorpus.Read() : TextFile.ReadDocuments(settings.Data, report);
        report.Count("characters", texts.Sum(t => (long)t.Text.Length));
        DataText.Warn(report);
        Work.Building();
        model ??= new LanguageModel(
            settings.ToConfig(), Tokenizer.Build(settings.Tokens, texts, settings.MinCount, settings.Vocabulary), new Rng(settings.Seed))
        {
            Notes = new JsonObject { [DataText.NoteKey] = DataText.ToJson(report, [settings.Data ?? texts[0].Source]) },
        };
        var train = TokenStream.Encode(model.Tokenizer, texts);
        TokenStream? valid = null;
        if (validTexts is not null) valid = TokenStream.Encode(model.Tokenizer, validTexts);
        else if (settings.ValidFraction > 0) (train, valid) = train.Split(settings.ValidFraction);
        var task = new LanguageModelTask(
            model, train, valid, new() { Batch = settings.Batch, Steps = settings.Steps, Lines = settings.Lines }, new Rng(settings.Seed).Fork("order"));
        return new LmJob(settings, model, task);
    }

    sealed class LmJob(LmSettings settings, LanguageModel model, LanguageModelTask task) : TrainingJob
    {
        public override TrainingSettings Settings => settings;

        public override SequenceModel Model => model;

        public override TrainingTask Task => task;

        public override string Description =>
            $"{settings.Layers} × {settings.Cell} of {settings.Hidden}, {model.Tokenizer.VocabularySize:N0} {settings.Tokens} tokens";

        public override string Batch => $"{settings.Batch} × {(settings.Lines ? "lines" : $"{settings.Steps}")}";

        public override void ShowSamples(SequenceModel best)
        {
            for (var i = 1; i <= 3; i++)
            {
                Standard.Out.WriteLine($"— sample {i} —");
                Standard.Out.WriteLine(Sample((LanguageModel)best, (ulong)i));
            }
            Standard.Out.WriteLine();
        }

        public override string ShowLoss(double loss) => $"{loss:F4} nats per token";

        public override string Next(RunFolder run) => $"unroll generate {run.Path} --length 1000";

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
