using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A forecaster in use on a series that is still coming: <see cref="Observe"/> one step, <see cref="Forecast"/> the next ones. It keeps as much however long the series is, and neither call
/// allocates (an autoregressive model does for more than one step).
/// </summary>
/// <remarks>
/// <code>
/// var session = new ForecasterSession(model, history);
/// session.Forecast(1);                     // of the step behind the history
/// var expected = session.Quantile(1, 0.5);
/// session.Observe([17.3]);                 // what came
/// </code>
/// The first forecast is that of <see cref="Forecaster.Forecast"/>. Then the network's state goes on from step to step, where a forecast from a table reads the context anew: so later forecasts differ
/// a little from those. Not safe for use by several threads at once: the second one gets an <see cref="InvalidOperationException"/>. Sessions of several threads may share a model.
/// </remarks>
public sealed class ForecasterSession
{
    readonly ForecastFrame _frame;
    readonly FrameSeries _series;
    readonly ForecastBatch _batch;
    readonly State _state;
    readonly int _capacity, _kept, _targets;
    readonly DateTime? _start;
    readonly double[][] _quantiles;
    readonly double[] _means;
    long _first;
    int _known;
    SerialGuard _guard;

    /// <summary>A session behind a history.</summary>
    /// <param name="model">The model.</param>
    /// <param name="history">A table with the columns that the model reads. It may have no steps: then the model begins with missing values.</param>
    /// <param name="series">Which series of the table.</param>
    /// <exception cref="UnrollException">A column is missing, or of another kind or step.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such series.</exception>
    public ForecasterSession(Forecaster model, TimeSeriesTable history, int series = 0)
    {
        if ((uint)series >= (uint)history.Series.Count) Throw.OutOfRange(nameof(series), series, $"from 0 to {history.Series.Count - 1}");
        (Model, _frame, _targets) = (model, model.Prepare(history), model.Schema.Targets.Count);
        var (config, source) = (model.Config, _frame.Series[series]);
        _kept = Math.Max(Math.Max(config.Context, config.LinearLags), Math.Max(config.Season, config.LongSeason)) + 1;
        if (config.Mode == "smoothing") _kept = Math.Max(_kept, ForecastSmoothing.MostSteps);
        _capacity = Math.Max(2 * _kept, 256);
        var (length, calendar) = (_capacity + config.Horizon + 1, _frame.Calendar.Count);
        _first = Math.Max(0, source.End - _kept);
        _start = model.Schema.HasTimes ? source.Source.Start : null;
        var (kept, from) = (source.End - (int)_first, (int)_first);
        _series = source with
        {
            Targets = [.. source.Targets.Select(v => Copy(v, from, kept, length))],
            Past = [.. source.Past.Select(v => Copy(v, from, kept, length))],
            Future = [.. source.Future.Select(v => Copy(v, from, Math.Min(length, v.Length - from), length))],
            Calendar = new Real[length * calendar],
            Scales = config.ScaleWindow ? null : kept > 0 || model.Schema.Series.ContainsKey(source.Name) ? source.Scales : [.. model.Schema.Targets.Select(t => t.Scale)],
            End = kept,
            FirstPhase = source.FirstPhase + from,
        };
        _known = source.Future.Length == 0 ? 0 : Math.Min(length, Math.Max(0, source.Source.Count - from));
        for (var t = 0; t < kept + config.Horizon; t++) WriteCalendar(t);
        if (_known < length) HoldAhead();
        (_batch, _state) = (model.Network.NewBatch(), model.Network.ZeroState());
        _quantiles = [.. Enumerable.Range(0, config.StepsAtOnce * _targets).Select(_ => new double[ForecastHead.Levels.Count])];
        _means = new double[config.StepsAtOnce * _targets];
        model.Network.Begin(_state, _frame, new(series, source.End), _batch);
    }

    /// <summary>The model.</summary>
    public Forecaster Model { get; }

    /// <summary>How many steps there are, those of the history included.</summary>
    public long Count => _first + _series.End;

    /// <summary>How many steps the last forecast has; 0 before the first and behind each observation.</summary>
    public int Steps { get; private set; }

    /// <summary>Tells the columns known ahead of the first step that they were not told of yet; where the table of the history has them, behind its end.</summary>
    /// <param name="values">A number for each column of <see cref="ForecasterConfig.Future"/>, in their order; of a column of texts the place of one in the training's order. NaN where one is missing.</param>
    /// <exception cref="ArgumentException">There are more or fewer numbers than columns.</exception>
    /// <exception cref="InvalidOperationException">They are told for more steps than the horizon has.</exception>
    public void Ahead(params ReadOnlySpan<double> values)
    {
        using var alone = _guard.Enter(nameof(ForecasterSession));
        if (_known >= _series.End + Model.Config.Horizon) throw new InvalidOperationException($"Columns known ahead are told for the whole horizon of {Model.Config.Horizon:N0} steps already; observe a step first.");
        Write(_series.Future, Model.Schema.Future, values, _known, nameof(values));
        _known++;
        HoldAhead();
    }

    /// <summary>Reads one step.</summary>
    /// <param name="targets">A number for each target; NaN where one is missing.</param>
    /// <param name="past">A number for each column of <see cref="ForecasterConfig.Past"/>, in their order; of a column of texts the place of one in the training's order. NaN where one is missing.</param>
    /// <exception cref="ArgumentException">There are more or fewer numbers than columns, or one is infinite.</exception>
    public void Observe(ReadOnlySpan<double> targets, ReadOnlySpan<double> past = default)
    {
        using var alone = _guard.Enter(nameof(ForecasterSession));
        if (targets.Length != _targets) Throw.ValuesDoNotFit(targets.Length, new(_targets));
        foreach (var y in targets)
            if (double.IsInfinity(y)) throw new ArgumentException("A value is infinite; give NaN where one is missing.", nameof(targets));
        if (_series.End == _capacity) Shift();
        Write(_series.Past, Model.Schema.Past, past, _series.End, nameof(past));
        for (var d = 0; d < _targets; d++) _series.Targets[d][_series.End] = _frame.Apply(d, targets[d]);
        WriteCalendar(_series.End++ + Model.Config.Horizon);
        if (_series.End > _known) _known = _series.End;
        Model.Network.Read(_state, _frame, _series, _series.End, _batch);
        Steps = 0;
    }

