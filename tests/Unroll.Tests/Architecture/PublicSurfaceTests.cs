using System.Xml.Linq;

namespace Unroll.Tests.Architecture;

/// <summary>
/// The types that a program may use are a decision: a new one is added to the list on purpose. <c>tests/golden/public-types.txt</c> is written anew by
/// <c>UNROLL_APPROVE=1 dotnet test --filter PublicSurfaceTests</c>.
/// </summary>
public class PublicSurfaceTests
{
    static readonly string File = Path.Combine(Path.GetDirectoryName(LayersTests.Library)!, "..", "tests", "golden", "public-types.txt");

    static readonly Type[] Public = [.. typeof(Rng).Assembly.GetExportedTypes().Concat(typeof(Unroll.Formats.DataFiles).Assembly.GetExportedTypes()).OrderBy(t => t.FullName, StringComparer.Ordinal)];

    [Fact]
    public void The_public_types_are_those_of_the_list()
    {
        string[] found = [.. Public.Select(t => t.FullName!)];
        if (Environment.GetEnvironmentVariable("UNROLL_APPROVE") is not null) System.IO.File.WriteAllLines(File, found);
        Assert.Equal(System.IO.File.ReadAllLines(File), found);
    }

    /// <summary>Whoever holds a model, a session or a reader must know whether a second thread may use it.</summary>
    [Fact]
    public void Classes_say_whether_threads_may_share_them()
    {
        var docs = new[] { typeof(Rng), typeof(Unroll.Formats.DataFiles) }
            .SelectMany(t => XDocument.Load(Path.ChangeExtension(t.Assembly.Location, ".xml")).Descendants("member")).DistinctBy(m => m.Attribute("name")!.Value).ToDictionary(m => m.Attribute("name")!.Value, m => m.Value);
        // Records do not change, static classes have no state, exceptions are not shared.
        var shared = Public.Where(t => t.IsClass && !(t.IsAbstract && t.IsSealed) && t.GetMethod("<Clone>$") is null && !typeof(Exception).IsAssignableFrom(t));
        Assert.Empty(shared.Where(t => docs[$"T:{t.FullName}"] is var text && !text.Contains("thread", StringComparison.Ordinal) && !text.Contains("one at a time", StringComparison.Ordinal)).Select(t => t.Name));
    }
}
