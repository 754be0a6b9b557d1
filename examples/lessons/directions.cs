#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// Where a second direction helps, and where it cannot be used: dotnet run examples/lessons/directions.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>The same two networks, one direction and two, on tagging, where the whole sequence is there, and on generation, where it is not.</summary>
static class DirectionsLesson
{
    const int Steps = 12, Batch = 32, Hidden = 16, Symbols = 4, Iterations = 300;

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
        page.Title = korean ? "directions: 두 번째 방향이 도움이 되는 곳" : "directions: where a second direction helps";
        page.WriteLine(korean
            ? """
              단방향(unidirectional) RNN의 h_t는 x_1 … x_t만 압니다. 양방향(bidirectional) RNN은 반대 방향에서도 읽어 x_t … x_T도 압니다.
                y_t = [h→_t ; h←_t]
              1. 태깅(tagging): 단계마다 다음 기호가 짝수인지 말합니다. 문장 전체가 이미 있으므로 뒤를 봐도 됩니다.
              2. 생성(generation): 단계마다 다음 기호를 예측합니다. 쓰는 동안 뒤는 아직 없습니다.
                 기호는 마르코프 연쇄(Markov chain)에서 나오고, 다음 기호를 70 %까지 맞힐 수 있습니다.
              """
            : """
              In a unidirectional RNN h_t knows x_1 … x_t alone. A bidirectional one reads from the other end too, and knows x_t … x_T as well.
                y_t = [h→_t ; h←_t]
              1. Tagging: at each step, say whether the next symbol is even. The whole sequence is there; looking ahead is fair.
              2. Generation: at each step, predict the next symbol. While one writes, there is no next symbol yet.
                 Symbols come from a Markov chain, and at best 70 % of the next ones can be predicted.
              """);
        page.WriteLine(korean ? "\n  정확도                         단방향    양방향" : "\n  accuracy                       one direction   two directions");
        var found = new Dictionary<string, double[]>();
        foreach (var tags in new[] { true, false })
        {
            Net[] nets = [new(tags, false), new(tags, true)];
            foreach (var net in nets) net.Train();
            var title = tags ? korean ? "태깅, 새 문장" : "tagging, new sequences" : korean ? "생성, 뒤를 보여 주면" : "generation, future shown";
            Row(title, [.. nets.Select(n => n.Accuracy(hidden: false))]);
            if (!tags) Row(korean ? "생성, 실제로 쓸 때" : "generation, as in use", [.. nets.Select(n => n.Accuracy(hidden: true))]);
        }

        double[] tagging = found.Values.First(), shown = found.Values.ElementAt(1), used = found.Values.Last();
        page.Bars(korean ? "정확도" : "Accuracy", [.. found.Keys],
            [(korean ? "단방향" : "one direction", [.. found.Values.Select(a => a[0])]), (korean ? "양방향" : "two directions", [.. found.Values.Select(a => a[1])])]);
        page.WriteLine(korean
            ? $"\n결과: 태깅에서는 두 번째 방향이 {tagging[0]:P0}를 {tagging[1]:P0}로 올립니다. 생성에서는 답을 베끼는 법만 배웁니다: 뒤가 보이면 {shown[1]:P0}, 실제로 쓸 때는 {used[1]:P0}로 단방향({used[0]:P0})보다 못합니다."
            : $"\nResult: in tagging the second direction lifts {tagging[0]:P0} to {tagging[1]:P0}. In generation it learns to copy the answer: {shown[1]:P0} while it sees the future, {used[1]:P0} in use, worse than one direction ({used[0]:P0}).");
        return tagging[1] > 0.99 && tagging[0] < 0.85 && shown[1] > 0.99 && used[1] < used[0] - 0.05 && used[0] > 0.65;

        void Row(string title, double[] accuracies)
        {
            found[title] = accuracies;
            page.WriteLine($"  {title}{new string(' ', 26 - title.Sum(c => c >= '가' ? 2 : 1))}{accuracies[0],12:F3}{accuracies[1],17:F3}");
        }
    }

    sealed class Net : Module
    {
        readonly RecurrentLayer _rnn;
        readonly Linear _output;
        readonly bool _tags;

        public Net(bool tags, bool both)
        {
            var rng = new Rng(1);
            _tags = tags;
            _rnn = Add("rnn", both ? (RecurrentLayer)new Bidirectional(new GruCell(Symbols, Hidden, rng), new GruCell(Symbols, Hidden, rng)) : new Recurrent(new GruCell(Symbols, Hidden, rng)));
            _output = Add("output", new Linear(_rnn.OutputSize, tags ? 2 : Symbols, rng));
        }

        public void Train()
        {
            var (adam, data) = (new Adam(Parameters, learningRate: 0.01), new Rng(2));
            for (var i = 0; i < Iterations; i++)
            {
                var symbols = Draw(data);
                using var tape = Tape.Record();
                tape.Backward(Losses.CrossEntropy(Forward(symbols, Steps), Targets(symbols)));
                adam.Step();
            }
        }

        /// <summary>The share that is right of all but the last step; where the future is hidden, each step is answered from the symbols up to it.</summary>
        public double Accuracy(bool hidden)
        {
            var symbols = Draw(new Rng(3));
            var (targets, right) = (Targets(symbols), 0);
            for (var t = 0; t + 1 < Steps; t++)
            {
                using var scratch = Tape.Scratch();
                var scores = Forward(symbols, hidden ? t + 1 : Steps)[t];
                for (var b = 0; b < Batch; b++)
                {
                    var row = scores[b].ToArray();
                    if (Array.IndexOf(row, row.Max()) == targets[t * Batch + b]) right++;
                }
            }
            return (double)right / ((Steps - 1) * Batch);
        }

        Tensor Forward(int[] symbols, int steps)
        {
            var x = Tensor.Zeros(new(steps, Batch, Symbols));
            for (var i = 0; i < steps * Batch; i++) x.Values[i * Symbols + symbols[i]] = 1;
            return _output.Forward(_rnn.Forward(x).Output);
        }

        int[] Targets(int[] symbols) =>
            [.. symbols.Select((s, i) => i + Batch >= symbols.Length ? -1 : !_tags ? symbols[i + Batch] : symbols[i + Batch] % 2)];

        /// <summary>Symbols [T, B]: the next is the successor with a chance of 0.7, any of the others otherwise.</summary>
        static int[] Draw(Rng data)
        {
            var symbols = new int[Steps * Batch];
            for (var i = 0; i < symbols.Length; i++)
                symbols[i] = i < Batch ? data.Next(Symbols) : (symbols[i - Batch] + (data.NextDouble() < 0.7 ? 1 : 2 + data.Next(Symbols - 1))) % Symbols;
            return symbols;
        }
    }
}
