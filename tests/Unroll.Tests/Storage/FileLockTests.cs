using Unroll.Storage;

namespace Unroll.Tests.Storage;

public sealed class FileLockTests
{
    [Fact]
    public void A_file_is_held_by_one_at_a_time()
    {
        using var folder = new TemporaryDirectory();
        var file = folder[".lock"];
        using (FileLock.TryTake(file)) Assert.Null(FileLock.TryTake(file));
        using (var again = FileLock.TryTake(file)) Assert.NotNull(again);
        using (FileLock.TryTake(file, FileOptions.DeleteOnClose)) Assert.True(File.Exists(file));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void What_cannot_be_made_is_not_taken_for_held()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder["gone"], ".lock");
        Assert.Contains($"Cannot save {file}", Assert.Throws<InvalidFileException>(() => FileLock.TryTake(file)).Message);
    }
}
