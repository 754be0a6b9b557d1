using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>How a model that writes texts is trained.</summary>
internal sealed record GenerationTaskOptions
{
    /// <summary>The most tokens of a batch, of either side, padding counted; at least 1. Default 4,096.</summary>
    public int Tokens { get; init; } = 4096;

    /// <summary>Pairs with a text of more tokens, its end counted, are skipped; at least 1. Default 256.</summary>
    public int MaxSteps { get; init; } = 256;

    /// <summary>ε of label smoothing (Szegedy 2016), from 0 to 1; validation has none. Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How often the decoder reads the right token. Default: always.</summary>
    public TeacherForcing Teacher { get; init; } = new();
}

/// <summary>
/// Trains a model that writes texts to write the right ones. Validation gives two losses: <c>loss</c> after the right tokens, as in training, and
/// <c>loss_free_running</c> after the model's own, as in use: what lies between them is what teacher forcing hides.
/// </summary>
internal abstract class GenerationTask : TrainingTask
{
    readonly EncoderDecoder _model;
    readonly GenerationTaskOptions _options;
    readonly PairBatches _train;
    readonly PairBatches? _valid;
    readonly string _trainData, _validData;
    readonly Rng _teacherRng;
    readonly TokenMatrix _token = new(1, 1);

    private protected GenerationTask(
        EncoderDecoder model, TextCoder source, IReadOnlyList<TextPair> train, IReadOnlyList<TextPair> valid, GenerationTaskOptions options, Rng rng)
    {
        options.Teacher.Check();
        if (options.LabelSmoothing is not (>= 0 and <= 1)) Throw.OutOfRange(nameof(options.LabelSmoothing), options.LabelSmoothing, "from 0 to 1");
        (_model, _options) = (model, options);
        _train = new PairBatches(train, source, model.Target, options.Tokens, options.MaxSteps, rng);
        _valid = valid.Count == 0 ? null : new PairBatches(valid, source, model.Target, options.Tokens, options.MaxSteps);
        (_trainData, _validData) = (Fingerprint(train), Fingerprint(valid));
        _teacherRng = rng.Fork("teacher");
    }

    /// <inheritdoc/>
    public override Module Model => _model;

    /// <inheritdoc/>
    public override int BatchesPerEpoch => _train.BatchesPerEpoch;

    /// <summary>The tokens of the last batch, read and written, the ends among them.</summary>
    public override long TokensInBatch => _train.SourceLengths.Total + _train.TargetLengths.Total;

    /// <inheritdoc/>
    public override bool HasValidation => _valid is not null;

    /// <summary>How many pairs are too long to learn from, and how many to validate on.</summary>
    public (int Train, int Validation) Skipped => (_train.Skipped, _valid?.Skipped ?? 0);

    /// <summary>The probability that the decoder reads the right token in the next batch.</summary>
    public double TeacherRatio => _options.Teacher.RatioAt(_train.Position);

    /// <inheritdoc/>
    public override Tensor NextLoss()
    {
        var teacher = TeacherRatio;
        var rows = _train.Next();
        var start = Start(_train, rows, validation: false);
        return teacher >= 1
            ? _model.Loss(start, _train.Inputs, _train.Targets, _train.TargetLengths, _options.LabelSmoothing)
            : _model.SelfFedLoss(start, _train.Inputs, _train.Targets, _train.TargetLengths, teacher, _teacherRng, _token, _options.LabelSmoothing);
    }

    /// <inheritdoc/>
    public override Validation Validate()
    {
        if (_valid is null) Throw.NoValidation();
        var losses = GenerationLosses.Measure(_model, _valid, (batch, rows) => Start(batch, rows, validation: true));
        return new(losses.Forced, ("perplexity", Math.Exp(losses.Forced)), ("loss_free_running", losses.FreeRunning));
    }

    /// <summary>What the decoder starts with for a batch.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="rows">Which pairs they are.</param>
    /// <param name="validation">Whether they are those to validate on.</param>
    private protected abstract State Start(PairBatches batch, ReadOnlySpan<int> rows, bool validation);

    /// <summary>What tells the inputs from others, where they are not texts: those to learn from, and those to validate on.</summary>
    private protected virtual (ulong Train, ulong Validation) InputHashes => default;

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(Data(_trainData, InputHashes.Train), Data(_validData, InputHashes.Validation), _train.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
        snapshot.Set("teacher", _teacherRng.State);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        _train.Position = snapshot.GetPosition(
            Data(_trainData, InputHashes.Train), _train.Count, Data(_validData, InputHashes.Validation), _valid?.Count ?? 0);
        _model.DropoutRng.State = snapshot.GetRng("dropout");
        _teacherRng.State = snapshot.GetRng("teacher");
    }

    static string Data(string texts, ulong inputs) => inputs == 0 ? texts : $"{texts}-{inputs:x16}";

    static string Fingerprint(IReadOnlyList<TextPair> pairs)
    {
        var hash = new Fnv();
        foreach (var pair in pairs)
        {
            foreach (var c in pair.Source) hash.Add(c);
            hash.Add('\t');
            foreach (var c in pair.Target) hash.Add(c);
            hash.Add('\n');
        }
        return pairs.Count == 0 ? "none" : hash.ToString();
    }
}

/// <summary>Trains a <see cref="Seq2Seq"/> on pairs of texts.</summary>
internal sealed class Seq2SeqTask : GenerationTask
{
    readonly Seq2Seq _model;

    /// <summary>A task that begins at the first batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="train">The pairs to learn from.</param>
    /// <param name="valid">The pairs to validate on; none for no validation.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="rng">Where the order of pairs comes from, and, forked, the choice between right and own tokens.</param>
    /// <exception cref="UnrollException">There is no pair that is short enough, a text has characters that cannot be read, or the schedule is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Seq2SeqTask(Seq2Seq model, IReadOnlyList<TextPair> train, IReadOnlyList<TextPair> valid, GenerationTaskOptions options, Rng rng)
        : base(model, model.Source, train, valid, options, rng) => _model = model;

    private protected override State Start(PairBatches batch, ReadOnlySpan<int> rows, bool validation) => _model.Read(batch.Source, batch.SourceLengths);
}
