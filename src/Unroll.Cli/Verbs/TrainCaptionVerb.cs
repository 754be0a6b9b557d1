using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Unroll.Cli.Reports;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train caption</c>: trains a model that looks at a picture and says what it shows.</summary>
sealed class TrainCaptionVerb : TrainVerb<CaptionSettings, Captioner>
{
    static readonly CaptionSettings Fallback = new();

    readonly DataOptions _data = new("Captions to learn from: a table with commas or tabs and names in its first row.", ReadingOptions.Captions());
    readonly Option<string?> _pictures = CommonOptions.Of<string?>("--pictures", "FILE", "The pictures, or features of them: .npy or .npz ([N, H, W], [N, H, W, C] or [N, F]) or IDX.").NotEmpty();
    readonly Option<string?> _validPictures = CommonOptions.Of<string?>("--valid-pictures", "FILE", "Those of a file of --valid. Default: --pictures.").NotEmpty();
    readonly Option<string?> _testPictures = CommonOptions.Of<string?>("--test-pictures", "FILE", "Those of --test. Default: --pictures.").NotEmpty();
    readonly WritingOptions _writing = new(Fallback);
    readonly Option<string> _encoder = CommonOptions.Of<string>("--encoder", "KIND", "How a picture is looked at: rnn, row by row; mlp, all numbers at once.").OneOf(CaptionerConfig.Encoders);
    readonly Option<int> _encoderSize = CommonOptions.Of<int>("--encoder-size", "N", "Size of each layer and direction that looks.").Within(1, DecoderConfig.MaxSize);
    readonly Option<bool> _oneWay = new("--one-way") { Description = "Read the rows from above only, not from both ends." };
    readonly Option<int> _gradients = CommonOptions.Of<int>("--gradients", "N", "See the edges and colours of squares of N by N pixels (histograms of oriented gradients) in place of the pixels; 0 for the pixels.").Within(0, DecoderConfig.MaxSize);
    readonly Option<int> _shift = CommonOptions.Of<int>("--shift", "N", "Move pictures by up to N rows and pixels each time they are learned from; 0 for not at all.").Within(0, DecoderConfig.MaxSize);

    protected override string Name => "caption";

    protected override string Description => "Train a model that looks at a picture, or at features of one, and says what it shows.";

    protected override string[] Examples { get; } =
    [
        "unroll train caption --data captions.tsv --pictures images.npy --caption en --out runs/emoji",
        "unroll train caption --data names.csv --pictures train-images-idx3-ubyte.gz --test-every 10",
        "unroll train caption --data train.csv --pictures train.npz --test test.csv --test-pictures test.npz --encoder mlp --tokens word --test-beam 5",
        "unroll train caption --resume runs/emoji",
    ];

    protected override JsonTypeInfo<CaptionSettings> Json => SettingsJson.Default.CaptionSettings;

    protected override IReadOnlyList<OptionGroup> OwnOptions =>
    [
        new("Data", [_pictures, .. _data.All, _validPictures, _testPictures, _shift, _writing.TestBeam]),
        new("Text, where not given as fits the data", _writing.Text),
        new("Model, where not given as fits the data", [_gradients, _encoder, _encoderSize, _oneWay, .. _writing.Model]),
        new("Loss", _writing.Loss),
    ];

    protected override TrainingOptions Shared { get; } = new("caption", Fallback, "Default: as --epochs says.", "Default: one epoch.", planned: true, tokens: true);

    protected override CaptionSettings Read(ParseResult parsed)
    {
        var encoder = parsed.GetValue(_encoder) ?? Fallback.Encoder;
        CommonOptions.Check(
        [
            .. parsed.Given(_pictures) ? Array.Empty<string>() : ["--pictures is missing: name the file of the pictures that --data tells of."],
            .. _data.Problems(parsed),
            .. _writing.Contradictions(parsed),
            .. parsed.Refuse(_oneWay, encoder == "mlp", "--encoder mlp has no directions"),
            .. Shared.Contradictions(parsed, _data.Validates(parsed)),
        ]);
        var settings = _data.Fill(parsed, Shared.Fill(parsed, _writing.Fill(parsed, new CaptionSettings
        {
            Given = [.. OwnOptions.SelectMany(g => g.Options).Concat(Shared.Training).Where(parsed.Given).Select(o => o.Name)],
            Encoder = encoder,
            EncoderSize = parsed.Given(_encoderSize) ? parsed.GetValue(_encoderSize) : Fallback.EncoderSize,
            OneWay = parsed.GetValue(_oneWay),
            Gradients = parsed.GetValue(_gradients),
            Shift = parsed.GetValue(_shift),
        })));
        CommonOptions.Check(
        [
            .. parsed.Refuse(_validPictures, settings.ValidFile is null, "--valid names no file"),
            .. parsed.Refuse(_testPictures, settings.Test.Count == 0, "there is no --test"),
            .. settings.ToConfig(new Series([0], 1, 1)).Problems,
        ]);
        var pictures = new Dictionary<string, string>();
        Add(settings.Data, _pictures);
        if (settings.ValidFile is { } valid) Add([valid], _validPictures);
        Add(settings.Test, _testPictures);
        return settings with { Pictures = pictures };

        void Add(IEnumerable<string> captions, Option<string?> option)
        {
            foreach (var path in captions) pictures[path] = DataPath.Full(parsed.GetValue(option) ?? parsed.GetValue(_pictures)!);
        }
    }

