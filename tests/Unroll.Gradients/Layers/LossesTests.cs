using System.Reflection;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

/// <summary>The derivative of every loss, by central differences in double.</summary>
public class LossesTests
{
    static readonly Shape Logits = new(2, 3, 5);
    static readonly int[] Targets = [0, 4, -1, 2, 2, 1];
    static readonly double[] Weights = [0.5, 2, 1, 0.1, 3];

    static readonly Dictionary<string, Action[]> Checks = new()
    {
        [nameof(Losses.CrossEntropy)] =
        [
            () => Check.Op(x => Losses.CrossEntropy(x[0], Targets), [Logits], -3, 3),
            () => Check.Op(x => Losses.CrossEntropy(x[0], Targets, labelSmoothing: 0.2), [Logits], -3, 3),
            () => Check.Op(x => Losses.CrossEntropy(x[0], Targets, labelSmoothing: 0.2, classWeights: Weights), [Logits], -3, 3),
            () => Check.Op(x => Losses.CrossEntropy(x[0], [3, 0, 2, 2, 4, 1], ignored: 2, classWeights: Weights), [Logits], -3, 3),
            () => Check.Op(x => Losses.CrossEntropy(Ops.Square(x[0]), Targets) + Ops.Mean(x[0]), [Logits], -3, 3),
            () => Output(labelSmoothing: 0),
            () => Output(labelSmoothing: 0.2, Weights),
        ],
        [nameof(Losses.BinaryCrossEntropy)] = [() => Check.Op(x => Losses.BinaryCrossEntropy(x[0], Fixed(0, 1)), [Logits], -3, 3)],
        [nameof(Losses.MeanSquared)] = [() => Check.Op(x => Losses.MeanSquared(x[0], Fixed(-1, 1)), [Logits])],
        [nameof(Losses.MeanAbsolute)] = [() => Check.Op(x => Losses.MeanAbsolute(x[0], Fixed(-1, 1)), [Logits])],
        [nameof(Losses.Huber)] =
        [
            () => Check.Op(x => Losses.Huber(x[0], Fixed(-1, 1)), [Logits], -3, 3),
            () => Check.Op(x => Losses.Huber(x[0], Fixed(-1, 1), 0.3), [Logits]),
        ],
        [nameof(Losses.Gaussian)] = [() => Check.Op(x => Losses.Gaussian(x[0], Rows(-1, 1)), [new(4, 2)], 0.3, 2)],
        [nameof(Losses.StudentT)] = [() => Check.Op(x => Losses.StudentT(x[0], Rows(-1, 1)), [new(4, 3)], 0.3, 4)],
        [nameof(Losses.NegativeBinomial)] = [() => Check.Op(x => Losses.NegativeBinomial(x[0], Tensor.From([0, 7, double.NaN, 2], new(4))), [new(4, 2)], 0.3, 4)],
        [nameof(Losses.Pinball)] = [() => Check.Op(x => Losses.Pinball(x[0], Rows(-1, 1), [0.1, 0.5, 0.8]), [new(4, 3)])],
    };

    public static IEnumerable<object[]> Names => Checks.Keys.Select(k => new object[] { k });

    [Theory, MemberData(nameof(Names))]
    public void Derivative_is_right(string loss)
    {
        foreach (var check in Checks[loss]) check();
    }

    [Fact]
    public void Every_loss_is_checked() => Assert.Empty(
        typeof(Losses).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(m => m.Name).Distinct().Except(Checks.Keys));

    /// <summary>Of a linear layer's scores, which are not kept.</summary>
    static void Output(double labelSmoothing, params double[] classWeights)
    {
        var layer = new Linear(4, 5, new Rng(3));
        var x = new Parameter(new(6, 4));
        new Rng(5).FillUniform(x.Edit(), -2, 2);
        Check.Loss(
            () => Losses.CrossEntropy(x, layer, Targets, labelSmoothing, classWeights: classWeights) * 3,
            [("x", x), .. layer.Parameters.Select(p => (p.Name, p.Parameter))]);
    }

    /// <summary>A target for each of four rows; one is missing.</summary>
    static Tensor Rows(double low, double high)
    {
        var values = new double[4];
        new Rng(37).FillUniform(values, low, high);
        values[1] = double.NaN;
        return Tensor.From(values, new(4));
    }

    static Tensor Fixed(double low, double high)
    {
        var values = new double[Logits.Count];
        new Rng(31).FillUniform(values, low, high);
        return Tensor.From(values, Logits);
    }
}
