#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// Truncated against full backpropagation through time: dotnet run examples/lessons/truncation.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>A stream with a cue and a question: the distance between them is shorter, or longer, than the window of backpropagation.</summary>
static class TruncationLesson
{
    const int Period = 40, Window = 10, Batch = 16, Hidden = 16, Periods = 500, Reported = 10;

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
        page.Title = korean ? "truncation: 절단 시간 역전파와 전체 시간 역전파" : "truncation: truncated and full backpropagation through time";
        page.WriteLine(korean
            ? $"""
              시간 역전파(backpropagation through time, BPTT)는 펼친 네트워크 전체를 거슬러 갑니다. 절단 시간 역전파(truncated BPTT)는 창(window) {Window}단계마다 기울기를 끊습니다.
              은닉 상태는 다음 창으로 넘길 수도 있고(기울기 없이), 0에서 다시 시작할 수도 있습니다.
                전체: {Period}단계를 한 번에      절단: {Window}단계씩, h는 값만 전달      절단, 전달 없음: 창마다 h = 0
              문제: {Period}단계마다 신호(0 또는 1)가 한 번 나오고, d단계 뒤에 무엇이었는지 묻습니다. 그 사이는 잡음입니다.
              """
            : $"""
              Backpropagation through time (BPTT) walks back through the whole unrolled network. Truncated BPTT cuts the gradient every {Window} steps, at the end of a window.
              The hidden state may be carried to the next window, as a value without gradient, or begin at 0 again.
                full: {Period} steps at once      truncated: {Window} steps at a time, h carried      truncated, not carried: h = 0 in every window
              Task: every {Period} steps a cue, 0 or 1, comes once; d steps later the question is which. Between them is noise.
              """);
        page.WriteLine(korean ? "\n  정확도                     d = 5 (창보다 짧음)   d = 25 (창보다 김)" : "\n  accuracy                   d = 5 (within a window)   d = 25 (beyond it)");
        var found = new List<(double Near, double Far)>();
        var curves = new List<(string Name, (IReadOnlyList<double> Near, IReadOnlyList<double> Far) Values)>();
        foreach (var (name, window, carries) in new[]
        {
            (korean ? "전체 BPTT" : "full BPTT", Period, true), (korean ? "절단, 상태 전달" : "truncated, carried", Window, true), (korean ? "절단, 전달 없음" : "truncated, not carried", Window, false),
        })
        {
            var ((near, nearCurve), (far, farCurve)) = (Accuracy(5, window, carries), Accuracy(25, window, carries));
            curves.Add((name, (nearCurve, farCurve)));
            found.Add((near, far));
            page.WriteLine($"  {name}{new string(' ', 26 - name.Sum(c => c >= '가' ? 2 : 1))}{near,12:F3}{far,24:F3}");
        }
        page.Lines(korean ? "d = 25의 정확도" : "Accuracy at d = 25", korean ? "학습한 구간 수" : "periods of training", [.. curves.Select(c => (c.Name, c.Values.Far))], first: Reported, every: Reported);
        page.Lines(korean ? "d = 5의 정확도" : "Accuracy at d = 5", korean ? "학습한 구간 수" : "periods of training", [.. curves.Select(c => (c.Name, c.Values.Near))], first: Reported, every: Reported);
        page.WriteLine(korean
            ? $"\n결과: 창 안의 의존성(d = 5)은 셋 다 배웁니다. 창 밖(d = 25)은 전체 BPTT만 배웁니다({found[0].Far:P0}). 상태를 넘겨도({found[1].Far:P0}) 무엇을 기억할지 배우지는 못하며, 넘기지 않으면({found[2].Far:P0}) 찍는 것과 같습니다."
            : $"\nResult: all learn what lies within a window (d = 5). What lies beyond it (d = 25) only full BPTT learns ({found[0].Far:P0}). A carried state ({found[1].Far:P0}) holds what it happens to hold, and nothing teaches it what to hold; without it ({found[2].Far:P0}) it is guessing.");
        return found.All(f => f.Near > 0.95) && found[0].Far > 0.95 && found[1].Far < found[0].Far - 0.1 && found[2].Far < 0.62;
    }

    /// <summary>The accuracy in the last tenth of the training, and in every ten periods on the way.</summary>
    static (double, double[]) Accuracy(int distance, int window, bool carries)
    {
        var rng = new Rng(1);
        var cell = new LstmCell(4, Hidden, rng);
        Init.ForgetBias(cell);
        var net = new Net(cell, rng);
        var (adam, data) = (new Adam(net.Parameters, learningRate: 0.01), new Rng(2));
        var (right, asked, curve) = (0, 0, new double[Periods / Reported]);
        for (var period = 0; period < Periods; period++)
        {
            var (x, cues) = Draw(data, distance);
            var state = net.Rnn.ZeroState(Batch);
            for (var from = 0; from < Period; from += window)
            {
                using var tape = Tape.Record();
                var (h, final) = net.Rnn.Forward(x[from..(from + window)], carries ? state : default);
                state.CopyFrom(final);                                                  // values only
                if (distance < from || distance >= from + window) continue;             // nothing is asked in this window
                var scores = net.Output.Forward(h[distance - from]);
                tape.Backward(Losses.CrossEntropy(scores, cues));
                Clip.ByNorm(net.Parameters, 1);
                adam.Step();
                var good = Enumerable.Range(0, Batch).Count(b => scores.Values[2 * b + 1] > scores.Values[2 * b] == (cues[b] == 1));
                curve[period / Reported] += (double)good / (Batch * Reported);
                if (period >= Periods * 9 / 10) (right, asked) = (right + good, asked + Batch);
            }
        }
        return ((double)right / asked, curve);
    }

    /// <summary>A period [T, B, 4]: the cue in one of two columns at step 0, the question in the third at step d, noise in the fourth.</summary>
    static (Tensor X, int[] Cues) Draw(Rng data, int distance)
    {
        var (x, cues) = (Tensor.Zeros(new(Period, Batch, 4)), new int[Batch]);
        for (var b = 0; b < Batch; b++)
        {
            x.Values[b * 4 + (cues[b] = data.Next(2))] = 1;
            x.Values[(distance * Batch + b) * 4 + 2] = 1;
            for (var t = 0; t < Period; t++) x.Values[(t * Batch + b) * 4 + 3] = (float)(2 * data.NextDouble() - 1);
        }
        return (x, cues);
    }

    sealed class Net : Module
    {
        public Net(RecurrentCell cell, Rng rng) => (Rnn, Output) = (Add("rnn", new Recurrent(cell)), Add("output", new Linear(Hidden, 2, rng)));

        public Recurrent Rnn { get; }

        public Linear Output { get; }
    }
}
