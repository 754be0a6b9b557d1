using System.Reflection;
using Unroll.Tensors;

namespace Unroll.Gradients.Tensors;

/// <summary>The derivative of every operation, by central differences in double.</summary>
public class OpsTests
{
    static readonly Shape Matrix = new(3, 5), Sequence = new(2, 3, 4), Batch = new(4, 4, 5);

    static readonly Dictionary<string, Action[]> Checks = new()
    {
        [nameof(Ops.Tanh)] = [() => Check.Op(x => Ops.Tanh(x[0]), [Matrix])],
        [nameof(Ops.Sigmoid)] = [() => Check.Op(x => Ops.Sigmoid(x[0]), [Matrix], -4, 4)],
        [nameof(Ops.Relu)] = [() => Check.Op(x => Ops.Relu(x[0]), [Sequence])],
        [nameof(Ops.Exp)] = [() => Check.Op(x => Ops.Exp(x[0]), [Matrix])],
        [nameof(Ops.Log)] = [() => Check.Op(x => Ops.Log(x[0]), [Matrix], 0.2, 3)],
        [nameof(Ops.Sqrt)] = [() => Check.Op(x => Ops.Sqrt(x[0]), [Matrix], 0.2, 3)],
        [nameof(Ops.Square)] = [() => Check.Op(x => Ops.Square(x[0]), [Matrix])],
        [nameof(Ops.Abs)] = [() => Check.Op(x => Ops.Abs(x[0]), [Matrix])],
        [nameof(Ops.Negate)] = [() => Check.Op(x => Ops.Negate(x[0]), [Matrix])],
        [nameof(Ops.Reciprocal)] = [() => Check.Op(x => Ops.Reciprocal(x[0]), [Matrix], 0.3, 2)],
        [nameof(Ops.Softplus)] = [() => Check.Op(x => Ops.Softplus(x[0]), [Matrix], -4, 4)],
        [nameof(Ops.LogSigmoid)] = [() => Check.Op(x => Ops.LogSigmoid(x[0]), [Matrix], -4, 4)],
        [nameof(Ops.Affine)] = [() => Check.Op(x => Ops.Affine(x[0], -1.7, 0.3), [Matrix])],
        [nameof(Ops.Add)] = Broadcasts(Ops.Add, commutes: true),
        [nameof(Ops.Subtract)] = Broadcasts(Ops.Subtract),
        [nameof(Ops.Multiply)] = Broadcasts(Ops.Multiply, commutes: true),
        [nameof(Ops.Divide)] = Broadcasts(Ops.Divide, low: 0.4, high: 2),
        [nameof(Ops.Maximum)] = Broadcasts(Ops.Maximum),
        [nameof(Ops.Minimum)] = Broadcasts(Ops.Minimum),
        [nameof(Ops.MatMul)] =
        [
            () => Check.Op(x => Ops.MatMul(x[0], x[1]), [new(3, 5), new(5, 4)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1], transposeA: true), [new(5, 3), new(5, 4)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1], transposeB: true), [new(3, 5), new(4, 5)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1], transposeA: true, transposeB: true), [new(5, 3), new(4, 5)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1]), [Sequence, new(4, 6)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1], transposeB: true), [Sequence, new(6, 4)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[0]), [new(4, 4)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[0], transposeB: true), [new(4, 3)]),
            () => Check.Op(x => Ops.MatMul(x[0], x[1]), [new(1, 1), new(1, 1)]),
        ],
        [nameof(Ops.Linear)] =
        [
            () => Check.Parameters(p => Ops.Linear(p[0], p[1], p[2]), [Sequence, new(6, 4), new(6)]),
            () => Check.Parameters(p => Ops.Linear(p[0], p[1], null), [Matrix, new(2, 5)]),
            () => Check.Parameters(p => Ops.Linear(Ops.Linear(p[0], p[1], null), p[1], null), [Matrix, new(5, 5)]),
            () => Check.Parameters(p => Ops.Linear(Ops.Linear(p[0], p[1], p[2]), p[1], null) + Ops.Linear(p[0], p[1], p[3]), [Matrix, new(5, 5), new(5), new(5)]),
        ],
        [nameof(Ops.LayerNorm)] =
        [
            () => Check.Parameters(p => Ops.LayerNorm(p[0], p[1], p[2]), [Matrix, new(5), new(5)]),
            () => Check.Parameters(p => Ops.LayerNorm(p[0], p[1], p[2], 0.1), [new(2, 3, 21), new(21), new(21)]),
        ],
        [nameof(Ops.Softmax)] =
        [
            () => Check.Op(x => Ops.Softmax(x[0]), [new(3, 19)], -3, 3),
            () => Check.Op(x => Ops.Softmax(x[0], [3, 0, 5]), [Matrix], -3, 3),
        ],
        [nameof(Ops.LogSoftmax)] =
        [
            () => Check.Op(x => Ops.LogSoftmax(x[0]), [new(3, 19)], -3, 3),
            () => Check.Op(x => Ops.Columns(Ops.LogSoftmax(x[0], [3, 4, 5]), 0, 3), [Matrix], -3, 3),
        ],
        [nameof(Ops.Dropout)] =
        [
            () => Check.Op(x => Ops.Dropout(x[0], 0.4, new Rng(3)), [Sequence]),
            () => Check.Op(x => Ops.Dropout(x[0], 0.4, new Rng(3), sameForAllSteps: true), [Sequence]),
            () => Check.Op(x => Ops.Dropout(x[0], 0.4, new Rng(3)), [new(7)]),
            () => Check.Op(x => Ops.Dropout(x[0], 0.4, new Rng(3)) * x[0], [Sequence]),
        ],
        [nameof(Ops.Gather)] =
        [
            () => Check.Op(x => Ops.Gather(x[0], [2, -1, 0, 2, 2, 1], new(2, 3)), [Matrix]),
            () => Check.Op(x => Ops.Gather(x[0], [1], new()), [Matrix]),
        ],
        [nameof(Ops.Scatter)] = [() => Check.Op(x => Ops.Scatter(x[0], [3, -1, 3], 4), [Matrix])],
        [nameof(Ops.Where)] = [() => Check.Op(x => Ops.Where([true, false, true], x[0], x[1]), [Matrix, Matrix])],
        [nameof(Ops.ScaleRows)] =
        [
            () => Check.Op(x => Ops.ScaleRows(x[0], x[1]), [Matrix, new(3)]),
            () => Check.Op(x => Ops.ScaleRows(x[0], x[1]), [Sequence, new(2, 3)]),
        ],
        [nameof(Ops.Sum)] = [() => Check.Op(x => Ops.Sum(x[0]), [Sequence])],
        [nameof(Ops.Mean)] = [() => Check.Op(x => Ops.Mean(Ops.Square(x[0])), [Sequence])],
        [nameof(Ops.SumFirst)] = [() => Check.Op(x => Ops.SumFirst(x[0]), [Sequence]), () => Check.Op(x => Ops.SumFirst(x[0]), [new(5)])],
        [nameof(Ops.SumColumns)] = [() => Check.Op(x => Ops.SumColumns(x[0]), [Sequence]), () => Check.Op(x => Ops.SumColumns(x[0]), [new(5)])],
        [nameof(Ops.Concat)] =
        [
            () => Check.Op(x => Ops.Concat(x[0], x[1], x[0]), [new(2, 3), new(4, 3)]),
            () => Check.Op(x => Ops.Concat(x[0], x[1]), [new(2, 3, 2), new(1, 3, 2)]),
        ],
        [nameof(Ops.Stack)] = [() => Check.Op(x => Ops.Stack(x[0], x[1], x[0]), [Matrix, Matrix])],
        [nameof(Ops.ConcatColumns)] =
        [
            () => Check.Op(x => Ops.ConcatColumns(x[0], x[1], x[0]), [new(3, 2), Matrix]),
            () => Check.Op(x => Ops.ConcatColumns(x[0], x[1]), [Sequence, new(2, 3, 1)]),
        ],
        [nameof(Ops.Columns)] = [() => Check.Op(x => Ops.Columns(x[0], 1, 3), [Matrix]), () => Check.Op(x => Ops.Columns(x[0], 3, 1), [Sequence])],
        [nameof(Ops.Part)] = [() => Check.Op(x => Ops.Part(x[0], 1, 2) * Ops.Part(x[0], 0, 2), [Sequence])],
        [nameof(Ops.Transpose)] = [() => Check.Op(x => Ops.Transpose(x[0]), [Matrix])],
        [nameof(Ops.MeanOverTime)] = [() => Check.Op(x => Ops.MeanOverTime(x[0], Ragged()), [Batch])],
        [nameof(Ops.MaxOverTime)] = [() => Check.Op(x => Ops.MaxOverTime(x[0], Ragged()), [Batch])],
        [nameof(Ops.AttentionOverTime)] = [() => Check.Op(x => Ops.AttentionOverTime(x[0], x[1], Ragged()).Y, [Batch, new(4, 4)])],
        ["views"] =
        [
            () => Check.Op(x => Ops.Tanh(x[0][1]) * x[0][0], [Sequence]),
            () => Check.Op(x => x[0][1..] * Ops.Tanh(x[0][..2]), [Matrix]),
            () => Check.Op(x => x[0].Reshape(new(5, 3))[1..3][1] * 2 + 1, [Matrix]),
            () => Check.Op(x => 1 - x[0] * x[0][2], [Matrix]),
            () => Check.Op(x => x[0].Reshape(Matrix) * x[0] - x[0] * x[0].Reshape(Matrix), [Matrix]),
            () => Check.Op(x => x[0] / (x[0][1][2..3] + 3), [Matrix]),
            () => Check.Op(x => Ops.Tanh(x[0]).Reshape(new(15))[3..9] * Ops.Tanh(x[0]).Reshape(new(15))[2..8], [Matrix]),
        ],
        ["a tensor used again and again"] =
        [
            () => Check.Op(x => x[0] * x[0] + x[0] / (x[0] * x[0] + 1) - -x[0], [Matrix]),
            () => Check.Op(x => x[0] - x[0], [Matrix]),
            () =>
            {
                var w = new Parameter(new(4, 4));
                new Rng(1).FillUniform(w.Edit(), -1, 1);
                Check.Loss(() =>
                {
                    Tensor y = w;
                    for (var i = 0; i < 4; i++) y = Ops.Tanh(Ops.MatMul(y, w, transposeB: i % 2 == 0)) + w;
                    return Check.Weighted(y);
                }, ("w", w));
            },
        ],
    };

    static Lengths Ragged() => new([4, 0, 2, 1], 4);

    public static IEnumerable<object[]> Names => Checks.Keys.Select(k => new object[] { k });

    [Theory, MemberData(nameof(Names))]
    public void Derivative_is_right(string operation)
    {
        foreach (var check in Checks[operation]) check();
    }

    [Fact]
    public void Every_operation_is_checked() => Assert.Empty(
        typeof(Ops).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(m => m.Name).Distinct().Except(Checks.Keys));

    static Action[] Broadcasts(Func<Tensor, Tensor, Tensor> op, double low = -1, double high = 1, bool commutes = false)
    {
        (Shape A, Shape B)[] pairs =
            [(Matrix, Matrix), (Sequence, new(4)), (Sequence, new(3, 4)), (Matrix, new(1)), (Sequence, new()), (new(1, 5), new(5)), (new(), new()), (new(37), new(37))];
        var checks = pairs.Select(p => (Action)(() => Check.Op(x => op(x[0], x[1]), [p.A, p.B], low, high)));
        if (commutes) checks = checks.Concat(pairs.Select(p => (Action)(() => Check.Op(x => op(x[0], x[1]), [p.B, p.A], low, high))));
        return [.. checks];
    }
}
