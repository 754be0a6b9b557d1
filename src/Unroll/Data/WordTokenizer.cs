using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Every word is a token: what stands between white space, as it is written.</summary>
/// <remarks>
/// The end of a line is the token <see cref="Vocabulary.EndOfLine"/> (number 1), as is usual for the Penn Treebank; a word that the
/// vocabulary lacks is <see cref="Vocabulary.Unknown"/> (number 0). Either may stand in the text by its own name. The other words are
/// numbered from the most frequent to the rarest. Tokens read as words with one space between them, so white space is the only thing
/// lost.
/// </remarks>
internal sealed class WordTokenizer : Tokenizer
{
    internal const string KindName = "word";
    internal const int SpecialCount = 2;

    const int Unk = 0;
    const int Eos = 1;

    readonly byte[][] _bytes;
    readonly int[] _characters;

    WordTokenizer(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        _bytes = [.. vocabulary.Symbols.Select((s, id) => id == Eos ? "\n"u8.ToArray() : Encoding.UTF8.GetBytes(s))];
        _characters = Array.ConvertAll(_bytes, b => b.Count(ByteTokenizer.StartsCharacter));
    }

    /// <summary>Takes every word of the texts, or with a cut only the frequent ones.</summary>
    /// <param name="documents">The texts.</param>
    /// <param name="minCount">Words seen less often are cut.</param>
    /// <param name="maxSize">The rarest words are cut until no more than this many tokens are left.</param>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    public static WordTokenizer Build(IReadOnlyList<TextDocument> documents, int minCount = 1, int maxSize = Vocabulary.MaxSize, NormalizationForm? form = NormalizationForm.FormC)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in NormalText.Apply(documents, form))
        {
            var rest = document.Text.AsSpan();
            while (NextWord(ref rest, out var word)) Vocabulary.Count(bySpan, word is "\n" ? Vocabulary.EndOfLine : word);
        }
        return new WordTokenizer(Vocabulary.FromCounts(counts, [Vocabulary.Unknown, Vocabulary.EndOfLine], minCount, maxSize)) { Form = form };
    }

    /// <summary>The words.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => Vocabulary.Size;

    /// <inheritdoc/>
    public override int? EndOfLineId => Eos;

    /// <inheritdoc/>
    public override int? UnknownId => Unk;

    private protected override void Cut(ReadOnlySpan<char> text, List<int> ids, string source)
    {
        while (NextWord(ref text, out var word)) ids.Add(word is "\n" ? Eos : Vocabulary.TryGetId(word, out var id) ? id : Unk);
    }

    private protected override Range[] Places(ReadOnlySpan<char> text)
    {
        var places = new List<Range>();
        for (var rest = text; NextWord(ref rest, out var word);)
        {
            var end = text.Length - rest.Length;
            places.Add((end - word.Length)..end);
        }
        return [.. places];
    }

    /// <inheritdoc/>
    public override string Symbol(int id) => Vocabulary[id];

    /// <inheritdoc/>
    public override long CountCharacters(ReadOnlySpan<int> ids)
    {
        var count = 0L;
        for (var i = 0; i < ids.Length; i++) count += _characters[ids[i]] + (i > 0 && SpaceBetween(ids[i - 1], ids[i]) ? 1 : 0);
        return count;
    }

    internal override ReadOnlySpan<byte> Bytes(int id) => _bytes[id];

    internal override bool SpaceBetween(int previous, int id) => previous != Eos && id != Eos;

    private protected override void Write(JsonObject json) => TokenizerReader.Write(json, Vocabulary);

    internal static WordTokenizer? Read(TokenizerReader reader)
    {
        if (reader.Symbols(SpecialCount) is not { } vocabulary) return null;
        if (vocabulary[Unk] != Vocabulary.Unknown || vocabulary[Eos] != Vocabulary.EndOfLine)
            reader.Add($"the first symbols are not {Vocabulary.Unknown} and {Vocabulary.EndOfLine}");
        for (var id = SpecialCount; id < vocabulary.Size; id++)
            if (vocabulary[id].Any(char.IsWhiteSpace)) reader.Add($"symbol {id} has white space in it");
        var form = reader.Form();
        return reader.Ok ? new WordTokenizer(vocabulary) { Form = form } : null;
    }

    /// <summary>Takes the next word, or the end of a line as "\n", off the front of a text.</summary>
    static bool NextWord(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> word)
    {
        var start = 0;
        while (start < rest.Length && rest[start] != '\n' && char.IsWhiteSpace(rest[start])) start++;
        var end = start;
        if (start < rest.Length && rest[start] == '\n') end++;
        else while (end < rest.Length && !char.IsWhiteSpace(rest[end])) end++;
        word = rest[start..end];
        rest = rest[end..];
        return word.Length > 0;
    }
}
