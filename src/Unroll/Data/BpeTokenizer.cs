using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>
/// Byte-pair encoding: the text's bytes, and pairs that were merged because they are frequent; Sennrich, Haddow and Birch, "Neural
/// machine translation of rare words with subword units", ACL 2016, on bytes, so that any text can be written.
/// </summary>
/// <remarks>
/// Tokens 0 … 255 are the bytes; token 256 + i is the i-th merge. No merge crosses the border of a piece of text. A piece is a run of
/// letters, of digits or of other signs, together with one space before it, or a run of white space; the end of a line is a piece of its
/// own, marks belong to what they stand on, and a run ends after 64 characters. In a piece the pair that was merged first in training is
/// merged first, everywhere from left to right, until no pair is left.
/// </remarks>
internal sealed class BpeTokenizer : Tokenizer
{
    internal const string KindName = "bpe";
    internal const int DefaultSize = 2048;

    const int MaxRun = 64;
    const int MaxTokenBytes = 4 * (MaxRun + 1);
    const int MaxCached = 1 << 18;

    enum Class { Space, LineEnd, Letter, Digit, Mark, Other }

    readonly (int Left, int Right)[] _merges;
    readonly Dictionary<(int Left, int Right), int> _ids;
    readonly byte[][] _bytes;
    readonly int[] _characters;

    BpeTokenizer((int Left, int Right)[] merges)
    {
        _merges = merges;
        _ids = new(merges.Length);
        _bytes = new byte[ByteTokenizer.ByteCount + merges.Length][];
        for (var b = 0; b < ByteTokenizer.ByteCount; b++) _bytes[b] = [(byte)b];
        for (var i = 0; i < merges.Length; i++)
        {
            var id = ByteTokenizer.ByteCount + i;
            _ids.Add(merges[i], id);
            _bytes[id] = [.. _bytes[merges[i].Left], .. _bytes[merges[i].Right]];
        }
        _characters = Array.ConvertAll(_bytes, b => b.Count(ByteTokenizer.StartsCharacter));
    }

