using Unroll.Tensors;

namespace Unroll.Gradients;

/// <summary>The shortest way to check a derivative: a function of some tensors, weighted by irregular numbers into a scalar.</summary>
static class Check
{
    static readonly GradientCheck Strict = new();

    /// <summary>Checks y = <paramref name="function"/>(inputs of these shapes, drawn from [low, high)) in every input.</summary>
    public static void Op(Func<Tensor[], Tensor> function, Shape[] shapes, double low = -1, double high = 1) =>
        Parameters(p => function([.. p.Select(q => (Tensor)q)]), shapes, low, high);

    /// <inheritdoc cref="Op"/>
    public static void Parameters(Func<Parameter[], Tensor> function, Shape[] shapes, double low = -1, double high = 1)
    {
        var rng = new Rng(17);
        var inputs = shapes.Select(s => new Parameter(s)).ToArray();
        foreach (var p in inputs) rng.FillUniform(p.Edit(), low, high);
        Loss(() => Weighted(function(inputs)), inputs.Select((p, i) => ($"input {i}", p)));
    }

    public static void Loss(Func<Tensor> loss, params IEnumerable<(string, Parameter)> parameters)
    {
        var report = Strict.Run(loss, parameters);
        Assert.True(report.IsRight, report.ToString());
        Assert.NotEqual(0, report.Checked);
    }

    /// <summary>Σ y·r with numbers r that differ in every element, so that no error hides behind a symmetry.</summary>
    public static Tensor Weighted(Tensor y)
    {
        var r = new double[y.Count];
        new Rng(23).FillUniform(r, -1, 1);
        return Ops.Sum(y * Tensor.From(r, y.Shape));
    }
}
