namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>The methods that are there to be beaten, on series whose forecasts are known.</summary>
public class SimpleMethodTests
{
    static QuantileForecast Forecast(SimpleMethod method, double[] values, int horizon)
    {
        var series = new ForecastSeries("a", values);
        method.Fit([new(series, values.Length, 0)], horizon);
        return method.Forecast(new(series, values.Length, horizon), horizon);
    }

    static void Near(double[] expected, double[] found, double tolerance = Tolerance.Score)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance * (1 + Math.Abs(pair.First))));
    }

    [Fact]
    public void Naive_methods()
    {
        double[] x = [1, 5, 3, 2, 7, 5];
        Near([5, 5, 5], Forecast(new NaiveMethod(), x, 3).Point);
        Near([2, 7, 5, 2], Forecast(new NaiveMethod(3), x, 4).Point);
        Near([5.8, 6.6], Forecast(new NaiveMethod(drift: true), x, 2).Point);
        Near([2 + 5 / 3.0, 7 + 5 / 3.0, 5 + 5 / 3.0, 2 + 10 / 3.0], Forecast(new NaiveMethod(3, drift: true), x, 4).Point);
    }

    [Fact]
    public void Gaps_are_closed_from_the_past()
    {
        double[] x = [1, 5, 3, double.NaN, 7, double.NaN];
        Near([7, 7], Forecast(new NaiveMethod(), x, 2).Point);
        Near([1, 7, 3], Forecast(new NaiveMethod(3), x, 3).Point);
    }

    [Fact]
    public void A_series_without_a_value_has_no_forecast_and_one_with_one_repeats_it()
    {
        foreach (var method in SimpleMethod.All([4, 8]))
        {
            Assert.All(Forecast(method, [], 2).Point, p => Assert.True(double.IsNaN(p)));
            Assert.All(Forecast(method, [double.NaN, double.NaN], 2).Point, p => Assert.True(double.IsNaN(p)));
            var (one, constant) = (Forecast(method, [3], 5), Forecast(method, [.. Enumerable.Repeat(3.0, 60)], 5));
            Near([3, 3, 3, 3, 3], one.Point);
            Near([3, 3, 3, 3, 3], constant.Point);
            Assert.All(one.Quantiles.Concat(constant.Quantiles), q => Near([.. QuantileForecast.DefaultLevels.Select(_ => 3.0)], q));
        }
    }

    [Fact]
    public void Quantiles_ascend_and_cover_what_they_say()
    {
        var rng = new Rng(7);
        var values = new double[3000];
        for (var t = 1; t < values.Length; t++) values[t] = values[t - 1] + rng.NextNormal();
        var series = new ForecastSeries("walk", values);
        foreach (var method in SimpleMethod.All([]))
        {
            var result = Backtest.Run([series], [method], new() { Horizon = 8, Windows = 150, Step = 15, RefitEvery = 0 });
            Assert.All(result.Windows.SelectMany(w => w.Forecasts[0].Quantiles), q => Assert.Equal(q.Order(), q));
            Assert.InRange(result.Scores[0]["coverage_80"], 0.72, 0.88);
            Assert.InRange(result.Scores[0]["coverage_95"], 0.89, 0.99);
        }
    }

    [Fact]
    public void The_season_of_a_product_is_found()
    {
        double[] factors = [0.5, 1.5, 0.8, 1.2];
        double[] x = [.. Enumerable.Range(0, 40).Select(t => (100 + t) * factors[t % 4])];
        Near(factors, ClassicalDecomposition.Factors(x, 4), 0.02);
        Near([138 * 0.5, 138 * 1.5, 138 * 0.8, 138 * 1.2], Forecast(new Naive2Method(4), x, 4).Point, 0.03);
        Near([140 * 0.5, 141 * 1.5, 142 * 0.8, 143 * 1.2], Forecast(new ThetaMethod(4), x, 4).Point, 0.02);
        Near([1, 1, 1, 1], ClassicalDecomposition.Factors([.. x.Select(v => v - 60)], 4));      // not positive
        Near([1, 1, 1, 1], ClassicalDecomposition.Factors(x.AsSpan(0, 11), 4));                 // under three seasons
        Near([1, 1, 1, 1, 1], ClassicalDecomposition.Factors([.. x.Select((v, t) => 100.0 + t)], 5)[..5], 0.05);
    }

    /// <summary>The grid over α and l(0) can do no better.</summary>
    [Fact]
    public void Smoothing_finds_the_least_squares()
    {
        var rng = new Rng(11);
        var (x, level) = (new double[80], 1000.0);
        for (var t = 0; t < x.Length; t++) x[t] = (level += 0.4 * rng.NextNormal()) + rng.NextNormal();
        var found = new SimpleSmoothing(x);
        var least = found.Errors().Sum(e => e * e);
        for (var alpha = 0.01; alpha < 1; alpha += 0.01)
            for (var start = found.Start - 2; start < found.Start + 2; start += 0.1)
            {
                var (l, sum) = (start, 0.0);
                foreach (var value in x)
                {
                    sum += (value - l) * (value - l);
                    l += alpha * (value - l);
                }
                Assert.True(sum > least - 1e-9, $"α {alpha}, l(0) {start}: {sum} under {least}");
            }
    }

    /// <summary>SES with drift of half the slope: Hyndman and Billah's equation 10, with l(0) as found.</summary>
    [Fact]
    public void Theta_is_smoothing_with_half_the_trend_as_drift()
    {
        double[] x = [3, 8, 6, 11, 9, 15, 12, 18, 13, 20];
        var forecast = Forecast(new ThetaMethod(), x, 3).Point;
        var n = x.Length;
        var middle = (n - 1) / 2.0;
        var b = x.Select((v, t) => (t - middle) * v).Sum() / Enumerable.Range(0, n).Sum(t => (t - middle) * (t - middle));
        Near([b / 2, b / 2], [forecast[1] - forecast[0], forecast[2] - forecast[1]]);
    }
}
