namespace Unroll.Tasks;

/// <summary>One series with its covariates by time. Missing values are NaN.</summary>
internal sealed class ForecastSeries
{
    /// <param name="name">What tells it from others.</param>
    /// <param name="values">The target, one value a time step.</param>
    /// <param name="past">Covariates known only up to the cut-off, as long as the target each.</param>
    /// <param name="future">Covariates known ahead, at least as long as the target each.</param>
    /// <param name="times">A time stamp for each step, at least as many as values, or none. Those of future steps are known.</param>
    /// <exception cref="ArgumentException">A column has another length.</exception>
    public ForecastSeries(string name, double[] values, IReadOnlyList<double[]>? past = null, IReadOnlyList<double[]>? future = null, IReadOnlyList<DateTime>? times = null)
    {
        (Name, Values, Past, Future, Times) = (name, values, past ?? [], future ?? [], times ?? []);
        foreach (var column in Past)
            if (column.Length != values.Length) Throw.CovariateLength(name, "past", column.Length, values.Length);
        foreach (var column in Future)
            if (column.Length < values.Length) Throw.CovariateLength(name, "future-known", column.Length, values.Length);
        if (Times.Count > 0 && Times.Count < values.Length) Throw.CovariateLength(name, "time", Times.Count, values.Length);
    }

    public string Name { get; }

    public double[] Values { get; }

    public IReadOnlyList<double[]> Past { get; }

    public IReadOnlyList<double[]> Future { get; }

    public IReadOnlyList<DateTime> Times { get; }
}

/// <summary>What is known of a series at a cut-off. Nothing else can be read through it, so that no method can look at the future.</summary>
/// <remarks>The target and past covariates end at the cut-off, future-known covariates and time stamps <see cref="Ahead"/> steps behind it.</remarks>
internal sealed class SeriesWindow
{
    readonly ForecastSeries _series;

    /// <param name="series">The series.</param>
    /// <param name="end">The number of time steps before the cut-off.</param>
    /// <param name="ahead">For how many steps behind the cut-off covariates are known.</param>
    /// <param name="start">The first time step that counts, above 0 for a sliding window.</param>
    public SeriesWindow(ForecastSeries series, int end, int ahead, int start = 0)
    {
        if (start < 0 || end < start || end > series.Values.Length) Throw.OutOfRange(nameof(end), end, $"from {start:N0} to {series.Values.Length:N0}");
        if (ahead < 0) Throw.OutOfRange(nameof(ahead), ahead, "0 or more");
        (_series, Start, End, Ahead) = (series, start, end, ahead);
    }

    public string Name => _series.Name;

    /// <summary>The time step of the first value in the whole series.</summary>
    public int Start { get; }

    /// <summary>The time step of the first value that is not known.</summary>
    public int End { get; }

    /// <summary>For how many steps behind the cut-off covariates are known.</summary>
    public int Ahead { get; }

    /// <summary>How many values are known.</summary>
    public int Count => End - Start;

    public int PastCount => _series.Past.Count;

    public int FutureCount => _series.Future.Count;

    /// <summary>The target up to the cut-off.</summary>
    public ReadOnlySpan<double> Values => _series.Values.AsSpan(Start, Count);

    /// <summary>A past covariate up to the cut-off.</summary>
    public ReadOnlySpan<double> Past(int column) => _series.Past[column].AsSpan(Start, Count);

    /// <summary>A covariate known ahead, up to <see cref="Ahead"/> steps behind the cut-off where the data goes that far.</summary>
    public ReadOnlySpan<double> Future(int column)
    {
        var values = _series.Future[column];
        return values.AsSpan(Start, Math.Min(values.Length, End + Ahead) - Start);
    }

    public bool HasTimes => _series.Times.Count > 0;

    /// <summary>The time stamp of a step of the window; behind the last one that is known they go on at the last spacing.</summary>
    public DateTime Time(int step)
    {
        var (index, last) = (Start + step, Math.Min(_series.Times.Count, End + Ahead) - 1);
        if (index <= last) return _series.Times[index];
        return last < 1 ? _series.Times[last] : _series.Times[last] + (index - last) * (_series.Times[last] - _series.Times[last - 1]);
    }
}
