using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Data;

/// <summary>Symbols and their numbers: symbol i is the i-th of a list without repetition. The first few may be special.</summary>
/// <remarks>
/// A special symbol stands for something that is not a piece of text, such as <see cref="Unknown"/>; which ones there are is said when
/// the vocabulary is made. A vocabulary never changes.
/// Safe for use by several threads: it does not change.
/// </remarks>
public sealed class Vocabulary
{
    /// <summary>The special symbol for what the vocabulary lacks.</summary>
    public const string Unknown = "<unk>";

    /// <summary>The special symbol for the end of a line.</summary>
    public const string EndOfLine = "<eos>";

    /// <summary>The most symbols that any vocabulary may have.</summary>
    public const int MaxSize = 1 << 20;

    readonly string[] _symbols;
    readonly long[] _counts;
    readonly Dictionary<string, int> _ids;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;

    /// <summary>Makes a vocabulary of the given symbols in the given order.</summary>
    /// <param name="symbols">At most <see cref="MaxSize"/>, none empty, none twice, each well-formed UTF-16.</param>
    /// <param name="counts">How often each was seen; zeros if not given.</param>
    /// <param name="specialCount">How many of the first symbols are special.</param>
    /// <exception cref="ArgumentException">The symbols, counts or number of special symbols are not as said.</exception>
    public Vocabulary(IReadOnlyList<string> symbols, IReadOnlyList<long>? counts = null, int specialCount = 0)
    {
        if (Problems(symbols, counts, specialCount).FirstOrDefault() is { } problem) Throw.BadVocabulary(nameof(symbols), problem);
        _symbols = [.. symbols];
        _counts = counts is null ? new long[symbols.Count] : [.. counts];
        SpecialCount = specialCount;
        _ids = new Dictionary<string, int>(symbols.Count, StringComparer.Ordinal);
        for (var id = 0; id < _symbols.Length; id++) _ids.Add(_symbols[id], id);
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>
    /// Makes a vocabulary from counts: the special symbols first, then the others from the most frequent to the rarest, equal counts by
    /// ordinal order. What is cut is counted as <see cref="Unknown"/>, if that is one of the special symbols.
    /// </summary>
    /// <param name="counts">How often each symbol was seen; one that is named as special too is that special symbol.</param>
    /// <param name="specials">The special symbols in their order.</param>
    /// <param name="minCount">A symbol seen less often is cut.</param>
    /// <param name="maxSize">The rarest are cut until no more than this many symbols are left, the special ones among them.</param>
    public static Vocabulary FromCounts(
        IReadOnlyDictionary<string, long> counts, IReadOnlyList<string> specials, int minCount = 1, int maxSize = MaxSize)
    {
        var kept = counts.Where(c => c.Value >= minCount && !specials.Contains(c.Key))
            .OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(Math.Max(0, maxSize - specials.Count)).ToArray();
        var specialCounts = specials.Select(s => counts.GetValueOrDefault(s)).ToArray();
        var unknown = specials.ToList().IndexOf(Unknown);
        if (unknown >= 0) specialCounts[unknown] += counts.Values.Sum() - kept.Sum(c => c.Value) - specialCounts.Sum();
        return new Vocabulary(
            [.. specials, .. kept.Select(c => c.Key)], [.. specialCounts, .. kept.Select(c => c.Value)], specials.Count);
    }

    /// <summary>The number of symbols, the special ones among them.</summary>
    public int Size => _symbols.Length;

    /// <summary>How many of the first symbols are special.</summary>
    public int SpecialCount { get; }

    /// <summary>The symbol with a number from [0, <see cref="Size"/>).</summary>
    public string this[int id] => _symbols[id];

    /// <summary>All symbols in the order of their numbers.</summary>
    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>How often each symbol was seen when the vocabulary was made.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>The number of a symbol; false if there is no such symbol.</summary>
    public bool TryGetId(ReadOnlySpan<char> symbol, out int id) => _idsBySpan.TryGetValue(symbol, out id);

    /// <summary>The number of a symbol, or null.</summary>
    public int? Find(ReadOnlySpan<char> symbol) => TryGetId(symbol, out var id) ? id : null;

    /// <summary>Counts one more of a symbol, without making a string of a symbol that is known.</summary>
    internal static void Count(Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> counts, ReadOnlySpan<char> symbol) =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, symbol, out _)++;

    /// <summary>What is wrong with these parts of a vocabulary; nothing if they make one.</summary>
    internal static IEnumerable<string> Problems(IReadOnlyList<string> symbols, IReadOnlyList<long>? counts, int specialCount)
    {
        if (symbols.Count > MaxSize) yield return $"{symbols.Count:N0} symbols; at most {MaxSize:N0} are allowed";
        if (counts is not null && counts.Count != symbols.Count) yield return $"{counts.Count} counts for {symbols.Count} symbols";
        if (counts is not null && counts.Any(c => c < 0)) yield return "a count below zero";
        if (specialCount < 0 || specialCount > symbols.Count) yield return $"{specialCount} special symbols of {symbols.Count}";
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < symbols.Count; id++)
        {
            if (symbols[id].Length == 0) yield return $"symbol {id} is empty";
            else if (!first.TryAdd(symbols[id], id)) yield return $"symbol {id} is the same as symbol {first[symbols[id]]}";
            else if (!IsWellFormed(symbols[id])) yield return $"symbol {id} has half of a surrogate pair";
        }
    }

    static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != System.Buffers.OperationStatus.Done) return false;
            text = text[length..];
        }
        return true;
    }
}
