using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Step by step, as DeepAR (Salinas, Flunkert, Gasthaus, Januschowski 2020): each step reads the value of the one before, which is true in training and its own sample in use.</summary>
/// <remarks>
/// <code>
/// h_t = network(x_t, h_{t−1})    over context and horizon, from s₀ = tanh(W static + c)
/// o_t = W dropout(h_t) + c       what is said of y_t follows from the linear forecast b_t and o_t (<see cref="ForecastHead"/>)
/// </code>
/// b_t is what the linear part, scaled by the context of t, says of t alone. x_t has the scaled targets of t − 1, b_t, the targets whole seasons before t, past covariates of t − 1, covariates known ahead and the calendar of t. Training scores all steps of context and
/// horizon. A forecast is <see cref="PathCount"/> paths: a value is drawn of each step, and read by the next; means and quantiles are those of the paths. A window always draws the same paths.
/// </remarks>
sealed class AutoregressiveNetwork : ForecastNetwork
{
    public const int PathCount = 200;

    readonly Stacked _layers;
    readonly ForecastStatic? _static;
    readonly Linear _output;
    readonly Dropout? _dropout;

    public AutoregressiveNetwork(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar, Dropout? dropout, Rng rng) : base(config, schema, linear, calendar)
    {
        _dropout = dropout;
        var width = new AutoregressiveBatch(config, schema, linear, calendar).Width;
        _layers = Add("network", Stacked.Of(CellCatalog.Get(config.Cell), config.Layers, width, config.HiddenSize, bidirectional: false, dropout, rng));
        if (schema.Static.Count > 0) _static = Add("static", new ForecastStatic(schema.Static, _layers, rng));
        _output = Add("output", NewOutput(rng));
    }

    public override ForecastBatch NewBatch(bool training = false) => new AutoregressiveBatch(Config, Schema, Linear, Calendar, training);

    public override Tensor Forward(ForecastBatch batch) => Forward((AutoregressiveBatch)batch, _static?.Start(batch) ?? default).Parameters;

