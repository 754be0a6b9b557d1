using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Trains a <see cref="Captioner"/> on pictures and what they show.</summary>
/// <remarks>
/// With a shift of n every picture is moved by up to n rows and n pixels each time it is seen, all moves equally likely, and what comes in at a side is
/// what stood there: few pictures then teach what things look like rather than where they stand.
/// </remarks>
internal sealed class CaptionTask : GenerationTask
{
    readonly Captioner _model;
    readonly IReadOnlyList<PictureCaption> _train;
    readonly Real[][] _still, _valid;                  // what is seen of pictures that are not moved
    readonly int _shift;
    readonly Rng _shiftRng;

    /// <summary>A task that begins at the first batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="train">The pictures to learn from.</param>
    /// <param name="valid">The pictures to validate on; none for no validation. They are not moved.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="rng">Where the order of pictures comes from, and, forked, the choice between right and own tokens and the moves.</param>
    /// <param name="shift">By how many rows and pixels pictures are moved at most; at least 0. Default 0.</param>
    /// <exception cref="UnrollException">A picture has another size than the model's, there is none with a short enough text, or the schedule is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public CaptionTask(
        Captioner model, IReadOnlyList<PictureCaption> train, IReadOnlyList<PictureCaption> valid, GenerationTaskOptions options, Rng rng, int shift = 0)
        : base(model, model.Target, Texts(train), Texts(valid), options, rng)
    {
        if (shift < 0) Throw.OutOfRange(nameof(shift), shift, "at least 0");
        (_model, _shift, _shiftRng) = (model, shift, rng.Fork("shift"));
        foreach (var picture in train) Captioner.Check(model.Config, picture.Picture);
        _train = train;
        _still = shift > 0 ? [] : [.. train.Select(p => model.Prepare(p.Picture))];
        _valid = [.. valid.Select(p => model.Prepare(p.Picture))];
        InputHashes = (Hash(train), Hash(valid));
    }

    private protected override (ulong Train, ulong Validation) InputHashes { get; }

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        base.Capture(snapshot);
        snapshot.Set("shift", _shiftRng.State);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        base.Restore(snapshot);
        _shiftRng.State = snapshot.GetRng("shift");
    }

    private protected override State Start(PairBatches batch, ReadOnlySpan<int> rows, bool validation)
    {
        var (still, size) = (validation ? _valid : _still, _model.Config.SeenRows * _model.Config.SeenFeatures);
        var x = Tensor.New(new(rows.Length, size));
        for (var b = 0; b < rows.Length; b++)
        {
            var place = batch.Places[rows[b]];
            var seen = still.Length > 0 ? still[place]
                : _model.Prepare(Moved(_train[place].Picture, _shiftRng.Next(2 * _shift + 1) - _shift, _shiftRng.Next(2 * _shift + 1) - _shift));
            seen.CopyTo(x.Values[(b * size)..]);
        }
        return _model.Look(x);
    }

    /// <summary>A picture seen from further down and to the right; what lies beyond a side is as the side is.</summary>
    static Series Moved(Series picture, int down, int right)
    {
        var (rows, features, channels) = (picture.Steps, picture.Features, picture.Channels);
        var moved = new Real[rows * features];
        var last = features / channels - 1;
        for (var y = 0; y < rows; y++)
        {
            var row = picture[Math.Clamp(y + down, 0, rows - 1)];
            for (var x = 0; x <= last; x++)
                row.Slice(Math.Clamp(x + right, 0, last) * channels, channels).CopyTo(moved.AsSpan(y * features + x * channels));
        }
        return new(moved, rows, features, channels);
    }

    internal static TextPair[] Texts(IReadOnlyList<PictureCaption> pictures) => [.. pictures.Select(p => new TextPair("", p.Caption, p.Place))];

    static ulong Hash(IReadOnlyList<PictureCaption> pictures)
    {
        var hash = new Fnv();
        foreach (var picture in pictures)
            foreach (var x in picture.Picture.Values) hash.Add(BitConverter.SingleToUInt32Bits((float)x));
        return hash.Value;
    }
}
