using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>The command reads and writes through one place, so that a caller can give it other streams.</summary>
public class ConsoleTests
{
    static readonly string[] Plumbing = ["Standard.cs", "Terminal.cs"];

    [Fact]
    public void The_command_names_the_console_in_one_place() => Assert.Empty(
        from path in Directory.EnumerateFiles(Path.GetFullPath(Path.Combine(LayersTests.Library, "..", "Unroll.Cli")), "*.cs", SearchOption.AllDirectories)
        where !Path.GetRelativePath(LayersTests.Library, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj") && !Plumbing.Contains(Path.GetFileName(path))
        from Match use in Regex.Matches(File.ReadAllText(path), @"(?<![.\w])(System\.)?(Ansi)?Console\.\w+|PosixSignalRegistration\.Create")
        select $"{Path.GetFileName(path)}: {use.Value}");
}
