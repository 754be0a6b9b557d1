using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class FolderFilesTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Links_to_files_and_folders_are_read()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        Write("elsewhere/1.txt", "one");
        Write("elsewhere/more/2.txt", "two");
        Write("set/neg/3.txt", "three");
        Directory.CreateDirectory(_folder["set/pos"]);
        File.CreateSymbolicLink(_folder["set/pos/link.txt"], _folder["elsewhere/1.txt"]);
        File.CreateSymbolicLink(_folder["set/pos/relative.txt"], "../neg/3.txt");
        Directory.CreateSymbolicLink(_folder["set/also"], _folder["elsewhere/more"]);
        var examples = LabelFolder.Read(_folder["set"]);
        Assert.Equal(["also two", "neg three", "pos one", "pos three"], examples.Select(e => $"{e.Labels.Single()} {e.Text}"));
        Directory.CreateSymbolicLink(_folder["all"], _folder["set"]);
        Assert.Equal(4, TextFile.ReadDocuments(_folder["all"]).Count);
    }

    [SkippableFact]
    public void A_link_to_a_folder_around_it_is_not_followed_forever()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        Write("a/b/1.txt", "one");
        Directory.CreateSymbolicLink(_folder["a/b/up"], "..");
        Directory.CreateSymbolicLink(_folder["a/self"], _folder["a"]);
        Directory.CreateSymbolicLink(_folder["a/dot"], ".");
        Assert.Equal("one", Assert.Single(TextFile.ReadDocuments(_folder["a"])).Text);
    }

    [SkippableFact]
    public void Links_that_lead_nowhere_are_told_with_what_they_lead_to()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        Write("a/1.txt", "one");
        File.CreateSymbolicLink(_folder["a/gone.txt"], "/no/such/file.txt");
        File.CreateSymbolicLink(_folder["a/loop.txt"], "loop.txt");
        File.CreateSymbolicLink(_folder["a/folder"], "/no/such");
        File.CreateSymbolicLink(_folder["a/picture.png"], "/no/such.png");
        var error = Assert.ThrowsAny<UnrollException>(() => TextFile.ReadDocuments(_folder["a"]));
        Assert.Equal(3, error.Problems.Count);
        Assert.Contains("gone.txt → /no/such/file.txt", error.Message);
        Assert.Contains("links lead nowhere", error.Message);
    }

    void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }
}
