using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>The level and the season of each series by exponential smoothing, learned together with the network (Smyl 2020, the winner of the M4 competition; here of scaled values).</summary>
/// <remarks>
/// <code>
/// λ_t     = α (z_t − σ_t) + (1 − α) λ_{t−1}        α = sigmoid(a + a_i)
/// σ_{t+m} = γ (z_t − λ_t) + (1 − γ) σ_t            γ = sigmoid(g + g_i)
/// </code>
/// z are scaled values of series i; of logarithms this is multiplicative smoothing. Where z_t is missing, λ and σ stay. σ begins at the mean distances from the mean of each season, over up to four seasons,
/// plus what is learned for the series; λ at the mean of the first season. At most the last 1,000 steps are read. Parameters: <c>shared</c> [2] a and g; <c>series</c> [S·D, 2 + m], a_i, g_i and the
/// differences of the first σ. A series that training has not seen has zeros there.
/// </remarks>
sealed class ForecastSmoothing : Module
{
    /// <summary>The most steps that are read before a cut-off.</summary>
    public const int MostSteps = 1000;

    const int MostSeasons = 4;
    const double FirstShareOfSeason = -1;

    [ThreadStatic]
    static Run? _alone;

    readonly int _season, _targets;
    readonly Parameter _shared, _series;
    readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public ForecastSmoothing(ForecasterConfig config, ForecastSchema schema)
    {
        (_season, _targets) = (config.Season, schema.Targets.Count);
        foreach (var name in schema.Names) _places[name] = _places.Count;
        _shared = Add("shared", new Parameter(new(2), decays: false));
        _series = Add("series", new Parameter(new(Math.Max(1, _places.Count) * _targets, 2 + _season)));
        _shared.Edit()[1] = (Real)FirstShareOfSeason;
    }

    /// <summary>σ of the last steps before the cut-off, then of those behind it, and λ of the last step: [K + S + 1, B·D].</summary>
    /// <param name="batch">The windows.</param>
    /// <param name="context">K.</param>
    public Tensor Forward(ForecastBatch batch, int context)
    {
        var rows = batch.Count * _targets;
        var y = Tensor.New(new(context + batch.Steps + 1, rows));
        if (Tape.Records(y, _shared.Tensor, _series.Tensor))
        {
            var node = Tape.Push<SmoothingNode>();
            node.Set(_shared.Tensor, _series.Tensor, y, context);
            for (var row = 0; row < rows; row++) Smooth(node.Room(row, rows), batch, row, context, y);
        }
        else
        {
            var run = _alone ??= new();
            for (var row = 0; row < rows; row++) Smooth(run, batch, row, context, y);
        }
        return y;
    }

    void Smooth(Run run, ForecastBatch batch, int row, int context, Tensor y)
    {
        var (series, cutoff) = batch.WindowOf(row / _targets);
        var (target, steps) = (row % _targets, Math.Min(cutoff, MostSteps));
        var place = _places.GetValueOrDefault(series.Name, -1);
        run.Begin(place < 0 ? -1 : place * _targets + target, steps, batch.Steps, _season, (int)((series.FirstPhase + cutoff - steps) % _season));
        var values = series.Targets[target].AsSpan(cutoff - steps, steps);
        var scale = batch.ScaleOf(row / _targets, target);
        for (var t = 0; t < steps; t++) run.Z[t] = scale.Apply(values[t]);
        var own = run.Place < 0 ? default : _series.Values.Slice(run.Place * (2 + _season), 2 + _season);
        run.Smooth(_shared.Values, own);
        var rows = y.Shape[1];
        for (var k = 0; k < context + batch.Steps; k++) y.Values[k * rows + row] = steps - context + k is >= 0 and var t ? (Real)run.Seasons[t] : 0;
        y.Values[(context + batch.Steps) * rows + row] = (Real)run.LastLevel;
    }

    /// <summary>One series up to one cut-off.</summary>
    sealed class Run
    {
        double _first;
        int _steps, _horizon, _season, _phase;

        /// <summary>The row of the parameters; −1 for none.</summary>
        public int Place { get; private set; }

        /// <summary>z by step.</summary>
        public double[] Z { get; private set; } = [];

        /// <summary>σ by step, those of the horizon behind.</summary>
        public double[] Seasons { get; private set; } = [];

        double[] _levels = [], _dSeasons = [];

        public double LastLevel => _steps > 0 ? _levels[_steps - 1] : _first;

        public double Alpha { get; private set; }

        public double Gamma { get; private set; }

        public void Begin(int place, int steps, int horizon, int season, int phase)
        {
            (Place, _steps, _horizon, _season, _phase) = (place, steps, horizon, season, phase);
            if (Z.Length < steps) (Z, _levels) = (new double[MostSteps], new double[MostSteps]);
            if (Seasons.Length < steps + season + horizon) (Seasons, _dSeasons) = (new double[MostSteps + season + horizon], new double[MostSteps + season + horizon]);
        }

