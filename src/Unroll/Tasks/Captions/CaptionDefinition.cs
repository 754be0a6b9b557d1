using Unroll.Configuration;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Captions: an image, or features of one, in; a text about it out.</summary>
internal sealed class CaptionDefinition : TaskDefinition<CaptionOptions, Captioner, PictureCaption>
{
    public static CaptionDefinition Instance { get; } = new();

    public override string Name => "caption";

    public override string Description => "Train a captioner: it reads an image, or features of one, and writes what it shows.";

    public override string ModelName => CaptionerConfig.ModelName;

    public override string ModelText => "a captioner";

    public override string EvaluationText => "a captioner captions images";

    internal override IReadOnlyList<string> EvaluationOptions { get; } = ["--pictures", "--part", "--beam", "--length-penalty"];

    public override IReadOnlyList<string> Examples { get; } =
    [
        "unroll train caption --data captions.tsv --pictures images.npy --caption en --out runs/emoji",
        "unroll train caption --data names.csv --pictures train-images-idx3-ubyte.gz --test-every 10",
        "unroll train caption --data train.csv --pictures train.npz --test test.csv --test-pictures test.npz --encoder mlp --tokens word --test-beam 5",
        "unroll train caption --resume runs/emoji",
    ];

    protected override IReadOnlyList<(string Title, SettingList<CaptionOptions> Settings)> Settings { get; } =
    [
        ("Data",
        [
            PairedFiles.DataPictures.In<CaptionOptions>(o => o.Data.Paired, (o, v) => o with { Data = o.Data with { Paired = v } }),
            .. DataOptions.Given("Captions: a table with commas or tabs and names in its first row.", ReadingOptions.OfCaptions).In<CaptionOptions>(o => o.Data, (o, v) => o with { Data = v }),
            .. PairedFiles.OtherPictures.In<CaptionOptions>(o => o.Data.Paired, (o, v) => o with { Data = o.Data with { Paired = v } }),
            .. DataOptions.LabelledInFiles.In<CaptionOptions>(o => o.Data, (o, v) => o with { Data = v }),
            TrainingOptions.GivenSetting<CaptionOptions>(),
            CaptionOptions.ShiftSetting,
            GenerationOptions.BeamSetting<CaptionOptions>(),
        ]),
        ("Text (default: fits the data)", GenerationOptions.TextSettings<CaptionOptions>()),
        ("Model (default: fits the data)", CaptionOptions.ModelSettings),
        ("Loss", GenerationOptions.LossSettings<CaptionOptions>()),
        ("Training", TrainingOptions.Common<CaptionOptions>("Default: see --epochs.", "Default: one epoch.", tokens: true).Fitted),
    ];

    protected override Captioner Read(ModelDescription file) => Captioner.FromFile(file);

    protected override IEnumerable<string> ProblemsOf(CaptionOptions options) =>
    [
        .. options.Data.Paired.Pictures is null ? ["--pictures is missing: name the file of the images that --data describes."] : Array.Empty<string>(),
        .. options.Data.Problems("--data is missing: name the file or folder to learn from."),
        .. options.LossProblems,
        .. options.VariationalProblems(options.Model.Dropout),
        .. options.Data.Paired.ValidPictures is not null && options.Data.ValidFile is null ? ["--valid-pictures cannot be given: --valid names no file."] : Array.Empty<string>(),
        .. options.Data.Paired.TestPictures is not null && options.Data.Test.Count == 0 ? ["--test-pictures cannot be given: there is no --test."] : Array.Empty<string>(),
    ];

    protected override IEnumerable<string> ConfigProblems(CaptionOptions options) => options.Model.Problems;

    protected override double UsualShare(int count) => GenerationOptions.UsualShareOf(count);

    protected override DataSplit<PictureCaption> Read(CaptionOptions options, IDataFiles files, DataReports reports)
    {
        var data = options.Data.Split(ReadCaptions, c => c.Place, options.Seed, UsualShare, c => c.Part);
        return data.Train.Count > 0 ? data : throw new DataMismatchException($"{string.Join(", ", options.Data.Files)} has no caption to learn from: all are held out.");

        IReadOnlyList<PictureCaption> ReadCaptions(IReadOnlyList<string> paths)
        {
            var report = reports.For(paths);
            return [.. paths.SelectMany(p => files.ReadCaptions(p, options.Data.Pictures[p], options.Data.Reading, report))];
        }
    }

    protected override (CaptionOptions Options, Captioner Model) CreateModel(CaptionOptions options, DataSplit<PictureCaption> data, TaskObserver observer)
    {
        options = options.PlannedFor(data.Train, options.Given.Contains("--encoder") ? options.Model.Encoder : null, plan => Settled(plan, options));
        var picture = data.Train[0].Picture;
        var config = options.Model with { Rows = picture.Steps, Features = picture.Features, Channels = picture.Channels };
        var scales = Captioner.MeasureScales(config, data.Train.Select(c => c.Picture));
        return (options, new(config, scales, TextCoder.Build(data.Train.Select(c => c.Caption), options.ToSymbols()), new Rng(options.Seed)));
    }

    protected override TrainingJob CreateJob(CaptionOptions options, Captioner model, DataSplit<PictureCaption> data)
    {
        foreach (var caption in data.Test)
        {
            model.Prepare(caption.Picture);
            model.Target.Encode(caption.Caption, caption.Place);
        }
        return new Job(options, model, data);
    }

