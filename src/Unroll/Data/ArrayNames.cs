using System.Text.RegularExpressions;

namespace Unroll.Data;

/// <summary>Tells by their names which arrays of a <c>.npz</c> file are the series and the labels of one part of a set.</summary>
/// <remarks>
/// Series are named x, data, images, image, features, inputs, input, series or arr_0; labels y, label, labels, target, targets, class, classes or,
/// beside arr_0, arr_1; in either case. The part stands before or behind, as in <c>x_train</c>, <c>train_images</c>: train, test, valid, val or dev.
/// </remarks>
static partial class ArrayNames
{
    static readonly string[] Series = ["x", "data", "images", "image", "features", "inputs", "input", "series", "arr_0"];
    static readonly string[] Labels = ["y", "label", "labels", "target", "targets", "class", "classes"];

    /// <summary>How arrays must be named, for a message.</summary>
    public const string Expected = "Name the series [N, T] or [N, T, F] 'x' and the labels [N] 'y' (or x_train, y_train): numpy.savez(FILE, x=…, y=…)";

    /// <summary>
    /// The names of the series and the labels: those of the whole set, else of the part to train on, else of the only part there is. No series where
    /// that cannot be told, no labels where there are none.
    /// </summary>
    public static (string? Series, string? Labels) Find(IReadOnlyList<string> names)
    {
        if (names is [var only]) return (only, null);
        var parts = names.Select(PartOf).ToList();
        var withSeries = parts.Where(p => Series.Contains(p.Kind)).Select(p => p.Part).Distinct().ToList();
        var part = withSeries.Contains("") ? "" : withSeries.Contains("train") ? "train" : withSeries is [var single] ? single : null;
        if (part is null) return default;
        var series = Named(Series);
        var labels = Named(Labels) ?? (names.Count == 2 && names.Contains("arr_0") && names.Contains("arr_1") ? "arr_1" : null);
        // Of arr_0, arr_1, arr_2, … nobody knows which belongs to which, and arrays of other parts are no other kinds.
        return series == "arr_0" && labels is null && names.Count > 1 ? default : (series, labels);

        string? Named(string[] kinds) =>
            kinds.Select(k => parts.FindIndex(p => p == (part, k))).Where(i => i >= 0).Select(i => names[i]).FirstOrDefault();
    }

    /// <summary>The part and the kind that a name says: "train" and "x" for <c>X_train</c>.</summary>
    static (string Part, string Kind) PartOf(string name)
    {
        name = name.ToLowerInvariant();
        var match = Before().Match(name) is { Success: true } before ? before : Behind().Match(name);
        return match.Success ? (match.Groups["part"].Value, match.Groups["kind"].Value) : ("", name);
    }

    [GeneratedRegex("^(?<part>train|test|valid|val|dev)_?(?<kind>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Before();

    [GeneratedRegex("^(?<kind>.+?)_?(?<part>train|test|valid|val|dev)$", RegexOptions.CultureInvariant)]
    private static partial Regex Behind();
}
