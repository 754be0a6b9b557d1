#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// The classic memory tasks, cells against lengths: dotnet run examples/lessons/memory.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>Adding, copy, parity, temporal order and embedded Reber grammar, and the adding problem of 600 steps.</summary>
static class MemoryLesson
{
    const int Batch = 32, Hidden = 24;
    const double MostGru = 5.3e-5, MostLstm = 1e-3;

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
        page.Title = korean ? "memory: 기억이 필요한 다섯 과제" : "memory: five tasks that need one";
        page.WriteLine(korean
            ? """
              기억 과제: 앞에서 본 것을 나중에 써야 합니다. T는 길이입니다.
                덧셈(adding problem): 수 T개와 표시 두 개를 읽고 표시된 두 수의 합을 말합니다. 늘 1이라고 답하면 평균 제곱 오차는 0.167입니다.
                복사(copy): 기호 3개를 읽고 T단계 뒤에 그대로 씁니다.          패리티(parity): 1의 개수가 홀수인지 매 단계에서 말합니다.
                시간 순서(temporal order): 잡음 속 두 기호의 순서를 말합니다.    레버 문법(embedded Reber grammar): 두 번째 글자가 끝에서 두 번째에 다시 옵니다.
              LSTM과 GRU는 게이트의 편향을 chrono 초기화로 시작합니다: u = ln U(1, T − 1); LSTM은 b_f = u, b_i = −u, GRU는 b_z = u.
              """
            : """
              Memory tasks: what was seen early is needed late. T is the length.
                Adding problem: read T numbers and two marks, say the sum of the two marked numbers. Always answering 1 costs a mean squared error of 0.167.
                Copy: read 3 symbols and write them T steps later.                Parity: say at each step whether the number of ones is odd.
                Temporal order: say in which order two symbols came in noise.     Embedded Reber grammar: the second letter comes again as the last but one.
              The gates of LSTM and GRU begin with chrono initialisation: u = ln U(1, T − 1); LSTM: b_f = u, b_i = −u; GRU: b_z = u.
              """);
        string[] cells = ["rnn", "lstm", "gru"];
        page.WriteLine(korean ? "\n  과제            T       척도          RNN      LSTM       GRU" : "\n  task            T       measured in   RNN      LSTM       GRU");
        (string English, string Korean, Func<int, Problem> Of, int[] Lengths)[] tasks =
        [
            ("adding", "덧셈", t => new Adding(t), [20, 100]), ("copy", "복사", t => new Copy(t), [5, 30]), ("parity", "패리티", t => new Parity(t), [5, 15]),
            ("temporal order", "시간 순서", t => new TemporalOrder(t), [20, 100]), ("Reber grammar", "레버 문법", t => new Reber(t), [15, 40]),
        ];
        var cellsOf = new List<(string Row, string Text, double Share)>();                // of the picture
        foreach (var (english, native, of, lengths) in tasks)
            foreach (var steps in lengths)
            {
                var name = korean ? native : english;
                var problem = of(steps);
                double[] scores = [.. cells.Select(cell => new Learner(cell, problem, Hidden).Train(400).Score())];
                cellsOf.AddRange(scores.Select(s => ($"{name} {steps}", problem.Numeric ? $"{s:G2}" : $"{s:F3}", problem.Numeric ? Math.Max(0, 1 - s * 6) : s)));
                page.WriteLine($"  {name}{new string(' ', 16 - name.Sum(c => c >= '가' ? 2 : 1))}{steps,-8}{problem.Measure(korean)}{string.Concat(scores.Select(s => problem.Numeric ? $"{s,10:G2}" : $"{s,10:F3}"))}");
            }
        page.HeatMaps(korean ? "셀과 길이: 진할수록 좋음" : "Cells against lengths: stronger is better",
            new HeatMap(korean ? "덧셈은 평균 제곱 오차, 나머지는 정확도" : "adding: mean squared error; the others: accuracy", Tensor.From([.. cellsOf.Select(c => (float)c.Share)], new(cellsOf.Count / 3, 3)),
                [.. cellsOf.Select(c => c.Row).Distinct()], ["RNN", "LSTM", "GRU"], [.. cellsOf.Select(c => c.Text)]));

