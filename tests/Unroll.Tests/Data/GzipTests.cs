using System.Text;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class GzipTests : IDisposable
{
    static readonly byte[] Long = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 9000).Select(i => $"line {i * 7919 % 1000}\n")));

    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Members_one_after_the_other_are_read_and_zeros_behind_them_passed_over()
    {
        byte[] packed = [.. Packed.Gzip(Long), .. Packed.Gzip("two\n"u8), .. Packed.Gzip([]), .. Packed.Gzip("three\n"u8)];
        var expected = Encoding.UTF8.GetString(Long) + "two\nthree\n";
        Assert.Equal(expected, TextFile.Read(Write(packed)));
        Assert.Equal(expected, TextFile.Read(Write([.. packed, .. new byte[5000]])));
    }

    [Fact]
    public void What_stands_in_a_head_is_passed_over()
    {
        var plain = Packed.Gzip("text"u8);
        byte[] head = [0x1F, 0x8B, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "name\0"u8, .. "comment\0"u8, 9, 9];
        Assert.Equal("text", TextFile.Read(Write([.. head, .. plain[10..]])));
    }

    [Fact]
    public void A_file_that_is_cut_short_is_told_wherever_it_is_cut()
    {
        var packed = Packed.Gzip(Long);
        foreach (var length in Enumerable.Range(3, 40).Concat(Enumerable.Range(packed.Length - 12, 12)).Append(packed.Length / 2))
            Assert.Contains("cut short", Message(packed[..length]));
    }

    [Fact]
    public void A_file_that_was_cut_and_filled_with_zeros_is_refused()
    {
        var packed = Packed.Gzip(Long);
        foreach (var length in new[] { packed.Length - 4, packed.Length - 8, packed.Length - 9, packed.Length / 2, 100, 20 })
            Assert.Contains("cut short and filled up", Message([.. packed[..length], .. new byte[packed.Length]]));
    }

    [Fact]
    public void Wrong_check_sums_and_lengths_are_told()
    {
        var packed = Packed.Gzip(Long);
        foreach (var place in new[] { packed.Length - 8, packed.Length - 5, packed.Length - 3 })
        {
            byte[] changed = [.. packed];
            changed[place] ^= 0x10;
            Assert.Contains("check sum", Message(changed));
            Assert.Contains("in member 2", Message([.. packed, .. changed]));
        }
    }

    [Fact]
    public void What_follows_and_is_no_gzip_is_told_with_its_place()
    {
        var packed = Packed.Gzip("text"u8);
        Assert.Contains($"ends at byte {packed.Length}, and 7 bytes follow", Message([.. packed, .. "garbage"u8]));
        Assert.Contains("byte 2 is 09; expected 08", Message([0x1F, 0x8B, 9, .. packed[3..]]));
    }

    [Fact]
    public void A_small_file_that_fills_the_memory_is_refused_before_it_does()
    {
        var path = Write(Packed.Gzip(new byte[100 << 20]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("unpack to more than 64 MiB and more than 200 times as much", Assert.ThrowsAny<UnrollException>(() => TextFile.Read(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300L << 20);
        before = GC.GetAllocatedBytesForCurrentThread();
        using (TextFile.OpenRead(path)) { }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        File.WriteAllBytes(path, Packed.Zip(("x.npy", Packed.Npy("(26214400, 1)", new byte[100 << 20]))));
        Assert.Contains("x: its ", Assert.ThrowsAny<UnrollException>(() => NpyFile.ReadExamples(path)).Message);
    }

    string Message(byte[] bytes) => Assert.ThrowsAny<UnrollException>(() => TextFile.Read(Write(bytes))).Message;

    string Write(byte[] bytes)
    {
        File.WriteAllBytes(_folder["a.txt.gz"], bytes);
        return _folder["a.txt.gz"];
    }
}
