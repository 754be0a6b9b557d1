using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Inspection;

/// <summary>What one recurrent layer did in one direction while a <see cref="Recording"/> was open.</summary>
/// <remarks>Safe for use by several threads, once nothing is recorded any more.</remarks>
public sealed partial class RecordedLayer
{
    readonly RecordedSource _source;
    readonly Recurrent _layer;

    RecordedLayer(RecordedSource source, string name)
    {
        (_source, _layer, Name) = (source, (Recurrent)source.Module, name);
        Index = Number().Match(name) is { Success: true } match ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Its name in the model: <c>rnn.l0</c>, <c>rnn.l0_reverse</c>, <c>encoder.l1</c>; numbered where no model was given.</summary>
    public string Name { get; }

    /// <summary>The number of the layer among those above each other, from 0.</summary>
    public int Index { get; }

    /// <summary>The direction in which it reads.</summary>
    public Direction Direction => _layer.Direction;

    /// <summary>The cell that it runs.</summary>
    public RecurrentCell Cell => _layer.Cell;

    /// <summary>H, the number of units.</summary>
    public int HiddenSize => _layer.Cell.HiddenSize;

    /// <summary>T, the steps of all runs together.</summary>
    public int Steps => _source.Runs.Sum(r => r.Steps);

    /// <summary>B, the rows of the batch.</summary>
    public int Batch => _source.Runs[0].Batch;

    /// <summary>Names of the gates and candidates that were recorded; LSTM: i, f, g, o. GRU: r, z, n.</summary>
    public IReadOnlyList<string> GateNames => [.. Cell.GateNames.Where(_source.Has)];

    /// <summary>Names of the states that were recorded, the output h first; LSTM: h, c.</summary>
    public IReadOnlyList<string> StateNames => [.. Cell.StateNames.Where(_source.Has)];

    /// <summary>The values of a gate or a state, [T, B, H]: gates after activation, states after the step.</summary>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    /// <exception cref="InvalidOperationException">Batches of different sizes were recorded.</exception>
    public Tensor this[string name]
    {
        get
        {
            if (!_source.Has(name)) Throw.NotRecorded(Name, name, [.. GateNames, .. StateNames]);
            return _source.All(name);
        }
    }

    /// <summary>The values of one unit over the steps of one row, [T].</summary>
    /// <param name="name">The gate or the state.</param>
    /// <param name="unit">The unit, from 0 to below H.</param>
    /// <param name="row">The row of the batch.</param>
    /// <exception cref="ArgumentException">There is no such name, unit or row.</exception>
    public Real[] Unit(string name, int unit, int row = 0)
    {
        var all = this[name];
        if ((uint)unit >= (uint)all.Columns) Throw.OutOfRange(nameof(unit), unit, $"from 0 to below {all.Columns}");
        if ((uint)row >= (uint)Batch) Throw.OutOfRange(nameof(row), row, $"from 0 to below {Batch}");
        var values = new Real[Steps];
        for (var t = 0; t < values.Length; t++) values[t] = all.Values[(t * Batch + row) * all.Columns + unit];
        return values;
    }

    /// <summary>How often each gate, and the output h, was near its ends.</summary>
    /// <param name="name">What the layer is called there.</param>
    internal IEnumerable<ActivationStatistics> Statistics(string name) => StatisticsCollector.Of(_source, Cell, name);

    /// <summary>Whether a row has a step: false past the end of a sequence in a ragged batch, where all values are 0.</summary>
    public bool Counts(int step, int row)
    {
        foreach (var (steps, _, lengths) in _source.Runs)
        {
            if (step < steps) return step >= 0 && (lengths is null || step < lengths[row]);
            step -= steps;
        }
        return false;
    }

    /// <summary>The recurrent layers of a recorder that made steps.</summary>
    internal static IReadOnlyList<RecordedLayer> Of(Recorder recorder, Module? model)
    {
        var found = new List<RecordedLayer>();
        foreach (var source in recorder.Sources)
            if (source.Module is Recurrent layer && source.Runs.Count > 0) found.Add(new(source, Recorder.NameOf(layer, model) ?? $"layer{found.Count}"));
        return found;
    }

    [GeneratedRegex(@"\bl(?<number>\d+)(_reverse)?$")]
    private static partial Regex Number();
}
