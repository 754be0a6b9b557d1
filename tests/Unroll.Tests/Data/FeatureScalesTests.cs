using System.Text.Json;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class FeatureScalesTests
{
    static Series Of(params float[] values) => new(values, values.Length / 2, 2);

    [Fact]
    public void Features_get_mean_0_and_deviation_1_and_missing_values_the_mean()
    {
        Series[] series = [Of(1, 5, 3, 5), Of(5, float.NaN)];
        var scales = FeatureScales.Measure(series);
        var d = (float)Math.Sqrt(8.0 / 3);
        Assert.Equal([-2 / d, 0, 0, 0], scales.Apply(series[0], 2));         // the second feature is constant
        Assert.Equal([2 / d, 0], scales.Apply(series[1], 1));
        Assert.Equal([10, -10], scales.Apply(Of(1e6f, -1e6f), 1));
        Assert.Equal([10, 0], scales.Apply(Of(float.PositiveInfinity, float.NaN), 1));
        Assert.Empty(scales.Apply(series[0], 0));
    }

    [Fact]
    public void What_is_saved_is_read()
    {
        var scales = FeatureScales.Measure([Of(1, 5, 3, 7, 4, 4)]);
        using var json = JsonDocument.Parse(scales.ToJson().ToJsonString());
        Assert.Equal(scales.Apply(Of(2, 2), 1), FeatureScales.FromJson(json.RootElement).Apply(Of(2, 2), 1));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"means":[1],"deviations":[0]}""")]
    [InlineData("""{"means":[1,2],"deviations":[1]}""")]
    [InlineData("""{"means":["x"],"deviations":[1]}""")]
    public void Bad_scales_are_refused(string text)
    {
        using var json = JsonDocument.Parse(text);
        Assert.Contains("scales of the features", Assert.ThrowsAny<UnrollException>(() => FeatureScales.FromJson(json.RootElement)).Message);
    }

    [Fact]
    public void Other_features_are_refused()
    {
        Assert.Contains("3 numbers a step where 2", Assert.ThrowsAny<UnrollException>(() => FeatureScales.Measure([Of(1, 2), new([1, 2, 3], 1, 3)])).Message);
        Assert.Contains("3 numbers a step where 2", Assert.ThrowsAny<UnrollException>(() => FeatureScales.Measure([Of(1, 2)]).Apply(new([1, 2, 3], 1, 3), 1)).Message);
        Assert.ThrowsAny<UnrollException>(() => FeatureScales.Measure([]));
    }
}
