namespace Unroll.Tasks;

/// <summary>A linear regression on the past and on what is known ahead, one for each step of the horizon (direct), with ridge.</summary>
/// <remarks>
/// ŷ(n + h) = wₕᵀ φₕ(n) + bₕ, φₕ by <see cref="LinearFeatures"/>: nothing later than n of the target and of past covariates. Where the main season m has rows enough, 5 for each
/// feature, the origins it learns from have the phase of the cut-off in the season, so that a day's hours from midnight have a regression each; else all origins
/// count. A penalty of the grid is chosen for each step by the squared error on the last fifth of the origins, with weights from rows whose targets are known
/// before these; then all rows are fitted anew. Quantiles are those of the errors on that fifth. Rows without a target are left out; gaps in features are closed by the
/// last value before. A series that was not in the training, or is too short, is learned from its own history, or forecast as by <see cref="NaiveMethod"/>.
/// </remarks>
internal sealed class LinearAutoregression(LinearOptions options) : SimpleMethod
{
    const int Block = 256, FewestRows = 10, RowsPerFeature = 5, FewestResiduals = 20;

    /// <summary>Of correlations: a share of the variance of a standardised feature.</summary>
    static readonly double[] Penalties = [1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1];

    const int UsualPenalty = 4;             // without rows to choose one by

    readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    readonly int _season = options.Seasons.FirstOrDefault(1);
    int _horizon;

    public override string Name => "linear";

    /// <summary>Series that share regressions.</summary>
    sealed record Group(IReadOnlyDictionary<string, LinearSeries> Series, LinearFeatures Features, CalendarColumns Calendar)
    {
        public Dictionary<(int Phase, int Step), Regression?> Regressions { get; } = [];
    }

    /// <param name="Residuals">Ascending, in deviations of the series.</param>
    sealed record Regression(LinearFeature[] Features, double[] Weights, double[] Residuals);

    /// <inheritdoc/>
    public override void Fit(IReadOnlyList<SeriesWindow> training, int horizon)
    {
        _groups.Clear();
        _horizon = horizon;
        if (options.Pooled) _groups[""] = Join(training);
        else
            foreach (var series in training) _groups[series.Name] = Join([series]);
    }

    public override QuantileForecast Forecast(SeriesWindow history, int horizon)
    {
        if (horizon > _horizon) Throw.OutOfRange(nameof(horizon), horizon, $"at most {_horizon:N0}, as in the training");
        if (!HasValue(history)) return Nothing(horizon);
        var key = options.Pooled ? "" : history.Name;
        if (!_groups.TryGetValue(key, out var group)) _groups[key] = group = Join([history]);
        if (!group.Series.TryGetValue(history.Name, out var series)) series = new(history, group.Calendar);
        QuantileForecast? instead = null;
        var (point, quantiles) = (new double[horizon], new double[horizon][]);
        for (var h = 1; h <= horizon; h++)
        {
            if (RegressionOf(group, history.End % _season, h) is not { } regression)
            {
                instead ??= new NaiveMethod(_season).Forecast(history, horizon);
                (point[h - 1], quantiles[h - 1]) = (instead.Point[h - 1], instead.Quantiles[h - 1]);
                continue;
            }
            var level = options.Pooled ? series.Last(history) : 0;
            var value = level + regression.Weights[^1];
            for (var f = 0; f < regression.Features.Length; f++)
                if (regression.Weights[f] != 0) value += regression.Weights[f] * (series.Value(history, regression.Features[f]) - (regression.Features[f].Source == 0 ? level : 0));
            point[h - 1] = series.Unscaled(value);
            quantiles[h - 1] = QuantileForecast.Around([point[h - 1]], _ => regression.Residuals, _ => series.Deviation).Quantiles[0];
        }
        return new(point, QuantileForecast.DefaultLevels, quantiles);
    }

