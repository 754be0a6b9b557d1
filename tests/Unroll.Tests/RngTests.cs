using Unroll.Kernels;

namespace Unroll.Tests;

public class RngTests
{
    [Fact]
    public void Same_seed_gives_the_same_numbers_and_a_saved_state_continues_them()
    {
        var a = new Rng(7);
        var b = new Rng(7);
        for (var i = 0; i < 100; i++) Assert.Equal(a.NextUInt64(), b.NextUInt64());
        b = new Rng(0) { State = a.State };
        for (var i = 0; i < 100; i++) Assert.Equal(a.NextUInt64(), b.NextUInt64());
    }

    [Fact]
    public void A_register_holds_the_numbers_of_the_stream()
    {
        Holds<Lane1>();
        Holds<Lanes128>();
        Holds<Lanes256>();
        Holds<Lanes512>();
    }

    static unsafe void Holds<V>() where V : unmanaged, ILanes<V>
    {
        var numbers = stackalloc float[V.Count];
        foreach (var state in new[] { new RngState(3, 0), new RngState(ulong.MaxValue, 12345), new RngState(7, ulong.MaxValue - 2) })
        {
            V.Random(state.Key, state.Count).Store(numbers);
            var rng = new Rng(0) { State = state };
            for (var j = 0; j < V.Count; j++) Assert.Equal(rng.NextReal(), numbers[j]);
        }
    }

    [Fact]
    public void A_fork_does_not_move_its_parent()
    {
        var a = new Rng(7);
        var b = new Rng(7);
        a.Fork("dropout").NextUInt64();
        Assert.Equal(b.NextUInt64(), a.NextUInt64());
        Assert.NotEqual(a.Fork("dropout").NextUInt64(), a.Fork("shuffle").NextUInt64());
    }

    [Fact]
    public void Numbers_are_spread_evenly()
    {
        var rng = new Rng(1);
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++) counts[rng.Next(10)]++;
        var chiSquare = counts.Sum(c => (c - 10_000.0) * (c - 10_000.0) / 10_000.0);
        Assert.InRange(chiSquare, 1.0, 27.9);   // 9 degrees of freedom: 0.001 in each tail
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_deviation_1()
    {
        var rng = new Rng(1);
        var values = Enumerable.Range(0, 100_000).Select(_ => rng.NextNormal()).ToArray();
        Assert.InRange(values.Average(), -0.013, 0.013);              // four standard errors
        Assert.InRange(values.Average(v => v * v), 0.982, 1.018);
    }
}
