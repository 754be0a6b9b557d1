using Unroll.Layers;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers;

public class InitTests
{
    const int Hidden = 200, Steps = 100;

    [Fact]
    public void Chrono_biases_are_logarithms_of_times_up_to_the_length()
    {
        LstmCell lstm = new(2, Hidden, new Rng(1)), before = new(2, Hidden, new Rng(1));
        Init.Chrono(lstm, Steps, new Rng(2));
        float[] times = [.. lstm.BiasIh.Values.Slice(Hidden, Hidden).ToArray().Select(MathF.Exp)];
        Assert.InRange(times.Min(), 1, 3);
        Assert.InRange(times.Max(), Steps - 4, Steps - 1);
        Assert.InRange(times.Average(), 45, 55);
        for (var j = 0; j < Hidden; j++) Assert.Equal(-lstm.BiasIh.Values[Hidden + j], lstm.BiasIh.Values[j]);
        Assert.Equal(new float[2 * Hidden], lstm.BiasHh.Values[..(2 * Hidden)]);
        Same.Bits(before.BiasIh.Values[(2 * Hidden)..], lstm.BiasIh.Values[(2 * Hidden)..], "g and o");

        var gru = new GruCell(2, Hidden, new Rng(1));
        Init.Chrono(gru, Steps, new Rng(2));
        Same.Bits(lstm.BiasIh.Values.Slice(Hidden, Hidden), gru.BiasIh.Values.Slice(Hidden, Hidden), "z");
        Assert.Throws<ArgumentOutOfRangeException>(() => Init.Chrono(gru, 2, new Rng(1)));
    }
}
