using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Golden;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class ClipTests
{
    static readonly GoldenNode Golden = GoldenFile.Load("optimizers")["clipping"];

    [Theory]
    [InlineData("norm")]
    [InlineData("norm-loose")]
    public void Clipping_by_norm_equals_PyTorchs(string name)
    {
        var golden = Golden[name];
        var parameters = Before(golden);
        Assert.Equal(golden["norm"].Number, Clip.GradientNorm(parameters), 1e-6);
        Assert.Equal(golden["norm"].Number, Clip.ByNorm(parameters, golden["limit"].Number), 1e-6);
        AssertAfter(golden, parameters);
    }

    [Fact]
    public void Clipping_by_value_equals_PyTorchs()
    {
        var parameters = Before(Golden["value"]);
        Clip.ByValue(parameters, Golden["value"]["limit"].Number);
        AssertAfter(Golden["value"], parameters);
    }

    [Fact]
    public void Parameters_without_a_gradient_are_passed_over()
    {
        var parameters = Before(Golden["norm"]);
        foreach (var p in parameters) p.Parameter.ClearGradient();
        Assert.Equal(0, Clip.GradientNorm(parameters));
        Assert.Equal(0, Clip.ByNorm(parameters, 1));
        Clip.ByValue(parameters, 1);
        Assert.All(parameters, p => Assert.True(p.Parameter.HasNoGradient));
    }

    [Fact]
    public void A_norm_that_is_not_finite_is_told_and_changes_nothing()
    {
        var parameters = Before(Golden["norm"]);
        parameters[0].Parameter.Gradient[0] = float.NaN;
        var second = parameters[1].Parameter.Gradient.ToArray();
        Assert.Equal(double.NaN, Clip.ByNorm(parameters, 0.1));
        Assert.Equal(second, parameters[1].Parameter.Gradient);
        Clip.ByValue(parameters, 0.1);
        Assert.Equal(float.NaN, parameters[0].Parameter.Gradient[0]);
    }

    [Fact]
    public void Clipping_allocates_nothing_and_wants_a_limit_above_0()
    {
        var parameters = Before(Golden["norm"]);
        Clip.ByNorm(parameters, 0.1);
        Clip.ByValue(parameters, 0.1);
        Assert.Equal(0, Allocations.Of(() =>
        {
            Clip.ByNorm(parameters, 0.01);
            Clip.ByValue(parameters, 0.01);
        }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clip.ByNorm(parameters, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clip.ByValue(parameters, double.NaN));
    }

    static NamedParameter[] Before(GoldenNode golden) =>
        [.. golden["before"].Names.Select(id =>
        {
            var parameter = new Parameter(Shape.From(golden["before"][id].Shape));
            golden["before"][id].Floats.CopyTo(parameter.Gradient);
            return new NamedParameter(id, parameter);
        })];

    static void AssertAfter(GoldenNode golden, NamedParameter[] parameters)
    {
        foreach (var (id, parameter) in parameters)
        {
            var expected = golden["after"][id].Floats;
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], parameter.Gradient[i], 1e-6f);
        }
    }
}
