using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>A window: a series, and the step of its cut-off, the first that is forecast.</summary>
readonly record struct ForecastWindow(int Series, int Cutoff);

/// <summary>One series as a forecaster reads it.</summary>
sealed record FrameSeries
{
    public required string Name { get; init; }

    public required TimeSeries Source { get; init; }

    /// <summary>f(y) by target; NaN where it is missing.</summary>
    public required double[][] Targets { get; init; }

    /// <summary>Numbers of covariates by column: scaled, gaps closed by the value before, else 0.</summary>
    public required Real[][] Past { get; init; }

    public required Real[][] Future { get; init; }

    /// <summary>The calendar [steps + horizon, C].</summary>
    public required Real[] Calendar { get; init; }

    /// <summary>The scales of the targets; null where they are those of the window.</summary>
    public required ValueScale[]? Scales { get; init; }

    /// <summary>The place of each static category, −1 for one that is not known; −1 for numbers.</summary>
    public required int[] StaticIds { get; init; }

    public required Real[] StaticNumbers { get; init; }

    /// <summary>The step behind the last known value of any target.</summary>
    public required int End { get; set; }

    /// <summary>The place of step 0 in the season, by its time where there are times, so that it does not depend on where a file begins; at least 0.</summary>
    public required long FirstPhase { get; set; }
}

/// <summary>A table prepared for a model: columns found by name, scaled by what the training part told.</summary>
/// <remarks>Nothing behind a cut-off is read for a window but covariates known ahead and the calendar. Safe for use by several threads.</remarks>
sealed class ForecastFrame
{
    readonly int _ahead;

    /// <param name="ahead">For how many steps behind the last value of a target the calendar is needed.</param>
    /// <exception cref="UnrollException">A column that the model reads is not there, or is of another kind.</exception>
    public ForecastFrame(ForecasterConfig config, ForecastSchema schema, TimeSeriesTable table, int ahead)
    {
        (Config, Schema, _ahead) = (config, schema, ahead);
        Calendar = new(schema.HasTimes ? schema.Step : null, schema.Years, config.Season);
        int[] targets = [.. schema.Targets.Select(c => Find(table, c))], past = [.. schema.Past.Select(c => Find(table, c))], future = [.. schema.Future.Select(c => Find(table, c))];
        Series = [.. table.Series.Select(s => Prepare(table, s, targets, past, future))];
    }

    public ForecasterConfig Config { get; }

    public ForecastSchema Schema { get; }

    public CalendarFeatures Calendar { get; }

    public IReadOnlyList<FrameSeries> Series { get; }

    static int Find(TimeSeriesTable table, ForecastColumn column)
    {
        var at = table.IndexOf(column.Name);
        if (table.Columns[at].IsCategory == column.Categories.Count > 0) return at;
        var (has, reads) = column.Categories.Count > 0 ? ("numbers", "texts") : ("texts", "numbers");
        throw new DataMismatchException($"Column {ProblemList.Quote(column.Name)} has {has}; the model reads {reads} there.");
    }

    FrameSeries Prepare(TimeSeriesTable table, TimeSeries series, int[] targets, int[] past, int[] future)
    {
        if (Schema.HasTimes && series.Start is null) throw new DataMismatchException($"Series {ProblemList.Quote(series.Name)} has no times; the model reads the calendar.");
        if (Schema.HasTimes && series.Step != Schema.Step)
            throw new DataMismatchException($"Series {ProblemList.Quote(series.Name)} has a step of {series.Step}; the model reads steps of {Schema.Step}.");
        double[][] values = [.. targets.Select((c, d) => Transformed(series[c], d))];
        var (end, c, statics) = (ForecastSplit.EndOf(series, targets), Calendar.Count, Schema.Static);
        var calendar = new Real[(Math.Max(series.Count, end + _ahead)) * c];
        for (var t = 0; t < calendar.Length / Math.Max(1, c); t++) Calendar.Write(calendar.AsSpan(t * c, c), Schema.HasTimes ? series.TimeAt(t)!.Value : default, t);
        var (ids, numbers) = (new int[statics.Count], new Real[statics.Count]);
        for (var i = 0; i < statics.Count; i++) (ids[i], numbers[i]) = StaticOf(table, series, statics[i]);
        return new()
        {
            Name = series.Name, Source = series, Targets = values, Past = Covariates(table, series, past, Schema.Past), Future = Covariates(table, series, future, Schema.Future), Calendar = calendar,
            Scales = Config.ScaleWindow ? null : Schema.Series.GetValueOrDefault(series.Name) ?? [.. values.Select(v => TargetScaling.Measure(Config.Scaling, v.AsSpan(0, end)))],
            StaticIds = ids, StaticNumbers = numbers, End = end, FirstPhase = Schema.HasTimes ? Schema.Step!.Value.Between(default, series.Start!.Value) % Config.Season : 0,
        };
    }

