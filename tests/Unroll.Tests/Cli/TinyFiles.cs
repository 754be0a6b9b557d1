using Unroll.Tests.Storage;

namespace Unroll.Tests.Cli;

/// <summary>A folder for files that tests of the command share, and for those that a test writes.</summary>
public abstract class TinyFiles : IDisposable
{
    readonly TemporaryDirectory _directory = new();
    int _count;

    /// <summary>The path that a name has in the folder.</summary>
    protected string PathOf(string name) => _directory[name];

    /// <summary>A path that nothing has.</summary>
    public string Fresh(string name = "run") => _directory[$"{++_count}-{name}"];

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = Fresh(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }
}
