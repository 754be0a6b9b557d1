using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Stress;

/// <summary>A piece of work that begins anew every time and refers to nothing longer than it must.</summary>
/// <param name="Name">Begins with what it is a case of: <c>Ops.Tanh</c>, <c>LstmCell</c>; then, after a blank, how.</param>
sealed record Case(string Name, Func<float[]> Run);

/// <summary>All cases. Sizes are large enough for two threads and for a collection in the middle.</summary>
static partial class Cases
{
    const int Steps = 20, Batch = 24, Size = 64, Rows = 256, Columns = 128;

    public static readonly IReadOnlyList<Case> All = [.. Operations(), .. LossesAndOptimizers(), .. LayersAndModels()];

    static Case Of(string name, Func<Tensor> run) => new(name, () => run().ToArray());

    static Tensor X(int seed, Shape shape, double low = -1)
    {
        var values = new float[shape.Count];
        new Rng((ulong)seed).FillUniform(values, (float)low, 1);
        return Tensor.From(values, shape);
    }

    static Tensor Table(int seed, double low = -1) => X(seed, new(Rows, Columns), low);
    static Tensor Sequence(int seed) => X(seed, new(Steps, Batch, Size));
    static Tensor Row(int seed) => X(seed, new(Batch, Size));

    static Parameter W(int seed, Shape shape)
    {
        var parameter = new Parameter(shape);
        new Rng((ulong)seed).FillUniform(parameter.Edit(), -0.5f, 0.5f);
        return parameter;
    }

    static int[] Ids(int count, int below) => [.. Enumerable.Range(0, count).Select(i => i * 31 % below)];

    static Lengths Ragged() => new([.. Enumerable.Range(0, Batch).Select(b => b * 7 % (Steps + 1))], Steps);

    static IEnumerable<Case> Operations()
    {
        foreach (var (name, op) in new (string, Func<Tensor, Tensor>)[]
        {
            (nameof(Ops.Tanh), Ops.Tanh), (nameof(Ops.Sigmoid), Ops.Sigmoid), (nameof(Ops.Relu), Ops.Relu), (nameof(Ops.Exp), Ops.Exp), (nameof(Ops.Square), Ops.Square),
            (nameof(Ops.Abs), Ops.Abs), (nameof(Ops.Negate), Ops.Negate), (nameof(Ops.Softplus), Ops.Softplus), (nameof(Ops.LogSigmoid), Ops.LogSigmoid),
            (nameof(Ops.Sum), Ops.Sum), (nameof(Ops.Mean), Ops.Mean), (nameof(Ops.SumFirst), Ops.SumFirst), (nameof(Ops.SumColumns), Ops.SumColumns),
            (nameof(Ops.Transpose), Ops.Transpose), (nameof(Ops.Affine), x => Ops.Affine(x, 2, 1)), (nameof(Ops.Columns), x => Ops.Columns(x, 16, 64)),
            (nameof(Ops.Part), x => Ops.Part(x, 1, 4)), (nameof(Ops.Softmax), x => Ops.Softmax(x)), (nameof(Ops.LogSoftmax), x => Ops.LogSoftmax(x, Ids(Rows, Columns))),
            (nameof(Ops.Dropout), x => Ops.Dropout(x, 0.5, new Rng(1))), (nameof(Ops.Gather), x => Ops.Gather(x, Ids(512, Rows), new(512))),
            (nameof(Ops.Scatter), x => Ops.Scatter(x, Ids(Rows, 97), 97)),
        })
            yield return Of($"Ops.{name}", () => op(Table(1)));
        foreach (var (name, op) in new (string, Func<Tensor, Tensor>)[]
        {
            (nameof(Ops.Log), Ops.Log), (nameof(Ops.Sqrt), Ops.Sqrt), (nameof(Ops.Reciprocal), Ops.Reciprocal),
        })
            yield return Of($"Ops.{name}", () => op(Table(1, low: 0.1)));
        foreach (var (name, op) in new (string, Func<Tensor, Tensor, Tensor>)[]
        {
            (nameof(Ops.Add), Ops.Add), (nameof(Ops.Subtract), Ops.Subtract), (nameof(Ops.Multiply), Ops.Multiply), (nameof(Ops.Divide), Ops.Divide),
            (nameof(Ops.Maximum), Ops.Maximum), (nameof(Ops.Minimum), Ops.Minimum),
        })
        {
            yield return Of($"Ops.{name}", () => op(Table(1), Table(2, low: 0.1)));
            yield return Of($"Ops.{name} of a row", () => op(Table(1), X(2, new(Columns), low: 0.1)));
            yield return Of($"Ops.{name} of a number", () => op(Table(1), X(2, new(1), low: 0.1)));
        }
        yield return Of("Ops.MatMul", () => Ops.MatMul(Table(1), Table(2), transposeB: true));
        yield return Of("Ops.MatMul transposed", () => Ops.MatMul(Table(1), Table(2), transposeA: true));
        yield return Of("Ops.Linear", () => Ops.Linear(Table(1), W(2, new(192, Columns)), W(3, new(192))));
        yield return Of("Ops.LayerNorm", () => Ops.LayerNorm(Table(1), W(2, new(Columns)), W(3, new(Columns))));
        yield return Of("Ops.Where", () => Ops.Where([.. Enumerable.Range(0, Rows).Select(i => i % 3 == 0)], Table(1), Table(2)));
        yield return Of("Ops.ScaleRows", () => Ops.ScaleRows(Table(1), X(2, new(Rows))));
        yield return Of("Ops.Concat", () => Ops.Concat(Table(1), Table(2)));
        yield return Of("Ops.Stack", () => Ops.Stack(Table(1), Table(2)));
        yield return Of("Ops.ConcatColumns", () => Ops.ConcatColumns(Table(1), Table(2)));
        yield return Of("Ops.MeanOverTime", () => Ops.MeanOverTime(Sequence(1), Ragged()));
        yield return Of("Ops.MaxOverTime", () => Ops.MaxOverTime(Sequence(1), Ragged()));
        yield return Of("Ops.AttentionOverTime", () => Ops.AttentionOverTime(Sequence(1), X(2, new(Steps * Batch)), Ragged()).Y);
        yield return Of("Ops.Tanh of a view", () => Ops.Tanh(Sequence(1)[5].Reshape(new(Size, Batch))));
    }

