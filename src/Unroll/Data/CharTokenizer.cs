using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Every character is a token: a Unicode scalar value, so a Hangul syllable is one and so is an emoji.</summary>
/// <remarks>
/// The characters are numbered in the order of their code points, so the numbers follow from the set of characters alone. A character
/// that the vocabulary lacks is an error, unless the vocabulary was cut: then token 0 is <see cref="Vocabulary.Unknown"/>, stands for
/// every such character, and reads as U+FFFD.
/// </remarks>
internal sealed class CharTokenizer : Tokenizer
{
    internal const string KindName = "char";

    const int PageBits = 8;                 // two levels: 4,352 pages of 256 code points, most of them the one empty page
    const int PageSize = 1 << PageBits;

    readonly int[][] _pages;
    readonly byte[][] _bytes;

    CharTokenizer(Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        var empty = new int[PageSize];
        Array.Fill(empty, -1);
        _pages = new int[0x110000 >> PageBits][];
        Array.Fill(_pages, empty);
        _bytes = new byte[vocabulary.Size][];
        for (var id = 0; id < _bytes.Length; id++)
        {
            var rune = id < vocabulary.SpecialCount ? Rune.ReplacementChar : Rune.GetRuneAt(vocabulary[id], 0);
            _bytes[id] = new byte[rune.Utf8SequenceLength];
            rune.EncodeToUtf8(_bytes[id]);
            if (id < vocabulary.SpecialCount) continue;
            ref var page = ref _pages[rune.Value >> PageBits];
            if (page == empty) page = (int[])empty.Clone();
            page[rune.Value % PageSize] = id;
        }
        EndOfLineId = vocabulary.Find("\n");
    }

    /// <summary>Takes every character of the texts, or with a cut only the frequent ones and <see cref="Vocabulary.Unknown"/>.</summary>
    /// <param name="documents">The texts.</param>
    /// <param name="minCount">Above 1, characters seen less often are cut.</param>
    /// <param name="maxSize">If given, the rarest characters are cut until no more than this many tokens are left.</param>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    public static CharTokenizer Build(IReadOnlyList<TextDocument> documents, int minCount = 1, int? maxSize = null, NormalizationForm? form = NormalizationForm.FormC)
    {
        var runes = new Dictionary<Rune, long>();
        foreach (var document in NormalText.Apply(documents, form))
            foreach (var rune in document.Text.EnumerateRunes()) CollectionsMarshal.GetValueRefOrAddDefault(runes, rune, out _)++;
        var counts = runes.ToDictionary(r => r.Key.ToString(), r => r.Value, StringComparer.Ordinal);
        string[] specials = minCount > 1 || maxSize is not null ? [Vocabulary.Unknown] : [];
        var chosen = Vocabulary.FromCounts(counts, specials, minCount, maxSize ?? Vocabulary.MaxSize);
        var order = Enumerable.Range(specials.Length, chosen.Size - specials.Length).OrderBy(id => Rune.GetRuneAt(chosen[id], 0));
        int[] ids = [.. Enumerable.Range(0, specials.Length), .. order];
        var vocabulary = new Vocabulary(Array.ConvertAll(ids, id => chosen[id]), Array.ConvertAll(ids, id => chosen.Counts[id]), specials.Length);
        return new CharTokenizer(vocabulary) { Form = form };
    }

    /// <summary>The characters.</summary>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => Vocabulary.Size;

    /// <inheritdoc/>
    public override int? EndOfLineId { get; }

    /// <inheritdoc/>
    public override int? UnknownId => Vocabulary.SpecialCount > 0 ? 0 : null;

    private protected override void Cut(ReadOnlySpan<char> text, List<int> ids, string source)
    {
        var unknown = UnknownId ?? -1;
        foreach (var rune in text.EnumerateRunes())
        {
            var id = Id(rune);
            if (id < 0) id = unknown;
            if (id < 0) RefuseUnseen(text, source);
            ids.Add(id);
        }
    }

    private protected override Range[] Places(ReadOnlySpan<char> text)
    {
        var places = new List<Range>(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes()) places.Add(at..(at += rune.Utf16SequenceLength));
        return [.. places];
    }

    /// <inheritdoc/>
    public override string Symbol(int id) => Vocabulary[id];

    /// <inheritdoc/>
    public override long CountCharacters(ReadOnlySpan<int> ids) => ids.Length;

    internal override ReadOnlySpan<byte> Bytes(int id) => _bytes[id];

    private protected override void Write(JsonObject json)
    {
        json["unknown"] = UnknownId is not null;
        TokenizerReader.Write(json, Vocabulary);
    }

    internal static CharTokenizer? Read(TokenizerReader reader)
    {
        var specials = reader.Flag("unknown") ? 1 : 0;
        if (reader.Symbols(specials) is not { } vocabulary) return null;
        for (var id = specials; id < vocabulary.Size; id++)
            if (!Rune.TryGetRuneAt(vocabulary[id], 0, out var rune) || rune.Utf16SequenceLength != vocabulary[id].Length)
                reader.Add($"symbol {id} is not one character");
        if (specials == 1 && vocabulary[0] != Vocabulary.Unknown)
            reader.Add($"symbol 0 is not {Vocabulary.Unknown}");
        var form = reader.Form();
        return reader.Ok ? new CharTokenizer(vocabulary) { Form = form } : null;
    }

    int Id(Rune rune) => _pages[rune.Value >> PageBits][rune.Value % PageSize];

    void RefuseUnseen(ReadOnlySpan<char> text, string source)
    {
        var seen = new Dictionary<Rune, (int Line, int Column, int Count)>();
        var (line, column) = (1, 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Id(rune) < 0) seen[rune] = seen.TryGetValue(rune, out var s) ? s with { Count = s.Count + 1 } : (line, column, 1);
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
        }
        var unseen = seen.Select(s => (Describe(s.Key), s.Value.Line, s.Value.Column, s.Value.Count));
        Throw.UnseenCharacters(source, VocabularySize, [.. unseen]);
    }

    static string Describe(Rune rune)
    {
        var visible = Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)
            && !Rune.IsWhiteSpace(rune);
        return visible ? $"U+{rune.Value:X4} '{rune}'" : $"U+{rune.Value:X4}";
    }
}
