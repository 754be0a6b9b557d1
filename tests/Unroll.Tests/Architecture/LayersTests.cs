using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>Folder = namespace = layer, and a layer uses only what stands to its left.</summary>
public class LayersTests
{
    static readonly string[] Layers = ["Kernels", "Tensors", "Layers", "Data", "Configuration", "Pictures", "Training", "Storage", "Inspection", "Tasks"];

    internal static readonly string Library = FindLibrary();

    internal static IEnumerable<(string Layer, string Path, string Text)> Sources =>
        from path in Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
        let parts = Path.GetRelativePath(Library, path).Split(Path.DirectorySeparatorChar)
        where parts[0] is not ("bin" or "obj")
        select (parts.Length == 1 ? "" : parts[0], Path.GetRelativePath(Library, path), File.ReadAllText(path));

    [Fact]
    public void A_file_is_in_the_namespace_of_its_folder() => Assert.Empty(
        from s in Sources
        let found = Regex.Match(s.Text, @"^namespace (\S+);", RegexOptions.Multiline).Groups[1].Value
        where (found.Length > 0 || s.Path != "Real.cs") && found != (s.Layer == "" ? "Unroll" : $"Unroll.{s.Layer}")
        select $"{s.Path} is in '{found}'");

    [Fact]
    public void A_layer_uses_only_what_stands_to_its_left() => Assert.Empty(
        from s in Sources
        where s.Layer != ""                                             // the root is for all: it names the layers in messages only
        from Match use in Regex.Matches(s.Text, @"\bUnroll\.(\w+)")
        let layer = use.Groups[1].Value
        where Layers.Contains(layer) && Array.IndexOf(Layers, layer) > Array.IndexOf(Layers, s.Layer)
        select $"{s.Path} uses Unroll.{layer}");

    [Fact]
    public void Every_folder_is_a_layer() => Assert.Empty(Sources.Select(s => s.Layer).Distinct().Except(Layers.Append("")));

    [Fact]
    public void The_library_is_quiet_repeatable_and_in_files_of_a_readable_size()
    {
        Assert.Empty(
            from s in Sources
            from word in new[] { "Console.", "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Random.Shared", "new Random(", "Guid.NewGuid" }
            where s.Text.Contains(word, StringComparison.Ordinal)
            select $"{s.Path} has {word}");
        Assert.Empty(from s in Sources where s.Text.Count(c => c == '\n') > 420 select $"{s.Path} has more than 420 lines");
    }

    static string FindLibrary()
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
            if (File.Exists(Path.Combine(d.FullName, "Unroll.slnx"))) return Path.Combine(d.FullName, "src", "Unroll");
        throw new DirectoryNotFoundException("The tests do not stand below the repository.");
    }
}
