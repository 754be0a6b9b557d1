using System.Runtime.InteropServices;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

public class TapeTests
{
    [Fact]
    public void A_tensor_of_a_closed_tape_throws_and_says_why()
    {
        Tensor kept;
        using (Tape.Scratch()) kept = Tensor.Full(new(3), 1);
        Assert.Contains("tape", Assert.Throws<ObjectDisposedException>(() => kept.Count).Message);
        Assert.Throws<ObjectDisposedException>(() => Ops.Tanh(kept));
        using (Tape.Scratch())
        {
            Tensor.Full(new(3), 2);                                     // the same memory, another tensor
            Assert.Throws<ObjectDisposedException>(() => kept.Shape);
        }
        Assert.Contains("closed", kept.ToString());
        Assert.Throws<InvalidOperationException>(() => default(Tensor).Count);
    }

    [Fact]
    public void A_state_of_a_closed_tape_throws_even_when_its_room_is_used_again()
    {
        State kept;
        using (Tape.Scratch()) kept = State.Of(Tensor.Full(new(1, 2), 1), Tensor.Full(new(1, 2), 2));
        Assert.Throws<ObjectDisposedException>(() => kept[0].Count);
        using (Tape.Scratch())
        {
            State.Of(Tensor.Full(new(1, 2), 3), Tensor.Full(new(1, 2), 4));
            Assert.Throws<ObjectDisposedException>(() => kept[0].Count);
            Assert.Throws<ObjectDisposedException>(() => new Recurrent(new LstmCell(2, 2, new Rng(1))).Forward(Tensor.Zeros(new(1, 1, 2)), kept));
        }
    }

    /// <summary>A span cannot know that its tape has ended. Memory that was given back shows it, in Debug builds and here (see the project file).</summary>
    [Fact]
    public void A_span_kept_past_its_tape_shows_no_number()
    {
        Assert.True(BufferPool.Poisons);
        Span<float> values;
        ReadOnlySpan<float> gradient;
        Span<int> ids;
        using (var tape = Tape.Record())
        {
            var x = Tensor.Full(new(3), 2).WithGradient();
            tape.Backward(Ops.Sum(Ops.Square(x)));
            values = x.Values;
            gradient = x.Gradient;
            ids = Symbols.Ints(4).Integers;
            Assert.Equal([4f, 4f, 4f], gradient);
        }
        Assert.All(values.ToArray().Concat(gradient.ToArray()), v => Assert.True(float.IsNaN(v)));
        Assert.All(ids.ToArray(), id => Assert.True(id < -1));                       // −1 stands for a row of zeros
        int[] pair = [BufferPool.Poison, BufferPool.Poison];
        Assert.True(double.IsNaN(MemoryMarshal.Cast<int, double>(pair)[0]));
    }

    [Fact]
    public void To_inspect_a_model_is_to_record_without_dropout_for_inputs_alone()
    {
        var cell = new LstmCell(2, 3, new Rng(1));
        var layer = new Stacked([new Recurrent(cell), new Recurrent(new GruCell(3, 3, new Rng(2)), Direction.Forward, new Dropout(0.5, new Rng(3)))], new Dropout(0.5, new Rng(4)));
        var x = Tensor.From([1, 2, 3, 4, 5, 6], new(3, 1, 2)).WithGradient();
        float[] plain, expected, found;
        using (Tape.Scratch()) plain = layer.Forward(x).Output.ToArray();
        var same = new Stacked([new Recurrent(cell), new Recurrent(((Recurrent)layer.Children[1].Module).Cell)]);
        using (var tape = Tape.Record())
        {
            tape.Backward(Ops.Sum(same.Forward(x).Output));
            expected = x.Gradient.ToArray();
        }
        layer.ClearGradients();
        using (var tape = Tape.Inspect())
        {
            Assert.True(Tape.IsRecording);
            Assert.All(layer.Parameters, p => Assert.False(p.Parameter.Trainable));
            var y = layer.Forward(x).Output;
            Assert.Equal(plain, y.ToArray());
            tape.Backward(Ops.Sum(y));
            found = x.Gradient.ToArray();
        }
        Assert.Equal(expected, found);
        Assert.All(layer.Parameters, p => Assert.True(p.Parameter is { HasNoGradient: true, Trainable: true }));
        using (var tape = Tape.Inspect())
            Assert.Throws<InvalidOperationException>(() => tape.Backward(Ops.Sum(layer.Forward(Tensor.Zeros(new(1, 1, 2))).Output)));
    }

    [Fact]
    public void Detached_copies_and_tensors_made_outside_outlive_the_tape()
    {
        Tensor copy, outside = Tensor.Full(new(2), 5);
        State state;
        using (Tape.Record())
        {
            copy = (outside * 2).Detach();
            state = State.Of(outside + 1).Detach();
        }
        Assert.Equal([10f, 10f], copy.ToArray());
        Assert.Equal([6f, 6f], state[0].ToArray());
        Assert.Equal([5f, 5f], outside.ToArray());
    }

