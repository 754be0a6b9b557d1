using System.Text.RegularExpressions;

namespace Unroll.Data;

/// <summary>Finds the file with the labels of a file of series by its name.</summary>
internal static partial class LabelFile
{
    /// <summary>
    /// The file beside <paramref name="path"/> whose name has <c>labels</c> for <c>images</c> (and <c>idx1</c> for <c>idx3</c>), or else <c>y</c>
    /// for an <c>x</c> it begins with; packed with gzip or not. Null if there is none.
    /// </summary>
    public static string? Beside(string path)
    {
        var name = Path.GetFileName(path);
        var labels = name.Contains("images", StringComparison.Ordinal) ? Rank().Replace(name.Replace("images", "labels", StringComparison.Ordinal), "idx1")
            : Initial().IsMatch(name) ? (name[0] == 'x' ? 'y' : 'Y') + name[1..]
            : null;
        if (labels is null) return null;
        var bare = labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels;
        string[] candidates = [labels, bare, bare + ".gz"];
        return candidates.Select(n => Path.Combine(Path.GetDirectoryName(path) ?? "", n)).FirstOrDefault(File.Exists);
    }

    [GeneratedRegex("idx[0-9]")]
    private static partial Regex Rank();

    [GeneratedRegex("^[xX][^a-zA-Z]")]
    private static partial Regex Initial();
}
