#:project ../src/Unroll/Unroll.csproj
#:property PublishAot=false

// A character language model with its training loop written out: dotnet run examples/char_lm.cs [TEXT]
//
// LanguageModel.Train does this in one call; here you see the batches, the tape and truncated back-propagation through time.
// Without an argument it overfits this file. Result: after 400 iterations the mean loss of the last ten is below 0.25 nats per
// character (a uniform guess: more than 4); otherwise the exit code is 1.
using Unroll;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Training;

const int Batch = 16, Steps = 24, Iterations = 400, Averaged = 10;
const double GoalForThisFile = 0.25;

var source = args.Length > 0 ? args[0] : (string)AppContext.GetData("EntryPointFilePath")!;
var documents = TextFile.ReadDocuments(source);
var tokenizer = Tokenizer.Build("char", documents);
var ids = tokenizer.Encode(documents[0].Text, source);
var columns = (ids.Length - 1) / Batch;                          // each row of the batch reads its own part of the text
if (columns < Steps)
{
    Console.Error.WriteLine($"{source} has {ids.Length} characters; at least {Batch * Steps + 1} are needed.");
    return 2;
}

var model = new CharModel(tokenizer.VocabularySize, new Rng(1));
var adam = new Adam(model.Parameters, learningRate: 0.01);
var inputs = new TokenMatrix(Steps, Batch);
var targets = new TokenMatrix(Steps, Batch);
var state = model.Rnn.ZeroState(Batch);
var place = 0;
var loss = 0.0;

for (var iteration = 1; iteration <= Iterations; iteration++)
{
    if (place + Steps > columns)                                 // the end of the text: start again with a zero state
    {
        place = 0;
        state.Reset();
    }
    for (var t = 0; t < Steps; t++)
        for (var b = 0; b < Batch; b++)
        {
            inputs[t, b] = ids[b * columns + place + t];
            targets[t, b] = ids[b * columns + place + t + 1];
        }
    place += Steps;

    using (var tape = Tape.Record())
    {
        var (logits, final) = model.Forward(inputs, state);      // [T, B, V]
        var cost = Losses.CrossEntropy(logits, targets.Ids);
        state.CopyFrom(final);                                   // carries the state to the next chunk, without its gradient
        tape.Backward(cost);
        if (iteration > Iterations - Averaged) loss += cost.Scalar / Averaged;
        if (iteration % 50 == 0) Console.WriteLine($"iteration {iteration,4}  loss {cost.Scalar:F3}");
    }
    Clip.ByNorm(model.Parameters, 1);
    adam.Step();
}

Console.WriteLine($"\n{Sample("const", 200)}\n");
Console.WriteLine($"mean loss of the last {Averaged} iterations: {loss:F3}");
return args.Length == 0 && !(loss < GoalForThisFile) ? 1 : 0;

string Sample(string prompt, int length)
{
    var sampler = new Sampler(new() { Temperature = 0.5 }, new Rng(2));
    var token = new TokenMatrix(1, 1);
    var memory = model.Rnn.ZeroState(1);
    var written = new List<int>(tokenizer.Encode(args.Length == 0 ? prompt : documents[0].Text.AsSpan(0, 1)));
    for (var i = 0; i < written.Count && i < length; i++)
    {
        using var scratch = Tape.Scratch();
        token[0, 0] = written[i];
        var (logits, final) = model.Forward(token, memory);
        memory.CopyFrom(final);
        if (i == written.Count - 1) written.Add(sampler.Next(logits.Values));
    }
    return tokenizer.Decode(written.ToArray());
}

sealed class CharModel : Module
{
    readonly Embedding _embedding;
    readonly Linear _output;

    public CharModel(int vocabulary, Rng rng)
    {
        _embedding = Add("embedding", new Embedding(vocabulary, 32, rng));
        Rnn = Add("rnn", new Recurrent(new LstmCell(32, 128, rng)));
        _output = Add("output", new Linear(128, vocabulary, rng));
    }

    public Recurrent Rnn { get; }

    public (Tensor Logits, State Final) Forward(TokenMatrix inputs, State initial)
    {
        var (h, final) = Rnn.Forward(_embedding.Forward(inputs), initial);
        return (_output.Forward(h), final);
    }
}
