#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// The vanishing gradient, and who learns in spite of it: dotnet run examples/lessons/vanishing.cs [ko] [FILE.html]
using Unroll;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>One task at lengths from 10 to 200 for five networks: how much gradient reaches the first step, and who learns.</summary>
static class VanishingLesson
{
    const int Batch = 16, Hidden = 16, MostIterations = 500;
    const double Learned = 0.1;

    static readonly int[] Lengths = [10, 20, 50, 100, 200];
    static readonly string[] Names = ["RNN tanh", "RNN ReLU", "IRNN", "LSTM", "GRU"];

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
        page.Title = korean ? "vanishing: 첫 단계까지 가지 못하는 기울기" : "vanishing: the gradient that does not reach the first step";
        page.WriteLine(korean
            ? """
              문제: 첫 단계에서 본 비트(0 또는 1)를 마지막 단계에서 말합니다. 그 사이는 잡음입니다. 같은 문제를 길이 T = 10 … 200으로 풉니다.
                ∂L_T/∂h_1 = ∂L_T/∂h_T · Π_k ∂h_k/∂h_(k−1)      인수가 1보다 작으면 곱은 0으로 갑니다: 기울기 소실(vanishing gradient)
              비교하는 셀: tanh RNN, ReLU RNN, IRNN(ReLU, W_hh = I), LSTM과 GRU(게이트의 편향을 chrono 초기화: b = ln U(1, T − 1)).
              """
            : """
              Task: say at the last step which bit, 0 or 1, was seen at the first. Between them is noise. The same task at lengths T = 10 … 200.
                ∂L_T/∂h_1 = ∂L_T/∂h_T · Π_k ∂h_k/∂h_(k−1)      where the factors are below 1 their product goes to 0: the vanishing gradient
              The cells: RNN with tanh, RNN with ReLU, IRNN (ReLU, W_hh = I), LSTM and GRU (biases of the gates by chrono initialisation: b = ln U(1, T − 1)).
              """);
        page.WriteLine(korean ? "\n학습 전 기울기 흐름(gradient flow): ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ (LSTM은 셀 상태 c)" : "\nGradient flow before training: ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ (LSTM: of the cell state c)");
        Head("T");
        var reaching = Lengths.Select(steps => Names.Select(name => Flow(name, steps).Reaching).ToArray()).ToArray();
        for (var i = 0; i < Lengths.Length; i++) page.WriteLine($"  {Lengths[i],-5}{string.Concat(reaching[i].Select(r => $"{r,11:G2}"))}");
        page.WriteLine($"\n  {Names[0]}, T = 200  {Flow(Names[0], 200).Describe(page.Language)}");
        page.WriteLine($"  {Names[4]}, T = 200  {Flow(Names[4], 200).Describe(page.Language)}");
        page.Lines(korean ? "T = 100, 학습 전: ‖∂L_T/∂h_k‖ / ‖∂L_T/∂h_T‖" : "T = 100, before training: ‖∂L_T/∂h_k‖ / ‖∂L_T/∂h_T‖", korean ? "시점 k" : "step k",
            [.. Names.Select(name => (name, (IReadOnlyList<double>)[.. Flow(name, 100) is var flow ? flow.Norms.Select(n => n / flow.Norms[^1]) : []]))], logarithmic: true);