    protected override TrainingJob Prepare(CaptionSettings settings, Captioner? model)
    {
        var reports = new DataReports(settings);
        var data = settings.ReadData(reports);
        var told = reports.Tell();
        if (data.Train.Count == 0) throw new UnrollException($"{string.Join(", ", settings.Data)} has no caption to learn from: all are held out.");
        if (model is null)
        {
            settings = settings.Planned(data.Train);
            var config = settings.ToConfig(data.Train[0].Picture);
            var scales = Captioner.MeasureScales(config, data.Train.Select(c => c.Picture));
            model = new Captioner(config, scales, settings.BuildSymbols(data.Train), new Rng(settings.Seed));
            settings.Reading.NoteIn(model, told);
        }
        // What cannot be tested on shows now, not when the training has ended.
        foreach (var caption in data.Test)
        {
            model.Prepare(caption.Picture);
            model.Target.Encode(caption.Caption, caption.Place);
        }
        return new CaptionJob(settings, model, data);
    }

    sealed class CaptionJob : TrainingJob
    {
        const int Samples = 5;

        readonly CaptionSettings _settings;
        readonly Captioner _model;
        readonly Held<PictureCaption> _data;
        readonly CaptionTask _task;

        public CaptionJob(CaptionSettings settings, Captioner model, Held<PictureCaption> data)
        {
            (_settings, _model, _data) = (settings, model, data);
            _task = new(model, data.Train, data.Valid, settings.ToTask(), new Rng(settings.Seed).Fork("order"), settings.Shift);
        }

        public override TrainingSettings Settings => _settings;

        public override SequenceModel Model => _model;

        public override TrainingTask Task => _task;

        public override string Description => ModelText.Of(_model);

        public override string Batch => $"{_settings.Batch:N0} tokens of {_data.Train.Count - _task.Skipped.Train:N0} captions";

        public override string? Parts
        {
            get
            {
                var left = _task.Skipped.Train + _task.Skipped.Validation;
                return $"{_data.Train.Count - _task.Skipped.Train:N0} captions to learn from, {_data.Valid.Count - _task.Skipped.Validation:N0} to validate on, {_data.Test.Count:N0} to test on"
                    + (left > 0 ? $"; {left:N0} left out, being too long" : "");
            }
        }

        public override string? HeldOut => _data.Test.Count > 0 ? "test" : _data.Valid.Count > 0 ? "validation" : null;

        IReadOnlyList<PictureCaption> Held => _data.Test.Count > 0 ? _data.Test : _data.Valid;

        public override ScoreReport Measure(SequenceModel best, IProgress<double> progress)
        {
            var model = (Captioner)best;
            var greedy = WritingScore.Of(model, Held, progress: progress);
            (int, WritingScore)? beam = _settings.TestBeam is { } width ? (width, WritingScore.Of(model, Held, SearchOptions.OfBeam(width), progress)) : null;
            return new WritingReport(greedy, beam, WritingReport.NearestChrF(model, Held, _data.Train));
        }

        public override void ShowSamples(SequenceModel best)
        {
            PictureCaption[] some = [.. (HeldOut is null ? _data.Train : Held).Take(Samples)];
            var found = new CaptionWriter([(Captioner)best], new()).Describe([.. some.Select(c => c.Picture)]);
            Output.Table("", [.. some.Zip(found).Select(s => (s.First.Caption, s.Second[0].Text))]);
        }

        public override string ShowLoss(double loss) => $"{loss:F4} nats per token";

        public override string Next(RunFolder run) => $"unroll caption {run.Path} FILE";
    }
}
