using Unroll.Inspection;

namespace Unroll.Tasks;

/// <summary>What a page carries of a recorded layer: its maps, each a row for a unit and a column for a step.</summary>
/// <param name="Name">The name of the layer, and of the run where there are two.</param>
/// <param name="Units">The units that are carried, by number.</param>
/// <param name="AllUnits">How many there are.</param>
/// <param name="Maps">The gates and states by name.</param>
internal sealed record ReportLayer(string Name, int[] Units, int AllUnits, IReadOnlyList<(string Name, PackedMap Map)> Maps);

/// <summary>Chooses what of recorded layers a page can carry.</summary>
internal static class ReportLayers
{
    const int Most = 4_400_000;                 // characters of packed maps, of a page of 5 MB
    const int Least = 8;                        // units of a layer
    const double Guess = 0.75;                  // characters for a value, as a rule

    /// <summary>The layers, with all units or with those that vary most, so that all maps together have at most so many characters.</summary>
    public static IReadOnlyList<ReportLayer> Of(IReadOnlyList<(string Name, RecordedLayer Layer)> layers, int most = Most)
    {
        var values = layers.Sum(l => (long)l.Layer.Steps * l.Layer.HiddenSize * NamesOf(l.Layer).Count);
        var share = Math.Min(1, most / (Guess * Math.Max(values, 1)));
        while (true)
        {
            ReportLayer[] packed = [.. layers.Select(l => Pack(l.Name, l.Layer, share))];
            var size = packed.Sum(l => l.Maps.Sum(m => (long)m.Map.Data.Length));
            if (size <= most || packed.All(l => l.Units.Length <= Least)) return packed;
            share *= 0.95 * most / size;
        }
    }

    static List<string> NamesOf(RecordedLayer layer) => [.. layer.StateNames, .. layer.GateNames];

    static ReportLayer Pack(string name, RecordedLayer layer, double share)
    {
        var h = layer[layer.StateNames[0]].Values.ToArray();
        var count = Math.Clamp((int)(share * layer.HiddenSize), Math.Min(Least, layer.HiddenSize), layer.HiddenSize);
        int[] units = [.. Enumerable.Range(0, layer.HiddenSize).OrderByDescending(u => Variance(h, layer.HiddenSize, u)).Take(count).Order()];
        return new(name, units, layer.HiddenSize, [.. NamesOf(layer).Where(n => layer[n].Columns == layer.HiddenSize).Select(n => (n, Pack(layer[n].Values, layer.HiddenSize, units)))]);
    }

    static PackedMap Pack(ReadOnlySpan<Real> values, int size, int[] units)
    {
        var steps = values.Length / size;
        var rows = new Real[units.Length * steps];
        for (var r = 0; r < units.Length; r++)
            for (var t = 0; t < steps; t++) rows[r * steps + t] = values[t * size + units[r]];
        return PackedMap.Of(rows);
    }

    /// <summary>How much a unit varies over the steps.</summary>
    public static double Variance(Real[] values, int size, int unit)
    {
        double sum = 0, squares = 0;
        for (var i = unit; i < values.Length; i += size) (sum, squares) = (sum + values[i], squares + (double)values[i] * values[i]);
        var steps = values.Length / size;
        return squares / steps - sum / steps * (sum / steps);
    }
}
