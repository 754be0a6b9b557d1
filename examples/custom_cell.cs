#:project ../src/Unroll/Unroll.csproj
#:property PublishAot=false

// A custom recurrent cell in one file: dotnet run examples/custom_cell.cs
//
// The minimal gated unit (Zhou et al. 2016) has one gate where a GRU has two. Both learn the adding problem: 30 steps of random numbers,
// two of which are marked; the target is their sum. Predicting 1 always has a mean squared error of 0.167. Result: the gradients pass
// the gradient check, and both cells have an error below 0.003 on new data after 1,000 iterations; otherwise the exit code is 1.
using Unroll;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

const int Steps = 30, Batch = 32, Hidden = 32, Iterations = 1000;
const double Goal = 0.003;

var report = CheckGradient();
Console.WriteLine($"gradient check: {report}");
var good = report.IsRight;
foreach (var (name, make) in new (string, Func<Rng, RecurrentCell>)[] { ("MGU", r => new MguCell(2, Hidden, r)), ("GRU", r => new GruCell(2, Hidden, r)) })
{
    var (error, parameters) = Train(make);
    Console.WriteLine($"{name}: {parameters,5} parameters, mean squared error {error:F5}");
    good &= error < Goal;
}
return good ? 0 : 1;

static (double Error, long Parameters) Train(Func<Rng, RecurrentCell> make)
{
    var rng = new Rng(1);
    var layer = new Recurrent(make(rng));
    var head = new Linear(Hidden, 1, rng);
    NamedParameter[] parameters = [.. layer.Parameters, .. head.Parameters];
    var adam = new Adam(parameters, learningRate: 0.01);
    var data = rng.Fork("data");
    for (var i = 0; i < Iterations; i++)
    {
        using (var tape = Tape.Record()) tape.Backward(Error());
        Clip.ByNorm(parameters, 1);
        adam.Step();
    }
    double error = 0;
    for (var i = 0; i < 20; i++)
    {
        using var scratch = Tape.Scratch();
        error += Error().Scalar / 20;
    }
    return (error, layer.ParameterCount + head.ParameterCount);

    Tensor Error()
    {
        var (x, sums) = AddingProblem(data);
        var (_, final) = layer.Forward(x);
        return Losses.MeanSquared(head.Forward(final[0]), sums);         // [B, 1]
    }
}

static (Tensor X, Tensor Sums) AddingProblem(Rng rng)
{
    Tensor x = Tensor.Zeros(new(Steps, Batch, 2)), sums = Tensor.Zeros(new(Batch, 1));
    for (var b = 0; b < Batch; b++)
    {
        var (first, second) = (rng.Next(Steps / 2), Steps / 2 + rng.Next(Steps / 2));
        for (var t = 0; t < Steps; t++)
        {
            var row = x[t][b].Values;
            row[0] = rng.NextReal();
            if (t != first && t != second) continue;
            row[1] = 1;
            sums.Values[b] += row[0];
        }
    }
    return (x, sums);
}

static GradientReport CheckGradient()
{
    var layer = new Recurrent(new MguCell(3, 4, new Rng(1)));
    var values = new float[5 * 2 * 3];
    new Rng(2).FillNormal(values, 0, 1);
    var x = Tensor.From(values, new(5, 2, 3));
    return new GradientCheck().Run(() => Ops.Sum(Ops.Square(layer.Forward(x).Output)), layer.Parameters.Select(p => (p.Name, p.Parameter)));
}

/// <summary>
/// f = σ(W_f x + U_f h + b_f),  n = tanh(W_n x + b_n + f ⊙ U_n h),  h′ = (1 − f) ⊙ h + f ⊙ n. Rows of the weights in the order f, n.
/// </summary>
sealed class MguCell : RecurrentCell
{
    readonly Parameter _weightIh, _weightHh, _bias;

    public MguCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
    {
        _weightIh = Add("weight_ih", new Parameter(new(2 * hiddenSize, inputSize)));
        _weightHh = Add("weight_hh", new Parameter(new(2 * hiddenSize, hiddenSize)));
        _bias = Add("bias", new Parameter(new(2 * hiddenSize), decays: false));
        Init.Recurrent(this, hiddenSize, rng);
    }

    public override Tensor Project(Tensor x) => Ops.Linear(x, _weightIh, _bias);     // [T, B, 2H], for all steps at once

    public override State Step(Tensor xg, State state)
    {
        var h = state[0];
        var hg = Ops.Linear(h, _weightHh, null);                                     // [B, 2H]
        var f = Ops.Sigmoid(Ops.Part(xg, 0, 2) + Ops.Part(hg, 0, 2));                // [B, H]
        var n = Ops.Tanh(Ops.Part(xg, 1, 2) + f * Ops.Part(hg, 1, 2));
        return State.Of((1 - f) * h + f * n);
    }
}
