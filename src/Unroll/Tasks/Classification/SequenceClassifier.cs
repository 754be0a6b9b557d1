using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>A sequence in, a label out: a text or a series is encoded as one vector, on which a linear layer decides.</summary>
/// <remarks>
/// <code>
/// x_t = dropout(W_e[token_t]), or the scaled numbers of step t
/// v = encoder(x₁ … x_T)          logits = W_o dropout(v) + b_o
/// p = softmax(logits), or σ(logits) where an example may have several classes
/// </code>
/// With several members as many such networks learn side by side, each with weights and dropout of its own, and p is the mean of theirs (Hansen
/// and Salamon 1990; Lakshminarayanan 2017): less of what a small set taught one of them by chance. Beside them a linear
/// model over n-grams may vote, with a share s of its own: p = (1 − s) p_networks + s p_linear. It errs elsewhere than they do, and may be the whole model.
/// Parameters: <c>embedding.weight</c> [V, E] of a text, <c>rnn.…</c> as PyTorch's <c>nn.LSTM</c> names them, <c>pooling.…</c> of attention,
/// <c>output.weight</c> [C, D], <c>output.bias</c> [C]; of further members behind <c>member1.</c> and so on; of the linear member
/// <c>ngrams.weight</c> [R, C], <c>ngrams.bias</c> [C]. A text without tokens, or a series without steps, is a vector of zeros.
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class SequenceClassifier : SequenceModel
{
    const int MostInSentence = 80;              // tokens, where no sign ends the sentence sooner

    readonly ClassifierNetwork[] _networks;
    readonly NGramMember? _ngrams;
    readonly Dictionary<string, int> _classes;
    readonly bool[] _endsSentence = [];
    readonly ConcurrentBag<SequenceBatch> _free = [];       // batches of one, to be filled again

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="tokenizer">What the tokens of texts are; null for series.</param>
    /// <param name="scales">What the features of series are scaled by; null for texts.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range or contradict each other; all problems are listed.</exception>
    public SequenceClassifier(SequenceClassifierConfig config, Tokenizer? tokenizer, FeatureScales? scales, Rng rng)
    {
        var problems = config.Problems.ToList();
        if (config.Features == 0 && (tokenizer is null || scales is not null)) problems.Add("a classifier of texts needs a tokenizer, and no scales");
        if (config.Features > 0 && (scales?.Features != config.Features || tokenizer is not null))
            problems.Add($"a classifier of series of {config.Features} features needs as many scales, and no tokenizer");
        if (problems.Count > 0) Throw.BadConfig(problems);
        (Config, Tokenizer, Scales) = (config, tokenizer, scales);
        _classes = config.Classes.Select((name, number) => (name, number)).ToDictionary(c => c.name, c => c.number, StringComparer.Ordinal);
        DropoutRng = rng.Fork("dropout");
        if (tokenizer is not null)
            _endsSentence = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.Symbol(id)[0] is '.' or '!' or '?' or '\n' or '。' or '！' or '？')];
        _networks = new ClassifierNetwork[config.Members];
        for (var i = 0; i < _networks.Length; i++)
            _networks[i] = Add(i == 0 ? "" : $"member{i}", new ClassifierNetwork(config, tokenizer, rng, DropoutRng));
        if (config.NGrams > 0) _ngrams = Add("ngrams", new NGramMember(config));
    }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train classify</c>.</summary>
    /// <param name="train">Texts or series with labels.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="valid">What is validated on, to keep the best weights; a share of <paramref name="train"/> where null, or none of fewer than 200.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static SequenceClassifier Train(
        IReadOnlyList<Example> train, ClassifierOptions? options = null, IReadOnlyList<Example>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        ClassificationDefinition.Instance.Train(train, valid, options, observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => SequenceClassifierConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public SequenceClassifierConfig Config { get; }

    /// <summary>What the tokens of texts are; null for series.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>What the features of series are scaled by; null for texts.</summary>
    public FeatureScales? Scales { get; }

    /// <summary>Where dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    /// <summary>Its networks, each with weights of its own.</summary>
    internal IReadOnlyList<ClassifierNetwork> Networks => _networks;

    /// <summary>The linear model over n-grams; null where there is none.</summary>
    internal NGramMember? NGrams => _ngrams;

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe()
    {
        yield return (ConfigKey, Config.ToJson());
        if (Tokenizer is not null) yield return (TokenizerKey, Tokenizer.ToJson());
        if (Scales is not null) yield return (ScalesKey, Scales.ToJson());
    }

    const string ScalesKey = "scales";

    internal static SequenceClassifier FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, SequenceClassifierConfig.FromJson);
        file.Check();
        var tokenizer = config!.Features == 0 ? file.Read(TokenizerKey, Tokenizer.FromJson) : null;
        var scales = config.Features > 0 ? file.Read(ScalesKey, FeatureScales.FromJson) : null;
        file.Check();
        file.CheckWeights(config.LeastWeights(tokenizer?.VocabularySize ?? 0));
        return new(config, tokenizer, scales, new Rng(0));
    }

    /// <summary>Takes vectors for the tokens that they know, from elsewhere; the others start from a normal distribution of the same spread.</summary>
    /// <returns>How many tokens were known.</returns>
    /// <exception cref="UnrollException">They are of another size than the model's, or it has none.</exception>
    public int UseVectors(WordVectors vectors, Rng rng)
    {
        if (Tokenizer is null || vectors.Dimensions != Config.EmbeddingSize) return Throw.VectorsDoNotFit(vectors.Dimensions, Tokenizer is null ? 0 : Config.EmbeddingSize);
        var found = 0;
        foreach (var network in _networks) found = vectors.CopyTo(network.Embeddings!, Tokenizer, rng);
        return found;
    }

    /// <summary>Reads an example: cuts a text into tokens, scales a series, finds the numbers of its classes.</summary>
    /// <exception cref="UnrollException">It is a text where series are expected, or the other way round, or has other features.</exception>
    public SequenceInput Prepare(Example example)
    {
        var classes = example.Labels.Select(l => _classes.GetValueOrDefault(l, -1)).ToArray();
        if (Tokenizer is null)
        {
            if (example.Series is not { } series) return Throw.ExampleKind<SequenceInput>(example.Source, "a text", "a series");
            if (series.Features != Config.Features) Throw.ExampleFeatures(example.Source, series.Features, Config.Features);
            var steps = Limit(series.Steps);
            return new([], Scales!.Apply(series, steps), steps, classes);
        }
        if (example.Text is not { } text) return Throw.ExampleKind<SequenceInput>(example.Source, "a series", "a text");
        var ids = Tokenizer.Encode(text, example.Source);
        if (ids.Length != Limit(ids.Length)) ids = ids[..Limit(ids.Length)];
        return new(ids, [], ids.Length, classes) { SentenceEnds = Config.Encoder == "hierarchical" ? FindSentences(ids) : [] };
    }

    /// <summary>Reads examples.</summary>
    /// <inheritdoc cref="Prepare(Example)"/>
    public SequenceInput[] Prepare(IReadOnlyList<Example> examples) => ThreadTeam.Map(examples, Prepare);

    int Limit(int steps) => Config.MaxSteps > 0 ? Math.Min(steps, Config.MaxSteps) : steps;

    int[] FindSentences(int[] ids)
    {
        var ends = new List<int>();
        for (int i = 0, from = 0; i < ids.Length; i++)
        {
            var last = i + 1 == ids.Length || i + 1 - from == MostInSentence;
            if (!last && !(_endsSentence[ids[i]] && !_endsSentence[ids[i + 1]])) continue;
            ends.Add(from = i + 1);
        }
        return [.. ends];
    }

    /// <summary>The probabilities of all classes for each input, softmax's or, where an example may have several classes, each one's own.</summary>
    /// <param name="inputs">What <see cref="Prepare(Example)"/> gave.</param>
    /// <param name="batch">The most that a batch has, at least 1; changes the speed, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    public Real[][] Predict(IReadOnlyList<SequenceInput> inputs, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (inputs.Count == 1)
        {
            cancellation.ThrowIfCancellationRequested();
            Real[][] only = [Predict(inputs[0])];
            progress?.Report(1);
            return only;
        }
        return BatchPrediction.Of(inputs, batch, Predict, progress, cancellation);
    }

    /// <summary>
    /// The probabilities of all classes for one input, as <see cref="Predict(IReadOnlyList{SequenceInput}, int, IProgress{double}?, CancellationToken)"/>
    /// gives them, bit for bit, without what batches need: for answers one at a time. Safe to call from several threads at once.
    /// </summary>
    public Real[] Predict(SequenceInput input)
    {
        using var scratch = Tape.Scratch();
        var room = _free.TryTake(out var free) ? free : new SequenceBatch();
        var p = Predict(room, [input], [0]).Values.ToArray();
        _free.Add(room);
        return p;
    }

    /// <summary>Labels a text. Safe for use by several threads, as long as the model is not trained meanwhile.</summary>
    /// <exception cref="UnrollException">The model reads series.</exception>
    public Classification Classify(string text) => Classify(new Example { Text = text, Source = "the text" });

    /// <summary>Labels a series. Safe for use by several threads, as long as the model is not trained meanwhile.</summary>
    /// <exception cref="UnrollException">The model reads texts, or series of other features.</exception>
    public Classification Classify(Series series) => Classify(new Example { Series = series, Source = "the series" });

    Classification Classify(Example example) => new(Config.Classes, Predict(Prepare(example)), Config.MultiLabel);

    /// <summary>How well the model does: accuracy, macro_f1 and the others that <c>unroll eval</c> shows.</summary>
    /// <param name="examples">Texts or series with labels, which the model need not know.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no example, one has no label, the model knows none of their labels, or one is of another kind than it reads.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<Example> examples, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        new ClassificationReport(SequenceClassifierTask.Evaluate(this, examples, progress: progress, cancellation: cancellation));

    /// <summary>The probabilities [B, C] of chosen inputs, which are taken into a batch.</summary>
    Tensor Predict(SequenceBatch room, IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen)
    {
        Fill(room, inputs, chosen);
        var logits = new Tensor[_networks.Length];
        for (var i = 0; i < logits.Length; i++) logits[i] = _networks[i].Forward(room).Logits;
        return Vote(logits, room);
    }

    /// <summary>Takes chosen inputs into a batch as this model reads it.</summary>
    internal void Fill(SequenceBatch batch, IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen) =>
        batch.Fill(inputs, chosen, Config.Features, Config.Encoder == "hierarchical", Config is { Encoder: "mlp", Features: > 0 } ? Config.MaxSteps : 0);

    /// <summary>The mean of the networks' probabilities [B, C], and the linear member's with its share of the vote.</summary>
    /// <param name="logits">Each network's scores [B, C].</param>
    /// <param name="batch">What they were computed from.</param>
    internal Tensor Vote(ReadOnlySpan<Tensor> logits, SequenceBatch batch) => Vote(logits, _ngrams?.Forward(batch.Texts) ?? default);

    /// <summary>The same of the scores of the linear member [B, C], where there is one.</summary>
    internal Tensor Vote(ReadOnlySpan<Tensor> logits, Tensor linear)
    {
        if (logits.Length == 0) return Probabilities(linear);
        var sum = Probabilities(logits[0]);
        for (var i = 1; i < logits.Length; i++) sum += Probabilities(logits[i]);
        if (_ngrams is null) return logits.Length == 1 ? sum : sum * (1.0 / logits.Length);
        return sum * ((1 - Config.NGramShare) / logits.Length) + Probabilities(linear) * Config.NGramShare;
    }

    /// <summary>The share of the vote that the linear member has.</summary>
    internal double LinearShare => _ngrams is null ? 0 : _networks.Length == 0 ? 1 : Config.NGramShare;

    Tensor Probabilities(Tensor logits) => Config.MultiLabel ? Ops.Sigmoid(logits) : Ops.Softmax(logits);
}
