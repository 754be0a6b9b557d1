using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>One random batch: sizes, inputs, initial state and the weights of a loss, all from a seed that the test's name shows.</summary>
sealed record Trial
{
    /// <summary>Small sizes from the seed, or the given ones.</summary>
    public Trial(int seed, int stateCount = 2, (int Steps, int Batch, int Inputs, int Hidden)? sizes = null)
    {
        Rng = new Rng((ulong)seed);
        (Steps, Batch, InputSize, HiddenSize) = sizes ?? (1 + Rng.Next(7), 1 + Rng.Next(6), 1 + Rng.Next(9), 1 + Rng.Next(20));
        Direction = (Direction)Rng.Next(2);
        X = Numbers(Steps * Batch * InputSize);
        Initial = [.. Enumerable.Range(0, stateCount).Select(_ => Numbers(Batch * HiddenSize))];
        R = Numbers(Steps * Batch * HiddenSize);
        S = [.. Enumerable.Range(0, stateCount).Select(_ => Numbers(Batch * HiddenSize))];
        Lengths = [.. Enumerable.Range(0, Batch).Select(_ => Rng.Next(Steps + 1))];
    }

    public Rng Rng { get; }
    public int Steps { get; init; }
    public int Batch { get; init; }
    public int InputSize { get; }
    public int HiddenSize { get; }
    public Direction Direction { get; }
    public float[] X { get; init; }
    public float[][] Initial { get; init; }

    /// <summary>Weights of the outputs in the loss.</summary>
    public float[] R { get; init; }

    /// <summary>Weights of the final state in the loss.</summary>
    public float[][] S { get; init; }

    /// <summary>A length for each row, unsorted, 0 among them at times.</summary>
    public int[] Lengths { get; init; }

    /// <summary>The cells of the catalog, and those that a layer of several tasks is made of; the latter take what a test has: half of the inputs are s, and as many tasks as divide H.</summary>
    public static IReadOnlyList<CellKind> Kinds { get; } =
    [
        .. CellCatalog.All,
        new("shared-lstm", "", (i, h, rng) => new SharedLstmCell(i - i / 2, i / 2, h, rng)),
        new("shared-lstm-plain", "", (i, h, rng) => new SharedLstmCell(i - i / 2, i / 2, h, rng, peepholes: false)),
        new("shared-gru", "", (i, h, rng) => new SharedGruCell(i - i / 2, i / 2, h, rng)),
        new("coupled-lstm", "", (i, h, rng) => new CoupledLstmCell(i, h / TasksOf(h), TasksOf(h), rng)),
        new("coupled-lstm-plain", "", (i, h, rng) => new CoupledLstmCell(i, h / TasksOf(h), TasksOf(h), rng, peepholes: false)),
        new("coupled-gru", "", (i, h, rng) => new CoupledGruCell(i, h / TasksOf(h), TasksOf(h), rng)),
    ];

    public static int TasksOf(int hidden) => hidden % 3 == 0 ? 3 : hidden % 2 == 0 ? 2 : 1;

    public static RecurrentCell CellOf(string kind, int inputs, int hidden, Rng rng) => Kinds.Single(k => k.Name == kind).Create(inputs, hidden, rng);

    public static IEnumerable<object[]> CellsAndSeeds =>
        from kind in Kinds
        from seed in Enumerable.Range(1, 6)
        where new Trial(seed).InputSize > 1 || CellCatalog.All.Contains(kind)
        select new object[] { kind.Name, seed };

    public float[] Numbers(int count)
    {
        var values = new float[count];
        Rng.FillUniform(values, -1, 1);
        return values;
    }

    public Recurrent Layer(string kind, bool composed, Direction? direction = null, Dropout? recurrentDropout = null)
    {
        var cell = CellOf(kind, InputSize, HiddenSize, new Rng(99));
        return new Recurrent(cell, direction ?? Direction, recurrentDropout) { Composed = composed };
    }

    public Tensor Input() => Tensor.From(X, new(Steps, Batch, InputSize));

    public State Start(RecurrentLayer layer) =>
        State.Of([.. Enumerable.Range(0, layer.StateCount).Select(i => Tensor.From(Initial[i], new(Batch, layer.StateSize(i))).WithGradient())]);

    /// <summary>Forward, then backward from Σ y·r + Σ final·s.</summary>
    public Outcome Run(RecurrentLayer layer, bool initial = true, bool ragged = false)
    {
        layer.ClearGradients();
        using var tape = Tape.Record();
        var x = Input().WithGradient();
        var start = initial ? Start(layer) : default;
        var (y, final) = layer.Forward(x, start, ragged ? new Lengths(Lengths, Steps) : null);
        var loss = Ops.Sum(y * Tensor.From(R.AsSpan(0, y.Count), y.Shape));
        for (var i = 0; i < final.Count; i++) loss += Ops.Sum(final[i] * Tensor.From(S[i], final[i].Shape));
        tape.Backward(loss);
        var gradients = new Dictionary<string, float[]> { ["x"] = x.Gradient.ToArray() };
        for (var i = 0; i < start.Count; i++) gradients[$"initial {i}"] = start[i].Gradient.ToArray();
        foreach (var (name, parameter) in layer.Parameters) gradients[name] = parameter.Gradient.ToArray();
        return new(y.ToArray(), [.. Enumerable.Range(0, final.Count).Select(i => final[i].ToArray())], gradients);
    }

