using System.Diagnostics;
using System.Reflection;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Layers;

public class StateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tensors_of_a_state_have_the_names_of_the_cell(bool composed)
    {
        var layer = new Recurrent(new LstmCell(2, 3, new Rng(1))) { Composed = composed };
        var x = Tensor.Full(new(4, 2, 2), 0.5);
        var (output, final) = layer.Forward(x);
        Assert.Equal(["h", "c"], final.Names);
        Assert.Equal(final[1].ToArray(), final["c"].ToArray());
        Assert.Equal(output[3].ToArray(), final.H.ToArray());
        Assert.Equal(["h", "c"], layer.ZeroState(2).Names);
        Assert.Equal(["h", "c"], final.Detach().Names);
        var (_, ragged) = layer.Forward(x, final.Detach(), new Lengths([4, 1], 4));
        Assert.Equal(ragged[0].ToArray(), ragged["h"].ToArray());
    }

    [Fact]
    public void Of_several_cells_they_have_the_cells_number()
    {
        var rng = new Rng(1);
        var layer = new Stacked([new Bidirectional(new LstmCell(2, 3, rng), new GruCell(2, 3, rng)), new Recurrent(new RnnCell(6, 4, rng))]);
        Assert.Equal(["cell0.h", "cell0.c", "cell1.h", "cell2.h"], layer.StateNames);
        var (_, final) = layer.Forward(Tensor.Full(new(3, 1, 2), 1));
        Assert.Equal(final[3].ToArray(), final["cell2.h"].ToArray());
        Assert.Contains("cell0.h, cell0.c, cell1.h, cell2.h", Assert.Throws<ArgumentException>(() => final.H).Message);
    }

    [Fact]
    public void What_has_no_such_name_says_which_there_are()
    {
        var final = new Recurrent(new GruCell(2, 3, new Rng(1))).Forward(Tensor.Full(new(3, 1, 2), 1)).Final;
        Assert.Contains("no tensor 'c'; it has h", Assert.Throws<ArgumentException>(() => final["c"]).Message);
        Assert.Contains("ZeroState", Assert.Throws<ArgumentException>(() => default(State).H).Message);
        var plain = State.Of(Tensor.Full(new(1), 7));
        Assert.Equal(7, plain.H.Scalar);
        Assert.Contains("by number", Assert.Throws<ArgumentException>(() => plain["h"]).Message);
    }

    /// <summary>What a debugger shows is what ToString says, and never an exception.</summary>
    [Fact]
    public void A_debugger_shows_what_it_is()
    {
        foreach (var type in new[] { typeof(Tensor), typeof(Shape), typeof(State), typeof(Parameter), typeof(Lengths) })
        {
            Assert.Equal("{ToString(),nq}", type.GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);
            Assert.Equal(type, type.GetMethod(nameof(ToString), [])!.DeclaringType);
        }
        var w = new Parameter(new(1, 2));
        w.Edit()[1] = -1.5f;
        Assert.Equal("[1, 2] { 0, -1.5 }", w.ToString());
        w.Trainable = false;
        Assert.Equal("[1, 2] { 0, -1.5 }, frozen", w.ToString());
        Assert.Equal("[2, 3]", new Shape(2, 3).ToString());
        Assert.Equal("[5, 3, 0] of 5 steps", new Lengths([5, 3, 0], 5).ToString());
        Assert.EndsWith("9, 9, …] of 9 steps", new Lengths([9, 9, 9, 9, 9, 9, 9, 9, 9], 9).ToString());
        Assert.Equal("the zero state", default(State).ToString());
        Assert.Equal("[1], no tensor", State.Of(Tensor.Zeros(new(1)), default).ToString());
        State kept;
        using (Tape.Scratch())
        {
            kept = new Recurrent(new LstmCell(2, 3, new Rng(1))).ZeroState(4);
            Assert.Equal("h [4, 3], c [4, 3]", kept.ToString());
        }
        Assert.Equal("a state of a closed tape", kept.ToString());
        Assert.Equal("no tensor", default(Tensor).ToString());
    }
}
