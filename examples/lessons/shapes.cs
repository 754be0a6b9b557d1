#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// One to one, one to many, many to one, many to many: dotnet run examples/lessons/shapes.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>One small model for each shape of sequence in and sequence out.</summary>
static class ShapesLesson
{
    static readonly string[] Words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    const string Letters = ".efghinorstuvwxz";               // the dot ends a word
    const int Hidden = 32, Longest = 6, Iterations = 250;

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
        page.Title = korean ? "shapes: 일대일, 일대다, 다대일, 다대다" : "shapes: one to one, one to many, many to one, many to many";
        page.WriteLine(korean
            ? """
              순환 신경망은 입력과 출력의 길이에 따라 다섯 가지 모양이 있습니다. 모양마다 작은 모델 하나를 학습합니다.
              """
            : """
              Recurrent networks come in five shapes, by the lengths of what goes in and what comes out. One small model is trained for each.
              """);
        (string Name, string Task, Func<(int Right, int All, (string Input, string Output)[] Example)> Train)[] shapes =
        [
            (korean ? "일대일(one to one)         x -> y" : "one to one               x -> y", korean ? "숫자가 짝수인가 (한 단계)" : "is a digit even? (one step)", OneToOne),
            (korean ? "일대다(one to many)        x -> y y y" : "one to many              x -> y y y", korean ? "숫자를 철자로 쓰기" : "spell a digit", OneToMany),
            (korean ? "다대일(many to one)        x x x -> y" : "many to one              x x x -> y", korean ? "철자를 읽고 숫자로" : "read a spelled digit", ManyToOne),
            (korean ? "다대다, 정렬(aligned)      x x x -> y y y, 단계마다" : "many to many, aligned    x x x -> y y y, step by step", korean ? "지금까지의 1의 개수가 홀수인가" : "is the number of ones so far odd?", Aligned),
            (korean ? "다대다, 비정렬(unaligned)  x x x -> y y y, 읽은 뒤" : "many to many, unaligned  x x x -> y y y, after reading", korean ? "거꾸로 쓰기 (인코더-디코더, encoder-decoder)" : "write backwards (encoder and decoder)", Unaligned),
        ];
        var good = true;
        var networks = new List<(string, IReadOnlyList<(string, string)>)>();
        foreach (var (name, task, train) in shapes)
        {
            var (right, all, example) = train();
            good &= right >= 0.99 * all;
            networks.Add((name.Split("  ")[0], example));
            page.WriteLine($"\n  {name}\n    {task}: {string.Concat(example.Select(e => e.Input))} -> {string.Concat(example.Select(e => e.Output)).TrimEnd('.')}");
            page.WriteLine(korean ? $"    {all}개 가운데 {right}개 맞음" : $"    {right} of {all} right");
        }
        page.Unrolled(korean ? "시간에 따라 펼친 다섯 네트워크: 아래가 입력, 위가 출력" : "The five networks unrolled: inputs below, outputs above", networks);
        page.WriteLine(korean ? $"\n결과: {(good ? "다섯 모양 모두 배웁니다." : "배우지 못한 모양이 있습니다.")}" : $"\nResult: {(good ? "all five shapes are learned." : "not all shapes are learned.")}");
        return good;
    }

    static (int, int, (string, string)[]) OneToOne()
    {
        var net = new Net(10, 2);
        var (x, y) = (OneHot(1, Enumerable.Range(0, 10), 10), Enumerable.Range(0, 10).Select(d => d % 2).ToArray());
        Train(net, () => Losses.CrossEntropy(net.Forward(x), y));
        return Score(Best(net.Forward(x)), y, i => [("7", i[7] == 0 ? "even" : "odd")]);
    }

    static (int, int, (string, string)[]) OneToMany()
    {
        var net = new Net(10, Letters.Length);
        var x = Tensor.Zeros(new(Longest, 10, 10));                                    // the digit at the first step, then nothing
        for (var d = 0; d < 10; d++) x.Values[d * 10 + d] = 1;
        var y = Spelled(pad: 0);
        Train(net, () => Losses.CrossEntropy(net.Forward(x), y));
        return Score(Best(net.Forward(x)), y, i => [.. Enumerable.Range(0, Longest).Select(t => (t == 0 ? "7" : "", $"{Letters[i[t * 10 + 7]]}"))]);
    }

    static (int, int, (string, string)[]) ManyToOne()
    {
        var net = new Net(Letters.Length, 10);
        var x = OneHot(Longest, Spelled(pad: 0), Letters.Length);
        var lengths = new Lengths([.. Words.Select(w => w.Length)], Longest);
        int[] y = [.. Enumerable.Range(0, 10)];
        Train(net, () => Losses.CrossEntropy(net.Last(x, lengths), y));
        return Score(Best(net.Last(x, lengths)), y, i => [.. Words[7].Select((letter, t) => ($"{letter}", t + 1 < Words[7].Length ? "" : $"{i[7]}"))]);
    }

    static (int, int, (string, string)[]) Aligned()
    {
        const int Steps = 8, All = 256;
        var net = new Net(2, 2);
        int[] bits = [.. Enumerable.Range(0, Steps * All).Select(i => i % All >> i / All & 1)], y = new int[bits.Length];
        for (var i = 0; i < y.Length; i++) y[i] = (i < All ? 0 : y[i - All]) ^ bits[i];
        var x = OneHot(Steps, bits, 2);
        Train(net, () => Losses.CrossEntropy(net.Forward(x), y));
        return Score(Best(net.Forward(x)), y, i => [.. Enumerable.Range(0, Steps).Select(t => ($"{bits[t * All + 0b10110]}", $"{i[t * All + 0b10110]}"))]);
    }

    static (int, int, (string, string)[]) Unaligned()
    {
        const int Steps = 4, Symbols = 5, All = 625;                                   // all words of four of the letters a to e
        var rng = new Rng(1);
        Net encoder = new(Symbols, Symbols), decoder = new(Symbols + 1, Symbols);
        int[] words = [.. Enumerable.Range(0, Steps * All).Select(i => i % All / (int)Math.Pow(Symbols, i / All) % Symbols)];
        int[] y = [.. Enumerable.Range(0, Steps * All).Select(i => words[(Steps - 1 - i / All) * All + i % All])];
        var x = OneHot(Steps, words, Symbols);
        var begin = OneHot(1, Enumerable.Repeat(Symbols, All), Symbols + 1);
        var given = Ops.Concat(begin, OneHot(Steps - 1, y[..^All], Symbols + 1));      // the beginning, then the right letters: teacher forcing
        Train([.. encoder.Rnn.Parameters, .. decoder.Parameters.Select(p => p with { Name = "decoder." + p.Name })], () => Losses.CrossEntropy(decoder.Forward(given, encoder.Rnn.Forward(x).Final), y));

        // In use the decoder reads what it has written.
        var written = new List<int>();
        var (input, state) = (begin, encoder.Rnn.Forward(x).Final);
        for (var t = 0; t < Steps; t++)
        {
            (var h, state) = decoder.Rnn.Forward(input, state);
            var next = Best(decoder.Output.Forward(h));
            written.AddRange(next);
            input = OneHot(1, next, Symbols + 1);
        }
        return Score([.. written], y, i => [.. Enumerable.Range(0, 2 * Steps).Select(t => t < Steps ? (Letter(words, t), "") : ("", Letter(i, t - Steps)))]);

        static string Letter(int[] ids, int t) => $"{(char)('a' + ids[t * All + 194])}";
    }

    static void Train(Net net, Func<Tensor> loss) => Train(net.Parameters, loss);

    static void Train(IReadOnlyList<NamedParameter> parameters, Func<Tensor> loss)
    {
        var adam = new Adam(parameters, learningRate: 0.02);
        for (var i = 0; i < Iterations; i++)
        {
            using var tape = Tape.Record();
            tape.Backward(loss());
            Clip.ByNorm(parameters, 1);
            adam.Step();
        }
    }

    static (int, int, (string, string)[]) Score(int[] found, int[] right, Func<int[], (string, string)[]> example) => (found.Zip(right).Count(p => p.First == p.Second), right.Length, example(found));

    /// <summary>The likeliest of each row.</summary>
    static int[] Best(Tensor scores) => [.. scores.ToArray().Chunk(scores.Shape[scores.Shape.Rank - 1]).Select(row => Array.IndexOf(row, row.Max()))];

    static Tensor OneHot(int steps, IEnumerable<int> ids, int size)
    {
        int[] all = [.. ids];
        var x = Tensor.Zeros(new(steps, all.Length / steps, size));
        for (var i = 0; i < all.Length; i++) x.Values[i * size + all[i]] = 1;
        return x;
    }

    /// <summary>The words' letters [T, 10], with dots behind them.</summary>
    static int[] Spelled(int pad) => [.. Enumerable.Range(0, Longest * 10).Select(i => i / 10 < Words[i % 10].Length ? Letters.IndexOf(Words[i % 10][i / 10]) : pad)];

    sealed class Net : Module
    {
        public Net(int inputs, int outputs)
        {
            var rng = new Rng(1);
            Rnn = Add("rnn", new Recurrent(new GruCell(inputs, Hidden, rng)));
            Output = Add("output", new Linear(Hidden, outputs, rng));
        }

        public Recurrent Rnn { get; }

        public Linear Output { get; }

        /// <summary>An answer at every step, [T, B, V].</summary>
        public Tensor Forward(Tensor x, State initial = default) => Output.Forward(Rnn.Forward(x, initial).Output);

        /// <summary>An answer after the last step of each row, [B, V].</summary>
        public Tensor Last(Tensor x, Lengths lengths) => Output.Forward(Rnn.Forward(x, lengths: lengths).Final.H);
    }
}
