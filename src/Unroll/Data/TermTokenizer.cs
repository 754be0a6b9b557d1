using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Words of running text as they are told apart for classification: punctuation stands alone, contractions are split.</summary>
/// <remarks>
/// A term is a run of letters, marks and digits (a point or comma between digits belongs to the number); a syllable sign of a script that writes
/// no spaces; <c>n't</c>, <c>'s</c>, <c>'re</c>, <c>'ve</c>, <c>'ll</c>, <c>'d</c>, <c>'m</c>, as in the Penn Treebank; a run of one sign, of
/// which three are kept; or any other sign. White space and tags such as <c>&lt;br /&gt;</c> are passed over. Folded, letters become small, every digit 0, and
/// ’ the straight apostrophe. Term 0 is <see cref="Vocabulary.Unknown"/>, for what the vocabulary lacks; the others are
/// numbered from the most frequent to the rarest.
/// </remarks>
internal sealed class TermTokenizer : Tokenizer
{
    internal const string KindName = "term";

    const int MaxLength = 64;               // UTF-16 units; a longer run is several terms
    const int MaxTag = 100;
    const int MaxRepeats = 3;
    const int Unk = 0;

    readonly byte[][] _bytes;
    readonly int[] _characters;

    TermTokenizer(Vocabulary vocabulary, bool folds)
    {
        (Vocabulary, Folds) = (vocabulary, folds);
        _bytes = [.. vocabulary.Symbols.Select(Encoding.UTF8.GetBytes)];
        _characters = Array.ConvertAll(_bytes, b => b.Count(ByteTokenizer.StartsCharacter));
    }