        page.WriteLine(korean ? $"\n배우기까지의 반복 횟수 (손실 < {Learned}; {MostIterations}번 안에 배우지 못하면 -)" : $"\nSteps of training until it is learned (loss < {Learned}; - where {MostIterations} are not enough)");
        Head("T");
        var learned = new int?[Lengths.Length][];
        for (var i = 0; i < Lengths.Length; i++)
        {
            learned[i] = [.. Names.Select(name => new Net(name, Lengths[i]).Train())];
            page.WriteLine($"  {Lengths[i],-5}{string.Concat(learned[i].Select(n => $"{(n is null ? "-" : $"{n}"),11}"))}");
        }
        page.HeatMaps(korean ? "누가 배우는가" : "Who learns", new HeatMap(korean ? "배우기까지의 반복 횟수. 진할수록 빠름" : "steps of training until it is learned; stronger is faster",
            Tensor.From([.. learned.SelectMany(row => row.Select(n => n is { } i ? 1 - (float)i / (2 * MostIterations) : 0))], new(Lengths.Length, Names.Length)),
            [.. Lengths.Select(t => $"T = {t}")], Names, [.. learned.SelectMany(row => row.Select(n => n is null ? "-" : $"{n}"))]));
        int Reach(int cell) => Enumerable.Range(0, Lengths.Length).Where(i => learned[i][cell] is not null).Select(i => Lengths[i]).DefaultIfEmpty(0).Max();
        page.WriteLine(korean
            ? $"\n결과: tanh RNN의 기울기는 T = 100에서 {reaching[3][0]:G2}배만 남고, T = {Reach(0)}까지만 배웁니다. LSTM은 T = {Reach(3)}, GRU는 T = {Reach(4)}까지 배웁니다."
            : $"\nResult: of the gradient of the RNN with tanh {reaching[3][0]:G2} is left at T = 100, and it learns up to T = {Reach(0)}. The LSTM learns up to T = {Reach(3)}, the GRU up to T = {Reach(4)}.");
        return reaching[3][0] < 1e-9 && Reach(0) < 100 && Reach(3) == 200 && Reach(4) == 200;

        void Head(string first) => page.WriteLine($"  {first,-5}{string.Concat(Names.Select(n => $"{n,11}"))}");
    }

    /// <summary>The flow of the loss at the last step; of an LSTM that of c.</summary>
    static StateFlow Flow(string name, int steps)
    {
        var net = new Net(name, steps);
        return GradientFlow.Measure(() => net.Loss(new Rng(5))).Layers[0].States[^1];
    }

    sealed class Net : Module
    {
        readonly int _steps;
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net(string name, int steps)
        {
            var rng = new Rng(1);
            _steps = steps;
            RecurrentCell cell = name switch
            {
                "LSTM" => new LstmCell(2, Hidden, rng),
                "GRU" => new GruCell(2, Hidden, rng),
                "RNN tanh" => new RnnCell(2, Hidden, rng),
                _ => new RnnCell(2, Hidden, rng, RnnActivation.Relu),
            };
            _rnn = Add("rnn", new Recurrent(cell));
            _output = Add("output", new Linear(Hidden, 2, rng));
            if (name == "IRNN")
            {
                var irnn = (RnnCell)cell;
                Init.Identity(irnn.WeightHh);
                irnn.BiasIh.Edit().Clear();
                irnn.BiasHh.Edit().Clear();
            }
            Init.Chrono(cell, steps, rng);
        }

        /// <summary>How many steps of training it takes; null where there are not enough.</summary>
        public int? Train()
        {
            var (adam, data, mean) = (new Adam(Parameters, learningRate: 0.01), new Rng(2), 0.7);
            for (var i = 1; i <= MostIterations; i++)
            {
                using var tape = Tape.Record();
                var loss = Loss(data);
                tape.Backward(loss);
                Clip.ByNorm(Parameters, 1);
                adam.Step();
                mean = 0.9 * mean + 0.1 * loss.Scalar;
                if (mean < Learned) return i;
            }
            return null;
        }

        /// <summary>The loss at the last step: which bit was seen at the first.</summary>
        public Tensor Loss(Rng data)
        {
            var (x, bits) = (Tensor.Zeros(new(_steps, Batch, 2)), new int[Batch]);
            for (var b = 0; b < Batch; b++)
            {
                bits[b] = data.Next(2);
                x.Values[b * 2] = 2 * bits[b] - 1;
                for (var t = 1; t < _steps; t++) x.Values[(t * Batch + b) * 2 + 1] = (float)(data.NextDouble() - 0.5);
            }
            return Losses.CrossEntropy(_output.Forward(_rnn.Forward(x).Output[_steps - 1]), bits);
        }
    }
}