    (Tensor Parameters, State Final) Forward(AutoregressiveBatch batch, State state)
    {
        var (h, final) = _layers.Forward(Tensor.From(batch.Input, new(batch.Steps, batch.Count, batch.Width)), state);            // [S, B, hidden]
        var o = Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? h : _dropout.Forward(h)));           // [S, B, D·C]
        return (ParametersOf(o, batch), final);
    }

    public override ScaledForecast[] Predict(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, int horizon, ForecastBatch batch)
    {
        var (room, targets) = ((AutoregressiveBatch)batch, Schema.Targets.Count);
        int[] all = [.. Enumerable.Range(0, windows.Length)];
        room.Fill(frame, windows, all, Config.Context);
        var state = Repeat(room);
        var paths = new PathRows[windows.Length];
        for (var b = 0; b < paths.Length; b++) paths[b] = new(frame, windows[b], horizon);
        for (var h = 0; h < horizon; h++)
        {
            room.BeginStep(windows.Length * PathCount);
            for (var b = 0; b < paths.Length; b++)
                for (var n = 0; n < PathCount; n++) room.Set(b * PathCount + n, frame, paths[b].Before(n, h), windows[b].Cutoff, windows[b].Cutoff + h, paths[b].Scales);
            using var scratch = Tape.Scratch();
            var (p, final) = Forward(room, state);
            state.CopyFrom(final);
            for (var row = 0; row < room.Count * targets; row++)
            {
                var (b, n) = Math.DivRem(row / targets, PathCount);
                paths[b].Add(n, h, row % targets, Sample(p, room, row, paths[b].Rng));
            }
        }
        return [.. paths.SelectMany(p => p.Describe())];
    }

    public override State ZeroState() => _layers.ZeroState(1);

    public override void Begin(State state, ForecastFrame frame, ForecastWindow window, ForecastBatch batch)
    {
        var room = (AutoregressiveBatch)batch;
        room.Fill(frame, [window], [0], Config.Context);
        using var scratch = Tape.Scratch();
        state.CopyFrom(Context(room));
    }

    public override void Read(State state, ForecastFrame frame, FrameSeries series, int cutoff, ForecastBatch batch)
    {
        using var scratch = Tape.Scratch();
        state.CopyFrom(Step(state, frame, series, cutoff - 1, (AutoregressiveBatch)batch).Final);
    }

    public override Tensor Next(State state, ForecastFrame frame, FrameSeries series, int cutoff, int steps, ForecastBatch batch) => Step(state, frame, series, cutoff, (AutoregressiveBatch)batch).Parameters;

    (Tensor Parameters, State Final) Step(State state, ForecastFrame frame, FrameSeries series, int t, AutoregressiveBatch batch)
    {
        batch.FillStep(frame, series, t);
        return Forward(batch, state);
    }

    /// <summary>The state behind the context.</summary>
    State Context(AutoregressiveBatch batch) => _layers.Forward(Tensor.From(batch.Input, new(batch.Steps, batch.Count, batch.Width)), _static?.Start(batch) ?? default).Final;

    /// <summary>The state behind the context, once for each path.</summary>
    State Repeat(AutoregressiveBatch batch)
    {
        var state = _layers.ZeroState(batch.Count * PathCount);
        using var scratch = Tape.Scratch();
        var final = Context(batch);
        for (var i = 0; i < state.Count; i++)
            for (var row = 0; row < batch.Count * PathCount; row++) final[i][row / PathCount].Values.CopyTo(state[i][row].Values);
        return state;
    }

    /// <summary>The paths of one window: a copy of its series in which the steps of the horizon are those of a path.</summary>
    sealed class PathRows
    {
        readonly FrameSeries _series;
        readonly int _cutoff, _horizon;
        readonly double[][][] _paths;

        public PathRows(ForecastFrame frame, ForecastWindow window, int horizon)
        {
            (_cutoff, _horizon) = (window.Cutoff, horizon);
            var series = frame.Series[window.Series];
            Scales = [.. series.Targets.Select((_, d) => frame.ScaleOf(series, _cutoff, d))];
            _series = series with { Targets = [.. series.Targets.Select(v => v.AsSpan(0, Math.Min(v.Length, _cutoff)).ToArray().Concat(new double[horizon]).ToArray())] };
            _paths = [.. series.Targets.Select(_ => Enumerable.Range(0, PathCount).Select(_ => new double[horizon]).ToArray())];
            var hash = new Fnv();
            foreach (var letter in series.Name) hash.Add(letter);
            hash.Add((uint)_cutoff);
            Rng = new(hash.Value);
        }

        public ValueScale[] Scales { get; }

        public Rng Rng { get; }

        /// <summary>The series with the first steps of a path.</summary>
        public FrameSeries Before(int path, int steps)
        {
            for (var d = 0; d < _paths.Length; d++)
                for (var h = 0; h < steps; h++) _series.Targets[d][_cutoff + h] = Scales[d].Undo(_paths[d][path][h]);
            return _series;
        }

        public void Add(int path, int step, int target, double scaled) => _paths[target][path][step] = scaled;

        /// <summary>Means and quantiles of the paths, by target.</summary>
        public IEnumerable<ScaledForecast> Describe()
        {
            for (var d = 0; d < _paths.Length; d++)
            {
                var (mean, quantiles, values) = (new double[_horizon], new double[_horizon][], new double[PathCount]);
                for (var h = 0; h < _horizon; h++)
                {
                    for (var n = 0; n < PathCount; n++) values[n] = _paths[d][n][h];
                    mean[h] = values.Average();
                    Array.Sort(values);
                    quantiles[h] = [.. ForecastHead.Levels.Select(level => QuantileForecast.SampleQuantile(values, level))];
                }
                yield return new(Scales[d], mean, quantiles, _paths[d]);
            }
        }
    }
}