        public void Smooth(ReadOnlySpan<Real> shared, ReadOnlySpan<Real> own)
        {
            (Alpha, Gamma) = (Sigmoid(shared[0] + (own.IsEmpty ? 0 : own[0])), Sigmoid(shared[1] + (own.IsEmpty ? 0 : own[1])));
            BeginSeason(own);
            for (var t = 0; t < _steps; t++)
            {
                var before = t > 0 ? _levels[t - 1] : _first;
                var missing = double.IsNaN(Z[t]);
                _levels[t] = missing ? before : Alpha * (Z[t] - Seasons[t]) + (1 - Alpha) * before;
                if (_season > 1) Seasons[t + _season] = missing ? Seasons[t] : Gamma * (Z[t] - _levels[t]) + (1 - Gamma) * Seasons[t];
            }
            for (var t = _steps + _season; t < _steps + _horizon; t++) Seasons[t] = Seasons[t - _season];
        }

        /// <summary>λ before the first step, and the first σ.</summary>
        void BeginSeason(ReadOnlySpan<Real> own)
        {
            Array.Clear(Seasons);
            _first = Mean(0, Math.Min(_season, _steps));
            if (double.IsNaN(_first)) _first = 0;
            if (_season == 1) return;
            var seasons = Math.Min(MostSeasons, _steps / _season);
            for (var p = 0; p < _season; p++)
            {
                var (sum, count) = (0.0, 0);
                for (var s = 0; s < seasons; s++)
                {
                    var distance = Z[s * _season + p] - Mean(s * _season, _season);
                    if (!double.IsNaN(distance)) (sum, count) = (sum + distance, count + 1);
                }
                Seasons[p] = (count > 0 ? sum / count : 0) + (own.IsEmpty ? 0 : own[2 + (_phase + p) % _season]);
            }
        }

        double Mean(int from, int count)
        {
            var (sum, known) = (0.0, 0);
            for (var t = from; t < from + count; t++)
                if (!double.IsNaN(Z[t])) (sum, known) = (sum + Z[t], known + 1);
            return sum / known;
        }

        /// <summary>The way back: adds to the gradients of the parameters.</summary>
        /// <param name="dy">[K + S + 1, rows].</param>
        public void Back(ReadOnlySpan<Real> dy, int row, int rows, int context, Span<Real> dShared, Span<Real> dSeries)
        {
            Array.Clear(_dSeasons);
            for (var k = 0; k < context + _horizon; k++)
                if (_steps - context + k is >= 0 and var t) _dSeasons[t] += dy[k * rows + row];
            for (var t = _steps + _horizon - 1; t >= _steps + _season; t--) _dSeasons[t - _season] += _dSeasons[t];
            double dLevel = dy[(context + _horizon) * rows + row], dAlpha = 0, dGamma = 0;
            for (var t = _steps - 1; t >= 0; t--)
            {
                var before = t > 0 ? _levels[t - 1] : _first;
                if (double.IsNaN(Z[t]))
                {
                    if (_season > 1) _dSeasons[t] += _dSeasons[t + _season];
                    continue;
                }
                if (_season > 1)
                {
                    var g = _dSeasons[t + _season];
                    dGamma += g * (Z[t] - _levels[t] - Seasons[t]);
                    dLevel -= Gamma * g;
                    _dSeasons[t] += (1 - Gamma) * g;
                }
                dAlpha += dLevel * (Z[t] - Seasons[t] - before);
                _dSeasons[t] -= Alpha * dLevel;
                dLevel *= 1 - Alpha;
            }
            (dAlpha, dGamma) = (dAlpha * Alpha * (1 - Alpha), dGamma * Gamma * (1 - Gamma));
            dShared[0] += (Real)dAlpha;
            dShared[1] += (Real)dGamma;
            if (Place < 0) return;
            var own = dSeries.Slice(Place * (2 + _season), 2 + _season);
            own[0] += (Real)dAlpha;
            own[1] += (Real)dGamma;
            for (var p = 0; p < _season && _season > 1; p++) own[2 + (_phase + p) % _season] += (Real)_dSeasons[p];
        }

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    }

    sealed class SmoothingNode : Node
    {
        Tensor _shared, _series, _y;
        Run[] _runs = [];
        int _context;

        public void Set(Tensor shared, Tensor series, Tensor y, int context) => (_shared, _series, _y, _context) = (shared, series, y, context);

        public Run Room(int row, int rows)
        {
            if (_runs.Length < rows) _runs = [.. _runs, .. Enumerable.Range(0, rows - _runs.Length).Select(_ => new Run())];
            return _runs[row];
        }

        public override void Backward()
        {
            ReadOnlySpan<Real> dy = _y.Data.Gradient();
            var rows = _y.Shape[1];
            Span<Real> dShared = _shared.NeedsGradient ? _shared.Data.Gradient() : new Real[2], dSeries = _series.NeedsGradient ? _series.Data.Gradient() : new Real[_series.Count];
            for (var row = 0; row < rows; row++) _runs[row].Back(dy, row, rows, _context, dShared, dSeries);
        }
    }
}
