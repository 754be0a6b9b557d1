using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Labels texts for several tasks whose networks learned together (Liu, Qiu and Huang, IJCAI 2016).</summary>
/// <remarks>
/// <code>
/// single    h⁽ᵐ⁾ = rnn⁽ᵐ⁾(x)                             no sharing
/// uniform   h = rnn(x⁽ᵐ⁾ ⊕ x⁽ˢ⁾)                           model I: one layer for all tasks, over a token's own and its shared vector
/// coupled   h⁽¹⁾ ⊕ … ⊕ h⁽ᴹ⁾ = rnn(x)                       model II: a layer for each task, which read each other's states (<see cref="CoupledLstmCell"/>)
/// shared    h⁽ᵐ⁾ = rnn⁽ᵐ⁾(x ⊕ s), s = h→ ⊕ h←              model III: a layer for each task over a shared bidirectional one (<see cref="SharedLstmCell"/>)
/// p⁽ᵐ⁾ = softmax(W⁽ᵐ⁾ dropout(pool(h⁽ᵐ⁾)) + b⁽ᵐ⁾)
/// </code>
/// Every task keeps the weights that did best on its own validation part, shared layers included: parameters are named <c>task0.shared.embedding.weight</c> [V, E], <c>task0.shared.rnn.…</c>,
/// <c>task0.rnn.…</c>, <c>task0.output.weight</c> [C, H] and so on. Texts are cut into tokens alike for all tasks. A text without tokens is a vector of zeros.
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class MultiTaskClassifier : SequenceModel
{
    const string TasksKey = "tasks";

    readonly TaskNetwork[] _networks;
    readonly Dictionary<string, int>[] _classes;

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <param name="tokenizer">What the tokens of texts are.</param>
    /// <param name="rng">Where weights, and later dropout masks, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range or contradict each other, or tasks have equal names or no classes; all problems are listed.</exception>
    public MultiTaskClassifier(MultiTaskConfig config, IReadOnlyList<TaskLabels> tasks, Tokenizer tokenizer, Rng rng)
    {
        var problems = config.Problems.ToList();
        if (tasks.Count == 0) problems.Add("there is no task; expected at least one");
        foreach (var name in tasks.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)) problems.Add($"there are two tasks named {ProblemList.Quote(name)}");
        foreach (var task in tasks)
            if (task.Classes.Count == 0 || task.Classes.Distinct(StringComparer.Ordinal).Count() != task.Classes.Count)
                problems.Add($"task {ProblemList.Quote(task.Name)} has {task.Classes.Count} classes; expected at least one, each named once");
        if (problems.Count > 0) Throw.BadConfig(problems);
        (Config, Tasks, Tokenizer, DropoutRng) = (config, tasks, tokenizer, rng.Fork("dropout"));
        _classes = [.. tasks.Select(t => t.Classes.Select((name, number) => (name, number)).ToDictionary(c => c.name, c => c.number, StringComparer.Ordinal))];
        _networks = new TaskNetwork[tasks.Count];
        for (var m = 0; m < _networks.Length; m++) _networks[m] = Add($"task{m}", CreateNetwork(m, CreateShared(rng), rng));
    }

    /// <summary>Trains a model, as <c>unroll train multitask</c> does.</summary>
    /// <param name="tasks">Texts with one label each, by the name of their task.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static MultiTaskClassifier Train(
        IReadOnlyDictionary<string, IReadOnlyList<Example>> tasks, MultiTaskOptions? options = null, TaskObserver? observer = null, CancellationToken cancellation = default)
    {
        foreach (var (task, examples) in tasks)
            if (examples.Count == 0) throw new DataMismatchException($"Task {task} has no example to learn from.");
        return MultiTaskDefinition.Instance.Train([.. tasks.SelectMany(t => t.Value.Select(e => new TaskExample(t.Key, e)))], null, options, observer, cancellation);
    }

    /// <inheritdoc/>
    public override string Kind => MultiTaskConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public MultiTaskConfig Config { get; }

    /// <summary>The tasks, in the order of their networks.</summary>
    public IReadOnlyList<TaskLabels> Tasks { get; }

    /// <summary>What the tokens of texts are.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Where dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    /// <summary>The networks of the tasks, each with weights of its own.</summary>
    internal IReadOnlyList<TaskNetwork> Networks => _networks;

    internal SharedNetwork CreateShared(Rng rng) => SharedNetwork.Create(Config, Tasks.Count, Tokenizer.VocabularySize, Unknown, rng, DropoutRng);

    internal TaskNetwork CreateNetwork(int task, SharedNetwork shared, Rng rng) =>
        new(Config, shared, task, Tasks[task].Classes.Count, Tokenizer.VocabularySize, Unknown, rng, DropoutRng);

    int Unknown => Tokenizer.UnknownId ?? -1;

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() =>
    [
        (ConfigKey, Config.ToJson()), (TokenizerKey, Tokenizer.ToJson()),
        (TasksKey, new JsonObject(Tasks.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)new JsonArray([.. t.Classes.Select(c => JsonValue.Create(c))]))))),
    ];

    internal static MultiTaskClassifier FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, MultiTaskConfig.FromJson);
        var (tasks, tokenizer) = (file.Read(TasksKey, TasksFrom), file.Read(TokenizerKey, Tokenizer.FromJson));
        file.Check();
        file.CheckWeights(config!.LeastWeights(tasks!.Count, tokenizer!.VocabularySize));
        return new(config, tasks, tokenizer, new Rng(0));
    }

    /// <summary>Takes vectors for the tokens that they know, from elsewhere, for all tasks.</summary>
    /// <returns>How many tokens were known.</returns>
    /// <exception cref="UnrollException">They are of another size than the model's.</exception>
    public int UseVectors(WordVectors vectors, Rng rng)
    {
        if (vectors.Dimensions != Config.EmbeddingSize) return Throw.VectorsDoNotFit(vectors.Dimensions, Config.EmbeddingSize);
        var found = 0;
        foreach (var table in Embeddings) found = vectors.CopyTo(table, Tokenizer, rng);
        return found;
    }

    IEnumerable<Parameter> Embeddings => _networks.SelectMany(n => new[] { n.Shared.Embedding.Weight, n.OwnEmbedding.Weight }).Distinct();

    /// <summary>Makes the vectors that a task alone reads zeros where its own texts lack the token: they would stay what chance gave them.</summary>
    /// <param name="texts">The texts of each task that it learns from.</param>
    internal void ZeroUnseenEmbeddings(IReadOnlyList<IEnumerable<Example>> texts)
    {
        if (Config.Architecture is "coupled" or "shared") return;                    // a vector that one task teaches is there for all
        for (var m = 0; m < _networks.Length; m++)
        {
            var seen = new bool[Tokenizer.VocabularySize];
            foreach (var input in ThreadTeam.Map([.. texts[m]], e => Prepare(0, e)))
                foreach (var id in input.Ids) seen[id] = true;
            if (Tokenizer.UnknownId is { } unknown) seen[unknown] = true;            // dropped words become it
            var table = _networks[m].OwnEmbedding.Weight.Edit();
            for (var id = 0; id < seen.Length; id++)
                if (!seen[id]) table.Slice(id * Config.EmbeddingSize, Config.EmbeddingSize).Clear();
        }
    }

    static IReadOnlyList<TaskLabels> TasksFrom(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"the tasks are {json.ValueKind}; expected an object of names and classes"]);
        var (tasks, problems) = (new List<TaskLabels>(), new List<string>());
        foreach (var property in json.EnumerateObject())
            if (property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().All(c => c.ValueKind == JsonValueKind.String)) tasks.Add(new(property.Name, [.. property.Value.EnumerateArray().Select(c => c.GetString()!)]));
            else problems.Add($"the classes of task {ProblemList.Quote(property.Name)} are no list of names");
        return problems.Count == 0 ? tasks : Throw.BadConfig<IReadOnlyList<TaskLabels>>(problems);
    }

    /// <summary>The number of a task.</summary>
    /// <exception cref="UnrollException">There is no task of that name; the tasks are listed.</exception>
    internal int Find(string task)
    {
        for (var m = 0; m < Tasks.Count; m++)
            if (Tasks[m].Name == task) return m;
        return Throw.NoSuchTask<int>(task, [.. Tasks.Select(t => t.Name)]);
    }

    /// <summary>Reads an example: cuts its text into tokens, finds the number of its class in a task; −1 for one that it lacks.</summary>
    /// <exception cref="UnrollException">It is a series.</exception>
    internal SequenceInput Prepare(int task, Example example)
    {
        if (example.Text is not { } text) return Throw.ExampleKind<SequenceInput>(example.Source, "a series", "a text");
        var ids = Tokenizer.Encode(text, example.Source);
        if (Config.MaxSteps > 0 && ids.Length > Config.MaxSteps) ids = ids[..Config.MaxSteps];
        return new(ids, [], ids.Length, [.. example.Labels.Select(l => _classes[task].GetValueOrDefault(l, -1))]);
    }

    /// <summary>The probabilities of all classes of a task for each text.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="examples">Texts; their labels do not matter.</param>
    /// <param name="batch">The most that are worked on at once; changes the speed, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no such task, or an example is a series.</exception>
    public Real[][] Predict(string task, IReadOnlyList<Example> examples, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var number = Find(task);
        return Predict(_networks[number], ThreadTeam.Map(examples, e => Prepare(number, e)), batch, progress, cancellation);
    }

    /// <summary>Labels a text for a task. Safe for use by several threads, as long as the model is not trained meanwhile.</summary>
    /// <exception cref="UnrollException">There is no such task.</exception>
    public Classification Classify(string task, string text) =>
        new(Tasks[Find(task)].Classes, Predict(task, [new Example { Text = text, Source = "the text" }])[0], multiLabel: false);

    /// <summary>Reads a text for a task step by step: what it answers from its outputs up to each token, and how open the gate to the shared layer is.</summary>
    /// <exception cref="UnrollException">There is no such task, or the text has no token.</exception>
    public TaskReading Read(string task, string text) => Read(Find(task), Prepare(Find(task), new Example { Text = text, Source = "the text" }));

    internal TaskReading Read(int task, SequenceInput input)
    {
        if (input.Steps == 0) Throw.NothingToInspect();
        using var scratch = Tape.Scratch();
        var (batch, network) = (new SequenceBatch(), _networks[task]);
        batch.Fill([input], [0], features: 0, sentences: false);
        var p = Ops.Softmax(network.ForwardSteps(batch));                                            // [T, C]
        IReadOnlyList<double>[] probabilities = [.. Enumerable.Range(0, input.Steps).Select(t => (IReadOnlyList<double>)[.. p[t].ToArray().Select(v => (double)v)])];
        string[] tokens = [.. input.Ids.Select(Tokenizer.Symbol)];
        if (network.SharedCell is null) return new(tokens, Tasks[task].Classes, probabilities, [], []);
        var g = network.SharedGate(batch);                                                           // [T, 1, H]
        int[] units = [.. Enumerable.Range(0, Config.HiddenSize).OrderByDescending(u => g[input.Steps - 1].Values[u])];
        return new(tokens, Tasks[task].Classes, probabilities, [.. units.Select(u => (IReadOnlyList<double>)[.. Enumerable.Range(0, input.Steps).Select(t => (double)g[t].Values[u])])], units);
    }

    /// <summary>How well the model does in a task: accuracy, macro_f1 and the others that <c>unroll eval</c> shows.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="examples">Texts with a label each, which the model need not know.</param>
    /// <param name="batch">The most that are worked on at once; changes the speed, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no such task or no example, one has not one label, the task has none of their labels, or one is a series.</exception>
    public EvaluationReport Evaluate(string task, IReadOnlyList<Example> examples, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (examples.Count == 0) Throw.NoExamples("measure");
        var number = Find(task);
        SequenceClassifierTask.CheckMeasurable(Tasks[number].Classes, multiLabel: false, examples);
        return new ClassificationReport(ClassificationScore.Of(Tasks[number].Classes, Predict(task, examples, batch, progress, cancellation), [.. examples.Select(e => e.Labels[0])]));
    }

    /// <summary>The same of a network of this model, or of one that is trained for it.</summary>
    internal static Real[][] Predict(TaskNetwork network, IReadOnlyList<SequenceInput> inputs, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        BatchPrediction.Of(inputs, batch, (room, all, chosen) =>
        {
            room.Fill(all, chosen, features: 0, sentences: false);
            return Ops.Softmax(network.Forward(room));
        }, progress, cancellation);
}
