using Unroll.Tests.Golden;

namespace Unroll.Tests.Reference;

public class ReferenceTests
{
    const double Digits = 1e-8;   // the golden files carry 9 significant digits of values below 10

    [Theory]
    [InlineData("rnn-tanh")]
    [InlineData("rnn-relu")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void The_scalar_reading_of_the_equations_gives_PyTorchs_numbers(string cell)
    {
        var golden = GoldenFile.Load("recurrent")[cell + "-1-uni-full"];
        var weights = golden["parameters"];
        double[] W = weights["weight_ih_l0"].Doubles, U = weights["weight_hh_l0"].Doubles;
        double[] b = weights["bias_ih_l0"].Doubles, d = weights["bias_hh_l0"].Doubles;
        double[] x = golden["x"].Doubles, y = golden["y"].Doubles;
        var (steps, rows, inputs, hidden) = (golden["x"].Shape[0], golden["x"].Shape[1], golden["x"].Shape[2], golden["y"].Shape[2]);
        for (var row = 0; row < rows; row++)
        {
            var h = Slice(golden["h0"].Doubles, row, hidden);
            var c = golden.Has("c0") ? Slice(golden["c0"].Doubles, row, hidden) : [];
            for (var t = 0; t < steps; t++)
            {
                var xt = Slice(x, t * rows + row, inputs);
                if (cell == "lstm") (h, c) = ReferenceLstm.Step(W, U, b, d, xt, h, c);
                else h = cell == "gru" ? ReferenceGru.Step(W, U, b, d, xt, h) : ReferenceRnn.Step(W, U, b, d, xt, h, relu: cell == "rnn-relu");
                AssertClose(Slice(y, t * rows + row, hidden), h);
            }
            AssertClose(Slice(golden["hn"].Doubles, row, hidden), h);
            if (golden.Has("cn")) AssertClose(Slice(golden["cn"].Doubles, row, hidden), c);
        }
    }

    static double[] Slice(double[] values, int row, int width) => values[(row * width)..((row + 1) * width)];

    static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - Digits, expected[i] + Digits);
    }
}