    static IEnumerable<Case> LossesAndOptimizers()
    {
        yield return Of("Losses.CrossEntropy", () => Losses.CrossEntropy(Table(1), Ids(Rows, Columns), labelSmoothing: 0.1));
        yield return Of("Losses.CrossEntropy of an output", () => Losses.CrossEntropy(Table(1), new Linear(Columns, 300, new Rng(2)), Ids(Rows, 300)));
        yield return Of("Losses.BinaryCrossEntropy", () => Losses.BinaryCrossEntropy(Table(1), Table(2, low: 0)));
        yield return Of("Losses.MeanSquared", () => Losses.MeanSquared(Table(1), Table(2)));
        yield return Of("Losses.MeanAbsolute", () => Losses.MeanAbsolute(Table(1), Table(2)));
        yield return Of("Losses.Huber", () => Losses.Huber(Table(1), Table(2), 0.5));
        yield return Of("Losses.Gaussian", () => Losses.Gaussian(Ops.Columns(Table(1, low: 0.1), 0, 2), Ops.Columns(Table(2), 0, 1)));
        yield return Of("Losses.StudentT", () => Losses.StudentT(Ops.Columns(Table(1, low: 0.1), 0, 3), Ops.Columns(Table(2), 0, 1)));
        yield return Of("Losses.NegativeBinomial", () => Losses.NegativeBinomial(Ops.Columns(Table(1, low: 0.1), 0, 2), Ops.Columns(Table(2, low: 0), 0, 1)));
        yield return Of("Losses.Pinball", () => Losses.Pinball(Ops.Columns(Table(1), 0, 3), Ops.Columns(Table(2), 0, 1), [0.1, 0.5, 0.9]));
        foreach (var (name, make) in new (string, Func<IReadOnlyList<NamedParameter>, Optimizer>)[]
        {
            (nameof(Sgd), p => new Sgd(p, 0.1, momentum: 0.9)), (nameof(Adam), p => new Adam(p, 0.01)), (nameof(AdamW), p => new AdamW(p, 0.01)),
            (nameof(RmsProp), p => new RmsProp(p, 0.01)), (nameof(Adagrad), p => new Adagrad(p, 0.01)),
        })
            yield return new(name, () => Learn(new Linear(Columns, 96, new Rng(1)), (m, x) => m.Forward(x), make, (_, _) => { }));
        foreach (var (name, clip) in new (string, Action<IReadOnlyList<NamedParameter>, int>)[]
        {
            ("Clip.ByNorm", (p, _) => Clip.ByNorm(p, 0.01)), ("Clip.ByValue", (p, _) => Clip.ByValue(p, 1e-3)), ("Clip.GradientNorm", (p, _) => Clip.GradientNorm(p)),
        })
            yield return new(name, () => Learn(new Linear(Columns, 96, new Rng(1)), (m, x) => m.Forward(x), p => new Sgd(p, 0.1), clip));
    }

    /// <summary>Three steps on a module that nobody keeps, the optimizer's outside of the tape.</summary>
    static float[] Learn<T>(T module, Func<T, Tensor, Tensor> forward, Func<IReadOnlyList<NamedParameter>, Optimizer> make, Action<IReadOnlyList<NamedParameter>, int> clip)
        where T : Module
    {
        var optimizer = make(module.Parameters);
        for (var i = 0; i < 3; i++)
        {
            using (var tape = Tape.Record()) tape.Backward(Ops.Mean(Ops.Square(forward(module, Table(i)))));
            clip(optimizer.Parameters, i);
            optimizer.Step();
        }
        return [.. optimizer.Parameters.SelectMany(p => p.Parameter.Values.ToArray())];
    }
}