    [Fact]
    public void Tapes_nest_and_the_innermost_is_in_force()
    {
        var w = new Parameter(new(1));
        w.Edit()[0] = 3;
        using var outer = Tape.Record();
        var y = Ops.Square(w);
        using (var inner = Tape.Record())
        {
            Assert.Throws<InvalidOperationException>(() => outer.Backward(y));
            inner.Backward(Ops.Square(w));
            Assert.Equal(6, w.Gradient[0]);
        }
        using (Tape.Scratch())
        {
            Assert.False(Tape.IsRecording);
            Assert.False(Ops.Square(w).NeedsGradient);
        }
        Assert.True(Tape.IsRecording);
        outer.Backward(y, scale: 10);
        Assert.Equal(66, w.Gradient[0]);
    }

    [Fact]
    public void What_cannot_be_differentiated_says_so()
    {
        var w = new Parameter(new(2));
        Tensor free = Tensor.Full(new(2), 1);
        Tape closed;
        using (var tape = Tape.Record())
        {
            closed = tape;
            Assert.Contains("[2]", Assert.Throws<ArgumentException>(() => tape.Backward(w.Tensor * 2)).Message);
            Assert.Throws<InvalidOperationException>(() => tape.Backward(Ops.Sum(free)));
        }
        Assert.Throws<InvalidOperationException>(() => closed.Backward(Tensor.Zeros(new())));
        using var scratch = Tape.Scratch();
        Assert.Throws<InvalidOperationException>(() => scratch.Backward(Ops.Sum(w)));
    }

    [Fact]
    public void A_tape_is_walked_back_once()
    {
        var w = new Parameter(new(2));
        using var tape = Tape.Record();
        var loss = Ops.Sum(Ops.Tanh(w));
        tape.Backward(loss);
        Assert.Contains("once", Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message);
        Assert.Equal([1f, 1f], w.Gradient.ToArray());
    }

    [Fact]
    public void Parameters_sum_gradients_over_tapes_and_other_tensors_do_not()
    {
        var w = new Parameter(new(1));
        var x = Tensor.Full(new(1), 2).WithGradient();
        for (var i = 1; i <= 3; i++)
        {
            using var tape = Tape.Record();
            tape.Backward(Ops.Sum((w.Tensor + 1) * x));
            Assert.Equal(2 * i, w.Gradient[0]);
            Assert.Equal(1, x.Gradient[0]);
        }
        w.ClearGradient();
        Assert.True(w.HasNoGradient);
        Assert.Equal(0, w.Gradient[0]);
    }

    [Fact]
    public void Gradients_of_weights_used_at_many_steps_have_the_bits_of_step_after_step()
    {
        int[] rows = [3, 40, 1, 31, 100, 120, 60, 2, 2];                    // few are collected, many are not
        Parameter Filled(Shape shape, ulong seed)
        {
            var p = new Parameter(shape);
            new Rng(seed).FillNormal(p.Edit(), 0, 1);
            return p;
        }
        Parameter w = Filled(new(19, 35), 1), b = Filled(new(19), 2), v = Filled(new(35, 35), 3);
        var x = rows.Select((n, t) => Filled(new(n, 35), (ulong)(10 + t)).Tensor.Detach()).ToArray();
        foreach (var t in Enumerable.Range(0, rows.Length).Reverse())
        {
            using var tape = Tape.Record();
            tape.Backward(Step(t));
        }
        float[][] expected = [w.Gradient.ToArray(), b.Gradient.ToArray(), v.Gradient.ToArray()];
        foreach (var p in new[] { w, b, v }) p.ClearGradient();
        using (var tape = Tape.Record())
        {
            var loss = Step(0);
            for (var t = 1; t < rows.Length; t++) loss += Step(t);
            tape.Backward(loss);
        }
        Assert.Equal(expected, [w.Gradient.ToArray(), b.Gradient.ToArray(), v.Gradient.ToArray()]);

        Tensor Step(int t) => Ops.Sum(Ops.Square(Ops.Linear(Ops.Tanh(Ops.Linear(x[t], v, null)), w, b)));
    }

    [Fact]
    public void A_tensor_the_loss_does_not_depend_on_has_a_gradient_of_zeros()
    {
        using var tape = Tape.Record();
        Tensor a = Tensor.Full(new(2), 1).WithGradient(), b = Tensor.Full(new(2), 1).WithGradient();
        tape.Backward(Ops.Sum(a));
        Assert.Equal([1f, 1f], a.Gradient.ToArray());
        Assert.Equal([0f, 0f], b.Gradient.ToArray());
        Assert.True(Tensor.Full(new(2), 1).Gradient.IsEmpty);
    }

    [Fact]
    public void Two_threads_have_a_tape_each()
    {
        using var tape = Tape.Record();
        var recording = true;
        Exception? caught = null;
        var thread = new Thread(() =>
        {
            recording = Tape.IsRecording;
            caught = Record.Exception(tape.Dispose);
        });
        thread.Start();
        thread.Join();
        Assert.False(recording);
        Assert.IsType<InvalidOperationException>(caught);
    }

    [Fact]
    public void A_ragged_batch_must_not_change_before_its_way_back()
    {
        var layer = new Recurrent(new GruCell(2, 3, new Rng(1))) { Composed = false };
        var lengths = new Lengths([1, 2], 2);
        using var tape = Tape.Record();
        var loss = Ops.Sum(layer.Forward(Tensor.Full(new(2, 2, 2), 1), default, lengths).Output);
        lengths.Set([2, 1, 2, 2], 9);
        Assert.Contains("lengths", Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message);
    }
}
