namespace Unroll.Tests.Tasks.Forecasting;

/// <summary>Each figure against numbers worked by hand.</summary>
public class ForecastScoreTests
{
    static QuantileForecast Points(params double[] points) => new(points);

    static void Near(double expected, double found) => Assert.Equal(expected, found, Tolerance.Score * (1 + Math.Abs(expected)));

    [Fact]
    public void Errors_of_points()
    {
        var score = new ForecastScore(4, []);
        score.Add("a", 2, [10, 20, -5, 40], Points(12, 16, -5, 50));        // errors 2, 4, 0, 10
        Near(4, score["mae"]);
        Near(30, score["mse"]);
        Near(Math.Sqrt(30), score["rmse"]);
        Near(100 * (0.2 + 0.2 + 0 + 0.25) / 4, score["mape"]);
        Near(200 * (2 / 22.0 + 4 / 36.0 + 0 + 10 / 90.0) / 4, score["smape"]);
        Near(100 * 16 / 75.0, score["wape"]);
        Near(2, score["mase"]);
        Assert.Equal(["mae", "mse", "rmse", "mape", "smape", "mase", "wape"], score.Metrics.Select(m => m.Name));
        Near(4, score.MetricsAt(2).Single(m => m.Name == "mae").Value);
        Near(5, score.MetricsAt(4).Single(m => m.Name == "mase").Value);
    }

    [Fact]
    public void Mape_leaves_out_zeros_and_counts_them_and_smape_of_two_zeros_is_0()
    {
        var score = new ForecastScore(3, []);
        score.Add("a", 1, [0, 0, 4], Points(0, 1, 5));
        Near(25, score["mape"]);
        Assert.Equal(2, score.ZeroTruths);
        Near((0 + 200 + 200 / 9.0) / 3, score["smape"]);
        var zeros = new ForecastScore(1, []);
        zeros.Add("a", 1, [0], Points(1));
        Assert.True(double.IsNaN(zeros["mape"]));
        Assert.Equal(double.PositiveInfinity, zeros["wape"]);
    }

    [Fact]
    public void Missing_values_are_left_out_and_counted()
    {
        var score = new ForecastScore(3, []);
        score.Add("a", 1, [1, double.NaN, 3], Points(2, 5, double.NaN));
        Near(1, score["mae"]);
        Assert.Equal((1, 1, 1), (score.Count, score.MissingTruths, score.MissingForecasts));
    }

    [Fact]
    public void Nothing_measured_is_not_a_number()
    {
        var score = new ForecastScore(2);
        Assert.All(score.Metrics, m => Assert.True(double.IsNaN(m.Value)));
        Assert.Equal(0, score.Count);
    }

    [Fact]
    public void The_scale_of_mase_is_the_mean_seasonal_change_of_the_history()
    {
        Near(2, ForecastScore.Scale([1, 3, 5, 7], 1));
        Near(4, ForecastScore.Scale([1, 3, 5, 7], 2));
        Near((4 + 5 + 4) / 3.0, ForecastScore.Scale([1, double.NaN, 5, 7, 10, 11], 2));        // the pair with the gap is left out
    }

    [Theory]
    [InlineData(new double[] { 5, 5, 5 })]
    [InlineData(new double[] { 5 })]
    [InlineData(new double[] { })]
    public void A_history_without_scale_is_left_out_of_mase(double[] history)
    {
        var score = new ForecastScore(1, []);
        score.Add("constant", ForecastScore.Scale(history, 1), [7], Points(5));
        Assert.True(double.IsNaN(score["mase"]));
        score.Add("other", 4, [7], Points(5));
        Near(0.5, score["mase"]);
        Near(2, score["mae"]);
        Assert.Equal(1, score.Unscaled);
    }

