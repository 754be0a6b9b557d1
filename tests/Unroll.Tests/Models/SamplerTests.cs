
namespace Unroll.Tests.Models;

public class SamplerTests
{
    const int Draws = 20_000;

    static readonly float[] Logits = [0.5f, -1, 2, 0.5f, 1.5f, -3, 0, 1];

    [Fact]
    public void Greedy_takes_the_largest_and_of_equals_the_first()
    {
        foreach (var options in new SamplingOptions[] { new() { Temperature = 0 }, new() { TopK = 1 }, new() { Temperature = 1e-300 } })
        {
            var sampler = new Sampler(options, new Rng(1));
            Assert.Equal(2, sampler.Next(Logits));
            Assert.Equal(1, sampler.Next([1f, 3, 2, 3]));
            Assert.Equal(0, sampler.Next([5f]));
        }
    }

    public static TheoryData<double, int, double> Ways => new()
    {
        { 1, 0, 1 }, { 0.5, 0, 1 }, { 2, 0, 1 }, { 1, 3, 1 }, { 1, 100, 1 }, { 1, 0, 0.9 }, { 1, 0, 0.3 }, { 0.7, 4, 0.8 }, { 100, 7, 1 }, { 1, 4, 0.999 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Tokens_come_as_often_as_a_plain_reference_says(double temperature, int topK, double topP)
    {
        var expected = Reference(temperature, topK, topP);
        var sampler = new Sampler(new() { Temperature = temperature, TopK = topK, TopP = topP }, new Rng(7));
        var counts = new int[Logits.Length];
        for (var i = 0; i < Draws; i++) counts[sampler.Next(Logits)]++;
        double chiSquare = 0;
        for (var id = 0; id < counts.Length; id++)
            if (expected[id] == 0) Assert.Equal(0, counts[id]);
            else chiSquare += Math.Pow(counts[id] - Draws * expected[id], 2) / (Draws * expected[id]);
        Assert.True(chiSquare < 24.3, $"chi-square {chiSquare:F1}");            // 7 degrees of freedom: once in a thousand seeds
    }

    static double[] Reference(double temperature, int topK, double topP)
    {
        var p = Logits.Select(v => Math.Exp(v / temperature)).ToArray();
        var sum = p.Sum();
        var kept = new double[p.Length];
        double reached = 0;
        foreach (var id in Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).ThenBy(i => i).Take(topK == 0 ? p.Length : topK))
        {
            if (reached >= topP * sum) break;
            kept[id] = p[id];
            reached += p[id];
        }
        return [.. kept.Select(v => v / reached)];
    }

    [Fact]
    public void Of_equals_at_the_border_the_smaller_id_is_kept()
    {
        var sampler = new Sampler(new() { TopK = 2 }, new Rng(1));
        for (var i = 0; i < 200; i++) Assert.InRange(sampler.Next([0f, 1, 1, 1, 0]), 1, 2);
    }

    [Fact]
    public void What_is_impossible_is_never_drawn()
    {
        var sampler = new Sampler(new(), new Rng(1));
        for (var i = 0; i < 2000; i++) Assert.Equal(1, sampler.Next([float.NegativeInfinity, 0, float.NegativeInfinity, -200]));
        Assert.Equal(2, sampler.Next([0f, 1, float.PositiveInfinity]));
    }

    [Fact]
    public void A_score_that_is_no_number_is_named()
    {
        foreach (var temperature in new[] { 0.0, 1 })
        {
            var sampler = new Sampler(new() { Temperature = temperature }, new Rng(1));
            Assert.Contains("token 2 is not a number", Assert.ThrowsAny<UnrollException>(() => sampler.Next([1f, 2, float.NaN])).Message);
        }
    }

    [Theory]
    [InlineData(-0.1, 0, 1)]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(101, 0, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 0, 1.1)]
    public void Options_out_of_range_are_refused(double temperature, int topK, double topP) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sampler(new() { Temperature = temperature, TopK = topK, TopP = topP }, new Rng(1)));
}
