using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace Unroll.Data;

/// <summary>The four normal forms of Unicode (UAX #15), the same on every machine.</summary>
/// <remarks>
/// .NET leaves them to a library of the system, which programs without cultures, as the command is one, do without: there
/// <see cref="string.Normalize()"/> returns its text unchanged. Characters newer than the table are left as they are.
/// </remarks>
static partial class UnicodeForms
{
    // Hangul syllables are numbered by their parts: (lead · 21 + vowel) · 28 + tail, with tail 0 for none.
    const int Syllables = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Tails = 0x11A7, LeadCount = 19, VowelCount = 21, TailCount = 28;
    const int SyllableCount = LeadCount * VowelCount * TailCount;
    const int FirstListed = 0xA0;               // no character before it has a class or a decomposition

    readonly record struct Entry(int Class, int[] Parts, bool Compatible);

    static readonly Lazy<(Dictionary<int, Entry> Entries, Dictionary<(int, int), int> Composed)> Lists = new(Unpack);

    /// <summary>The characters below the first that may change.</summary>
    static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(0, FirstListed).Select(c => (char)c)]);

    /// <summary>What a text in normal form C may lack: where none of it stands, a text is in that form. Of characters of two units the first stands for all.</summary>
    static readonly Lazy<SearchValues<char>> Suspects = new(FindSuspects);

    /// <summary>Whether a text is in normal form C.</summary>
    public static bool IsNormalC(string text) => IsSurelyNormalC(text) || Normalize(text, NormalizationForm.FormC) == text;

    /// <summary>As <see cref="IsNormalC"/>, but some that are in the form are passed over.</summary>
    public static bool IsSurelyNormalC(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept(Plain) || !text.ContainsAny(Suspects.Value);

    /// <summary>Whether a unit may become part of the character before it, or change places with it.</summary>
    public static bool MayJoin(char unit) => unit >= FirstListed && Suspects.Value.Contains(unit);

    /// <summary>The text in a normal form. Half of a surrogate pair becomes U+FFFD.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain)) return text;
        if (form == NormalizationForm.FormC && IsSurelyNormalC(text)) return text;
        var compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        var (entries, composed) = Lists.Value;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, compatible, entries, runes);
        Order(runes, entries);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC) Compose(runes, entries, composed);
        var result = new StringBuilder(text.Length);
        foreach (var rune in runes) result.Append(new Rune(rune).ToString());
        return result.ToString();
    }

    static void Decompose(int rune, bool compatible, Dictionary<int, Entry> entries, List<int> to)
    {
        if (rune - Syllables is >= 0 and < SyllableCount and var syllable)
        {
            var (pair, tail) = Math.DivRem(syllable, TailCount);
            to.Add(Leads + pair / VowelCount);
            to.Add(Vowels + pair % VowelCount);
            if (tail > 0) to.Add(Tails + tail);
        }
        else if (entries.TryGetValue(rune, out var entry) && entry.Parts.Length > 0 && (compatible || !entry.Compatible))
            foreach (var part in entry.Parts) Decompose(part, compatible, entries, to);
        else
            to.Add(rune);
    }

    static int ClassOf(int rune, Dictionary<int, Entry> entries) => entries.TryGetValue(rune, out var entry) ? entry.Class : 0;

    /// <summary>Marks that follow one character stand in the order of their classes; those of one class stay as they are.</summary>
    static void Order(List<int> runes, Dictionary<int, Entry> entries)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            var (mark, kind) = (runes[i], ClassOf(runes[i], entries));
            var place = i;
            for (; kind > 0 && place > 0 && ClassOf(runes[place - 1], entries) > kind; place--) runes[place] = runes[place - 1];
            runes[place] = mark;
        }
    }

    /// <summary>Every mark joins the last character of class 0, unless something of its own class or a higher one stands between.</summary>
    static void Compose(List<int> runes, Dictionary<int, Entry> entries, Dictionary<(int, int), int> composed)
    {
        var (starter, count, last) = (-1, 0, 0);             // last: the class of what was kept last
        for (var i = 0; i < runes.Count; i++)
        {
            var (rune, kind) = (runes[i], ClassOf(runes[i], entries));
            var open = starter >= 0 && (count - 1 == starter || last != 0 && last < kind);
            if (open && Join(runes[starter], rune, composed) is { } joined)
            {
                runes[starter] = joined;
                continue;
            }
            if (kind == 0) starter = count;
            last = kind;
            runes[count++] = rune;
        }
        runes.RemoveRange(count, runes.Count - count);
    }

    static int? Join(int first, int second, Dictionary<(int, int), int> composed)
    {
        if (first - Leads is >= 0 and < LeadCount and var lead && second - Vowels is >= 0 and < VowelCount and var vowel)
            return Syllables + (lead * VowelCount + vowel) * TailCount;
        if (first - Syllables is >= 0 and < SyllableCount and var syllable && syllable % TailCount == 0 && second - Tails is > 0 and < TailCount and var tail)
            return first + tail;
        return composed.TryGetValue((first, second), out var joined) ? joined : null;
    }

    static (Dictionary<int, Entry>, Dictionary<(int, int), int>) Unpack()
    {
        using var packed = new DeflateStream(new MemoryStream(Convert.FromBase64String(Table)), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        packed.CopyTo(unpacked);
        var bytes = unpacked.ToArray();
        var (entries, composed) = (new Dictionary<int, Entry>(), new Dictionary<(int, int), int>());
        for (int at = 0, rune = 0; at < bytes.Length;)
        {
            rune += Number(bytes, ref at);
            var kind = Number(bytes, ref at);
            var length = Number(bytes, ref at);
            var alone = length > 1 && Number(bytes, ref at) == 1;
            var parts = new int[length / 2];
            for (int i = 0, before = rune; i < parts.Length; i++)
            {
                var distance = Number(bytes, ref at);
                parts[i] = before += (distance & 1) == 0 ? distance >> 1 : -(distance + 1 >> 1);
            }
            entries.Add(rune, new(kind, parts, Compatible: length % 2 == 1));
            if (parts.Length == 2 && !alone) composed.Add((parts[0], parts[1]), rune);
        }
        return (entries, composed);
    }

    /// <summary>Characters that normal form C changes, moves, or joins to the one before: surrogates, marks, seconds of pairs, and those it takes apart for good.</summary>
    static SearchValues<char> FindSuspects()
    {
        var (entries, composed) = Lists.Value;
        var runes = entries.Where(e => e.Value.Class > 0 || e.Value.Parts.Length > 0 && !e.Value.Compatible && !IsComposed(e.Key, e.Value.Parts)).Select(e => e.Key)
            .Concat(composed.Keys.Select(pair => pair.Item2))
            .Concat(Enumerable.Range(Vowels, VowelCount)).Concat(Enumerable.Range(Tails, TailCount));
        return SearchValues.Create([.. runes.Where(r => r <= char.MaxValue).Select(r => (char)r).Concat(Enumerable.Range(0xD800, 0x800).Select(r => (char)r)).Distinct()]);

        bool IsComposed(int rune, int[] parts) => parts.Length == 2 && composed.TryGetValue((parts[0], parts[1]), out var joined) && joined == rune;
    }

    static int Number(byte[] bytes, ref int at)
    {
        var (number, shift) = (0, 0);
        for (; bytes[at] > 127; shift += 7) number |= (bytes[at++] & 127) << shift;
        return number | bytes[at++] << shift;
    }
}
