using System.Text.Json.Nodes;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class CheckpointStateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Values_come_back_to_the_bit_from_memory_and_from_text(bool throughText)
    {
        double[] numbers = [0, -0.0, 0.1, 1 / 3.0, double.Epsilon, double.MaxValue, double.NaN, double.PositiveInfinity, -5];
        var rng = new Rng(3);
        rng.NextUInt64();
        var written = new CheckpointState();
        var part = written.Part("training").Part("task");
        for (var i = 0; i < numbers.Length; i++) part.Set($"n{i}", numbers[i]);
        part.Set("long", long.MinValue);
        part.Set("text", "á\"\n");
        part.Set("rng", rng.State);
        part.Set("list", [1, -2, long.MaxValue]);

        var read = throughText ? new CheckpointState(JsonNode.Parse(written.Values.ToJsonString())!.AsObject()) : written;
        part = read.Part("training").Part("task");
        for (var i = 0; i < numbers.Length; i++)
            Assert.Equal(BitConverter.DoubleToInt64Bits(numbers[i]), BitConverter.DoubleToInt64Bits(part.GetDouble($"n{i}")));
        Assert.Equal(long.MinValue, part.GetInt64("long"));
        Assert.Equal("á\"\n", part.GetText("text"));
        Assert.Equal(rng.State, part.GetRng("rng"));
        var list = new long[3];
        part.CopyTo("list", list);
        Assert.Equal([1, -2, long.MaxValue], list);
    }

    [Fact]
    public void Parts_keep_their_names_apart_and_states_go_in_and_out()
    {
        var snapshot = new CheckpointState();
        var state = State.Of(Tensor.From([1, 2], new(1, 2)), Tensor.From([3, 4, 5], new(1, 3)));
        snapshot.Add("weight", Tensor.From([7], new(1)));
        snapshot.Part("training").Part("task").Add("state", state);
        Assert.Equal(["weight", "training.task.state.0", "training.task.state.1"], snapshot.Tensors.Keys);

        var other = State.Of(Tensor.Zeros(new(1, 2)), Tensor.Zeros(new(1, 3)));
        state.Reset();                                                    // what was added is a copy
        snapshot.Part("training").Part("task").CopyTo("state", other);
        Assert.Equal([3f, 4, 5], other[1].Values);
    }

    [Fact]
    public void What_is_missing_or_of_another_kind_is_named_in_full()
    {
        var part = new CheckpointState().Part("training");
        part.Set("text", "x");
        part.Add("t", Tensor.Zeros(new(2)));
        Says("'training.a'", () => part.GetInt64("a"));
        Says("'training.text'", () => part.GetDouble("text"));
        Says("'training.text'", () => part.GetRng("text"));
        Says("'training.b'", () => part.GetText("b"));
        Says("'training.c'", () => part.CopyTo("c", new long[1]));
        Says("'training.u'", () => part.CopyTo("u", Tensor.Zeros(new(2))));
        Says("[2]", () => part.CopyTo("t", Tensor.Zeros(new(3))));

        static void Says(string part, Action action) =>
            Assert.Contains(part, Assert.ThrowsAny<UnrollException>(action).Message, StringComparison.Ordinal);
    }
}
