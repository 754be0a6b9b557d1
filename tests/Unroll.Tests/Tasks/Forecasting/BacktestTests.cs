namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Windows, tables, and that nothing behind a cut-off is seen.</summary>
public class BacktestTests
{
    const int Count = 400, Horizon = 12, Season = 6;

    static readonly IReadOnlyList<SimpleMethod> Methods =
        [.. SimpleMethod.All([Season, 2 * Season]), new LinearAutoregression(new() { Seasons = [Season], Pooled = true }), new LinearAutoregression(new() { Lags = 4 })];

    /// <summary>A season, a covariate known ahead, and one that is only known in the past, with some gaps.</summary>
    static ForecastSeries Series(string name = "a", int count = Count, ulong seed = 5)
    {
        var rng = new Rng(seed);
        var (past, future, values) = (new double[count], new double[count], new double[count]);
        for (var t = 0; t < count; t++)
        {
            (past[t], future[t]) = (rng.NextNormal(), rng.NextNormal());
            values[t] = 20 + 3 * Math.Cos(2 * Math.PI * t / Season) + 2 * future[t] + (t > 0 ? past[t - 1] : 0) + 0.3 * rng.NextNormal();
        }
        for (var t = 50; t < count; t += 37) values[t] = past[t - 2] = double.NaN;
        return new(name, values, [past], [future], [.. Enumerable.Range(0, count).Select(t => new DateTime(2020, 1, 1).AddHours(4 * t))]);
    }

    /// <summary>The series with everything a method must not know replaced.</summary>
    static ForecastSeries Spoilt(ForecastSeries series, int cutoff, bool values = true, bool past = true, bool future = true, double garbage = 1e6, int ahead = Horizon)
    {
        double[] Spoil(double[] column, int from, bool really) => [.. column.Select((v, t) => really && t >= from ? garbage : v)];
        return new(series.Name, Spoil(series.Values, cutoff, values), [.. series.Past.Select(c => Spoil(c, cutoff, past))],
            [.. series.Future.Select(c => Spoil(c, cutoff + ahead, future))], series.Times);
    }

    static void SameBits(QuantileForecast expected, QuantileForecast found)
    {
        Assert.Equal(expected.Point.Select(BitConverter.DoubleToInt64Bits), found.Point.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.Quantiles.SelectMany(q => q).Select(BitConverter.DoubleToInt64Bits), found.Quantiles.SelectMany(q => q).Select(BitConverter.DoubleToInt64Bits));
    }