    Group Join(IReadOnlyList<SeriesWindow> training)
    {
        var longest = training.MaxBy(s => s.Count)!;
        var calendar = options.Calendar ? new CalendarColumns(longest, _season) : CalendarColumns.None;
        var median = training.Select(s => s.Count).Order().ElementAt(training.Count / 2);
        return new(training.ToDictionary(s => s.Name, s => new LinearSeries(s, calendar), StringComparer.Ordinal), new(options, longest, calendar.Count, median, _horizon), calendar);
    }

    Regression? RegressionOf(Group group, int phase, int h)
    {
        if (_season == 1 || !options.EachPhase || !HasRows(group, h)) phase = -1;
        if (!group.Regressions.TryGetValue((phase, h), out var found)) group.Regressions[(phase, h)] = found = Learn(group, phase, h);
        return found;
    }

    static bool HasValue(SeriesWindow history)
    {
        var values = history.Values;
        var t = values.Length - 1;
        while (t >= 0 && double.IsNaN(values[t])) t--;
        return t >= 0;
    }

    /// <summary>Whether origins of one phase are enough.</summary>
    bool HasRows(Group group, int h) => group.Series.Values.Sum(s => s.Count - h) / _season >= RowsPerFeature * group.Features.Of(h, aligned: true).Length;

    Regression? Learn(Group group, int phase, int h)
    {
        var features = group.Features.Of(h, phase >= 0);
        var (fit, between, held) = (new NormalEquations(features.Length), new NormalEquations(features.Length), new NormalEquations(features.Length));
        var block = new double[(features.Length + 1) * Block];
        foreach (var series in group.Series.Values)
        {
            var (first, end) = Origins(series, features, h);
            var hold = end - (end - first) / 5;
            Each(series, first, hold - h, rows => fit.Add(block, Block, rows));
            Each(series, Math.Max(first, hold - h), hold, rows => between.Add(block, Block, rows));
            Each(series, hold, end, rows => held.Add(block, Block, rows));
        }
        if (fit.Rows + between.Rows + held.Rows < FewestRows) return null;
        var (best, isHeldOut) = (UsualPenalty, fit.Rows >= FewestRows && held.Rows >= FewestResiduals);
        double[] weights = [];
        if (isHeldOut)
        {
            var candidates = fit.Solve(Penalties);
            var errors = candidates.Select(held.Error).ToArray();
            best = Array.IndexOf(errors, errors.Min());
            weights = candidates[best];
        }
        fit.Add(between);
        fit.Add(held);
        var final = fit.Solve([Penalties[best]])[0];
        if (!isHeldOut) weights = final;
        var residuals = new List<double>();
        foreach (var series in group.Series.Values)
        {
            var (first, end) = Origins(series, features, h);
            Each(series, isHeldOut ? end - (end - first) / 5 : first, end, rows => AddResiduals(residuals, block, weights, rows));
        }
        residuals.Sort();
        return new(features, final, [.. residuals]);

        void Each(LinearSeries series, int from, int end, Action<int> use)
        {
            var step = phase < 0 ? 1 : _season;
            for (var origin = series.Origin(from, phase, _season); origin < end; origin += Block * step)
                if (series.Write(block, Block, features, h, origin, step, Math.Min(Block, (end - origin + step - 1) / step), options.Pooled) is > 0 and var rows) use(rows);
        }
    }

    /// <summary>The first origin that has all lags, and the one behind the last whose target and covariates are known.</summary>
    static (int First, int End) Origins(LinearSeries series, LinearFeature[] features, int h)
    {
        var first = Math.Max(0, -features.Min(f => f.Offset));
        return (first, Math.Max(first, series.Count - Math.Max(h, features.Max(f => f.Offset))));
    }

    static void AddResiduals(List<double> residuals, double[] block, double[] weights, int rows)
    {
        for (var r = 0; r < rows; r++)
        {
            var residual = block[(weights.Length - 1) * Block + r] - weights[^1];
            for (var f = 0; f < weights.Length - 1; f++) residual -= weights[f] * block[f * Block + r];
            residuals.Add(residual);
        }
    }
}
