namespace Unroll.Tests.Data;

/// <summary>Real data sets, which are no part of the repository.</summary>
static class RealData
{
    /// <summary>The environment variable that names their folder; without it, <c>shared/data</c> beside the repository.</summary>
    const string Variable = "UNROLL_DATA";

    static readonly string Folder = Environment.GetEnvironmentVariable(Variable) ?? BesideRepository();

    /// <summary>The path of a file or folder in it; a test that asks for one that is not there is skipped.</summary>
    public static string Find(string name)
    {
        var path = Path.Combine(Folder, name);
        Skip.IfNot(Path.Exists(path), $"there is no {name} in the folder of real data, which {Variable} names");
        return path;
    }

    static string BesideRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) folder = folder.Parent;
        return Path.Combine(folder?.Parent?.FullName ?? "", "shared", "data");
    }
}