    /// <summary>Learns merges from the texts: always the most frequent pair, of equally frequent ones that of the lowest numbers.</summary>
    /// <param name="documents">The texts.</param>
    /// <param name="size">The number of tokens to stop at, at least 256; fewer if no pair is frequent enough any more.</param>
    /// <param name="minCount">A pair seen less often is not merged; at least 2 counts.</param>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    public static BpeTokenizer Build(
        IReadOnlyList<TextDocument> documents, int size = DefaultSize, int minCount = 2, NormalizationForm? form = NormalizationForm.FormC)
    {
        var pieces = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in NormalText.Apply(documents, form))
        {
            for (var rest = document.Text.AsSpan(); rest.Length > 0;)
            {
                var length = PieceLength(rest);
                Vocabulary.Count(bySpan, rest[..length]);
                rest = rest[length..];
            }
        }
        var trainer = new BpeTrainer(pieces.Select(p => (Encoding.UTF8.GetBytes(p.Key), p.Value)));
        return new BpeTokenizer(trainer.Learn(size - ByteTokenizer.ByteCount, Math.Max(2, minCount))) { Form = form };
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize => _bytes.Length;

    /// <inheritdoc/>
    public override int? EndOfLineId => '\n';

    private protected override void Cut(ReadOnlySpan<char> text, List<int> ids, string source)
    {
        var cache = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var bySpan = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<byte> bytes = stackalloc byte[MaxTokenBytes];
        Span<int> tokens = stackalloc int[MaxTokenBytes];
        while (text.Length > 0)
        {
            var length = PieceLength(text);
            var piece = text[..length];
            text = text[length..];
            if (!bySpan.TryGetValue(piece, out var merged))
            {
                var count = Encoding.UTF8.GetBytes(piece, bytes);
                for (var i = 0; i < count; i++) tokens[i] = bytes[i];
                merged = tokens[..Merge(tokens[..count])].ToArray();
                if (cache.Count < MaxCached) bySpan[piece] = merged;
            }
            ids.AddRange(merged);
        }
    }

    /// <inheritdoc/>
    public override string Symbol(int id) => ByteTokenizer.Show(_bytes[id]);

    /// <inheritdoc/>
    public override long CountCharacters(ReadOnlySpan<int> ids)
    {
        var count = 0L;
        foreach (var id in ids) count += _characters[id];
        return count;
    }

    internal override ReadOnlySpan<byte> Bytes(int id) => _bytes[id];

    private protected override void Write(JsonObject json)
    {
        var merges = new JsonArray();
        foreach (var (left, right) in _merges) merges.Add((JsonNode)new JsonArray(left, right));
        json["merges"] = merges;
    }

    internal static BpeTokenizer? Read(TokenizerReader reader)
    {
        var list = reader.List("merges");
        var merges = new (int Left, int Right)[list.Length];
        var seen = new Dictionary<(int, int), int>(list.Length);
        var lengths = new int[ByteTokenizer.ByteCount + list.Length];
        Array.Fill(lengths, 1);
        for (var i = 0; i < list.Length; i++)
        {
            var id = ByteTokenizer.ByteCount + i;
            if (!IsPair(list[i], out var pair)) reader.Add($"merge {i} is not a list of two token numbers");
            else if (Math.Min(pair.Left, pair.Right) < 0 || Math.Max(pair.Left, pair.Right) >= id)
                reader.Add($"merge {i} joins {pair.Left} and {pair.Right}; only tokens from 0 to {id - 1} exist before it");
            else if (!seen.TryAdd(pair, i)) reader.Add($"merge {i} is the same as merge {seen[pair]}");
            else if ((lengths[id] = lengths[pair.Left] + lengths[pair.Right]) > MaxTokenBytes)
                reader.Add($"merge {i} makes a token of {lengths[id]} bytes; at most {MaxTokenBytes} are allowed");
            else merges[i] = pair;
            lengths[id] = Math.Min(lengths[id], MaxTokenBytes);
        }
        if (lengths.Length > Vocabulary.MaxSize) reader.Add($"{lengths.Length:N0} tokens; at most {Vocabulary.MaxSize:N0} are allowed");
        var form = reader.Form();
        return reader.Ok ? new BpeTokenizer(merges) { Form = form } : null;
    }

    static bool IsPair(JsonElement json, out (int Left, int Right) pair)
    {
        pair = default;
        return json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 2
            && json[0].ValueKind == JsonValueKind.Number && json[0].TryGetInt32(out pair.Left)
            && json[1].ValueKind == JsonValueKind.Number && json[1].TryGetInt32(out pair.Right);
    }

    /// <summary>Merges the tokens of a piece in place; how many are left.</summary>
    int Merge(Span<int> tokens)
    {
        while (true)
        {
            var best = int.MaxValue;
            for (var i = 1; i < tokens.Length; i++)
                if (_ids.TryGetValue((tokens[i - 1], tokens[i]), out var id) && id < best) best = id;
            if (best == int.MaxValue) return tokens.Length;
            var (left, right) = _merges[best - ByteTokenizer.ByteCount];
            var count = 0;
            for (var i = 0; i < tokens.Length; i++)
            {
                var joined = i + 1 < tokens.Length && tokens[i] == left && tokens[i + 1] == right;
                tokens[count++] = joined ? best : tokens[i];
                if (joined) i++;
            }
            tokens = tokens[..count];
        }
    }

    /// <summary>The number of UTF-16 units in the first piece of a text.</summary>
    internal static int PieceLength(ReadOnlySpan<char> text)
    {
        var kind = ClassAt(text, 0, out var length);
        if (kind == Class.LineEnd) return length;
        var lead = text[0] == ' ' && text.Length > 1 && ClassAt(text, 1, out var second) is var next and not (Class.Space or Class.LineEnd)
            ? (Length: 1 + second, Kind: next)
            : (Length: length, Kind: kind);
        (length, kind) = lead;
        if (kind == Class.Mark) kind = Class.Other;
        var last = 0;
        for (var run = 1; run < MaxRun && length < text.Length; run++)
        {
            if (ClassAt(text, length, out var width) is var other && other != kind && other != Class.Mark) break;
            last = length;
            length += width;
        }
        var leavesSpace = kind == Class.Space && last > 0 && text[last] == ' '
            && length < text.Length && ClassAt(text, length, out _) is not (Class.Space or Class.LineEnd);
        return leavesSpace ? last : length;
    }

    static Class ClassAt(ReadOnlySpan<char> text, int start, out int width)
    {
        Rune.DecodeFromUtf16(text[start..], out var rune, out width);
        if (rune.Value == '\n') return Class.LineEnd;
        if (Rune.IsWhiteSpace(rune)) return Class.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Class.Letter,
            <= UnicodeCategory.EnclosingMark => Class.Mark,
            <= UnicodeCategory.OtherNumber => Class.Digit,
            _ => Class.Other,
        };
    }
}
