using System.Text;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class TextEncodingTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("latin-1", "caf\u00E9\u0085 x\n")]
    [InlineData("Latin1", "\u00FF\n")]
    [InlineData("windows-1252", "a … b – “c”\n")]
    [InlineData("cp1252", "€\n")]
    [InlineData("euc-kr", "안녕하세요\n")]
    [InlineData("CP949", "똠방각하\n")]
    [InlineData("shift_jis", "日本語\n")]
    [InlineData("utf-16", "한글 👍\n")]
    [InlineData("utf-8", "한글 👍\n")]
    [InlineData("UTF8", "é\n")]
    public void A_text_is_read_in_its_encoding(string name, string text)
    {
        var encoding = TextEncoding.Find(name);
        Assert.Equal(text, TextFile.Read(Write([.. encoding.Preamble, .. encoding.GetBytes(text.Replace("\n", "\r\n"))]), encoding));
    }

    [Fact]
    public void The_mark_of_UTF16_gives_its_byte_order_and_without_one_it_is_little_endian()
    {
        var utf16 = TextEncoding.Find("utf-16");
        Assert.Equal("가a", TextFile.Read(Write([0xFE, 0xFF, 0xAC, 0x00, 0x00, 0x61]), utf16));
        Assert.Equal("가a", TextFile.Read(Write([0x00, 0xAC, 0x61, 0x00]), utf16));
    }

    [Fact]
    public void Bytes_of_another_encoding_are_named_with_their_place()
    {
        var path = Write([.. "one\ntwo "u8, 0xC7, 0x0A]);
        Assert.Contains("not euc-kr: byte C7 at offset 8, line 2", Message(path, TextEncoding.Find("euc-kr")));
        var utf8 = Message(path, TextEncoding.Find("utf-8"));
        Assert.Contains("not UTF-8: byte C7 at offset 8, line 2. Give the encoding it has", utf8);
        Assert.DoesNotContain("iconv", utf8);
        Assert.Contains("Give the encoding utf-16", Message(Write([0xFF, 0xFE, 0x61, 0]), null));
        foreach (var wide in new[] { new System.Text.UTF32Encoding(bigEndian: false, byteOrderMark: true), new System.Text.UTF32Encoding(bigEndian: true, byteOrderMark: true) })
            Assert.Contains("begins as UTF-32 does, which is not read. Convert it with: iconv -f UTF-32 -t UTF-8", Message(Write([.. wide.GetPreamble(), .. wide.GetBytes("spam win")]), null));
        Assert.Contains("begins with the byte order mark of UTF-8 (EF BB BF), so it is not iso-8859-1", Message(Write([.. "\uFEFFspam é"u8]), TextEncoding.Find("latin-1")));
        Assert.Contains("looks binary", Message(Write([0x61, 0]), TextEncoding.Find("latin-1")));
        Assert.Contains("empty", Message(Write([]), TextEncoding.Find("latin-1")));
    }

    [Theory]
    [InlineData("klingon")]
    [InlineData("")]
    [InlineData("cp99999")]
    [InlineData("99999999999")]
    public void An_unknown_encoding_is_refused_with_those_that_are_known(string name) =>
        Assert.Contains("windows-1252, euc-kr", Assert.ThrowsAny<UnrollException>(() => TextEncoding.Find(name)).Message);

    static string Message(string path, Encoding? encoding) => Assert.ThrowsAny<UnrollException>(() => TextFile.Read(path, encoding)).Message;

    string Write(byte[] bytes)
    {
        File.WriteAllBytes(_folder["text"], bytes);
        return _folder["text"];
    }
}