    [Fact]
    public void Mase_and_smape_are_means_over_series_and_the_rest_over_steps()
    {
        var score = new ForecastScore(2, []);
        score.Add("a", 1, [10, 10], Points(11, 13));
        score.Add("a", 2, [10, 10], Points(12, 16));
        score.Add("b", 1, [10], Points(20));
        Near(((1 + 3 + 1 + 3) / 4.0 + 10) / 2, score["mase"]);
        Near(((200 / 21.0 + 600 / 23.0 + 400 / 22.0 + 1200 / 26.0) / 4 + 2000 / 30.0) / 2, score["smape"]);
        Near((1 + 3 + 2 + 6 + 10) / 5.0, score["mae"]);
    }

    [Fact]
    public void Pinball_and_crps_of_quantiles()
    {
        var score = new ForecastScore(1, [0.25, 0.5, 0.75]);
        score.Add("a", 1, [10], new([9], [0.25, 0.5, 0.75], [[6, 9, 14]]));
        Near(0.25 * 4, score["pinball_25"]);
        Near(0.5, score["pinball_50"]);
        Near(0.25 * 4, score["pinball_75"]);
        Near((1 + 0.5 + 1) / 3, score["pinball"]);
        Near(2 * (0.375 * 1 + 0.25 * 0.5 + 0.375 * 1), score["crps"]);
        Assert.DoesNotContain(score.Metrics, m => m.Name.StartsWith("coverage", StringComparison.Ordinal));
    }

    [Fact]
    public void Crps_of_samples_is_that_of_all_pairs()
    {
        Near(1.5, ForecastScore.Crps([2.5], 4));
        double[] samples = [1, 2, 4, 9];
        var pairs = samples.SelectMany(a => samples.Select(b => Math.Abs(a - b))).Average();
        Near(samples.Average(x => Math.Abs(x - 3)) - pairs / 2, ForecastScore.Crps(samples, 3));
        var score = new ForecastScore(1, []);
        score.Add("a", 1, [3], Points(3), [[9, 1, 4, 2]]);
        Near(ForecastScore.Crps(samples, 3), score["crps"]);
    }

    [Fact]
    public void Many_quantiles_of_samples_have_their_crps()
    {
        var rng = new Rng(3);
        var samples = Enumerable.Range(0, 4000).Select(_ => (double)rng.NextNormal()).Order().ToArray();
        double[] levels = [.. Enumerable.Range(0, 99).Select(k => (k + 1) / 100.0)];
        var score = new ForecastScore(1, levels);
        score.Add("a", 1, [0.7], new([0], levels, [[.. levels.Select(l => QuantileForecast.SampleQuantile(samples, l))]]));
        Assert.Equal(ForecastScore.Crps(samples, 0.7), score["crps"], 0.003);
    }

    [Fact]
    public void Coverage_and_width_of_intervals()
    {
        double[] levels = [0.025, 0.1, 0.9, 0.975];
        var score = new ForecastScore(4, levels);
        score.Add("a", 1, [0, 1, 1.5, 3], new([0, 0, 0, 0], levels, [[-2, -1, 1, 2], [-2, -1, 1, 2], [-2, -1, 1, 2], [-4, -1, 3, 4]]));
        Near(0.75, score["coverage_80"]);       // bounds belong to the interval
        Near(1, score["coverage_95"]);
        Near(2.5, score["width_80"]);
        Near(5, score["width_95"]);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var score = new ForecastScore(2);
        Assert.Throws<ArgumentException>(() => score.Add("a", 1, [1, 2], Points(1)));
        Assert.Throws<ArgumentException>(() => score.Add("a", 1, [1, 2, 3], Points(1, 2, 3)));
        Assert.Throws<ArgumentException>(() => score.Add("a", 1, [1], new([1], [0.5], [[1]])));
        Assert.Throws<ArgumentException>(() => score["none"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => score.MetricsAt(3));
    }

    [Fact]
    public void Owa_of_naive2_is_1() => Near(1, ForecastScore.Owa(18.383, 2.395, 18.383, 2.395));
}