        page.WriteLine(korean
            ? "\n덧셈, T = 600. 발표된 값(Bai, Kolter, Koltun 2018): LSTM 0.164, GRU 5.3e-5"
            : "\nAdding, T = 600. Published (Bai, Kolter and Koltun 2018): LSTM 0.164, GRU 5.3e-5");
        double gru = LongAdding("gru", 2400), lstm = LongAdding("lstm", 1000);
        page.WriteLine(korean
            ? $"\n결과: 덧셈 T = 600의 평균 제곱 오차는 chrono 초기화로 시작한 GRU가 {gru:E1}({MostGru:E1} 이하), LSTM이 {lstm:E1}({MostLstm:E1} 이하)입니다."
            : $"\nResult: adding T = 600 by chrono initialisation costs a mean squared error of {gru:E1} with the GRU (goal: {MostGru:E1}) and {lstm:E1} with the LSTM (goal: {MostLstm:E1}).");
        return gru <= MostGru && lstm <= MostLstm;

        double LongAdding(string cell, int iterations)
        {
            var mse = new Learner(cell, new Adding(600), Hidden, rate: 0.02).Train(iterations).Score();
            page.WriteLine(korean ? $"  {cell.ToUpperInvariant(),-5} {Hidden}개 유닛, {iterations}번 학습: {mse:E2}" : $"  {cell.ToUpperInvariant(),-5} {Hidden} units, {iterations} steps of training: {mse:E2}");
            return mse;
        }
    }

    /// <summary>A model for a problem, and its training.</summary>
    sealed class Learner : Module
    {
        readonly Recurrent _rnn;
        readonly Linear _output;
        readonly Problem _problem;
        readonly double _rate;

        public Learner(string cell, Problem problem, int hidden, double rate = 0.01)
        {
            var rng = new Rng(1);
            (_problem, _rate) = (problem, rate);
            _rnn = Add("rnn", new Recurrent(CellCatalog.Get(cell).Create(problem.Inputs, hidden, rng)));
            _output = Add("output", new Linear(hidden, problem.Outputs, rng));
            Init.Chrono(_rnn.Cell, problem.Steps, rng);
        }

        public Learner Train(int iterations)
        {
            var (adam, data) = (new Adam(Parameters), new Rng(2));
            for (var i = 0; i < iterations; i++)
            {
                adam.LearningRate = _rate * (2 * i < iterations ? 1 : Math.Max(0.01, 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / iterations)));      // then half a cosine
                using var tape = Tape.Record();
                var (x, y) = _problem.Draw(data, Batch);
                tape.Backward(_problem.Numeric ? Losses.MeanSquared(Forward(x), y) : Losses.CrossEntropy(Forward(x), Classes(y)));
                Clip.ByNorm(Parameters, 1);
                adam.Step();
            }
            return this;
        }

        /// <summary>The mean squared error, or the share of right answers, on 20 new batches.</summary>
        public double Score()
        {
            var data = new Rng(3);
            double sum = 0, count = 0;
            for (var i = 0; i < 20; i++)
            {
                using var scratch = Tape.Scratch();
                var (x, y) = _problem.Draw(data, Batch);
                var z = Forward(x);
                if (_problem.Numeric) (sum, count) = (sum + Losses.MeanSquared(z, y).Scalar, count + 1);
                else
                    foreach (var (row, right) in z.ToArray().Chunk(_problem.Outputs).Zip(Classes(y)))
                        if (right >= 0) (sum, count) = (sum + (Array.IndexOf(row, row.Max()) == right ? 1 : 0), count + 1);
            }
            return sum / count;
        }

        static int[] Classes(Tensor y) => [.. y.ToArray().Select(v => (int)v)];

        /// <summary>Answers [A, B, O] at the last A steps.</summary>
        Tensor Forward(Tensor x) => _output.Forward(_rnn.Forward(x).Output[(_problem.Steps - _problem.Answers)..]);
    }

    /// <summary>A task: inputs [T, B, I], and what is right at the last A steps, [A, B, 1]: a number, or a class, −1 where nothing is asked.</summary>
    abstract class Problem(int steps, int inputs, int outputs, int answers, bool numeric = false)
    {
        public int Steps => steps;

        public int Inputs => inputs;

        public int Outputs => outputs;

        public int Answers => answers;

        public bool Numeric => numeric;

        public string Measure(bool korean) => numeric ? korean ? "오차(MSE)" : "MSE      " : korean ? "정확도   " : "accuracy ";

        public (Tensor X, Tensor Y) Draw(Rng data, int batch)
        {
            var (x, y) = (Tensor.Zeros(new(steps, batch, inputs)), Tensor.Full(new(answers, batch, 1), -1));
            for (var b = 0; b < batch; b++) Fill(data, (t, i, v) => x.Values[(t * batch + b) * inputs + i] = (float)v, (a, v) => y.Values[a * batch + b] = (float)v);
            return (x, y);
        }

        /// <summary>Draws a row: sets inputs by step and column, and answers by number.</summary>
        protected abstract void Fill(Rng data, Action<int, int, double> x, Action<int, double> y);
    }

    sealed class Adding(int steps) : Problem(steps, 2, 1, 1, numeric: true)
    {
        protected override void Fill(Rng data, Action<int, int, double> x, Action<int, double> y)
        {
            var (first, second, sum) = (data.Next(Steps / 2), Steps / 2 + data.Next(Steps - Steps / 2), 0.0);
            for (var t = 0; t < Steps; t++)
            {
                var value = data.NextDouble();
                x(t, 0, value);
                if (t != first && t != second) continue;
                x(t, 1, 1);
                sum += value;
            }
            y(0, sum);
        }
    }

    sealed class Copy(int delay) : Problem(delay + 6, 5, 4, 3)
    {
        protected override void Fill(Rng data, Action<int, int, double> x, Action<int, double> y)
        {
            for (var i = 0; i < 3; i++)
            {
                var symbol = data.Next(4);
                x(i, symbol, 1);
                x(Steps - 3 + i, 4, 1);                          // the signal to write
                y(i, symbol);
            }
        }
    }

    sealed class Parity(int steps) : Problem(steps, 1, 2, steps)
    {
        protected override void Fill(Rng data, Action<int, int, double> x, Action<int, double> y)
        {
            var odd = 0;
            for (var t = 0; t < Steps; t++)
            {
                var bit = data.Next(2);
                x(t, 0, bit);
                y(t, odd ^= bit);
            }
        }
    }

    sealed class TemporalOrder(int steps) : Problem(steps, 6, 4, 1)
    {
        protected override void Fill(Rng data, Action<int, int, double> x, Action<int, double> y)
        {
            int first = Steps / 10 + data.Next(Steps / 10), second = Steps / 2 + data.Next(Steps / 10), answer = 0;
            for (var t = 0; t < Steps; t++)
            {
                var symbol = t == first || t == second ? data.Next(2) : 2 + data.Next(4);
                x(t, symbol, 1);
                if (symbol < 2) answer = 2 * answer + symbol;
            }
            y(0, answer);
        }
    }

    /// <summary>B, then T or P, a word of the Reber grammar, the same T or P, E. The inner word begins so that all rows end together.</summary>
    sealed class Reber(int steps) : Problem(steps, 7, 2, 1)
    {
        const string Letters = "BTSXPVE";

        // From each state: two letters and where they lead to.
        static readonly (char Letter, int To)[][] Grammar = [[('T', 1), ('P', 2)], [('S', 1), ('X', 3)], [('T', 2), ('V', 4)], [('X', 2), ('S', 5)], [('P', 3), ('V', 5)]];

        protected override void Fill(Rng data, Action<int, int, double> x, Action<int, double> y)
        {
            string inner;
            do inner = Word(data);
            while (inner.Length + 3 > Steps || inner.Length + 3 < Steps * 2 / 3);
            var same = data.Next(2);
            var word = $"B{(same == 0 ? 'T' : 'P')}B{inner}E"[..^1];
            for (var i = 0; i < word.Length; i++) x(Steps - word.Length + i, Letters.IndexOf(word[i]), 1);
            y(0, same);
        }

        static string Word(Rng data)
        {
            var (word, state) = ("", 0);
            while (state < 5)
            {
                var (letter, to) = Grammar[state][data.Next(2)];
                (word, state) = (word + letter, to);
            }
            return word;
        }
    }
}
