using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

public class OpsTests
{
    [Fact]
    public void Products_over_nothing_are_zero()
    {
        Tensor.Full(new(3, 4), 9);
        using var tape = Tape.Scratch();
        Tensor.Full(new(12), 9);
        foreach (var transposeB in new[] { false, true })
        {
            var y = Ops.MatMul(Tensor.Zeros(new(3, 0)), Tensor.Zeros(transposeB ? new(4, 0) : new(0, 4)), transposeB: transposeB);
            Assert.Equal(new Shape(3, 4), y.Shape);
            Assert.All(y.ToArray(), v => Assert.Equal(0, v));
        }
        Assert.Equal(new Shape(0, 4), Ops.MatMul(Tensor.Zeros(new(0, 3)), Tensor.Zeros(new(3, 4))).Shape);
        Assert.Equal(0, Ops.Mean(Tensor.Zeros(new(0))).Scalar);
        Assert.Equal(new Shape(0), (Tensor.Zeros(new(0)) * Tensor.Full(new(), 2)).Shape);
    }

    [Fact]
    public void Shapes_that_do_not_go_together_are_named()
    {
        Tensor a = Tensor.Zeros(new(3, 5)), b = Tensor.Zeros(new(4, 5)), v = Tensor.Zeros(new(5));
        var w = new Parameter(new(2, 4));
        Refused(() => a + b, "[3, 5]", "[4, 5]");
        Refused(() => v - a, "[5]", "[3, 5]");
        Refused(() => Ops.MatMul(a, b), "[3, 5]", "[4, 5]", "[K, N]");
        Refused(() => Ops.MatMul(a, v), "[5]");
        Refused(() => Ops.Linear(a, w, null), "[3, 5]", "[2, 4]");
        Refused(() => Ops.Linear(b, new Parameter(new(2, 5)), new Parameter(new(3))), "bias", "[3]", "[2]");
        Refused(() => Ops.Concat(a, Tensor.Zeros(new(3, 4))), "[3, 4]");
        Refused(() => Ops.Concat(), "at least one");
        Refused(() => Ops.Stack(a, b), "[4, 5]");
        Refused(() => Ops.Stack(Tensor.Zeros(new(1, 1, 1, 1))), "at most 3");
        Refused(() => Ops.ConcatColumns(a, b), "[4, 5]");
        Refused(() => Ops.Columns(a, 3, 3), "5 columns");
        Refused(() => Ops.Part(a, 0, 2), "2 parts");
        Refused(() => Ops.Part(a, 5, 5), "columns");
        Refused(() => Ops.Transpose(v), "[5]");
        Refused(() => Ops.Gather(a, [3], new(1)), "Id 3", "3 rows");
        Refused(() => Ops.Gather(a, [0, -2], new(2)), "Id -2", "position 1");
        Refused(() => Ops.Gather(a, [0, 1], new(3)), "2 values", "[3]");
        Refused(() => Ops.Gather(a, [0], new(1, 1, 1, 1)), "at most 3");
        Refused(() => Ops.Gather(v, [0], new(1)), "[V, E]");
        Refused(() => Ops.Scatter(a, [0, 1, 2], 2), "Id 2");
        Refused(() => Ops.Scatter(a, [0], 2), "[3, 5]");
        Refused(() => Ops.Where([true], a, a), "[3, 5]");
        Refused(() => Ops.Where([true], a, b), "[4, 5]");
        Refused(() => Ops.ScaleRows(a, v), "[5]");
        Refused(() => Ops.Softmax(a, [1, 2]), "2 values");
        Refused(() => Ops.Softmax(a, [1, 2, 6]), "from 0 to 5");
        Refused(() => Ops.LayerNorm(a, new Parameter(new(4)), new Parameter(new(5))), "[4]");
        Refused(() => Ops.Dropout(a, 1, new Rng(1)), "below 1");
        Refused(() => Ops.Dropout(a, double.NaN, new Rng(1)), "below 1");
        Refused(() => Ops.SumFirst(Tensor.Zeros(new())), "dimension");
        Refused(() => a.Reshape(new(4, 4)), "[4, 4]");
        Refused(() => a[3], "part 3");
        Refused(() => a[1..5]);
        Refused(() => Tensor.From([1, 2, 3], new(2)), "3 values");
        Assert.Contains("[3, 5]", Assert.Throws<InvalidOperationException>(() => a.Scalar).Message);

        static void Refused(Func<object> call, params string[] parts)
        {
            var e = Assert.ThrowsAny<ArgumentException>(call);
            Assert.All(parts, p => Assert.Contains(p, e.Message));
        }
    }