    /// <summary>Forecasts the steps behind the last one; read them with <see cref="Mean"/> and <see cref="Quantile"/>.</summary>
    /// <param name="steps">How many, at most the model's horizon; of an autoregressive model 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than that, or none.</exception>
    public void Forecast(int steps = 1)
    {
        if (steps < 1 || steps > Model.Config.StepsAtOnce) Throw.OutOfRange(nameof(steps), steps, $"from 1 to {Model.Config.StepsAtOnce:N0}");
        using var alone = _guard.Enter(nameof(ForecasterSession));
        using var scratch = Tape.Scratch();
        var p = Model.Network.Next(_state, _frame, _series, _series.End, steps, _batch);
        for (var row = 0; row < steps * _targets; row++) _means[row] = Model.Describe(_frame, p, _batch, row, _quantiles[row]);
        Steps = steps;
    }

    /// <summary>The mean of a step of the last forecast.</summary>
    /// <param name="step">From 1 to <see cref="Steps"/>.</param>
    /// <param name="target">Which target, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or target.</exception>
    public double Mean(int step = 1, int target = 0) => _means[RowOf(step, target)];

    /// <summary>A quantile of a step of the last forecast, as of <see cref="Tasks.Forecast.Quantile"/>.</summary>
    /// <param name="step">From 1 to <see cref="Steps"/>.</param>
    /// <param name="level">Between 0 and 1.</param>
    /// <param name="target">Which target, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or target, or the level is not between 0 and 1.</exception>
    public double Quantile(int step, double level, int target = 0)
    {
        if (!(level > 0 && level < 1)) Throw.OutOfRange(nameof(level), level, "between 0 and 1");
        return QuantileForecast.At(ForecastHead.Levels, _quantiles[RowOf(step, target)], level);
    }

    /// <summary>How surprising a value of a step of the last forecast would be: −log₁₀ p, p the probability of a value at least as far out on either side, 2 min(F(y), 1 − F(y)).</summary>
    /// <param name="value">The value; NaN has NaN.</param>
    /// <param name="step">From 1 to <see cref="Steps"/>.</param>
    /// <param name="target">Which target, from 0.</param>
    /// <returns>At least 0, at most 300; 2 for a value of which one in a hundred is as far out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or target.</exception>
    public double Surprise(double value, int step = 1, int target = 0)
    {
        var quantiles = _quantiles[RowOf(step, target)];
        return double.IsNaN(value) ? double.NaN : QuantileForecast.Surprise(ForecastHead.Levels, quantiles, value);
    }

    int RowOf(int step, int target)
    {
        if (step < 1 || step > Steps) Throw.OutOfRange(nameof(step), step, Steps == 0 ? "nothing yet: call Forecast first" : $"from 1 to {Steps}");
        if ((uint)target >= (uint)_targets) Throw.OutOfRange(nameof(target), target, $"from 0 to {_targets - 1}");
        return (step - 1) * _targets + target;
    }

    /// <summary>Moves the last steps to the beginning of the buffers.</summary>
    void Shift()
    {
        var by = _series.End - _kept;
        foreach (var values in _series.Targets) values.AsSpan(by).CopyTo(values);
        foreach (var values in _series.Past) values.AsSpan(by).CopyTo(values);
        foreach (var values in _series.Future) values.AsSpan(by).CopyTo(values);
        (_first, _series.End, _series.FirstPhase, _known) = (_first + by, _series.End - by, _series.FirstPhase + by, Math.Max(0, _known - by));
        var c = _frame.Calendar.Count;
        _series.Calendar.AsSpan(by * c).CopyTo(_series.Calendar);
    }

    void WriteCalendar(int t)
    {
        var (c, at) = (_frame.Calendar.Count, _first + t);
        _frame.Calendar.Write(_series.Calendar.AsSpan(t * c, c), _start is { } start ? _series.Source.Step!.Value.Add(start, at) : default, (int)(at % int.MaxValue));
    }

    /// <summary>What is not told ahead is as the last that is.</summary>
    void HoldAhead()
    {
        foreach (var values in _series.Future) values.AsSpan(_known, Math.Min(values.Length - _known, Model.Config.Horizon)).Fill(_known > 0 ? values[_known - 1] : 0);
    }

    static void Write(Real[][] columns, IReadOnlyList<ForecastColumn> schema, ReadOnlySpan<double> values, int t, string name)
    {
        if (values.Length != schema.Count) throw new ArgumentException($"{values.Length} numbers for {schema.Count} columns ({FieldNames.Show(schema.Select(c => c.Name))}).", name);
        var at = 0;
        for (var i = 0; i < schema.Count; i++)
            for (var k = 0; k < schema[i].Width; k++, at++) columns[at][t] = schema[i].Scaled(values[i], k, t > 0 ? columns[at][t - 1] : 0);
    }

    static T[] Copy<T>(T[] values, int from, int count, int length)
    {
        var copy = new T[length];
        values.AsSpan(from, Math.Max(0, Math.Min(count, values.Length - from))).CopyTo(copy);
        return copy;
    }
}
