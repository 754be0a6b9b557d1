using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class StrictReaderTests
{
    static string Read(byte[] bytes, string? encoding = null, int piece = int.MaxValue) =>
        new StrictReader(new Pieces(bytes, piece), encoding is null ? null : TextEncoding.Find(encoding), "input").ReadToEnd();

    /// <summary>A stream that gives so many bytes at once, as pipes do.</summary>
    sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer.Length > most ? buffer[..most] : buffer);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(7), InlineData(int.MaxValue)]
    public void Characters_are_whole_however_bytes_come(int piece)
    {
        const string Text = "aé한😀\n";
        var text = string.Concat(Enumerable.Repeat(Text, 2000));
        Assert.Equal(text, Read(Encoding.UTF8.GetBytes(text), piece: piece));
        Assert.Equal(text, Read(Encoding.Unicode.GetBytes(text), "utf-16", piece));
        foreach (var wide in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
            Assert.Equal("\uFEFF" + text, Read([.. wide.GetPreamble(), .. wide.GetBytes(text)], piece: piece));
        Assert.Equal("한글", Read(TextEncoding.Find("euc-kr").GetBytes("한글"), "euc-kr", piece));
        Assert.Equal("", Read([], piece: piece));
    }

    [Fact]
    public void A_stream_that_is_no_text_is_named_with_what_to_do()
    {
        Refuses([0x1F, 0x8B, 8, 0, 1, 2], null, "input: this is packed with gzip, which is not read as data. Unpack it first with: gzip -dc FILE | unroll …");
        Refuses([.. "RIFF"u8, 4, 0, 0, 0, .. "WAVE"u8], null, "input: this is a WAV sound; expected text");
        Refuses([0xFF, 0xFE, 0, 0, (byte)'a', 0, 0, 0], null, "input: begins as UTF-32 does");
        Refuses([0, 0, 0xFE, 0xFF, 0, 0, 0, (byte)'a'], "utf-16", "input: begins as UTF-32 does");
        Refuses([.. "\uFEFFspam win"u8], "latin-1", "input: begins with the byte order mark of UTF-8 (EF BB BF), so it is not iso-8859-1");

        static void Refuses(byte[] bytes, string? encoding, string message) => Assert.Contains(message, Assert.ThrowsAny<UnrollException>(() => Read(bytes, encoding)).Message);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(int.MaxValue)]
    public void What_is_not_of_the_encoding_is_refused_with_its_place(int piece)
    {
        Refuses([.. "one\ntwo "u8, 0xFF, .. "\n"u8], null, "input: not utf-8: byte FF at offset 8, line 2", "one\ntwo ");
        Refuses([.. Enumerable.Repeat((byte)'\n', 9000), 0xC0], null, "byte C0 at offset 9,000, line 9,001", new string('\n', 9000));
        Refuses([.. "ab\n"u8, 0], null, "input: looks binary (byte 00 in line 2)", "ab\n");
        Refuses([.. "ab"u8, 0xED, 0x95], null, "not utf-8: byte ED", "ab");                // cut off within a character

        void Refuses(byte[] bytes, string? encoding, string message, string before)
        {
            var reader = new StrictReader(new Pieces(bytes, piece), encoding is null ? null : TextEncoding.Find(encoding), "input");
            var read = new StringBuilder();
            var problem = Assert.ThrowsAny<UnrollException>(() =>
            {
                for (int c; (c = reader.Read()) >= 0;) read.Append((char)c);
            });
            Assert.Contains(message, problem.Message);
            Assert.Equal(before, read.ToString());                                        // all that stands before it is read
        }
    }
}
