namespace Unroll.Tests;

/// <summary>
/// Real data sets, which are no part of the project: below the folder that the variable UNROLL_DATA names, or <c>shared/data</c> beside the
/// repository. A test that needs one is skipped where it is absent.
/// </summary>
static class RealData
{
    static readonly string? Folder = Find();

    public static string Path(string name)
    {
        Skip.If(Folder is null, "UNROLL_DATA names no folder of data sets, and there is none beside the repository");
        var path = System.IO.Path.Combine(Folder!, name);
        Skip.IfNot(File.Exists(path) || Directory.Exists(path), $"the data sets have no {name}");
        return path;
    }

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("UNROLL_DATA") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
            if (File.Exists(System.IO.Path.Combine(d.FullName, "Unroll.slnx")))
            {
                var beside = System.IO.Path.Combine(d.Parent!.FullName, "shared", "data");
                return Directory.Exists(beside) ? beside : null;
            }
        return null;
    }
}
