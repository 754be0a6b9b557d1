using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Every byte of the text's UTF-8 is a token, so there are always 256 and any text can be written.</summary>
internal sealed class ByteTokenizer : Tokenizer
{
    internal const string KindName = "byte";
    internal const int ByteCount = 256;

    static readonly byte[] All = [.. Enumerable.Range(0, ByteCount).Select(i => (byte)i)];

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    public ByteTokenizer(NormalizationForm? form = NormalizationForm.FormC) => Form = form;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => ByteCount;

    /// <inheritdoc/>
    public override int? EndOfLineId => '\n';

    private protected override void Cut(ReadOnlySpan<char> text, List<int> ids, string source)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(bytes);
            foreach (var b in bytes[..length]) ids.Add(b);
        }
    }

    /// <inheritdoc/>
    public override string Symbol(int id) => Show(All.AsSpan(id, 1));

    /// <inheritdoc/>
    public override long CountCharacters(ReadOnlySpan<int> ids)
    {
        var count = 0L;
        foreach (var id in ids) if (StartsCharacter((byte)id)) count++;
        return count;
    }

    internal override ReadOnlySpan<byte> Bytes(int id) => All.AsSpan(id, 1);

    private protected override void Write(JsonObject json)
    {
    }

    internal static ByteTokenizer? Read(TokenizerReader reader)
    {
        var form = reader.Form();
        return reader.Ok ? new ByteTokenizer(form) : null;
    }

    /// <summary>Whether a byte of UTF-8 is the first of a character.</summary>
    internal static bool StartsCharacter(byte b) => (b & 0xC0) != 0x80;

    /// <summary>Bytes as text where they are printable text, otherwise as <c>⟨0A E2⟩</c>.</summary>
    internal static string Show(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            var text = Encoding.UTF8.GetString(bytes);
            if (!text.EnumerateRunes().Any(Rune.IsControl)) return text;
        }
        return $"⟨{BitConverter.ToString(bytes.ToArray()).Replace('-', ' ')}⟩";
    }
}
