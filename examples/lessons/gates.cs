#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// The forget gate of an LSTM kept at 0, at 1, and learned: dotnet run examples/lessons/gates.cs [ko] [FILE.html]
using Unroll;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>A sum that is to begin anew at a signal: it takes a gate that is open at times and closed at others.</summary>
static class GatesLesson
{
    const int Steps = 100, Batch = 32, Hidden = 8, Iterations = 1200;
    const double ResetShare = 0.03;

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
        page.Title = korean ? "gates: 망각 게이트를 0에 고정, 1에 고정, 학습" : "gates: a forget gate kept at 0, at 1, and learned";
        page.WriteLine(korean
            ? """
              LSTM의 망각 게이트(forget gate) f는 셀 상태(cell state) c 가운데 얼마를 남길지 정합니다.
                c_t = f ⊙ c_{t−1} + i ⊙ g      f = σ(W_if x_t + b_if + W_hf h_{t−1} + b_hf)
              문제: 수를 하나씩 읽으며, 마지막 신호 뒤에 온 수의 합을 매 단계에서 말합니다. 신호가 오면 잊고, 오지 않으면 기억해야 합니다.
              세 가지를 비교합니다: f를 0에 고정, f를 1에 고정, f를 학습.
              """
            : """
              The forget gate f of an LSTM says how much of the cell state c is kept.
                c_t = f ⊙ c_{t−1} + i ⊙ g      f = σ(W_if x_t + b_if + W_hf h_{t−1} + b_hf)
              Task: read numbers one by one and say at each step the sum of those since the last signal. Forget at a signal; remember otherwise.
              Three networks: f kept at 0, f kept at 1, f learned.
              """);
        page.WriteLine(korean ? "\n  망각 게이트     평균 제곱 오차    신호에서 f   그 밖에서 f" : "\n  forget gate     mean squared error   f at signals   f elsewhere");
        var said = new List<(string, IReadOnlyList<double>)>();
        HeatMap? gate = null;
        var results = new List<(double Error, double Signal, double Elsewhere)>();
        foreach (var (name, kept) in new (string, double?)[] { (korean ? "0에 고정" : "kept at 0", 0), (korean ? "1에 고정" : "kept at 1", 1), (korean ? "학습" : "learned", null) })
        {
            var net = new Net(kept);
            net.Train();
            var (error, (signal, elsewhere)) = net.Test();
            results.Add((error, signal, elsewhere));
            var (right, answers, f) = net.Show(korean);
            if (said.Count == 0) said.Add((korean ? "정답" : "right", right));
            said.Add((name, answers));
            gate = f;
            page.WriteLine($"  {name}{new string(' ', 16 - Width(name))}{error,10:F4}{signal,19:F2}{elsewhere,14:F2}");
        }
        page.HeatMaps(korean ? "학습한 망각 게이트: 한 수열의 100단계" : "The learned forget gate over the 100 steps of a sequence", gate!);
        page.Lines(korean ? "같은 수열에서 말하는 합" : "The sums that are said of the same sequence", korean ? "시점" : "step", said);
        var (zero, one, learned) = (results[0], results[1], results[2]);
        page.WriteLine(korean
            ? $"\n결과: 학습한 게이트의 오차가 f = 0보다 {zero.Error / learned.Error:F0}배, f = 1보다 {one.Error / learned.Error:F0}배 작습니다. 신호가 올 때 닫히고({learned.Signal:F2}) 나머지에서 열립니다({learned.Elsewhere:F2})."
            : $"\nResult: the learned gate has {zero.Error / learned.Error:F0} times less error than f = 0, and {one.Error / learned.Error:F0} times less than f = 1. It closes at signals ({learned.Signal:F2}) and is open elsewhere ({learned.Elsewhere:F2}).");
        return learned.Error * 2 < Math.Min(zero.Error, one.Error) && learned.Signal < learned.Elsewhere - 0.3;
    }

    static int Width(string text) => text.Sum(c => c >= '가' ? 2 : 1);

    sealed class Net : Module
    {
        readonly double? _kept;
        readonly LstmCell _cell;
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net(double? kept)
        {
            var rng = new Rng(1);
            _kept = kept;
            _rnn = Add("rnn", new Recurrent(_cell = new LstmCell(2, Hidden, rng)));
            _output = Add("output", new Linear(Hidden, 1, rng));
            Init.ForgetBias(_cell);
            Keep();
        }

        /// <summary>Holds f at 0 or 1: without weights, and with a bias so large that σ is there to the last bit that counts.</summary>
        void Keep()
        {
            if (_kept is not { } f) return;
            _cell.WeightIh.Edit().Slice(Hidden * 2, Hidden * 2).Clear();               // rows of the gates i, f, g, o
            _cell.WeightHh.Edit().Slice(Hidden * Hidden, Hidden * Hidden).Clear();
            Init.ForgetBias(_cell, f == 0 ? -30 : 30);
        }

        public void Train()
        {
            var (adam, data) = (new Adam(Parameters, learningRate: 0.01), new Rng(2));
            for (var i = 0; i < Iterations; i++)
            {
                adam.LearningRate = 0.01 * Math.Min(1, 2.0 * (Iterations - i) / Iterations);
                using var tape = Tape.Record();
                var (x, sums) = Draw(data);
                tape.Backward(Losses.MeanSquared(Forward(x), sums));
                Clip.ByNorm(Parameters, 1);
                adam.Step();
                Keep();
            }
        }

        public (double Error, (double Signal, double Elsewhere) Gate) Test()
        {
            var (x, sums) = Draw(new Rng(3));
            using var recording = Recording.Start(this);
            var error = Losses.MeanSquared(Forward(x), sums).Scalar;
            recording.Dispose();
            var f = recording.Layers[0]["f"];
            // The unit that tells signals from the rest best.
            return (error, Enumerable.Range(0, Hidden).Select(u => (Signal: Mean(u, 1), Elsewhere: Mean(u, 0))).MaxBy(m => m.Elsewhere - m.Signal));

            double Mean(int unit, float signal) => Enumerable.Range(0, Steps * Batch).Where(row => x.Values[2 * row + 1] == signal).Average(row => (double)f.Values[row * Hidden + unit]);
        }

        /// <summary>Of the sequence with the most signals: the right sums, those that the network says, and its signals with each unit of f.</summary>
        public (double[] Right, double[] Said, HeatMap Gate) Show(bool korean)
        {
            var (x, sums) = Draw(new Rng(3));
            using var recording = Recording.Start(this);
            var y = Forward(x);
            recording.Dispose();
            double[] Of(Tensor all, int row, int size = 1, int at = 0) => [.. Enumerable.Range(0, Steps).Select(t => (double)all.Values[(t * Batch + row) * size + at])];
            var row = Enumerable.Range(0, Batch).MaxBy(b => Of(x, b, 2, 1).Sum());
            IEnumerable<float> f = Enumerable.Range(0, Hidden).SelectMany(u => recording.Layers[0].Unit("f", u, row));
            return (Of(sums, row), Of(y, row), new(korean ? "진할수록 1에 가까움: 열려 있음" : "stronger: closer to 1, which is open",
                Tensor.From([.. Of(x, row, 2, 1).Select(s => (float)s), .. f], new(Hidden + 1, Steps)), [korean ? "신호" : "signal", .. Enumerable.Range(1, Hidden).Select(u => $"f{u}")]));
        }

        Tensor Forward(Tensor x) => _output.Forward(_rnn.Forward(x).Output);

        /// <summary>Numbers and signals [T, B, 2], and the sum since the last signal, that step's number included, [T, B, 1].</summary>
        static (Tensor X, Tensor Sums) Draw(Rng data)
        {
            var (x, sums) = (Tensor.Zeros(new(Steps, Batch, 2)), Tensor.Zeros(new(Steps, Batch, 1)));
            for (var row = 0; row < Steps * Batch; row++)
            {
                x.Values[2 * row] = (float)(data.NextDouble() - 0.5);
                x.Values[2 * row + 1] = data.NextDouble() < ResetShare ? 1 : 0;
                var before = row < Batch || x.Values[2 * row + 1] == 1 ? 0 : sums.Values[row - Batch];
                sums.Values[row] = before + x.Values[2 * row];
            }
            return (x, sums);
        }
    }
}
