using Unroll.Layers;

namespace Unroll.Tasks;

/// <summary>A matrix of weights, or the part of it that one gate has.</summary>
/// <param name="Name">The name of the parameter, with that of the run where there are two.</param>
/// <param name="Gate">The gate; empty where there are none.</param>
/// <param name="Rows">The rows of the part.</param>
/// <param name="Columns">The columns.</param>
/// <param name="ShownRows">The rows of the map, each of several rows of the part where it is large.</param>
/// <param name="ShownColumns">The columns of the map.</param>
/// <param name="Map">The map: of each block the weight that is farthest from 0.</param>
/// <param name="Low">Where the histogram begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Histogram">How many weights each of its equal bins has.</param>
internal sealed record ReportMatrix(string Name, string Gate, int Rows, int Columns, int ShownRows, int ShownColumns, PackedMap Map, double Low, double High, int[] Histogram);

/// <summary>The weights of recurrent layers by gate, and the other matrices of a model.</summary>
internal static class ReportWeights
{
    const int Side = 64, Bins = 40;

    /// <summary>All matrices of a model.</summary>
    public static IReadOnlyList<ReportMatrix> Of(Module model, string prefix)
    {
        var gates = RecurrentLayersOf(model).SelectMany(l => l.Cell.Parameters.Select(p => (p.Parameter, l.Cell))).DistinctBy(p => p.Parameter).ToDictionary(p => p.Parameter, p => p.Cell);
        var found = new List<ReportMatrix>();
        foreach (var (name, parameter) in model.Parameters.OrderByDescending(p => gates.ContainsKey(p.Parameter)))
        {
            if (parameter.Shape.Rank != 2) continue;
            var (rows, columns) = (parameter.Shape[0], parameter.Shape[1]);
            IReadOnlyList<string> names = gates.TryGetValue(parameter, out var cell) && cell.GateNames.Count * cell.HiddenSize == rows ? cell.GateNames : [""];
            var part = rows / names.Count;
            for (var g = 0; g < names.Count; g++) found.Add(Of(prefix + name, names[g], parameter.Values.Slice(g * part * columns, part * columns), part, columns));
        }
        return found;
    }

    /// <summary>The recurrent layers in a module, each direction by itself.</summary>
    public static IEnumerable<Recurrent> RecurrentLayersOf(Module module) =>
        module is Recurrent layer ? [layer] : module.Children.SelectMany(c => RecurrentLayersOf(c.Module));

    static ReportMatrix Of(string name, string gate, ReadOnlySpan<Real> values, int rows, int columns)
    {
        var (shownRows, shownColumns) = (Math.Min(rows, Side), Math.Min(columns, Side));
        var blocks = new Real[shownRows * shownColumns];
        double low = 0, high = 0;
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
            {
                var value = values[r * columns + c];
                if (!Real.IsFinite(value)) continue;
                ref var block = ref blocks[(int)((long)r * shownRows / rows) * shownColumns + (int)((long)c * shownColumns / columns)];
                if (Math.Abs(value) > Math.Abs(block)) block = value;
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        var histogram = new int[Bins];
        if (high > low)
            foreach (var value in values)
                if (Real.IsFinite(value)) histogram[Math.Min((int)((value - low) / (high - low) * Bins), Bins - 1)]++;
        return new(name, gate, rows, columns, shownRows, shownColumns, PackedMap.Of(blocks), low, high, histogram);
    }
}
