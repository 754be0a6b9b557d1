namespace Unroll.Tasks;

/// <summary>A series up to its cut-off as <see cref="LinearAutoregression"/> learns from it: scaled sources, gaps in features closed by the value before.</summary>
sealed class LinearSeries
{
    readonly double[][] _sources;
    readonly double[] _truth;
    readonly (double Mean, double Deviation)[] _scales;
    readonly CalendarColumns _calendar;
    readonly int _start, _covariates;

    public LinearSeries(SeriesWindow series, CalendarColumns calendar)
    {
        (_calendar, _start, _covariates) = (calendar, series.Start, 1 + series.PastCount + series.FutureCount);
        _sources = new double[_covariates + calendar.Count][];
        _scales = new (double, double)[_covariates];
        for (var s = 0; s < _covariates; s++)
        {
            var values = SourceOf(series, s)[..series.Count].ToArray();
            var (mean, deviation) = _scales[s] = ScaleOf(values);
            for (var t = 0; t < values.Length; t++) values[t] = (values[t] - mean) / deviation;
            _sources[s] = values;
        }
        _truth = [.. _sources[0]];
        foreach (var source in _sources[.._covariates])
            for (var t = 1; t < source.Length; t++)
                if (double.IsNaN(source[t])) source[t] = source[t - 1];
        for (var c = 0; c < calendar.Count; c++)
        {
            var column = _sources[_covariates + c] = new double[series.Count];
            for (var t = 0; t < column.Length; t++) column[t] = calendar[series, t, c];
        }
    }

    public int Count => _truth.Length;

    /// <summary>The standard deviation of the target, by which it is divided.</summary>
    public double Deviation => _scales[0].Deviation;

    public double Unscaled(double value) => _scales[0].Mean + value * Deviation;

    /// <summary>The last value of a history, scaled.</summary>
    public double Last(SeriesWindow history) => Value(history, new(0, 0));

    /// <summary>The first origin from a step on whose phase is that; phase −1 is any.</summary>
    public int Origin(int from, int phase, int season) => phase < 0 ? from : from + ((phase - (_start + from + 1)) % season + season) % season;

    /// <summary>Writes rows column by column, the features and then the target, and leaves out those that lack something.</summary>
    /// <param name="block">[features + 1, stride].</param>
    /// <param name="origin">The last known step of the first row.</param>
    /// <param name="step">From one origin to the next.</param>
    /// <param name="rows">How many origins, at most the stride.</param>
    /// <param name="relative">Whether the target and its lags are less by the value at the origin.</param>
    /// <returns>How many rows there are.</returns>
    public int Write(Span<double> block, int stride, LinearFeature[] features, int h, int origin, int step, int rows, bool relative)
    {
        Span<bool> bad = stackalloc bool[rows];
        bad.Clear();
        var any = false;
        for (var f = 0; f <= features.Length; f++)
        {
            var (source, from) = f < features.Length ? (_sources[features[f].Source], origin + features[f].Offset) : (_truth, origin + h);
            var column = block.Slice(f * stride, rows);
            if (step == 1) source.AsSpan(from, rows).CopyTo(column);
            else
                for (var r = 0; r < rows; r++) column[r] = source[from + r * step];
            if (relative && (f == features.Length || features[f].Source == 0))
                for (var r = 0; r < rows; r++) column[r] -= _sources[0][origin + r * step];
            for (var r = 0; r < rows; r++)
                if (double.IsNaN(column[r])) any = bad[r] = true;
        }
        if (!any) return rows;
        var kept = 0;
        for (var r = 0; r < rows; r++)
        {
            if (bad[r]) continue;
            for (var f = 0; f <= features.Length; f++) block[f * stride + kept] = block[f * stride + r];
            kept++;
        }
        return kept;
    }

    /// <summary>A feature behind a later cut-off, scaled alike; 0, the mean, if there is no value yet.</summary>
    public double Value(SeriesWindow history, LinearFeature feature)
    {
        var index = history.Count - 1 + feature.Offset;
        if (feature.Source >= _covariates) return _calendar[history, index, feature.Source - _covariates];
        var values = SourceOf(history, feature.Source);
        index = Math.Min(index, values.Length - 1);
        while (index >= 0 && double.IsNaN(values[index])) index--;
        return index < 0 ? 0 : (values[index] - _scales[feature.Source].Mean) / _scales[feature.Source].Deviation;
    }

    static ReadOnlySpan<double> SourceOf(SeriesWindow series, int source) =>
        source == 0 ? series.Values : source <= series.PastCount ? series.Past(source - 1) : series.Future(source - 1 - series.PastCount);

    static (double Mean, double Deviation) ScaleOf(double[] values)
    {
        double sum = 0, squares = 0, count = 0;
        foreach (var value in values)
            if (!double.IsNaN(value)) (sum, count) = (sum + value, count + 1);
        var mean = count > 0 ? sum / count : 0;
        foreach (var value in values)
            if (!double.IsNaN(value)) squares += (value - mean) * (value - mean);
        return (mean, squares > 0 ? Math.Sqrt(squares / count) : 1);
    }
}
