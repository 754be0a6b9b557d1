using Unroll.Storage;

namespace Unroll.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();
    readonly string _path;

    public AtomicFileTests() => _path = _directory["model.json"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_is_created_and_replaced_and_nothing_else_is_left()
    {
        AtomicFile.Write(_path, "가 old, and longer");
        AtomicFile.Write(_path, "나");
        Assert.Equal("나"u8.ToArray(), File.ReadAllBytes(_path));
        Assert.Equal(["model.json"], _directory.Names);
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_and_says_why()
    {
        AtomicFile.Write(_path, "old");
        var e = Assert.ThrowsAny<UnrollException>(() => AtomicFile.Write(_path, stream =>
        {
            stream.Write("half of the new"u8);
            throw new IOException("No space left on device");
        }));
        Assert.Contains(_path, e.Message);
        Assert.Contains("No space left on device", e.Message);
        Assert.Equal("old", File.ReadAllText(_path));
        Assert.Equal(["model.json"], _directory.Names);
    }

    [Fact]
    public void A_mistake_of_the_writer_passes_through_and_leaves_the_old_file()
    {
        AtomicFile.Write(_path, "old");
        Assert.Throws<NotSupportedException>(() => AtomicFile.Write(_path, _ => throw new NotSupportedException()));
        Assert.Equal("old", File.ReadAllText(_path));
        Assert.Equal(["model.json"], _directory.Names);
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_by_the_next_save_and_nothing_else_is()
    {
        string[] others = [".model.json.tmp-mine", ".other.json.tmp-99-1", "model.json.tmp-99-1"];
        foreach (var name in others.Append(".model.json.tmp-99-1")) File.WriteAllText(_directory[name], "half");
        AtomicFile.Write(_path, "new");
        Assert.Equal(others.Append("model.json").Order(), _directory.Names);
    }

    [Fact]
    public void A_save_in_progress_is_not_disturbed_by_another_to_the_same_file()
    {
        AtomicFile.Write(_path, outer =>
        {
            outer.Write("outer"u8);
            AtomicFile.Write(_path, "inner");
            Assert.Equal("inner", File.ReadAllText(_path));
        });
        Assert.Equal("outer", File.ReadAllText(_path));
        Assert.Equal(["model.json"], _directory.Names);
    }

    [Fact]
    public void A_missing_directory_is_named()
    {
        var e = Assert.ThrowsAny<UnrollException>(() => AtomicFile.Write(_directory["none/model.json"], "new"));
        Assert.Contains(_directory["none"], e.Message);
        Assert.Empty(_directory.Names);
    }

    [Fact]
    public void A_directory_is_not_replaced()
    {
        Directory.CreateDirectory(_path);
        var e = Assert.ThrowsAny<UnrollException>(() => AtomicFile.Write(_path, "new"));
        Assert.Contains("is a directory", e.Message);
        Assert.Equal(["model.json"], _directory.Names);
    }

    [SkippableFact]
    public void A_directory_that_takes_no_files_is_an_error_with_its_reason()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/sys refuses new files, even from root, on Linux only");
        var e = Assert.ThrowsAny<UnrollException>(() => AtomicFile.Write("/sys/model.json", "new"));
        Assert.Contains("/sys/model.json", e.Message);
        Assert.NotNull(e.InnerException);
    }

    [Fact]
    public async Task A_reader_sees_all_of_the_old_or_all_of_the_new()
    {
        string[] contents = [new('a', 100_000), new('b', 50_000)];
        AtomicFile.Write(_path, contents[0]);
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var reads = 0;
            for (; reads == 0 || !done.IsCancellationRequested; reads++) Assert.Contains(File.ReadAllText(_path), contents);
            return reads;
        });
        for (var i = 0; i < 100; i++) AtomicFile.Write(_path, contents[i % 2]);
        done.Cancel();
        Assert.True(await reader > 0);
    }
}
