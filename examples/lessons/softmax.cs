#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// tanh against ReLU inside; softmax against a linear output: dotnet run examples/lessons/softmax.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>Which function inside, which at the output: for labels and for numbers.</summary>
static class SoftmaxLesson
{
    const int Steps = 10, Longer = 20, Batch = 64, Hidden = 8, Iterations = 1000;

    static int Main(string[] args)
    {
        var page = new PageWriter(Console.Out, args.Contains("ko") ? "ko" : "en");
        var good = Run(page);
        if (args.FirstOrDefault(a => a.EndsWith(".html")) is { } file) File.WriteAllText(file, page.ToHtml());
        return good ? 0 : 1;
    }

    public static bool Run(PageWriter page)
    {
        var korean = page.Language == "ko";
        page.Title = korean ? "softmax: 라벨과 수, tanh와 ReLU" : "softmax: labels and numbers, tanh and ReLU";
        page.WriteLine(korean
            ? $"""
              출력층: 소프트맥스(softmax) p_k = e^(z_k) / Σ_j e^(z_j)와 교차 엔트로피(cross-entropy), 또는 선형 출력(linear output) y = z와 평균 제곱 오차(mean squared error).
              안쪽: h_t = tanh(…) 또는 ReLU(…) = max(0, …).
              문제: 0과 1로 된 {Steps}단계 수열을 읽습니다.
                라벨(label) 0, 1, 2는 이름일 뿐 크기가 없습니다: 1이 적으면 1번, 많으면 0번(60 %) 아니면 2번(40 %)입니다.
                수(number)는 크기가 있습니다: 1의 개수를 셉니다.
              """
            : $"""
              The output: softmax p_k = e^(z_k) / Σ_j e^(z_j) with cross-entropy, or a linear output y = z with the mean squared error.
              Inside: h_t = tanh(…) or ReLU(…) = max(0, …).
              Task: read {Steps} steps of zeros and ones.
                Labels 0, 1, 2 are names, not sizes: with few ones the label is 1; with many it is 0 (60 %) or 2 (40 %).
                Numbers are sizes: how many ones there are.
              """);
        page.WriteLine(korean ? "\n  안쪽   출력      라벨 정확도    수의 오차(RMSE)   더 긴 수열(20단계)의 오차" : "\n  inside  output   label accuracy   number RMSE   RMSE on longer sequences (20 steps)");
        var lines = new List<(string, IReadOnlyList<double>)>();
        var numbersSaid = new List<(string, IReadOnlyList<double>)> { (korean ? "정답" : "right", [.. Enumerable.Range(0, Longer + 1).Select(n => (double)n)]) };
        var found = new Dictionary<(RnnActivation, bool), (double Label, double Number, double Longer)>();
        foreach (var inside in new[] { RnnActivation.Tanh, RnnActivation.Relu })
            foreach (var softmax in new[] { true, false })
            {
                var (labels, numbers) = (new Net(inside, softmax, labels: true), new Net(inside, softmax, labels: false));
                labels.Train();
                numbers.Train();
                var row = found[(inside, softmax)] = (labels.Accuracy(), numbers.Error(Steps), numbers.Error(Longer));
                if (inside == RnnActivation.Tanh)
                {
                    var said = Enumerable.Range(0, Steps + 1).Select(n => labels.Says(n, Steps)).ToArray();
                    lines.AddRange(softmax ? Enumerable.Range(0, 3).Select(k => ($"P({k})", (IReadOnlyList<double>)[.. said.Select(z => z[k])])) : [(korean ? "선형 출력 y" : "linear output y", [.. said.Select(z => z[0])])]);
                }
                numbersSaid.Add(($"{(inside == RnnActivation.Tanh ? "tanh" : "ReLU")}, {(softmax ? "softmax" : "linear")}", [.. Enumerable.Range(0, Longer + 1).Select(n => numbers.Says(n, Longer) is var z && softmax ? Array.IndexOf(z, z.Max()) : z[0])]));
                page.WriteLine($"  {(inside == RnnActivation.Tanh ? "tanh" : "ReLU"),-7} {(softmax ? "softmax" : "linear"),-8}{row.Label,13:F3}{row.Number,16:F3}{row.Longer,20:F3}");
            }
        page.Lines(korean ? "라벨(tanh): 소프트맥스의 확률과 선형 출력" : "Labels (tanh): the probabilities of the softmax, and the linear output", korean ? "1의 개수" : "number of ones", lines, first: 0);
        page.Lines(korean ? "수: 20단계 수열에서 말하는 값(10단계로 학습)" : "Numbers: what is said of sequences of 20 steps, learned on 10", korean ? "1의 개수" : "number of ones", numbersSaid, first: 0);
        var (tanh, relu) = (found[(RnnActivation.Tanh, false)], found[(RnnActivation.Relu, false)]);
        var named = found[(RnnActivation.Tanh, true)];
        page.WriteLine(korean
            ? $"""

              결과: 라벨에는 소프트맥스가 맞습니다({named.Label:F3}). 선형 출력({tanh.Label:F3})은 0과 2 사이에서 망설이면 평균을 말하는데, 그것은 다른 라벨 1입니다. 수에는 선형 출력이 맞습니다: 소프트맥스는 배운 값(0–{Steps}) 밖의 수를 말할 수 없습니다.
              tanh는 ±1에서 포화(saturation)되어 긴 수열에서 오차가 {tanh.Longer:F2}이고, ReLU와 선형 출력은 계속 세어 {relu.Longer:F2}입니다.
              """
            : $"""

              Result: softmax suits labels ({named.Label:F3}). In doubt between 0 and 2 a linear output ({tanh.Label:F3}) says their mean, which is another label, 1. A linear output suits numbers: softmax cannot say a number beyond those it has learned (0–{Steps}).
              tanh saturates at ±1, and its error on longer sequences is {tanh.Longer:F2}; ReLU with a linear output counts on, {relu.Longer:F2}.
              """);
        return named.Label > tanh.Label + 0.15 && relu.Longer * 2 < tanh.Longer && relu.Longer * 2 < found[(RnnActivation.Relu, true)].Longer;
    }

