using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers;

/// <summary>Cells of several tasks whose gates are kept open to their own state and shut to others are the cells of a single task, to the bit.</summary>
public class TaskCellTests
{
    const int Steps = 5, Batch = 3, Own = 4, Shared = 6, Hidden = 7, Tasks = 3;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_shared_LSTM_that_reads_only_itself_is_an_LSTM(bool peepholes)
    {
        var cell = new SharedLstmCell(Own, Shared, Hidden, new Rng(1), peepholes) { OwnGate = 1, SharedGate = 0 };
        RecurrentCell single = peepholes ? new PeepholeLstmCell(Own, Hidden, new Rng(2)) : new LstmCell(Own, Hidden, new Rng(2));
        foreach (var (name, parameter) in single.Parameters) Source(name).Values[..parameter.Count].CopyTo(parameter.Edit());
        SameAs(single, cell, Inputs(Own + Shared), h => h);

        Parameter Source(string name) => cell.Parameters.Single(p => p.Name == name).Parameter;
    }

    [Fact]
    public void A_shared_GRU_that_reads_only_itself_is_a_GRU()
    {
        var cell = new SharedGruCell(Own, Shared, Hidden, new Rng(1)) { SharedGate = 0 };
        var single = new GruCell(Own, Hidden, new Rng(2));
        foreach (var (name, parameter) in single.Parameters) cell.Parameters.Single(p => p.Name == name).Parameter.Values.CopyTo(parameter.Edit());
        SameAs(single, cell, Inputs(Own + Shared), h => h);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Coupled_LSTMs_that_read_only_themselves_are_LSTMs(int task)
    {
        var cell = new CoupledLstmCell(Own, Hidden, Tasks, new Rng(1)) { OwnGate = 1, OtherGates = 0 };
        var single = new PeepholeLstmCell(Own, Hidden, new Rng(2));
        var rows = cell.WeightHh[task].Values;
        for (var gate = 0; gate < 4; gate++)
        {
            Block(cell.WeightIh.Values, gate * Tasks + task, Own).CopyTo(Block(single.WeightIh.Edit(), gate, Own));
            Block(cell.Bias.Values, gate * Tasks + task, 1).CopyTo(Block(single.BiasIh.Edit(), gate, 1));
            Block(rows, gate switch { 2 => 4 + task, 3 => 2, _ => gate }, Hidden).CopyTo(Block(single.WeightHh.Edit(), gate, Hidden));
        }
        single.BiasHh.Edit().Clear();
        for (var v = 0; v < 3; v++) Block(cell.WeightCh.Values, v * Tasks + task, 1).CopyTo(Block(single.WeightCh.Edit(), v, 1));
        SameAs(single, cell, Inputs(Own), h => Ops.Columns(h, task * Hidden, Hidden));
    }

    [Fact]
    public void Coupled_GRUs_that_do_not_see_each_other_are_GRUs()
    {
        var cell = new CoupledGruCell(Own, Hidden, Tasks, new Rng(1)) { OtherGates = 0 };
        var single = new GruCell(Own, Hidden, new Rng(2));
        for (var gate = 0; gate < 3; gate++)
        {
            Block(cell.WeightIh.Values, gate * Tasks + 1, Own).CopyTo(Block(single.WeightIh.Edit(), gate, Own));
            Block(cell.Bias.Values, gate * Tasks + 1, 1).CopyTo(Block(single.BiasIh.Edit(), gate, 1));
            Block(cell.WeightHh[1].Values, gate switch { 0 => 1, 1 => 0, _ => 3 }, Hidden).CopyTo(Block(single.WeightHh.Edit(), gate, Hidden));
        }
        single.BiasHh.Edit().Clear();
        SameAs(single, cell, Inputs(Own), h => Ops.Columns(h, Hidden, Hidden));
    }

    [Fact]
    public void The_gate_of_the_shared_layer_can_be_read()
    {
        var cell = new SharedLstmCell(Own, Shared, Hidden, new Rng(1));
        var x = Inputs(Own + Shared);
        var gate = cell.SharedGateOf(x);
        Assert.Equal(new(Steps, Batch, Hidden), gate.Shape);
        Assert.All(gate.Values.ToArray(), g => Assert.InRange(g, 0.01f, 0.99f));
        cell.SharedGate = 0.25;
        Assert.All(cell.SharedGateOf(x).Values.ToArray(), g => Assert.Equal(0.25f, g));
    }

    [Fact]
    public void Sizes_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedLstmCell(0, 2, 2, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedGruCell(2, 0, 2, new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CoupledLstmCell(2, 2, 0, new Rng(1)));
    }

    /// <summary>Rows <paramref name="block"/> · D to the next block's, D being the hidden size of a task.</summary>
    static Span<float> Block(Span<float> values, int block, int columns) => values.Slice(block * Hidden * columns, Hidden * columns);

    static ReadOnlySpan<float> Block(ReadOnlySpan<float> values, int block, int columns) => values.Slice(block * Hidden * columns, Hidden * columns);

    static Tensor Inputs(int size)
    {
        var values = new float[Steps * Batch * size];
        new Rng(3).FillUniform(values, -1, 1);
        return Tensor.From(values, new(Steps, Batch, size));
    }

    static void SameAs(RecurrentCell single, RecurrentCell cell, Tensor x, Func<Tensor, Tensor> part)
    {
        var lengths = new Lengths([5, 0, 3], Steps);
        var expected = new Recurrent(single) { Composed = true }.Forward(Ops.Columns(x, 0, Own), lengths: lengths).Output;
        var found = part(new Recurrent(cell) { Composed = true }.Forward(x, lengths: lengths).Output);
        Same.Bits(expected.Values, found.Values, "output");
    }
}
