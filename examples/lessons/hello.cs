#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// Four letters, and the network that learns "hello": dotnet run examples/lessons/hello.cs [ko] [FILE.html]
using Unroll;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>The smallest language model: after each letter of "hell" it learns to say the next one of "ello".</summary>
static class HelloLesson
{
    const string Letters = "helo", Inputs = "hell", Targets = "ello";
    const int Hidden = 3, Iterations = 100;

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
        page.Title = korean ? "hello: 가장 작은 순환 언어 모델" : "hello: the smallest recurrent language model";
        var net = new Net(new Rng(1));
        var adam = new Adam(net.Parameters, learningRate: 0.1);

        page.WriteLine(korean
            ? """
              글자 네 개(h, e, l, o)만 아는 순환 신경망(recurrent neural network, RNN)입니다. "hell"을 한 글자씩 읽고 매번 다음 글자를 맞힙니다: "ello".
                h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)      p_t = softmax(W_o h_t + b_o)
              글자 l은 두 번 나오는데 다음 글자가 다릅니다. 입력만으로는 구별할 수 없고, 은닉 상태(hidden state) h가 있어야 합니다.
              """
            : """
              A recurrent neural network (RNN) that knows four letters: h, e, l, o. It reads "hell" letter by letter and says the next one each time: "ello".
                h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)      p_t = softmax(W_o h_t + b_o)
              The letter l comes twice, and what follows differs. The input alone cannot tell; the hidden state h can.
              """);
        page.WriteLine(korean ? "\n학습 전" : "\nBefore training");
        var before = Show(net, page, korean, korean ? "학습 전" : "before");
        double loss = 0;
        for (var i = 0; i < Iterations; i++)
        {
            using var tape = Tape.Record();
            var cost = Losses.CrossEntropy(net.Forward(), [.. Targets.Select(c => Letters.IndexOf(c))]);
            tape.Backward(cost);
            adam.Step();
            loss = cost.Scalar;
        }
        page.WriteLine(korean ? $"\n{Iterations}번 학습한 뒤" : $"\nAfter {Iterations} steps of training");
        var after = Show(net, page, korean, korean ? "학습 후" : "after");
        page.HeatMaps(korean ? "입력마다의 은닉 상태 h와 확률 p" : "Hidden state h and probabilities p after each letter", before.H, before.P, after.H, after.P);
        var said = after.Said;
        page.WriteLine(korean ? $"\n결과: \"{Inputs}\" 다음에 \"{said}\"라고 말합니다. 손실(loss) {loss:F3}" : $"\nResult: after \"{Inputs}\" it says \"{said}\". Loss {loss:F3}");
        return said == Targets && loss < 0.1;
    }

    static (string Said, HeatMap H, HeatMap P) Show(Net net, PageWriter page, bool korean, string when)
    {
        using var recording = Recording.Start(net);
        var p = Ops.Softmax(net.Forward());                                          // [T, 1, V]
        recording.Dispose();
        page.WriteLine(korean ? "  입력  은닉 상태 h               P(h)  P(e)  P(l)  P(o)   답" : "  reads hidden state h            P(h)  P(e)  P(l)  P(o)   says");
        var said = "";
        for (var t = 0; t < Inputs.Length; t++)
        {
            var (h, row) = (recording.Layers[0]["h"][t].ToArray(), p[t].ToArray());
            said += Letters[Array.IndexOf(row, row.Max())];
            page.WriteLine($"  {Inputs[t]}     [{string.Join(", ", h.Select(v => $"{v,6:F3}"))}]  {string.Join("  ", row.Select(v => $"{v:F2}"))}   {said[t]}{(said[t] == Targets[t] ? "" : korean ? $"  (정답 {Targets[t]})" : $"  (right: {Targets[t]})")}");
        }
        string[] read = [.. Inputs.Select(c => $"{c}")];
        return (said, new($"h, {when}", recording.Layers[0]["h"].Reshape(new(Inputs.Length, Hidden)), read, ["h1", "h2", "h3"]),
            new($"p, {when}", p.Reshape(new(Inputs.Length, Letters.Length)), read, [.. Letters.Select(c => $"P({c})")]));
    }

    sealed class Net : Module
    {
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net(Rng rng)
        {
            _rnn = Add("rnn", new Recurrent(new RnnCell(Letters.Length, Hidden, rng)));
            _output = Add("output", new Linear(Hidden, Letters.Length, rng));
        }

        /// <summary>Scores of the next letter after each of "hell", [T, 1, V].</summary>
        public Tensor Forward()
        {
            var x = Tensor.Zeros(new(Inputs.Length, 1, Letters.Length));              // one-hot
            for (var t = 0; t < Inputs.Length; t++) x.Values[t * Letters.Length + Letters.IndexOf(Inputs[t])] = 1;
            return _output.Forward(_rnn.Forward(x).Output);
        }
    }
}
