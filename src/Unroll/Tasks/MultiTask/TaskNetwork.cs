using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What tasks share: the vectors of tokens, <c>embedding</c>, and a recurrent layer, <c>rnn</c>.</summary>
internal sealed class SharedNetwork : Module
{
    SharedNetwork(TokenEmbedding embedding, RecurrentLayer? layer)
    {
        Embedding = Add("", embedding);
        Layer = layer is null ? null : Add("rnn", layer);
    }

    /// <summary>The vectors of tokens that all tasks read.</summary>
    public TokenEmbedding Embedding { get; }

    /// <summary>The layer that all tasks share; null where they share none.</summary>
    public RecurrentLayer? Layer { get; }

    /// <summary>Fresh ones.</summary>
    public static SharedNetwork Create(MultiTaskConfig config, int tasks, int vocabulary, int unknown, Rng rng, Rng dropoutRng)
    {
        var embedding = EmbeddingOf(config, vocabulary, unknown, rng, dropoutRng);
        var (e, h) = (config.EmbeddingSize, config.HiddenSize);
        return new(embedding, config.Architecture switch
        {
            "uniform" => new Recurrent(Cell(2 * e)),
            "coupled" => new Recurrent(config.Cell == "gru" ? new CoupledGruCell(e, h, tasks, rng) : new CoupledLstmCell(e, h, tasks, rng, peepholes: config.Cell == "lstm-peephole")),
            "shared" => new Bidirectional(Cell(e), Cell(e)),
            _ => null,
        });

        RecurrentCell Cell(int inputs) => CellCatalog.Get(config.Cell).Create(inputs, h, rng);
    }

    internal static TokenEmbedding EmbeddingOf(MultiTaskConfig config, int vocabulary, int unknown, Rng rng, Rng dropoutRng) =>
        new(vocabulary, config.EmbeddingSize, unknown, config.WordDropout, config.EmbeddingDropout, rng, dropoutRng);
}

/// <summary>The network of one task: from a batch of texts to the scores of its classes.</summary>
/// <remarks>
/// <code>
/// single    h = rnn(x)                            uniform   h = shared(x⁽ᵐ⁾ ⊕ x⁽ˢ⁾)
/// coupled   h = shared(x), the part of task m      shared    h = rnn(x ⊕ s), s = shared(x)
/// logits = W⁽ᵐ⁾ dropout(pool(h)) + b⁽ᵐ⁾
/// </code>
/// </remarks>
internal sealed class TaskNetwork : Module
{
    readonly SharedNetwork _shared;
    readonly TokenEmbedding? _embedding;          // x⁽ᵐ⁾ of a uniform layer
    readonly Recurrent? _rnn;
    readonly Pooling? _pooling;                   // null for the last state
    readonly Linear _output;
    readonly Dropout? _dropout;
    readonly int _task, _size;

    public TaskNetwork(MultiTaskConfig config, SharedNetwork shared, int task, int classes, int vocabulary, int unknown, Rng rng, Rng dropoutRng)
    {
        (_task, _size) = (task, config.HiddenSize);
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, dropoutRng) : null;
        _shared = Add("shared", shared);
        var (e, h) = (config.EmbeddingSize, config.HiddenSize);
        if (config.Architecture == "uniform") _embedding = Add("", SharedNetwork.EmbeddingOf(config, vocabulary, unknown, rng, dropoutRng));
        if (config.Architecture == "single") _rnn = Add("rnn", new Recurrent(CellCatalog.Get(config.Cell).Create(e, h, rng)));
        if (config.Architecture == "shared")
            _rnn = Add("rnn", new Recurrent(config.Cell == "gru" ? new SharedGruCell(e, 2 * h, h, rng) : new SharedLstmCell(e, 2 * h, h, rng, peepholes: config.Cell == "lstm-peephole")));
        _pooling = config.Pooling switch
        {
            "mean" => new MeanPooling(h),
            "max" => new MaxPooling(h),
            "attention" => new AttentionPooling(h, h, rng),
            _ => null,
        };
        if (_pooling is not null) Add("pooling", _pooling);
        _output = Add("output", new Linear(h, classes, rng));
    }

    /// <summary>The vectors that only this task reads; those of all where there are no other.</summary>
    public TokenEmbedding OwnEmbedding => _embedding ?? _shared.Embedding;

    /// <summary>What it shares with other tasks.</summary>
    public SharedNetwork Shared => _shared;

    /// <summary>The cell that reads a shared layer; null in the other architectures.</summary>
    public SharedLayerCell? SharedCell => _rnn?.Cell as SharedLayerCell;

    /// <summary>Scores of all classes before softmax, [B, C].</summary>
    public Tensor Forward(SequenceBatch batch)
    {
        var (h, last) = Encode(Inputs(batch), batch.Lengths);
        var v = _pooling is null ? last : _pooling.Forward(h, default, batch.Lengths).Vector;
        return Recorder.Report(_output, Recorder.Logits, _output.Forward(_dropout is null ? v : Ops.Dropout(v, _dropout.P, _dropout.Rng)));
    }

    /// <summary>Scores of all classes from the outputs up to each step of one text, [T, C]; a shared layer has read the whole of it.</summary>
    public Tensor ForwardSteps(SequenceBatch batch)
    {
        var (h, _) = Encode(Inputs(batch), batch.Lengths);
        var vectors = State.Room(h.Shape[0]);
        for (var t = 0; t < vectors.Count; t++) vectors[t] = _pooling is null ? h[t] : _pooling.Forward(h[..(t + 1)], default, new Lengths([t + 1], t + 1)).Vector;
        return _output.Forward(Ops.Concat(vectors.Items));
    }

    /// <summary>Multiplies the scores of all classes, by weights and bias of the output layer.</summary>
    public void ScaleScores(double factor)
    {
        foreach (var (_, parameter) in _output.Parameters)
            foreach (ref var w in parameter.Edit()) w *= (Real)factor;
    }

    /// <summary>The gate g_s of the shared layer at every step and unit, [T, B, H]; only where a task reads one.</summary>
    public Tensor SharedGate(SequenceBatch batch) => SharedCell!.SharedGateOf(Inputs(batch));

    /// <summary>The inputs of the layer that the task's outputs come from, [T, B, I].</summary>
    Tensor Inputs(SequenceBatch batch)
    {
        var x = _shared.Embedding.Forward(batch.Tokens);                                             // [T, B, E]
        if (_embedding is not null) x = Ops.ConcatColumns(_embedding.Forward(batch.Tokens), x);
        if (_dropout is not null) x = _dropout.Forward(x);
        if (SharedCell is null) return x;
        var s = _shared.Layer!.Forward(x, lengths: batch.Lengths).Output;                            // [T, B, 2H]
        return Ops.ConcatColumns(x, _dropout is null ? s : _dropout.Forward(s));
    }

    /// <summary>The outputs of the task's units [T, B, H], and those after each text's last step [B, H].</summary>
    (Tensor Steps, Tensor Last) Encode(Tensor x, Lengths lengths)
    {
        var layer = _rnn ?? (RecurrentLayer)_shared.Layer!;
        var (h, final) = layer.Forward(x, lengths: lengths);
        return layer.OutputSize == _size ? (h, final[0]) : (Ops.Columns(h, _task * _size, _size), Ops.Columns(final[0], _task * _size, _size));
    }
}
