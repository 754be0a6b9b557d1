namespace Unroll.Tasks;

/// <summary>What a backtest asks of a method.</summary>
internal interface IForecastMethod
{
    /// <summary>Its name in tables.</summary>
    string Name { get; }

    /// <summary>Learns from all series up to their cut-offs; forgets what was learned before.</summary>
    /// <param name="training">The series; nothing behind their cut-offs is used.</param>
    /// <param name="horizon">How many steps will be asked for at most.</param>
    void Fit(IReadOnlyList<SeriesWindow> training, int horizon);

    /// <summary>Forecasts the steps behind cut-offs, which may be later than that of the training.</summary>
    /// <param name="histories">What is known at each, with covariates known ahead.</param>
    /// <param name="horizon">How many steps.</param>
    IReadOnlyList<QuantileForecast> ForecastAll(IReadOnlyList<SeriesWindow> histories, int horizon);
}

/// <summary>A method that is there to be beaten. A series without any value has the forecast NaN.</summary>
/// <remarks>What is estimated at each cut-off anew uses the last <see cref="MaxHistory"/> values, so that a long series costs no more than it tells.</remarks>
internal abstract class SimpleMethod : IForecastMethod
{
    /// <summary>How many values before a cut-off are used at most.</summary>
    public const int MaxHistory = 10_000;

    public abstract string Name { get; }

    public virtual void Fit(IReadOnlyList<SeriesWindow> training, int horizon)
    {
    }

    public IReadOnlyList<QuantileForecast> ForecastAll(IReadOnlyList<SeriesWindow> histories, int horizon) => [.. histories.Select(h => Forecast(h, horizon))];

    /// <summary>Forecasts the steps behind one cut-off.</summary>
    public abstract QuantileForecast Forecast(SeriesWindow history, int horizon);

    /// <summary>All methods: naive, seasonal naive of each season, drift, both together, Theta, Naive2, and the linear autoregression.</summary>
    /// <param name="seasons">The lengths of the seasons, the main one first, such as 24 and 168 of hours; none or 1 for no season.</param>
    public static IReadOnlyList<SimpleMethod> All(IReadOnlyList<int> seasons)
    {
        int[] real = [.. seasons.Where(m => m > 1).Distinct()];
        var main = real.Length > 0 ? real[0] : 1;
        return
        [
            new NaiveMethod(), .. real.Select(m => new NaiveMethod(m)), new NaiveMethod(drift: true), .. real.Take(1).Select(m => new NaiveMethod(m, drift: true)),
            new ThetaMethod(main), .. real.Take(1).Select(m => new Naive2Method(m)), new LinearAutoregression(new() { Seasons = real }),
        ];
    }

    /// <summary>The last values with gaps closed: by the value a season before, else by the one before; NaN only before the first value.</summary>
    private protected static double[] Filled(ReadOnlySpan<double> values, int season)
    {
        var filled = values[Math.Max(0, values.Length - MaxHistory)..].ToArray();
        for (var i = 0; i < filled.Length; i++)
        {
            if (double.IsNaN(filled[i]) && i >= season) filled[i] = filled[i - season];
            if (double.IsNaN(filled[i]) && i > 0) filled[i] = filled[i - 1];
        }
        return filled;
    }

    /// <summary>The same without what is before the first value.</summary>
    private protected static double[] Known(ReadOnlySpan<double> values, int season)
    {
        var filled = Filled(values, season);
        var first = Array.FindIndex(filled, v => !double.IsNaN(v));
        return first < 0 ? [] : filled[first..];
    }

    /// <summary>The known values divided by their season (<see cref="ClassicalDecomposition"/>), and the factor of the season at step h behind the last, h from 1.</summary>
    private protected static (double[] Values, Func<int, double> Factor) WithoutSeason(SeriesWindow history, int season)
    {
        var x = Known(history.Values, season);
        if (x.Length == 0) return (x, _ => 1);
        var factors = ClassicalDecomposition.Factors(x, season);
        for (var t = 0; t < x.Length; t++) x[t] /= factors[t % factors.Length];
        return (x, h => factors[(x.Length - 1 + h) % factors.Length]);
    }

    /// <summary>No forecast.</summary>
    private protected static QuantileForecast Nothing(int horizon)
    {
        var point = new double[horizon];
        Array.Fill(point, double.NaN);
        return QuantileForecast.Around(point, _ => [], _ => 1);
    }
}
