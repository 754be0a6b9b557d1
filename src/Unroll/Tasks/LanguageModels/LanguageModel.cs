using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A recurrent language model: embedding, recurrent layers, and a linear output whose softmax is the distribution of the next token
/// (Mikolov 2010; Zaremba 2014).
/// </summary>
/// <remarks>
/// <code>
/// e_t = dropout(W_e[x_t])        h_t, s_t = rnn(e_t, s_{t−1})        logits_t = W_o dropout(h_t) + b_o
/// </code>
/// Parameters: <c>embedding.weight</c> [V, E], <c>rnn.…</c> as PyTorch's <c>nn.LSTM</c> names them, <c>output.weight</c> [V, H], <c>output.bias</c> [V].
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class LanguageModel : SequenceModel
{
    const int MostLogits = 1 << 26;             // computed at once where a text is measured: a quarter of a gigabyte

    readonly Embedding _embedding;
    readonly Stacked _rnn;
    readonly Linear _output;
    readonly Dropout? _dropout;

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="tokenizer">What the tokens are.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range or contradict each other; all problems are listed.</exception>
    public LanguageModel(LanguageModelConfig config, Tokenizer tokenizer, Rng rng)
    {
        var vocabulary = tokenizer.VocabularySize;
        if (config.ProblemsWith(vocabulary) is { Count: > 0 } problems) Throw.BadConfig(problems);
        (Config, Tokenizer) = (config, tokenizer);
        DropoutRng = rng.Fork("dropout");
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng, config.VariationalDropout) : null;
        _embedding = Add("embedding", config.EmbeddingSize > 0 ? new Embedding(vocabulary, config.EmbeddingSize, rng) : Embedding.OneHot(vocabulary));
        var recurrentDropout = config.RecurrentDropout > 0 ? new Dropout(config.RecurrentDropout, DropoutRng) : null;
        var kind = CellCatalog.Get(config.Cell);
        var layers = Enumerable.Range(0, config.Layers)
            .Select(l => new Recurrent(kind.Create(l == 0 ? _embedding.Dimensions : config.HiddenSize, config.HiddenSize, rng), Direction.Forward, recurrentDropout));
        _rnn = Add("rnn", new Stacked([.. layers], _dropout));
        _output = Add("output", config.TiedWeights ? new Linear(_embedding.Weight, rng) : new Linear(config.HiddenSize, vocabulary, rng));
        if (config.TiedWeights) Init.Uniform(_embedding.Weight, 1 / Math.Sqrt(config.HiddenSize), rng);     // N(0, 1) is far too large for an output
        if (config.InitScale > 0) Init.UniformAll(this, config.InitScale, rng);
    }

    /// <summary>Trains a model on texts, each a document; what is not said otherwise is as in <c>unroll train lm</c>.</summary>
    /// <param name="texts">What is learned from.</param>
    /// <param name="options">What decides the result; the defaults, and 2,000 iterations, where null.</param>
    /// <param name="valid">What is validated on; the end of the texts where null.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is too little text, or options are out of range.</exception>
    public static LanguageModel Train(
        IReadOnlyList<TextDocument> texts, LanguageModelOptions? options = null, IReadOnlyList<TextDocument>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        LanguageModelDefinition.Instance.Train(texts, valid, LanguageModelDefinition.WithLength(options ?? new(), demo: false), observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => LanguageModelConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public LanguageModelConfig Config { get; }

    /// <summary>What its tokens are.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The recurrent layers.</summary>
    public RecurrentLayer Layers => _rnn;

    /// <summary>Where dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() => [(ConfigKey, Config.ToJson()), (TokenizerKey, Tokenizer.ToJson())];

    internal static LanguageModel FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, LanguageModelConfig.FromJson);
        var tokenizer = file.Read(TokenizerKey, Tokenizer.FromJson);
        file.Check();
        file.CheckWeights(config!.LeastWeights(tokenizer!.VocabularySize));
        return new(config, tokenizer, new Rng(0));
    }

    /// <summary>A state of zeros for a batch, to be carried from chunk to chunk.</summary>
    public State ZeroState(int batch) => _rnn.ZeroState(batch);

    /// <summary>Scores of every token to come next, before the softmax.</summary>
    /// <param name="inputs">Tokens [T, B].</param>
    /// <param name="initial">The state to start from; zeros where none is given.</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <param name="resets">Where given, [T, B]: whether the row's state is set to zero before the step, because a document begins there.</param>
    /// <returns>Logits [T, B, V] and the state after the last step.</returns>
    public (Tensor Logits, State Final) Forward(TokenMatrix inputs, State initial = default, Lengths? lengths = null, ReadOnlySpan<bool> resets = default)
    {
        var (h, final) = Hidden(inputs, initial, lengths, resets);
        return (Recorder.Report(_output, Recorder.Logits, _output.Forward(h)), final);                                          // [T, B, V]
    }

    /// <summary>The mean cross-entropy of the tokens to come, in nats: of <see cref="Forward"/>'s scores, which are not kept.</summary>
    /// <param name="targets">T·B tokens, the right one after each input; −1 for none.</param>
    /// <returns>The loss and the state after the last step.</returns>
    /// <inheritdoc cref="Forward"/>
    /// <param name="inputs">Tokens [T, B].</param>
    /// <param name="initial">The state to start from; zeros where none is given.</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <param name="resets">Where given, [T, B]: whether the row's state is set to zero before the step, because a document begins there.</param>
    public (Tensor Loss, State Final) Loss(
        TokenMatrix inputs, ReadOnlySpan<int> targets, State initial = default, Lengths? lengths = null, ReadOnlySpan<bool> resets = default)
    {
        var (h, final) = Hidden(inputs, initial, lengths, resets);
        return (Losses.CrossEntropy(h, _output, targets), final);
    }

    (Tensor Output, State Final) Hidden(TokenMatrix inputs, State initial, Lengths? lengths, ReadOnlySpan<bool> resets)
    {
        var x = _embedding.Forward(inputs);                                          // [T, B, E]
        if (_dropout is not null) x = _dropout.Forward(x);
        var (h, final) = resets.Contains(true) ? ForwardParts(x, initial, resets) : _rnn.Forward(x, initial, lengths);
        if (_dropout is not null) h = _dropout.Forward(h);
        return (h, final);                                                           // [T, B, H]
    }

    /// <summary>Runs the stretches between the steps at which documents begin.</summary>
    (Tensor Output, State Final) ForwardParts(Tensor x, State state, ReadOnlySpan<bool> resets)
    {
        int steps = x.Shape[0], batch = x.Shape[1];
        var parts = new List<Tensor>();
        for (int from = 0, to; from < steps; from = to)
        {
            var here = resets.Slice(from * batch, batch);
            if (here.Contains(true)) state = Reset(state, here);
            to = from + 1;
            while (to < steps && !resets.Slice(to * batch, batch).Contains(true)) to++;
            (var y, state) = _rnn.Forward(x[from..to], state);
            parts.Add(y);
        }
        return (parts.Count == 1 ? parts[0] : Ops.Concat([.. parts]), state);
    }

    State Reset(State state, ReadOnlySpan<bool> rows)
    {
        if (state.IsZero) return state;
        var zero = ZeroState(rows.Length);
        var room = State.Room(state.Count);
        for (var i = 0; i < state.Count; i++) room[i] = Ops.Where(rows, zero[i], state[i]);
        return State.In(room);
    }

    /// <summary>How well the model predicts texts: loss, perplexity and bits, of every token once from all before it.</summary>
    /// <param name="texts">The texts; each is a document of its own.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The texts are too short, or have characters that the model cannot read.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<TextDocument> texts, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        new LanguageModelReport(Measure(TokenStream.Encode(Tokenizer, texts), progress: progress, cancellation: cancellation));

    /// <summary>Measures the model on a text: every token is predicted once from all before it, the state carried along.</summary>
    /// <param name="stream">The tokens, made by this model's tokenizer.</param>
    /// <param name="batch">Into how many columns the text is cut, each begun with the state at zero: 1 is exact, more are faster.</param>
    /// <param name="steps">Tokens worked on at once; changes the speed and the memory, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The stream is too short.</exception>
    internal LanguageModelScore Measure(TokenStream stream, int batch = 1, int steps = 256, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        batch = Math.Min(batch, Math.Max(1, (stream.Count - 1) / 2));
        steps = Math.Clamp(MostLogits / batch / Tokenizer.VocabularySize, 1, steps);
        var reader = new EvaluationReader(stream, batch, steps);
        var inputs = new TokenMatrix(reader.Steps, batch);
        var (targets, resets) = (new int[reader.Steps * batch], new bool[reader.Steps * batch]);
        var state = ZeroState(batch);
        double nats = 0;
        var done = 0;
        inputs.Resize(reader.Steps, batch);
        while (reader.TryNext(inputs.Ids, targets, resets, out var chunk))
        {
            cancellation.ThrowIfCancellationRequested();
            inputs.Resize(chunk.Steps, batch);
            var count = chunk.Steps * batch;
            using (Tape.Scratch())
            {
                var (loss, final) = Loss(
                    inputs, targets.AsSpan(0, count), state, resets: chunk.ResetsAtStart || chunk.ResetsInside ? resets.AsSpan(0, count) : default);
                nats += loss.Scalar * (double)chunk.Targets;
                state.CopyFrom(final);
            }
            done += chunk.Targets;
            progress?.Report((double)done / reader.Targets);
            inputs.Resize(reader.Steps, batch);
        }
        return new(nats / done, done, reader.TargetCharacters);
    }
}

/// <summary>How well a language model predicts a text.</summary>
/// <param name="Loss">The mean of −ln p over all tokens, in nats.</param>
/// <param name="Tokens">How many tokens were predicted.</param>
/// <param name="Characters">How many Unicode scalar values these tokens stand for.</param>
internal readonly record struct LanguageModelScore(double Loss, long Tokens, long Characters)
{
    /// <summary>e to the loss: among how many equally likely tokens the model seems to choose.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>The loss in bits per token.</summary>
    public double BitsPerToken => Loss / Math.Log(2);

    /// <summary>Bits for each character of the text, whatever the tokens are.</summary>
    public double BitsPerCharacter => Loss * Tokens / Characters / Math.Log(2);
}