    static QuantileForecast Forecast(SimpleMethod method, ForecastSeries series, int fit, int cutoff)
    {
        method.Fit([new(series, fit, 0)], Horizon);
        return method.Forecast(new(series, cutoff, Horizon), Horizon);
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Nothing_behind_the_cutoff_changes_a_forecast(double garbage)
    {
        var series = Series();
        foreach (var method in Methods)
            foreach (var (fit, cutoff) in new[] { (300, 300), (300, 303), (240, 300) })
            {
                var expected = Forecast(method, series, fit, cutoff);
                SameBits(expected, Forecast(method, Spoilt(series, cutoff, garbage: garbage), fit, cutoff));
                SameBits(expected, Forecast(method, Spoilt(series, cutoff, values: false, future: false, garbage: garbage), fit, cutoff));
                SameBits(expected, Forecast(method, Spoilt(series, cutoff, past: false, future: false, garbage: garbage), fit, cutoff));
            }
    }

    /// <summary>A covariate known ahead counts at the steps that are forecast, but nothing is learned of it there.</summary>
    [Fact]
    public void Nothing_behind_the_training_part_changes_what_is_learned()
    {
        var series = Series();
        foreach (var method in Methods)
        {
            method.Fit([new(series, 250, 0)], Horizon);
            var expected = method.Forecast(new(series, 300, Horizon), Horizon);
            method.Fit([new(Spoilt(series, 250, ahead: 0), 250, 0)], Horizon);
            SameBits(expected, method.Forecast(new(series, 300, Horizon), Horizon));
        }
    }

    [Fact]
    public void What_is_known_ahead_counts()
    {
        var (series, method) = (Series(), new LinearAutoregression(new() { Seasons = [Season] }));
        var (one, other) = (Forecast(method, series, 300, 300), Forecast(method, Spoilt(series, 300, values: false, past: false, garbage: 10, ahead: Horizon - 1), 300, 300));
        Assert.Equal(one.Point[0], other.Point[0]);
        Assert.Equal(2 * (10 - series.Future[0][300 + Horizon - 1]), other.Point[^1] - one.Point[^1], 2.0);
    }

    [Fact]
    public void A_backtest_sees_no_future_in_any_window()
    {
        ForecastSeries[] series = [Series(), Series("b", 350, 6)];
        var options = new BacktestOptions { Horizon = Horizon, Windows = 5, Step = 10, RefitEvery = 2, Season = Season };
        var expected = Backtest.Run(series, Methods, options);
        for (var w = 0; w < options.Windows; w++)
        {
            var cutoffs = series.Select(s => s.Values.Length - Horizon - (options.Windows - 1 - w) * 10).ToArray();
            var found = Backtest.Run([.. series.Zip(cutoffs, (s, c) => Spoilt(s, c))], Methods, options);
            foreach (var (one, other) in expected.Windows.Zip(found.Windows).Take(2 * (w + 1)))
                for (var m = 0; m < Methods.Count; m++) SameBits(one.Forecasts[m], other.Forecasts[m]);
        }
    }

    [Fact]
    public void A_sliding_window_forgets()
    {
        var series = Series();
        var spoilt = new ForecastSeries("a", [.. series.Values.Select((v, t) => t < 150 ? -1e5 : v)], [.. series.Past.Select(c => c.Select((v, t) => t < 150 ? 1e5 : v).ToArray())],
            [.. series.Future.Select(c => c.Select((v, t) => t < 150 ? 1e5 : v).ToArray())], series.Times);
        var options = new BacktestOptions { Horizon = Horizon, Windows = 3, Size = 200, RefitEvery = 1 };
        var (expected, found) = (Backtest.Run([series], Methods, options), Backtest.Run([spoilt], Methods, options));
        foreach (var (one, other) in expected.Windows.Zip(found.Windows))
            for (var m = 0; m < Methods.Count; m++) SameBits(one.Forecasts[m], other.Forecasts[m]);
    }

    [Fact]
    public void Origins_roll()
    {
        Assert.Equal([new(0, 70), new(0, 80), new(0, 90)], Origins.Of(100, 10, 3));
        Assert.Equal([new(0, 88), new(0, 89), new(0, 90)], Origins.Of(100, 10, 3, 1));
        Assert.Equal([new(20, 70), new(30, 80), new(40, 90)], Origins.Of(100, 10, 3, size: 50));
        Assert.Equal([new(0, 70), new(5, 80)], Origins.Of(90, 10, 2, size: 75));
        Assert.Equal([new(0, 1)], Origins.Of(11, 10));
        Assert.Equal([new(0, 5), new(0, 15)], Origins.Last(25, 10, 7));
        Assert.Empty(Origins.Last(10, 10, 7));
        Assert.Contains("at least 31", Assert.Throws<ArgumentException>(() => Origins.Of(30, 10, 3)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Origins.Of(30, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Origins.Of(30, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Origins.Of(30, 1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Origins.Of(30, 1, 1, 1, 0));
    }

    [Fact]
    public void Skill_is_against_the_best_baseline()
    {
        var series = Series();
        var result = Backtest.Run([series], Methods.Take(6).ToArray(), new() { Horizon = Horizon, Windows = 8, Season = Season });
        var maes = result.Methods.ToDictionary(m => m, m => result.Score(m)["mae"]);
        Assert.Equal(maes.MinBy(p => p.Value).Key, result.BestBaseline);
        var others = maes.Where(p => p.Key != result.BestBaseline).ToArray();
        Assert.Equal(1 - maes["drift"] / maes[result.BestBaseline!], result.Skill("drift"));
        Assert.Equal(1 - maes[result.BestBaseline!] / others.Min(p => p.Value), result.Skill(result.BestBaseline!));
        Assert.Throws<ArgumentException>(() => result.Skill("none"));
    }

    [Fact]
    public void The_table_has_a_row_for_each_step()
    {
        var times = Enumerable.Range(0, 6).Select(d => new DateTime(2024, 2, 27).AddDays(d)).ToArray();
        ForecastSeries[] series = [new("with, comma", [1, 2, 3, 4, double.NaN, 6.5], times: times), new("b", [7, 7, 7, 8, 9])];
        var writer = new StringWriter();
        Backtest.Run(series, [new NaiveMethod()], new() { Horizon = 2, Windows = 2, Step = 1 }).WriteCsv(writer);
        var lines = writer.ToString().Split('\n');
        Assert.Equal("series,cutoff,step,time,truth,naive,naive-lo-80,naive-hi-80,naive-lo-95,naive-hi-95", lines[0]);
        Assert.Equal("\"with, comma\",2024-02-29T00:00:00,1,2024-03-01T00:00:00,4,3,3,3,3,3", lines[1]);
        Assert.Equal("\"with, comma\",2024-02-29T00:00:00,2,2024-03-02T00:00:00,,3,3,3,3,3", lines[2]);
        Assert.Equal("b,1,1,2,7,7,7,7,7,7", lines[3]);
        Assert.Equal(10, lines.Length);
    }

    [Fact]
    public void Series_that_are_too_short_have_fewer_windows()
    {
        var result = Backtest.Run([new("long", new double[30]), new("short", new double[12]), new("none", new double[5])], [new NaiveMethod()], new() { Horizon = 5, Windows = 4 });
        Assert.Equal([("long", 4), ("short", 2)], result.Windows.CountBy(w => w.Series.Name).Select(p => (p.Key, p.Value)));
        Assert.Throws<ArgumentException>(() => Backtest.Run([new("none", new double[5])], [new NaiveMethod()], new() { Horizon = 5 }));
        Assert.Throws<ArgumentException>(() => new ForecastSeries("a", new double[5], [new double[4]]));
        Assert.Throws<ArgumentException>(() => new ForecastSeries("a", new double[5], future: [new double[4]]));
    }
}