    protected override Func<Evaluation> PrepareEvaluation(Captioner model, EvaluationOptions options, IDataFiles files, TaskObserver observer)
    {
        if (options.Pictures is not { } pictures) throw new OptionException("--pictures is missing: name the file of the images that --data describes.");
        observer.OnPhase(WorkPhase.Reading, options.Files);
        IReadOnlyList<PictureCaption> captions = [.. options.Files.SelectMany(path => files.ReadCaptions(path, pictures, options.Reading))];
        IReadOnlyList<PictureCaption> known = [];
        if (captions.All(c => c.Part is not null) && options.Part != "all")
        {
            var parts = DataSplit<PictureCaption>.ByOwnParts(captions, c => c.Place, c => c.Part);
            captions = options.Part switch { "train" => parts.Train, "valid" => parts.Valid, _ => parts.Test };
            if (captions != parts.Train) known = parts.Train;
        }
        if (captions.Count == 0) throw new DataMismatchException($"{string.Join(", ", options.Files)} has no caption of the part {options.Part ?? "test"}. Choose another with --part, or all.");
        var decoding = options.Decoding with { Batch = options.Batch ?? options.Decoding.Batch };
        return () => new(
            new GenerationReport(GenerationScore.Of(model, captions, decoding, new ProgressTo<double>(share => observer.OnEvaluating("images", share))), nearest: NearestChrF(model, captions, known)), "pictures", captions.Count);
    }

    /// <summary>chrF of the captions of the nearest images that were learned from, as if they were the model's; null where none is known.</summary>
    static double? NearestChrF(Captioner model, IReadOnlyList<PictureCaption> pictures, IReadOnlyList<PictureCaption> known)
    {
        if (known.Count == 0) return null;
        var normalizer = model.Target.Normalizer;
        string[] nearest = [.. pictures.Select(p => normalizer.Apply(NearestPicture.Of(p.Picture, known).Caption))];
        return ChrF.Corpus(nearest, [.. pictures.Select(p => normalizer.Apply(p.Caption))], normalizer.Lower).Score;
    }

    protected override ModelFacts Describe(Captioner model) => new(
        new() { ["target"] = TextOf.SymbolsJson(model.Target) },
        [
            ("model", InWords(model)),
            ("attention", TextOf.Attention(model.Config)),
            ("input", model.Config.Rows == 1 ? $"{model.Config.Features:N0} features" : $"images of {model.Config.Rows:N0} rows, {model.Config.Features:N0} numbers each" + (model.Config.Gradients is > 0 and var side ? $", as histograms of oriented gradients of squares of {side:N0} pixels" : "")),
            ("target", TextOf.Symbols(model.Target)),
            ("weights", TextOf.Weights(model.Config)),
        ]);

    static string InWords(Captioner model)
    {
        var c = model.Config;
        var encoder = c.Encoder == "mlp" ? $"mlp of {c.EncoderSize}" : $"{c.Layers} × {c.Cell} of {c.EncoderSize}{(c.Bidirectional ? ", bidirectional" : "")}";
        return $"encoder {encoder} over {c.Rows:N0} × {c.Features:N0} numbers; decoder {TextOf.Decoder(c)}; {TextOf.Tokens(model.Target)}";
    }

    protected override Predictor CreatePredictor(Captioner model, PredictionOptions options, IDataFiles files, TaskObserver observer) =>
        throw new DataMismatchException($"This model writes texts ({model.Kind}): use unroll caption, or unroll eval for its scores.");

    sealed class Job : TrainingJob<CaptionOptions, Captioner>
    {
        const int SamplesShown = 5;

        readonly DataSplit<PictureCaption> _data;
        readonly CaptionTask _task;

        public Job(CaptionOptions options, Captioner model, DataSplit<PictureCaption> data) : base(options, model)
        {
            _data = data;
            _task = new(model, data.Train, data.Valid, options.ToTask(), new Rng(options.Seed).Fork("order"), options.Shift);
        }

        public override TrainingTask Task => _task;

        public override string Description => InWords(Model);

        public override string Batch => $"{Options.Batch:N0} tokens of {_data.Train.Count - _task.Skipped.Train:N0} captions";

        public override string? Parts
        {
            get
            {
                var left = _task.Skipped.Train + _task.Skipped.Validation;
                return $"{_data.Train.Count - _task.Skipped.Train:N0} captions to learn from, {_data.Valid.Count - _task.Skipped.Validation:N0} to validate on, {_data.Test.Count:N0} to test on"
                    + (left > 0 ? $"; {left:N0} left out, being too long" : "");
            }
        }

        public override string? HeldOut => _data.HeldOutName;

        protected override EvaluationReport Evaluate(Captioner best, IProgress<double> progress)
        {
            var greedy = GenerationScore.Of(best, _data.HeldOut, progress: progress);
            (int, GenerationScore)? beam = Options.TestBeam is { } width ? (width, GenerationScore.Of(best, _data.HeldOut, DecodingOptions.OfBeam(width), progress)) : null;
            return new GenerationReport(greedy, beam, NearestChrF(best, _data.HeldOut, _data.Train));
        }

        protected override IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(Captioner best)
        {
            PictureCaption[] some = [.. (HeldOut is null ? _data.Train : _data.HeldOut).Take(SamplesShown)];
            var found = new CaptionWriter([best], new()).Describe([.. some.Select(c => c.Picture)]);
            return [[.. some.Zip(found).Select(s => (s.First.Caption, s.Second[0].Text))]];
        }

        public override string NextCommand(string run) => $"unroll caption {run} FILE";
    }
}