    sealed class Net : Module
    {
        readonly Recurrent _rnn;
        readonly Linear _output;
        readonly bool _softmax, _labels;

        public Net(RnnActivation inside, bool softmax, bool labels)
        {
            var rng = new Rng(1);
            (_softmax, _labels) = (softmax, labels);
            var cell = new RnnCell(1, Hidden, rng, inside);
            if (inside == RnnActivation.Relu) Init.Identity(cell.WeightHh);            // IRNN
            _rnn = Add("rnn", new Recurrent(cell));
            _output = Add("output", new Linear(Hidden, softmax ? labels ? 3 : Steps + 1 : 1, rng));
        }

        public void Train()
        {
            var (adam, data) = (new Adam(Parameters, learningRate: 0.005), new Rng(2));
            for (var i = 0; i < Iterations; i++)
            {
                adam.LearningRate = 0.005 * Math.Min(1, 2.0 * (Iterations - i) / Iterations);
                using var tape = Tape.Record();
                var (x, y) = Draw(data, Steps);
                var z = Forward(x);
                tape.Backward(_softmax ? Losses.CrossEntropy(z, y) : Losses.MeanSquared(z, Tensor.From([.. y.Select(n => (float)n)], new(Batch, 1))));
                Clip.ByNorm(Parameters, 1);
                adam.Step();
            }
        }

        /// <summary>The share of labels that are right.</summary>
        public double Accuracy()
        {
            var (x, y) = Draw(new Rng(3), Steps);
            return Answers(x).Zip(y).Count(p => Math.Round(p.First) == p.Second) / (double)Batch;
        }

        /// <summary>The root of the mean squared error of the numbers.</summary>
        public double Error(int steps)
        {
            var (x, y) = Draw(new Rng(3), steps);
            return Math.Sqrt(Answers(x).Zip(y).Average(p => (p.First - p.Second) * (p.First - p.Second)));
        }

        /// <summary>What is said of a sequence with so many ones, spread evenly: probabilities, or the number.</summary>
        public double[] Says(int ones, int steps)
        {
            var x = Tensor.From([.. Enumerable.Range(0, steps).Select(t => (float)((t + 1) * ones / steps - t * ones / steps))], new(steps, 1, 1));
            var z = Forward(x);
            return [.. (_softmax ? Ops.Softmax(z) : z).ToArray().Select(v => (double)v)];
        }

        /// <summary>The likeliest class, or the number.</summary>
        IEnumerable<double> Answers(Tensor x)
        {
            var z = Forward(x);
            return z.ToArray().Chunk(z.Shape[1]).Select(row => _softmax ? Array.IndexOf(row, row.Max()) : (double)row[0]);
        }

        Tensor Forward(Tensor x) => _output.Forward(_rnn.Forward(x).Final.H);           // [B, C]

        (Tensor X, int[] Y) Draw(Rng data, int steps)
        {
            var (x, y) = (Tensor.Zeros(new(steps, Batch, 1)), new int[Batch]);
            for (var b = 0; b < Batch; b++)
            {
                var share = data.NextDouble();                                         // so that all counts come
                for (var t = 0; t < steps; t++)
                    if (data.NextDouble() < share)
                    {
                        x.Values[t * Batch + b] = 1;
                        y[b]++;
                    }
                if (_labels) y[b] = y[b] < Steps / 2 ? 1 : data.NextDouble() < 0.6 ? 0 : 2;
            }
            return (x, y);
        }
    }
}