    [Fact]
    public void Layers_say_what_does_not_fit()
    {
        var rng = new Rng(1);
        Recurrent layer = new(new LstmCell(3, 4, rng));
        var x = Tensor.Zeros(new(5, 2, 3));
        Refused(() => layer.Forward(Tensor.Zeros(new(5, 2, 4))), "[T, B, 3]", "[5, 2, 4]");
        Refused(() => layer.Forward(Tensor.Zeros(new(5, 3))), "[T, B, 3]");
        Refused(() => layer.Forward(x, State.Of(Tensor.Zeros(new(2, 4)))), "1 tensors", "has 2");
        Refused(() => layer.Forward(x, State.Of(Tensor.Zeros(new(2, 4)), Tensor.Zeros(new(2, 5)))), "state tensor 1", "[2, 5]", "[2, 4]");
        Refused(() => layer.Forward(x, default, new Lengths([5], 5)), "1 rows", "[5, 2, 3]");
        Refused(() => layer.Forward(x, default, new Lengths([4, 4], 4)), "4 steps");
        Refused(() => new LstmCell(0, 4, rng), "inputSize");
        Refused(() => new GruCell(4, 0, rng), "hiddenSize");
        Refused(() => new Bidirectional(layer.Cell, layer.Cell), "each");
        Refused(() => new Bidirectional(layer.Cell, new GruCell(2, 2, rng)), "3 and 2");
        Refused(() => new Stacked([]), "at least one");
        Refused(() => new Stacked([layer, layer]), "Layer 1", "3", "4");
        Refused(() => new Dropout(1, rng), "below 1");
        Refused(() => new LayerNorm(3, 0), "above 0");
        Refused(() => layer.ZeroState(2).CopyFrom(layer.ZeroState(3)), "[2, 4]", "[3, 4]");
        Assert.Contains("lstm", Assert.ThrowsAny<UnrollException>(() => CellCatalog.Get("lstmm")).Message);

        static void Refused(Action call, params string[] parts)
        {
            var e = Assert.ThrowsAny<ArgumentException>(call);
            Assert.All(parts, p => Assert.Contains(p, e.Message));
        }
    }

    [Fact]
    public void Dropout_acts_only_while_a_tape_records_and_keeps_the_mean()
    {
        var x = Tensor.Full(new(10, 2000), 1);
        Assert.Equal(x.ToArray(), Ops.Dropout(x, 0.5, new Rng(1)).ToArray());
        using var tape = Tape.Record();
        var y = Ops.Dropout(x, 0.25, new Rng(1)).ToArray();
        Assert.All(y, v => Assert.True(v is 0 or 1 / 0.75f));
        Assert.InRange(y.Average(), 0.983, 1.017);                          // four standard errors of √(0.25/0.75)/√20000
        var same = Ops.Dropout(x, 0.25, new Rng(1), sameForAllSteps: true);
        for (var t = 1; t < 10; t++) Assert.Equal(same[0].ToArray(), same[t].ToArray());
        var rng = new Rng(1);
        Ops.Dropout(x, 0.25, rng, sameForAllSteps: true);
        Assert.Equal(2000UL, rng.State.Count);
    }

    [Theory]
    [InlineData(5, 1, 7, false)]
    [InlineData(3, 40, 33, false)]
    [InlineData(3, 40, 33, true)]
    [InlineData(20, 64, 65, true)]
    public void Dropout_keeps_what_the_stream_says_on_both_ways(int steps, int batch, int features, bool sameForAllSteps)
    {
        const float P = 0.3f;
        using var tape = Tape.Record();
        var x = Tensor.Zeros(new(steps, batch, features)).WithGradient();
        new Rng(5).FillNormal(x.Values, 0, 1);
        var y = Ops.Dropout(x, P, new Rng(6), sameForAllSteps);
        tape.Backward(Ops.Sum(y) + Ops.Sum(x));                             // the second sum is met first: its gradient is there already

        var rng = new Rng(6);
        var kept = new float[sameForAllSteps ? batch * features : x.Count];
        for (var i = 0; i < kept.Length; i++) kept[i] = rng.NextReal() >= P ? 1 / (1 - P) : 0;
        for (var i = 0; i < x.Count; i++)
        {
            Assert.Equal(x.Values[i] * kept[i % kept.Length], y.Values[i]);
            Assert.Equal(1 + kept[i % kept.Length], x.Gradient[i]);
        }
    }

    [Fact]
    public void Softmax_stands_large_numbers_and_empty_rows()
    {
        var x = Tensor.From([1000, 1000, -1000, 5, 6, 7], new(2, 3));
        Assert.Equal([0.5f, 0.5f, 0, 0, 0, 0], Ops.Softmax(x, [3, 0]).ToArray());
        var log = Ops.LogSoftmax(x, [2, 0]).ToArray();
        Assert.Equal(-MathF.Log(2), log[0], 1e-6f);
        Assert.All(log[2..], v => Assert.Equal(float.NegativeInfinity, v));
        Assert.Equal(MathF.Log(2), Losses.CrossEntropy(x[..1].Reshape(new(1, 3)), [0]).Scalar, 1e-6f);
        Assert.True(float.IsNaN(Ops.Softmax(Tensor.From([1, float.NaN], new(2))).ToArray()[0]));
    }

    [Fact]
    public void A_parameter_added_after_the_list_was_read_is_in_the_next()
    {
        var late = new Late();
        Assert.Single(late.Parameters);
        late.AddAnother();
        Assert.Equal(["a", "b"], late.Parameters.Select(p => p.Name));
    }

    sealed class Late : Module
    {
        public Late() => Add("a", new Parameter(new(1)));

        public void AddAnother() => Add("b", new Parameter(new(1)));
    }
}
