using System.Globalization;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Trains a <see cref="Forecaster"/>: the loss of its head over windows of the training part; windows that end behind it are validated on.</summary>
internal sealed class ForecasterTask : TrainingTask
{
    const int MostValidated = 512, ValidationBatch = 64;

    readonly Forecaster _model;
    readonly ForecastFrame _frame;
    readonly ForecastWindow[] _train, _valid;
    readonly LengthBuckets _order;
    readonly ForecastBatch _batch, _validBatch;
    readonly string _data;

    public ForecasterTask(Forecaster model, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid, int batch, Rng rng) : this(model, model.Prepare(train[0].Table), train, valid, batch, rng)
    {
    }

    internal ForecasterTask(Forecaster model, ForecastFrame frame, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid, int batch, Rng rng)
    {
        (_model, _frame) = (model, frame);
        (_train, _valid) = (_frame.Windows(train), _frame.Windows(valid, MostValidated));
        if (_train.Length == 0) throw Throw.NoForecastWindow(train.Max(p => p.To - p.From), model.Config.Context, model.Config.Horizon);
        (_batch, _validBatch) = (model.Network.NewBatch(training: true), model.Network.NewBatch());
        _order = new(new int[_train.Length], batch, rng);
        _data = Fingerprint(_frame);
    }

    public int Windows => _train.Length;

    public override Module Model => _model;

    public override int BatchesPerEpoch => _order.BatchesPerEpoch;

    public override long TokensInBatch => (long)_batch.Count * (_model.Config.Context + _model.Config.Horizon);

    public override bool HasValidation => _valid.Length > 0;

    public override Tensor NextLoss()
    {
        var chosen = _order.Next();
        _batch.Fill(_frame, _train, chosen);
        var p = _model.Network.Forward(_batch);
        var loss = _model.Network.Head.Loss(p, _batch, _frame.Schema.Targets.Count);
        if (!Real.IsFinite(loss.Scalar)) Refuse(p, chosen, loss.Scalar);
        return loss;
    }

    /// <summary>Names the first window of a batch of which what is said is not finite, or whose values are the farthest out.</summary>
    void Refuse(Tensor p, ReadOnlySpan<int> chosen, double loss)
    {
        var (worst, size) = (0, -1.0);
        for (var i = 0; i < p.Count; i++)
        {
            var row = i / _model.Network.Head.Count;
            var far = Real.IsFinite(p.Values[i]) ? Math.Abs(_batch.Known[row] ? _batch.Truth[row] : 0) : double.PositiveInfinity;
            if (far > size) (worst, size) = (row, far);
        }
        var window = _train[chosen[worst / _frame.Schema.Targets.Count % _batch.Count]];
        var series = _frame.Series[window.Series];
        var time = series.Source.TimeAt(window.Cutoff)?.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) ?? $"step {window.Cutoff:N0}";
        Throw.ForecastNotFinite(series.Name, time, loss);
    }

    public override Validation Validate()
    {
        if (!HasValidation) Throw.NoValidation();
        double sum = 0, error = 0;
        long known = 0;
        Span<double> quantiles = stackalloc double[ForecastHead.Levels.Count];
        var targets = _frame.Schema.Targets.Count;
        for (var at = 0; at < _valid.Length; at += ValidationBatch)
        {
            int[] chosen = [.. Enumerable.Range(at, Math.Min(ValidationBatch, _valid.Length - at))];
            _validBatch.Fill(_frame, _valid, chosen);
            using var scratch = Tape.Scratch();
            var p = _model.Network.Forward(_validBatch);
            sum += (double)_model.Network.Head.Loss(p, _validBatch, targets).Scalar * _validBatch.KnownCount;
            known += _validBatch.KnownCount;
            for (var row = 0; row < _validBatch.Known.Length; row++)
            {
                if (!_validBatch.Known[row]) continue;
                var (d, scale) = (row % targets, _validBatch.ScaleOf(row / targets % chosen.Length, row % targets));
                _model.Network.Describe(p, _validBatch, row, quantiles);
                error += Math.Abs(_frame.Undo(d, scale.Undo(_validBatch.Truth[row])) - _frame.Undo(d, scale.Undo(quantiles[quantiles.Length / 2])));
            }
        }
        return new(sum / known, [("mae", error / known)]);
    }

    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(_data, "", _order.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
    }

    public override void Restore(CheckpointState snapshot)
    {
        _order.Position = snapshot.GetPosition(_data, _train.Length, "", _valid.Length);
        _model.DropoutRng.State = snapshot.GetRng("dropout");
    }

    static string Fingerprint(ForecastFrame frame)
    {
        var hash = new Fnv();
        foreach (var series in frame.Series)
        {
            hash.Add((uint)series.End);
            foreach (var values in series.Targets)
                foreach (var y in values.AsSpan(0, series.End)) hash.Add(BitConverter.SingleToUInt32Bits((float)y));
            foreach (var values in series.Past.Concat(series.Future))
                foreach (var x in values.AsSpan(0, Math.Min(values.Length, series.End))) hash.Add(BitConverter.SingleToUInt32Bits((float)x));
        }
        return hash.ToString();
    }
}
