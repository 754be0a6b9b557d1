#:project ../../src/Unroll/Unroll.csproj
#:property PublishAot=false

// "You say goodbye and I say hello .": dotnet run examples/lessons/goodbye.cs [ko] [FILE.html]
using Unroll;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Tensors;
using Unroll.Training;

/// <summary>A word-level language model with an embedding, and the shape of every matrix in it.</summary>
static class GoodbyeLesson
{
    const string Text = "You say goodbye and I say hello .";
    const int Embedding = 5, Hidden = 8, Iterations = 150;

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
        page.Title = korean ? "goodbye: 다음 단어와 모든 행렬의 크기" : "goodbye: the next word, and the shape of every matrix";
        var words = Text.Split(' ');
        string[] vocabulary = [.. words.Distinct()];
        int[] ids = [.. words.Select(w => Array.IndexOf(vocabulary, w))];
        var net = new Net(vocabulary.Length, new Rng(1));
        var inputs = new TokenMatrix(ids.Length - 1, 1);
        ids.AsSpan(0, ids.Length - 1).CopyTo(inputs.Ids);

        page.WriteLine(korean
            ? $"""
              문장 "{Text}"을 단어 단위로 읽고 다음 단어를 맞히는 언어 모델(language model)입니다.
              단어마다 벡터가 하나씩 있습니다. 이것이 임베딩(embedding)입니다: x_t = E[단어].
                h_t = tanh(W_x x_t + b_x + W_h h_(t−1) + b_h)      p_t = softmax(W_y h_t + b_y)
              """
            : $"""
              A language model reads "{Text}" word by word and predicts the next word.
              Each word has a vector of its own, its embedding: x_t = E[word].
                h_t = tanh(W_x x_t + b_x + W_h h_(t−1) + b_h)      p_t = softmax(W_y h_t + b_y)
              """);
        page.WriteLine(korean ? $"\n행렬의 크기 (V = {vocabulary.Length} 단어, d = {Embedding}, D_h = {Hidden})" : $"\nShapes (V = {vocabulary.Length} words, d = {Embedding}, D_h = {Hidden})");
        (string Name, string Means)[] rows = [("E", "V × d"), ("W_x", "D_h × d"), ("W_h", "D_h × D_h"), ("b_x", "D_h"), ("b_h", "D_h"), ("W_y", "V × D_h"), ("b_y", "V")];
        foreach (var ((name, means), parameter) in rows.Zip(net.Parameters))
            page.WriteLine($"  {name,-4} [{means}]{new string(' ', 11 - means.Length)} = {parameter.Parameter.Shape,-9} {parameter.Name}");
        page.WriteLine(korean ? $"  모두 {net.ParameterCount}개의 매개변수(parameter)" : $"  {net.ParameterCount} parameters in all");

        var adam = new Adam(net.Parameters, learningRate: 0.03);
        page.WriteLine(korean ? "\n학습" : "\nTraining");
        double loss = 0;
        for (var i = 0; i <= Iterations; i++)
        {
            using var tape = Tape.Record();
            var cost = Losses.CrossEntropy(net.Forward(inputs), ids.AsSpan(1));
            tape.Backward(cost);
            adam.Step();
            loss = cost.Scalar;
            if (i % 50 == 0) page.WriteLine(korean ? $"  {i,3}번째  손실(loss) {loss:F3}  퍼플렉서티(perplexity) {Math.Exp(loss):F2}" : $"  step {i,3}  loss {loss:F3}  perplexity {Math.Exp(loss):F2}");
        }

        page.HeatMaps(korean ? "학습한 뒤의 행렬" : "The matrices after training",
            [.. rows.Zip(net.Parameters).Where(r => r.Second.Parameter.Shape.Rank == 2).Select(r => new HeatMap($"{r.First.Name} [{r.First.Means}]", Tensor.From(r.Second.Parameter.Values, r.Second.Parameter.Shape)))]);

        page.WriteLine(korean ? "\n지금까지 읽은 말 -> 가장 그럴듯한 다음 단어" : "\nRead so far -> the likeliest next word");
        var p = Ops.Softmax(net.Forward(inputs));                                      // [T, 1, V]
        var right = 0;
        for (var t = 0; t + 1 < words.Length; t++)
        {
            var row = p[t].ToArray();
            var best = Array.IndexOf(row, row.Max());
            if (best == ids[t + 1]) right++;
            page.WriteLine($"  {string.Join(' ', words[..(t + 1)]),-31} -> {vocabulary[best],-8} P = {row[best]:F2}");
        }
        page.HeatMaps(korean ? "단어를 읽을 때마다 다음 단어의 확률" : "After each word, the probability of the next one",
            new HeatMap(korean ? "행: 읽은 단어, 열: 다음 단어" : "rows: the word read, columns: the next word", p.Reshape(new(words.Length - 1, vocabulary.Length)), words[..^1], vocabulary));
        page.WriteLine(korean
            ? $"\n결과: {words.Length - 1}개 가운데 {right}개를 맞힙니다. \"say\"는 두 번 나오지만, 은닉 상태(hidden state)가 앞말을 기억하므로 한 번은 goodbye, 한 번은 hello가 됩니다."
            : $"\nResult: {right} of {words.Length - 1} are right. \"say\" comes twice; the hidden state remembers what stood before it, so goodbye follows once, hello the other time.");
        return right == words.Length - 1 && loss < 0.1;
    }

    sealed class Net : Module
    {
        readonly Embedding _embedding;
        readonly Recurrent _rnn;
        readonly Linear _output;

        public Net(int vocabulary, Rng rng)
        {
            _embedding = Add("embedding", new Embedding(vocabulary, GoodbyeLesson.Embedding, rng));
            _rnn = Add("rnn", new Recurrent(new RnnCell(GoodbyeLesson.Embedding, Hidden, rng)));
            _output = Add("output", new Linear(Hidden, vocabulary, rng));
        }

        /// <summary>Scores of the next word, [T, 1, V].</summary>
        public Tensor Forward(TokenMatrix words) => _output.Forward(_rnn.Forward(_embedding.Forward(words)).Output);
    }
}