    public Trial WithZeroState() => this with { Initial = [.. Initial.Select(v => new float[v.Length])] };

    public Trial WithSteps(int steps) => this with
    {
        Steps = steps,
        X = X[..(steps * Batch * InputSize)],
        Lengths = [.. Lengths.Select(n => Math.Min(n, steps))],
    };

    public Trial WithoutRows() => this with { Batch = 0, X = [], Lengths = [], Initial = [[], []], S = [[], []] };

    /// <summary>The same rows, read from their other end.</summary>
    public Trial Flipped(bool ragged) => this with { X = Flip(X, InputSize, ragged), R = Flip(R, HiddenSize, ragged) };

    public float[] Flip(float[] values, int width, bool ragged) => Moved(values, width, (t, b) =>
    {
        var length = ragged ? Lengths[b] : Steps;
        return (t < length ? length - 1 - t : t, b);
    });

    /// <summary>Row order[b] in place of row b.</summary>
    public Trial Permuted(int[] order) => this with
    {
        X = Permute(X, order),
        R = Permute(R, order),
        Initial = [.. Initial.Select(v => PermuteState(v, order))],
        S = [.. S.Select(v => PermuteState(v, order))],
        Lengths = [.. order.Select(b => Lengths[b])],
    };

    public float[] Permute(float[] values, int[] order) => Moved(values, values.Length / (Steps * Batch), (t, b) => (t, order[b]));

    public float[] PermuteState(float[] values, int[] order) => [.. order.SelectMany(b => values[(b * HiddenSize)..((b + 1) * HiddenSize)])];

    /// <summary>More steps, and all that is past a row's length set to a value.</summary>
    public Trial Padded(int more, float value)
    {
        var x = X.Concat(new float[more * Batch * InputSize]).ToArray();
        for (var t = 0; t < Steps + more; t++)
            for (var b = 0; b < Batch; b++)
                if (t >= Lengths[b]) x.AsSpan((t * Batch + b) * InputSize, InputSize).Fill(value);
        return this with { Steps = Steps + more, X = x, R = [.. R, .. Numbers(more * Batch * HiddenSize)] };
    }

    /// <summary>One row with its own length.</summary>
    public Trial Row(int b) => this with
    {
        Steps = Lengths[b],
        Batch = 1,
        X = RowOf(X, b, InputSize),
        R = RowOf(R, b, HiddenSize),
        Initial = [.. Initial.Select(v => v[(b * HiddenSize)..((b + 1) * HiddenSize)])],
        S = [.. S.Select(v => v[(b * HiddenSize)..((b + 1) * HiddenSize)])],
        Lengths = [Lengths[b]],
    };

    public float[] RowOf(float[] values, int b, int width) =>
        [.. Enumerable.Range(0, Lengths[b]).SelectMany(t => values[((t * Batch + b) * width)..((t * Batch + b + 1) * width)])];

    float[] Moved(float[] values, int width, Func<int, int, (int T, int B)> from)
    {
        var moved = new float[values.Length];
        for (var t = 0; t < Steps; t++)
            for (var b = 0; b < Batch; b++)
            {
                var (st, sb) = from(t, b);
                values.AsSpan((st * Batch + sb) * width, width).CopyTo(moved.AsSpan((t * Batch + b) * width));
            }
        return moved;
    }
}

/// <summary>What a layer made of a trial.</summary>
sealed record Outcome(float[] Output, float[][] Final, Dictionary<string, float[]> Gradients)
{
    public void IsBitwise(Outcome other)
    {
        Same.Bits(other.Output, Output, "output");
        for (var i = 0; i < Final.Length; i++) Same.Bits(other.Final[i], Final[i], $"final state {i}");
        foreach (var (name, gradient) in other.Gradients) Same.Bits(gradient, Gradients[name], $"gradient of {name}");
    }

    public void IsNear(Outcome other, double tolerance)
    {
        Same.Near(other.Output, Output, tolerance, "output");
        for (var i = 0; i < Final.Length; i++) Same.Near(other.Final[i], Final[i], tolerance, $"final state {i}");
        foreach (var (name, gradient) in other.Gradients) Same.Near(gradient, Gradients[name], tolerance, $"gradient of {name}");
    }
}

static class Same
{
    public static void Bits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{what}[{i}] is {actual[i]:R}; expected the bits of {expected[i]:R}.");
    }

    /// <summary>|expected − actual| ≤ tolerance·(1 + |expected|).</summary>
    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
                Assert.Fail($"{what}[{i}] is {actual[i]:R}; expected {expected[i]:R} within {tolerance:G2}·(1 + |expected|).");
    }
}
