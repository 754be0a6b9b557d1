using Unroll.Layers;

namespace Unroll.Models;

/// <summary>What settings that choose a kind of cell have in common.</summary>
internal static class CellSetting
{
    /// <summary>The kinds, in a sentence.</summary>
    public static string Help => $"Cell: {string.Join(", ", Names())}.";

    /// <summary>The names of the kinds.</summary>
    public static IReadOnlyList<string> Names() => [.. CellCatalog.All.Select(k => k.Name)];
}