    double[] Transformed(ReadOnlySpan<double> values, int target)
    {
        var result = values.ToArray();
        for (var t = 0; t < result.Length; t++) result[t] = Apply(target, result[t]);
        return result;
    }

    static (int, Real) StaticOf(TimeSeriesTable table, TimeSeries series, ForecastColumn column)
    {
        var at = 0;
        while (at < table.StaticColumns.Count && table.StaticColumns[at].Name != column.Name) at++;
        if (at == table.StaticColumns.Count) throw Throw.NoColumn("The table", column.Name, table.StaticColumns.Select(c => c.Name));
        var value = series.StaticValues[at];
        if (column.Categories.Count == 0) return (-1, double.IsNaN(value) ? 0 : (Real)column.Scale.Apply(value));
        return (double.IsNaN(value) || !table.StaticColumns[at].IsCategory ? -1 : column.IndexOf(table.StaticColumns[at].Categories[(int)value]), 0);
    }

    static Real[][] Covariates(TimeSeriesTable table, TimeSeries series, int[] places, IReadOnlyList<ForecastColumn> columns)
    {
        var found = new List<Real[]>();
        for (var i = 0; i < places.Length; i++)
        {
            var values = series[places[i]];
            var column = columns[i];
            int[] same = [.. table.Columns[places[i]].Categories.Select(column.IndexOf)];           // a file may list its texts in another order
            for (var k = 0; k < column.Width; k++)
            {
                var scaled = new Real[values.Length];
                for (var t = 0; t < scaled.Length; t++) scaled[t] = column.Scaled(double.IsNaN(values[t]) || same.Length == 0 ? values[t] : same[(int)values[t]], k, t > 0 ? scaled[t - 1] : 0);
                found.Add(scaled);
            }
        }
        return [.. found];
    }

    /// <summary>f(y).</summary>
    public double Apply(int target, double value) => Config.Scaling == "log" ? Math.Log(Math.Max(value + Schema.LogShifts[target], 1e-9)) : value;

    /// <summary>y of f(y).</summary>
    public double Undo(int target, double transformed) => Config.Scaling == "log" ? Math.Exp(transformed) - Schema.LogShifts[target] : transformed;

    /// <summary>What a target is scaled by in a window.</summary>
    public ValueScale ScaleOf(ForecastWindow window, int target) => ScaleOf(Series[window.Series], window.Cutoff, target);

    /// <summary>What a target is scaled by in the window behind a cut-off.</summary>
    public ValueScale ScaleOf(FrameSeries series, int cutoff, int target)
    {
        if (series.Scales is { } own) return own[target];
        var start = Math.Max(0, cutoff - Config.Context);
        var context = series.Targets[target].AsSpan(start, cutoff - start);
        return TargetScaling.Measure(Config.Scaling, context, Schema.Targets[target].Scale.Scale).Around(context[^Math.Min(context.Length, Config.Season)..]);
    }

    /// <summary>Windows whose steps to forecast lie in parts of the table's series, the context before them whole.</summary>
    /// <param name="parts">Parts of the series of this frame, each by its name.</param>
    /// <param name="most">At most so many, evenly spaced.</param>
    public ForecastWindow[] Windows(IReadOnlyList<ForecastPart> parts, int most = int.MaxValue)
    {
        var places = Series.Select((s, i) => (s.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        long total = 0;
        foreach (var part in parts) total += Math.Max(0, part.To - Config.Horizon - Math.Max(part.From, Config.Context) + 1);
        var stride = Math.Max(1, (total + most - 1) / most);
        if (stride > 1)
            while (Config.Season > 1 && Gcd(stride, Config.Season) > 1) stride++;                // all phases of the season
        var found = new List<ForecastWindow>();
        long at = 0;
        foreach (var part in parts)
        {
            var series = places[part.Series.Name];
            for (var cutoff = Math.Max(part.From, Config.Context); cutoff + Config.Horizon <= part.To; cutoff++)
                if (at++ % stride == 0 && HasValues(Series[series], cutoff)) found.Add(new(series, cutoff));
        }
        return [.. found];
    }

    static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    /// <summary>Whether a value is known on both sides of a cut-off.</summary>
    bool HasValues(FrameSeries series, int cutoff)
    {
        bool before = false, behind = false;
        foreach (var values in series.Targets)
        {
            for (var t = cutoff - 1; t >= cutoff - Config.Context && !before; t--) before = !double.IsNaN(values[t]);
            for (var t = cutoff; t < cutoff + Config.Horizon && !behind; t++) behind = !double.IsNaN(values[t]);
        }
        return before && behind;
    }
}
