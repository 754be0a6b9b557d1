using Unroll.Layers;
using Unroll.Tasks;
using Unroll.Tensors;

namespace Unroll.Gradients.Models;

/// <summary>What the fit of n-grams takes for the derivative of its loss, against differences of the loss.</summary>
public class NGramTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_slopes_of_the_fit_are_right(bool several, bool weighted)
    {
        const double Delta = 1e-6;
        var config = new SequenceClassifierConfig { Classes = ["a", "b", "c"], NGrams = 3, NGramRows = 32, MultiLabel = several };
        var member = new NGramMember(config);
        new Rng(1).FillUniform(member.Weight.Edit(), -1, 1);
        new Rng(2).FillUniform(member.Bias.Edit(), -1, 1);
        var input = new SequenceInput([4, 2, 2, 4], [], 4, several ? [0, 2] : [1]);
        double[] weights = weighted ? [0.5, 1.7, 1.1] : [];

        int[] room = [];
        var rows = member.Rows(input.Ids, ref room).ToArray();
        var scale = NGramMember.Scale(rows.Length);
        var slopes = new double[3];
        member.Score(rows, scale, slopes);
        new NGramFit(member, several, weights).Differentiate(slopes, input);
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal(Difference(member.Bias, c), slopes[c], 1e-7);
            for (var row = 0; row < 32; row++) Assert.Equal(Difference(member.Weight, row * 3 + c), slopes[c] * scale * rows.Count(r => r == row), 1e-7);
        }

        double Difference(Parameter parameter, int i)
        {
            var before = parameter.Values[i];
            parameter.Edit()[i] = before + Delta;
            var up = Loss();
            parameter.Edit()[i] = before - Delta;
            var down = Loss();
            parameter.Edit()[i] = before;
            return (up - down) / (2 * Delta);
        }

        double Loss()
        {
            var logits = member.Forward([input.Ids]);
            if (!several) return Losses.CrossEntropy(logits, [1]).Scalar * (weighted ? weights[1] : 1);
            return Losses.BinaryCrossEntropy(logits, Tensor.From([1.0, 0, 1], new(1, 3))).Scalar * 3;       // their sum, not their mean
        }
    }
}
