using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Recurrent layers one above the other: the outputs of one are the inputs of the next. Sizes and cells may differ. The state is that of the
/// first layer, then of the second, and so on.
/// </summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public sealed class Stacked : RecurrentLayer
{
    readonly RecurrentLayer[] _layers;
    readonly Dropout? _between;

    /// <summary>Stacks <paramref name="layers"/>, the first one first.</summary>
    /// <param name="layers">At least one.</param>
    /// <param name="between">Dropout on what one layer hands to the next; none where null. Not after the last.</param>
    /// <exception cref="ArgumentException">No layer, or a layer that does not take what the one below gives.</exception>
    public Stacked(IReadOnlyList<RecurrentLayer> layers, Dropout? between = null)
    {
        if (layers.Count == 0) Throw.NoLayers();
        for (var i = 1; i < layers.Count; i++)
            if (layers[i].InputSize != layers[i - 1].OutputSize) Throw.LayersDoNotFit(i, layers[i].InputSize, layers[i - 1].OutputSize);
        _layers = [.. layers];
        _between = between;
        foreach (var layer in _layers) Add("", layer);
        StateCount = _layers.Sum(l => l.StateCount);
    }

    /// <summary>Layers of one kind and size.</summary>
    /// <param name="kind">The kind of cell.</param>
    /// <param name="layers">How many; at least 1.</param>
    /// <param name="inputSize">I, the size of the first one's input.</param>
    /// <param name="hiddenSize">H, the size of each, of each direction.</param>
    /// <param name="bidirectional">Whether each reads from both ends.</param>
    /// <param name="between">Dropout on what one layer hands to the next; none where null.</param>
    /// <param name="rng">Where weights come from.</param>
    internal static Stacked Of(CellKind kind, int layers, int inputSize, int hiddenSize, bool bidirectional, Dropout? between, Rng rng)
    {
        var all = new RecurrentLayer[layers];
        for (var l = 0; l < layers; l++, inputSize = all[l - 1].OutputSize)
            all[l] = bidirectional
                ? new Bidirectional(kind.Create(inputSize, hiddenSize, rng), kind.Create(inputSize, hiddenSize, rng))
                : new Recurrent(kind.Create(inputSize, hiddenSize, rng));
        return new(all, between);
    }

    /// <inheritdoc/>
    public override int InputSize => _layers[0].InputSize;

    /// <inheritdoc/>
    public override int OutputSize => _layers[^1].OutputSize;

    /// <inheritdoc/>
    public override int StateCount { get; }

    /// <inheritdoc/>
    public override int StateSize(int index)
    {
        foreach (var layer in _layers)
        {
            if (index < layer.StateCount) return layer.StateSize(index);
            index -= layer.StateCount;
        }
        return Throw.OutOfRange<int>(nameof(index), index, "below StateCount");
    }

    /// <inheritdoc/>
    public override IEnumerable<RecurrentCell> Cells => _layers.SelectMany(l => l.Cells);

    /// <inheritdoc/>
    public override bool IsCausal => _layers.All(l => l.IsCausal);

    internal override void Collect(string prefix, string suffix, List<NamedParameter> into)
    {
        for (var k = 0; k < _layers.Length; k++) _layers[k].Collect(prefix, $"_l{k}{suffix}", into);
    }

    internal override IFusedScan? First => _layers[0].First;

    internal override (Tensor Output, State Final) RunReady(Tensor products, State initial) => Run(products, initial, null, ready: true);

    internal override (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths) => Run(x, initial, lengths, ready: false);

    (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths, bool ready)
    {
        var final = default(State);
        var at = 0;
        for (var k = 0; k < _layers.Length; k++)
        {
            var layer = _layers[k];
            if (k > 0 && _between is not null) x = _between.Forward(x);
            var own = initial.Slice(at, layer.StateCount);
            (x, var state) = k == 0 && ready ? layer.RunReady(x, own) : layer.Run(x, own, lengths);
            final = k == 0 ? state : State.Concat(final, state);
            at += layer.StateCount;
        }
        return (x, final);
    }
}
