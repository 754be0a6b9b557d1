using Unroll.Storage;

namespace Unroll.Tests.Storage;

/// <summary>Writes a file again with something changed, as a hostile or careless writer would.</summary>
static class ModelEdit
{
    /// <param name="metadata">Changes the texts.</param>
    /// <param name="rename">Gives the new name of a tensor; null drops it.</param>
    /// <param name="reshape">Gives the new shape of a tensor.</param>
    public static void Rewrite(
        string from, string to, Action<IDictionary<string, string>>? metadata = null, Func<string, string?>? rename = null,
        Func<string, IReadOnlyList<int>, int[]>? reshape = null)
    {
        var writer = new SafetensorsWriter();
        using (var file = SafetensorsFile.Open(from))
        {
            foreach (var (key, text) in file.Metadata) writer.Metadata[key] = text;
            foreach (var entry in file.Entries)
            {
                if ((rename is null ? entry.Name : rename(entry.Name)) is not { } name) continue;
                var values = SafetensorsTests.Read(file, entry);
                var shape = reshape?.Invoke(entry.Name, entry.Shape) ?? [.. entry.Shape];
                var count = shape.Aggregate(1, (n, d) => n * d);
                if (values is float[] floats) writer.Add(name, shape, () => floats.AsSpan(0, count));
                else if (values is double[] doubles) writer.Add(name, shape, () => doubles.AsSpan(0, count));
                else if (values is long[] longs) writer.Add(name, shape, () => longs.AsSpan(0, count));
                else if (values is int[] ints) writer.Add(name, shape, () => ints.AsSpan(0, count));
                else writer.Add(name, shape, () => ((byte[])values).AsSpan(0, count));
            }
        }
        metadata?.Invoke(writer.Metadata);
        writer.Save(to);
    }
}
