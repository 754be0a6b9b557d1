#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// Teacher forcing against free running: dotnet run examples/lessons/forcing.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>A network that continues a wave, trained on the right values and on its own.</summary>
static class ForcingLesson
{
    const int WarmUp = 20, Steps = 40, Batch = 16, Hidden = 24, Iterations = 600;
    const double Noise = 0.05, Rate = 0.01;

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
        page.Title = korean ? "forcing: 교사 강요와 자유 실행" : "forcing: teacher forcing against free running";
        page.WriteLine(korean
            ? $"""
              교사 강요(teacher forcing): 학습할 때 매 단계의 입력으로 정답 x_t를 줍니다. 쓸 때는 정답이 없으므로 앞서 말한 값 x̂_t를 넣습니다(자유 실행, free running).
                학습: x̂_(t+1) = f(x_1, …, x_t)          사용: x̂_(t+1) = f(x_1, …, x_{WarmUp}, x̂_{WarmUp + 1}, …, x̂_t)
              제 오류를 본 적이 없는 네트워크는 오류가 쌓입니다. 이 차이가 노출 편향(exposure bias)입니다.
              계획 표집(scheduled sampling): 학습이 나아갈수록 정답 대신 제 값을 더 자주 줍니다.
              문제: 잡음이 있는 파동을 {WarmUp}단계 읽고 {Steps}단계를 이어서 그립니다.
              """
            : $"""
              Teacher forcing: in training each step is given the right value x_t. In use there is none, and the network is given what it said itself, x̂_t: free running.
                training: x̂_(t+1) = f(x_1, …, x_t)          use: x̂_(t+1) = f(x_1, …, x_{WarmUp}, x̂_{WarmUp + 1}, …, x̂_t)
              A network that has never seen its own errors lets them grow. That gap is the exposure bias.
              Scheduled sampling: as the training goes on, the network is given its own values more and more often.
              Task: read {WarmUp} steps of a noisy wave, and continue it for {Steps} steps.
              """);
        var (forced, free) = (new Net(), new Net());
        forced.Train(scheduled: false);
        free.Train(scheduled: true);
        page.WriteLine(korean ? "\n평균 제곱 오차(mean squared error), 이어서 그린 단계별" : "\nMean squared error, by step of the continuation");
        page.WriteLine(korean ? "  학습 방법          쓰는 방법                1       5      10      20      40" : "  trained            used                    1       5      10      20      40");
        double[] a = Show(korean ? "교사 강요" : "teacher forcing", korean ? "정답을 줌" : "right values given", forced, false), b = Show(korean ? "교사 강요" : "teacher forcing", korean ? "자유 실행" : "free running", forced, true),
            c = Show(korean ? "계획 표집" : "scheduled sampling", korean ? "자유 실행" : "free running", free, true);
        var (given, own, trained) = (a.Average(), b.Average(), c.Average());
        page.Lines(korean ? "단계별 평균 제곱 오차" : "Mean squared error, by step", korean ? "이어서 그린 단계" : "step of the continuation",
            korean ? [("교사 강요, 정답을 줌", a), ("교사 강요, 자유 실행", b), ("계획 표집, 자유 실행", c)] : [("teacher forcing, right values given", a), ("teacher forcing, free running", b), ("scheduled sampling, free running", c)], logarithmic: true);
        page.WriteLine(korean
            ? $"\n결과: 교사 강요로 학습하면 정답을 줄 때 오차가 평균 {given:F4}이지만 자유 실행에서는 {own:F4}, {own / given:F0}배입니다. 계획 표집으로 학습하면 {trained:F4}로 줄어듭니다."
            : $"\nResult: trained by teacher forcing, the mean error is {given:F4} with right values and {own:F4} in free running, {own / given:F0} times as much. Trained with scheduled sampling it is {trained:F4}.");
        return own > 5 * given && trained < own / 2;

        double[] Show(string trainedBy, string usedBy, Net net, bool freely)
        {
            var errors = net.Errors(freely);
            page.WriteLine($"  {trainedBy}{Space(trainedBy, 19)}{usedBy}{Space(usedBy, 19)}{string.Concat(new[] { 1, 5, 10, 20, 40 }.Select(t => $"{errors[t - 1],8:F4}"))}");
            return errors;
        }

        static string Space(string text, int width) => new(' ', width - text.Sum(c => c >= '가' ? 2 : 1));
    }

    sealed class Net : Module
    {
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net()
        {
            var rng = new Rng(1);
            _rnn = Add("rnn", new Recurrent(new GruCell(1, Hidden, rng)));
            _output = Add("output", new Linear(Hidden, 1, rng));
        }

        /// <summary>Trains by teacher forcing, or with scheduled sampling (Bengio 2015): the share of own values grows from 0 to 1.</summary>
        public void Train(bool scheduled)
        {
            var (adam, data, coins) = (new Adam(Parameters), new Rng(2), new Rng(4));
            for (var i = 0; i < Iterations; i++)
            {
                adam.LearningRate = Rate * Math.Min(1, 2.0 * (Iterations - i) / Iterations);
                using var tape = Tape.Record();
                var (x, clean) = Draw(data);
                tape.Backward(Losses.MeanSquared(Forward(x, scheduled ? (double)i / Iterations : 0, coins), clean[(WarmUp + 1)..]));
                Clip.ByNorm(Parameters, 1);
                adam.Step();
            }
        }

        /// <summary>The mean squared error of each step of the continuation.</summary>
        public double[] Errors(bool freely)
        {
            var (x, clean) = Draw(new Rng(3));
            var y = Forward(x, freely ? 1 : 0, new Rng(0));
            return [.. Enumerable.Range(0, Steps).Select(t => (double)Losses.MeanSquared(y[t], clean[WarmUp + 1 + t]).Scalar)];
        }

        /// <summary>The continuation, [S, B, 1]: each step from the value read, or with the chance <paramref name="own"/> from its own.</summary>
        Tensor Forward(Tensor x, double own, Rng coins)
        {
            if (own == 0) return _output.Forward(_rnn.Forward(x[..^1]).Output[WarmUp..]);
            var (h, state) = _rnn.Forward(x[..(WarmUp + 1)]);
            var said = new Tensor[Steps];
            said[0] = _output.Forward(h[^1..]);
            for (var t = 1; t < Steps; t++)
            {
                (h, state) = _rnn.Forward(coins.NextDouble() < own ? said[t - 1] : x[(WarmUp + t)..(WarmUp + t + 1)], state);
                said[t] = _output.Forward(h);
            }
            return Ops.Concat(said);
        }

        /// <summary>Waves of different periods and phases with noise, and without, [T, B, 1].</summary>
        static (Tensor Noisy, Tensor Clean) Draw(Rng data)
        {
            var (noisy, clean) = (Tensor.Zeros(new(WarmUp + 1 + Steps, Batch, 1)), Tensor.Zeros(new(WarmUp + 1 + Steps, Batch, 1)));
            for (var b = 0; b < Batch; b++)
            {
                var (period, phase) = (8 + 8 * data.NextDouble(), 2 * Math.PI * data.NextDouble());
                for (var t = 0; t <= WarmUp + Steps; t++)
                {
                    clean.Values[t * Batch + b] = (float)Math.Sin(2 * Math.PI * t / period + phase);
                    noisy.Values[t * Batch + b] = clean.Values[t * Batch + b] + (float)(Noise * data.NextNormal());
                }
            }
            return (noisy, clean);
        }
    }
}