    /// <summary>Takes every term of the texts, or with a cut only the frequent ones.</summary>
    /// <param name="documents">The texts.</param>
    /// <param name="minCount">Terms seen less often are cut.</param>
    /// <param name="maxSize">The rarest terms are cut until no more than this many tokens are left.</param>
    /// <param name="folds">Whether case and digits are folded.</param>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    public static TermTokenizer Build(
        IReadOnlyList<TextDocument> documents, int minCount = 1, int maxSize = Vocabulary.MaxSize, bool folds = true, NormalizationForm? form = NormalizationForm.FormC)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> room = stackalloc char[MaxLength];
        foreach (var document in NormalText.Apply(documents, form))
            for (var at = 0; Next(document.Text, ref at, out var start, out var length);)
                Vocabulary.Count(bySpan, Fold(document.Text.AsSpan(start, length), room, folds));
        return new TermTokenizer(Vocabulary.FromCounts(counts, [Vocabulary.Unknown], minCount, maxSize), folds) { Form = form };
    }

    /// <summary>The terms.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Whether case and digits are folded.</summary>
    public bool Folds { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => Vocabulary.Size;

    /// <inheritdoc/>
    public override int? EndOfLineId => null;

    /// <inheritdoc/>
    public override int? UnknownId => Unk;

    private protected override void Cut(ReadOnlySpan<char> text, List<int> ids, string source)
    {
        Span<char> room = stackalloc char[MaxLength];
        for (var at = 0; Next(text, ref at, out var start, out var length);)
            ids.Add(Vocabulary.TryGetId(Fold(text.Slice(start, length), room, Folds), out var id) ? id : Unk);
    }

    private protected override Range[] Places(ReadOnlySpan<char> text) => Places(text, passesMarkup: true);

    static Range[] Places(ReadOnlySpan<char> text, bool passesMarkup)
    {
        var places = new List<Range>();
        for (var at = 0; Next(text, ref at, out var start, out var length, passesMarkup);) places.Add(start..(start + length));
        return [.. places];
    }

    /// <summary>Where the words of a text stand: terms, but nothing is passed over as markup, for to have a tag each.</summary>
    public static Range[] LocateWords(ReadOnlySpan<char> text)
    {
        var normal = new NormalText(text, NormalizationForm.FormC);
        return normal.ToOriginal(Places(normal.Text, passesMarkup: false));
    }

    /// <inheritdoc/>
    public override string Symbol(int id) => Vocabulary[id];

    /// <inheritdoc/>
    public override long CountCharacters(ReadOnlySpan<int> ids)
    {
        var count = Math.Max(0L, ids.Length - 1);
        foreach (var id in ids) count += _characters[id];
        return count;
    }

    internal override ReadOnlySpan<byte> Bytes(int id) => _bytes[id];

    internal override bool SpaceBetween(int previous, int id) => true;

    private protected override void Write(JsonObject json)
    {
        json["folds"] = Folds;
        TokenizerReader.Write(json, Vocabulary);
    }

    internal static TermTokenizer? Read(TokenizerReader reader)
    {
        var folds = reader.Flag("folds");
        if (reader.Symbols(1) is not { } vocabulary) return null;
        if (vocabulary[Unk] != Vocabulary.Unknown) reader.Add($"symbol 0 is not {Vocabulary.Unknown}");
        var form = reader.Form();
        return reader.Ok ? new TermTokenizer(vocabulary, folds) { Form = form } : null;
    }

    /// <summary>A term as the vocabulary has it.</summary>
    static ReadOnlySpan<char> Fold(ReadOnlySpan<char> term, Span<char> room, bool folds)
    {
        if (!char.IsLetterOrDigit(term[0]) && term.Length > MaxRepeats && term[^1] == term[0]) term = term[..MaxRepeats];
        if (!folds) return term;
        for (var i = 0; i < term.Length; i++)
            room[i] = char.IsDigit(term[i]) ? '0' : term[i] == '’' ? '\'' : char.ToLowerInvariant(term[i]);
        return room[..term.Length];
    }

    /// <summary>Finds the next term from <paramref name="at"/> on and moves past it.</summary>
    static bool Next(ReadOnlySpan<char> text, ref int at, out int start, out int length, bool passesMarkup = true)
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || passesMarkup && TagAt(text, at) > 0)) at += Math.Max(1, TagAt(text, at));
        start = at;
        length = at < text.Length ? TermAt(text, at) : 0;
        at += length;
        return length > 0;
    }

    static int TermAt(ReadOnlySpan<char> text, int start)
    {
        if (IsApostrophe(text, start) && ContractionAt(text, start + 1) is var tail and > 0) return 1 + tail;
        var end = start;
        while (end < text.Length && end - start < MaxLength && InWord(text, end, start, out var width))
        {
            if (end - start + width > MaxLength) break;
            end += width;
        }
        if (end > start)
        {
            var negates = (text[end - 1] | 0x20) == 'n' && IsApostrophe(text, end) && end + 1 < text.Length && (text[end + 1] | 0x20) == 't' && EndsAt(text, end + 2);
            return !negates ? end - start : end - start == 1 ? 3 : end - start - 1;              // n't, or the word before it
        }
        Rune.DecodeFromUtf16(text[start..], out _, out var sign);
        end = start + sign;
        if (sign == 1 && !Alone(text, start, out _))
            while (end < text.Length && end - start < MaxLength && text[end] == text[start]) end++;
        return end - start;
    }

    /// <summary>Whether what stands at a place goes on with the word that began at <paramref name="start"/>.</summary>
    static bool InWord(ReadOnlySpan<char> text, int at, int start, out int width)
    {
        if (Alone(text, at, out width)) return false;
        Rune.DecodeFromUtf16(text[at..], out var rune, out width);
        if (Rune.IsLetterOrDigit(rune)) return true;
        if (at == start) return false;
        var category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark) return true;
        return text[at] is '.' or ',' && char.IsDigit(text[at - 1]) && at + 1 < text.Length && char.IsDigit(text[at + 1]);
    }

    /// <summary>Whether a letter of a script without spaces stands there: Thai to Burmese, Khmer, Kana, Han.</summary>
    static bool Alone(ReadOnlySpan<char> text, int at, out int width)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out width);
        return rune.Value is >= 0x0E00 and <= 0x109F or >= 0x1780 and <= 0x17FF or >= 0x3040 and <= 0x30FF or >= 0x3400 and <= 0x9FFF
            or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;
    }

    static bool IsApostrophe(ReadOnlySpan<char> text, int at) => at < text.Length && text[at] is '\'' or '’';

    static bool EndsAt(ReadOnlySpan<char> text, int at) => at >= text.Length || !char.IsLetterOrDigit(text[at]);

    /// <summary>The length of what may follow the apostrophe of a contraction; 0 where none does.</summary>
    static int ContractionAt(ReadOnlySpan<char> text, int at)
    {
        foreach (var tail in (ReadOnlySpan<string>)["s", "re", "ve", "ll", "d", "m"])
            if (at + tail.Length <= text.Length && text.Slice(at, tail.Length).Equals(tail, StringComparison.OrdinalIgnoreCase) && EndsAt(text, at + tail.Length))
                return tail.Length;
        return 0;
    }

    /// <summary>The length of a tag of markup, &lt;name …&gt; or &lt;/name&gt;; 0 where none stands.</summary>
    static int TagAt(ReadOnlySpan<char> text, int at)
    {
        if (text[at] != '<') return 0;
        var rest = text.Slice(at, Math.Min(MaxTag, text.Length - at));
        var end = rest.IndexOf('>');
        if (end < 2 || rest[1..end].Contains('<')) return 0;
        return char.IsAsciiLetter(rest[1]) || rest[1] == '/' && char.IsAsciiLetter(rest[2]) ? end + 1 : 0;
    }
}
