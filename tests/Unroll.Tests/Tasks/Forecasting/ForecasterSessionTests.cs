using Unroll.Data;
using Unroll.Tests.Models;

namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Step by step: sessions, detectors.</summary>
public class ForecasterSessionTests
{
    /// <summary>The first series of a table up to a step; columns known ahead go on.</summary>
    static TimeSeriesTable Before(TimeSeriesTable table, int steps)
    {
        var s = table.Series[0];
        double[] Cut(int column, int count) => [.. s[column][..count].ToArray(), .. Enumerable.Repeat(double.NaN, steps + 3 - count)];
        return new(table.Columns, [new(s.Name, [Cut(0, steps), Cut(1, steps + 3), Cut(2, steps)], s.Start, s.Step, s.StaticValues.ToArray())], table.StaticColumns);
    }

    public static TheoryData<string, string, bool> Models => new()
    {
        { "smoothing", "none", false }, { "direct", "standard", true }, { "direct", "log", false }, { "direct", "none", false }, { "autoregressive", "standard", true }, { "autoregressive", "mean", false },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void The_first_forecast_is_that_of_a_table_and_later_ones_read_what_came(string mode, string scaling, bool window)
    {
        var model = TinyForecasts.Model(TinyForecasts.Config with { Mode = mode, Scaling = scaling, ScaleWindow = window, LinearBy = "phase" });
        var table = TinyForecasts.Table(60, change: (v, _) => v[2][20] = double.NaN);
        var session = new ForecasterSession(model, Before(table, 30));
        for (var t = 30; t < 55; t++)
        {
            session.Forecast();
            Assert.Equal(1, session.Steps);
            var expected = model.Forecast(Before(table, t), 1)[0];
            // Behind the first step the state goes on, where a table's forecast begins anew: they are near, not equal.
            var tolerance = t == 30 && mode != "autoregressive" ? 1e-4 : 0.35 * (expected.Quantile(0.9)[0] - expected.Quantile(0.1)[0]) + 0.2;
            foreach (var level in new[] { 0.1, 0.5, 0.9 }) Assert.InRange(session.Quantile(1, level), expected.Quantile(level)[0] - tolerance, expected.Quantile(level)[0] + tolerance);
            Assert.Equal(t, session.Count);
            session.Observe([table.Series[0][2][t]], [table.Series[0][0][t]]);
            session.Ahead(table.Series[0][1][t + 3]);
            Assert.Equal(0, session.Steps);
        }
    }

    [Fact]
    public void A_stream_goes_on_in_constant_memory_to_the_same_numbers_however_long_it_is()
    {
        // With a context as long as all, and a cell that forgets nothing it should not, the state is that of the whole: compare with a session that has room for everything.
        var model = TinyForecasts.Model(TinyForecasts.Config with { Context = 8, LinearBy = "phase" });
        var table = TinyForecasts.Table(900);
        ForecasterSession early = new(model, Before(table, 20)), late = new(model, Before(table, 20));
        void Step(ForecasterSession s, int t)
        {
            s.Observe([table.Series[0][2][t]], [table.Series[0][0][t]]);
            s.Ahead(table.Series[0][1][t + 3]);
        }
        for (var t = 20; t < 880; t++)
        {
            Step(early, t);
            Step(late, t);
        }
        early.Forecast(3);
        late.Forecast(3);
        var whole = model.Forecast(Before(table, 880))[0];
        for (var h = 1; h <= 3; h++)
        {
            Assert.Equal(early.Mean(h), late.Mean(h));
            Assert.InRange(early.Mean(h), whole.Mean[h - 1] - 1, whole.Mean[h - 1] + 1);
        }
        Assert.Equal(880, early.Count);
    }

    [Theory]
    [InlineData("direct", true)]
    [InlineData("direct", false)]
    [InlineData("autoregressive", true)]
    public void An_observation_and_a_forecast_take_no_memory(string mode, bool window)
    {
        var model = TinyForecasts.Model(TinyForecasts.Config with { Mode = mode, ScaleWindow = window });
        var detector = new AnomalyDetector(model, Before(TinyForecasts.Table(60), 30));
        double[] y = [5], p = [0.5], f = [0.2];
        void Step()
        {
            detector.Observe(y, p);
            detector.Session.Ahead(f);
        }
        for (var i = 0; i < 600; i++) Step();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 300; i++) Step();
        }));
    }

    [Fact]
    public void A_detector_finds_what_stands_out_and_keeps_its_false_alarms()
    {
        static double[] Values(ulong seed, int steps)
        {
            var rng = new Rng(seed);
            return [.. Enumerable.Range(0, steps).Select(t => 10 + 3 * Math.Sin(t * Math.PI / 6) + 0.3 * rng.NextNormal() * (rng.NextDouble() < 0.1 ? 3 : 1))];
        }
        var (start, step) = (new DateTime(2024, 1, 1), new TimeStep(1, TimeUnit.Hour));
        var model = Forecaster.Train(TimeSeriesTable.From("y", Values(1, 2000), start, step), new() { Model = new() { Horizon = 1, HiddenSize = 8, Season = 12, Context = 24 }, Iterations = 60, Given = ["--season", "--context"] });
        var detector = new AnomalyDetector(model, TimeSeriesTable.From("y", [], start, step), falseAlarms: 0.01);
        var values = Values(2, 1500);
        int[] wrong = [700, 901, 1333];
        foreach (var t in wrong) values[t] += 6;
        var found = new List<int>();
        for (var t = 0; t < values.Length; t++)
            if (detector.Observe([values[t]])[0] is { IsAnomaly: true } a && t >= 24) found.Add(t);
        Assert.Subset(found.ToHashSet(), wrong.ToHashSet());
        Assert.InRange(found.Count, 3, 3 + 40);                         // 15 of 1,500 are expected
    }

    [Fact]
    public void Mistakes_are_told()
    {
        var model = TinyForecasts.Model(TinyForecasts.Config);
        var session = new ForecasterSession(model, Before(TinyForecasts.Table(60), 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Quantile(1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Forecast(4));
        Assert.Throws<ArgumentException>(() => session.Observe([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => session.Observe([1]));
        Assert.Throws<ArgumentException>(() => session.Observe([double.PositiveInfinity], [1]));
        Assert.Throws<InvalidOperationException>(() => session.Ahead(1));                     // the table told all three
        session.Forecast();
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Quantile(1, 1.5));
        Assert.True(double.IsNaN(session.Surprise(double.NaN)));
        Assert.Equal(300, session.Surprise(1e30));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnomalyDetector(model, Before(TinyForecasts.Table(60), 30), falseAlarms: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForecasterSession(model, Before(TinyForecasts.Table(60), 30), 1));
    }
}
