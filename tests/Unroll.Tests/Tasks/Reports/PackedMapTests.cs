using System.IO.Compression;
using Unroll.Data;

namespace Unroll.Tests.Tasks.Reports;

public class PackedMapTests
{
    [Theory]
    [InlineData(1.0, 0.01)]
    [InlineData(1.27, 0.01)]
    [InlineData(1.28, 0.02)]
    [InlineData(0.3, 0.005)]
    [InlineData(6.35, 0.05)]
    [InlineData(300.0, 5.0)]
    [InlineData(0.0, 0.01)]
    public void A_value_is_rounded_to_a_round_step_that_lets_all_fit(double largest, double step)
    {
        float[] values = [(float)largest, (float)(-largest / 3), 0, float.NaN];
        var map = PackedMap.Of(values);
        Assert.Equal(step, map.Step, 9);
        using var bytes = new MemoryStream();
        using (var deflated = new DeflateStream(new MemoryStream(Convert.FromBase64String(map.Data)), CompressionMode.Decompress)) deflated.CopyTo(bytes);
        var back = bytes.ToArray().Select(b => (sbyte)b * map.Step).ToArray();
        for (var i = 0; i < 3; i++) Assert.InRange(back[i] - values[i], -step / 2 - 1e-5, step / 2 + 1e-5);
        Assert.Equal(0, back[3]);
    }

    [Fact]
    public void Where_not_all_units_fit_those_that_vary_most_are_kept()
    {
        var model = new LanguageModel(new() { EmbeddingSize = 4, HiddenSize = 40, Layers = 1 }, CharTokenizer.Build([new("a", "abc")]), new Rng(1));
        var layers = InspectedModels.Read(model, new("abcabcaabbcc", [])).Layers;
        var all = ReportLayers.Of([("a", layers[0])]);
        Assert.Equal(40, all[0].Units.Length);
        Assert.Equal(["h", "c", "i", "f", "g", "o"], all[0].Maps.Select(m => m.Name));
        var size = all[0].Maps.Sum(m => m.Map.Data.Length);
        var some = ReportLayers.Of([("a", layers[0])], size / 2);
        Assert.InRange(some[0].Maps.Sum(m => m.Map.Data.Length), 1, size / 2);
        var h = layers[0]["h"].Values.ToArray();
        var kept = some[0].Units.Min(u => ReportLayers.Variance(h, 40, u));
        Assert.All(Enumerable.Range(0, 40).Except(some[0].Units), u => Assert.True(ReportLayers.Variance(h, 40, u) <= kept));
    }
}
