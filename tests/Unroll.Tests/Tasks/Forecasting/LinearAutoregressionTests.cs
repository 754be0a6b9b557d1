namespace Unroll.Tests.Tasks.Forecasting;

public class LinearAutoregressionTests
{
    /// <summary>Sums of products of [features, target] rows.</summary>
    static NormalEquations Equations(double[][] rows)
    {
        var (columns, equations) = (rows[0].Length, new NormalEquations(rows[0].Length - 1));
        foreach (var part in rows.Chunk(7))
        {
            var block = new double[columns * 8];
            for (var c = 0; c < columns; c++)
                for (var r = 0; r < part.Length; r++) block[c * 8 + r] = part[r][c];
            equations.Add(block, 8, part.Length);
        }
        return equations;
    }

    static double[][] Rows(int count)
    {
        var rng = new Rng(2);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            double a = 100 + rng.NextNormal(), b = 0.01 * rng.NextNormal();
            return new[] { a, b, 4, 3 * a - 200 * b + 7 + 0.1 * rng.NextNormal() };
        })];
    }

    [Fact]
    public void The_weights_are_found_and_a_constant_column_has_none()
    {
        var rows = Rows(500);
        var equations = Equations(rows);
        var weights = equations.Solve([1e-9])[0];
        Assert.Equal(3, weights[0], 0.02);
        Assert.Equal(-200, weights[1], 2.0);
        Assert.Equal(0, weights[2]);
        Assert.Equal(rows.Average(r => Math.Pow(r[3] - weights[3] - weights[0] * r[0] - weights[1] * r[1], 2)), equations.Error(weights), 1e-7);
    }

    /// <summary>The gradient of ½ mean (y − Xw − b)² + ½ λ Σ (sᵢ wᵢ)² is 0.</summary>
    [Fact]
    public void The_penalty_is_on_standardised_weights()
    {
        var rows = Rows(60);
        var weights = Equations(rows).Solve([0.3])[0];
        var errors = rows.Select(r => weights[0] * r[0] + weights[1] * r[1] + weights[3] - r[3]).ToArray();
        Assert.Equal(0, errors.Average(), 1e-9);
        for (var c = 0; c < 2; c++)
        {
            var mean = rows.Average(r => r[c]);
            var variance = rows.Average(r => (r[c] - mean) * (r[c] - mean));
            Assert.Equal(0, (rows.Zip(errors, (r, e) => r[c] * e).Average() + 0.3 * variance * weights[c]) / Math.Sqrt(variance), 1e-9);
        }
    }

    static ForecastSeries Known(int count, bool times)
    {
        var rng = new Rng(9);
        var (past, future, values) = (new double[count], new double[count], new double[count]);
        for (var t = 0; t < count; t++)
        {
            (past[t], future[t]) = (rng.NextNormal(), rng.NextNormal());
            values[t] = 5 + (t % 8) + 2 * future[t] + (t > 0 ? 3 * past[t - 1] : 0);
        }
        return new("a", values, [past], [future], times ? [.. Enumerable.Range(0, count).Select(t => new DateTime(2020, 1, 1).AddHours(3 * t))] : null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Covariates_and_the_season_are_used(bool times)
    {
        var series = Known(1200, times);
        var method = new LinearAutoregression(new() { Seasons = [8] });
        var result = Backtest.Run([series], [method], new() { Horizon = 3, Windows = 40 });
        Assert.True(Mae(1) < 0.15, $"step 1 is known: {Mae(1)}");
        Assert.InRange(Mae(2), 2, 3.2);             // the past covariate of the step before is not known: 3 · √(2/π) = 2.4
        Assert.InRange(result.Scores[0]["coverage_80"], 0.65, 0.95);

        double Mae(int step) => result.Scores[0].MetricsAt(step)[0].Value;
    }

    [Fact]
    public void A_series_it_does_not_know_is_learned_from_its_own_history()
    {
        var series = Known(600, times: false);
        foreach (var pooled in new[] { false, true })
        {
            var method = new LinearAutoregression(new() { Seasons = [8], Pooled = pooled });
            method.Fit([new(series, 600, 0)], 2);
            var other = new ForecastSeries("other", [.. series.Values.Select(v => 1000 + 10 * v)], series.Past, series.Future);
            var (expected, found) = (method.Forecast(new(series, 599, 1), 1), method.Forecast(new(other, 599, 1), 1));
            Assert.Equal(1000 + 10 * expected.Point[0], found.Point[0], 0.5);
        }
    }

    [Fact]
    public void A_pooled_regression_serves_series_of_other_lengths()
    {
        var (series, method) = (Known(600, times: true), new LinearAutoregression(new() { Seasons = [8], Pooled = true }));
        var part = new ForecastSeries("part", series.Values[..40], [series.Past[0][..40]], [series.Future[0]], series.Times);
        var empty = new ForecastSeries("empty", [double.NaN, double.NaN], [new double[2]], [new double[4]]);
        method.Fit([new(series, 550, 0), new(empty, 2, 0)], 2);
        Assert.Equal(series.Values[40], method.Forecast(new(part, 40, 2), 2).Point[0], 0.6);
        Assert.All(method.Forecast(new(empty, 2, 2), 2).Point, p => Assert.True(double.IsNaN(p)));
    }

    [Fact]
    public void A_short_history_is_forecast_as_by_the_naive_method()
    {
        var series = new ForecastSeries("a", [3, 1, 4, 1, 5, 9, 2, 6]);
        var method = new LinearAutoregression(new() { Seasons = [4] });
        method.Fit([new(series, 8, 0)], 4);
        Assert.Equal([5, 9, 2, 6], method.Forecast(new(series, 8, 4), 4).Point);
        Assert.Throws<ArgumentOutOfRangeException>(() => method.Forecast(new(series, 8, 4), 5));
    }

    [Fact]
    public void The_calendar_is_that_of_the_spacing()
    {
        Assert.Equal(24 + 7, Columns(60, TimeSpan.FromHours(1)));
        Assert.Equal(24 + 7 + 4, Columns(9000, TimeSpan.FromHours(1)));
        Assert.Equal(7 + 4, Columns(400, TimeSpan.FromDays(1)));
        Assert.Equal(4, Columns(60, TimeSpan.FromDays(7)));
        Assert.Equal(12, Columns(30, TimeSpan.FromDays(30.5)));
        Assert.Equal(0, Columns(20, TimeSpan.FromDays(30.5)));
        Assert.Equal(7, new CalendarColumns(new(new("a", new double[20]), 20, 0), 7).Count);
        Assert.Equal(0, new CalendarColumns(new(new("a", new double[20]), 20, 0), 1).Count);

        static int Columns(int count, TimeSpan spacing) => new CalendarColumns(new(new("a", new double[count],
            times: [.. Enumerable.Range(0, count).Select(t => new DateTime(2020, 1, 1) + t * spacing)]), count, 0), 1).Count;
    }
}
