using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>How <see cref="TextCoder"/> makes the symbols of the two sides.</summary>
public sealed record TextCoderOptions
{
    /// <summary>One of <see cref="Tokenizer.Kinds"/>; default <c>bpe</c>.</summary>
    public string Tokens { get; init; } = BpeTokenizer.KindName;

    /// <summary>Rarer characters, words or merges are cut; at least 1. Default 1 (a merge needs 2). Not for bytes.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>The most tokens of a side; default no limit, 2,048 for byte pairs. Not for bytes.</summary>
    public int? MaxSize { get; init; }

    /// <summary>Whether both sides have the same tokens, made from both, as two tongues of one script may; false by default.</summary>
    public bool Joint { get; init; }

    /// <summary>What is done to every text beforehand; nothing by default.</summary>
    public TextNormalizer Normalizer { get; init; } = new();
}

/// <summary>Cuts a text into tokens for a model that reads or writes whole texts: a tokenizer's, and two more for where a text begins and ends.</summary>
/// <remarks>
/// Tokens 0 … V−1 are the tokenizer's, V is the beginning and V + 1 the end. Byte pairs see every text with a space in front, so that a word is
/// the same at the beginning of a text and within. Whatever was never seen can be read: as bytes, or as the unknown token.
/// Safe for use by several threads: it does not change.
/// </remarks>
public sealed class TextCoder
{
    /// <summary>How the beginning and the end are shown.</summary>
    public const string Begin = "<s>", End = "</s>";

    readonly bool _hasSpaceInFront;

    /// <summary>Joins the two tokens to a tokenizer's.</summary>
    /// <param name="tokenizer">Cuts the texts.</param>
    /// <param name="normalizer">What is done to a text before; nothing if null.</param>
    public TextCoder(Tokenizer tokenizer, TextNormalizer? normalizer = null)
    {
        (Tokenizer, Normalizer) = (tokenizer, normalizer ?? new());
        _hasSpaceInFront = tokenizer is BpeTokenizer;
    }

    /// <summary>Makes the symbols of both sides from pairs.</summary>
    /// <exception cref="UnrollException">The kind of tokens is unknown, or an option is out of range or has no meaning for the kind.</exception>
    public static (TextCoder Source, TextCoder Target) Build(IReadOnlyList<TextPair> pairs, TextCoderOptions options)
    {
        var sources = pairs.Select(p => p.Source);
        var targets = pairs.Select(p => p.Target);
        var source = Build(options.Joint ? sources.Concat(targets) : sources, options);
        return (source, options.Joint ? source : Build(targets, options));
    }

    /// <summary>Makes the symbols of one side.</summary>
    /// <exception cref="UnrollException">As for the other overload.</exception>
    public static TextCoder Build(IEnumerable<string> texts, TextCoderOptions options)
    {
        var front = options.Tokens == BpeTokenizer.KindName ? " " : "";
        TextDocument[] documents = [.. texts.Select(t => new TextDocument("", front + options.Normalizer.Apply(t)))];
        // Characters get an unknown token only where there may be a cut.
        var size = options.MaxSize ?? (options.Tokens == CharTokenizer.KindName ? Vocabulary.MaxSize : null);
        return new(Tokenizer.Build(options.Tokens, documents, options.MinCount, size, form: null), options.Normalizer);
    }

    /// <summary>Cuts the texts.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>What is done to a text before.</summary>
    public TextNormalizer Normalizer { get; }

    /// <summary>The number of different tokens, the beginning and the end among them: V + 2.</summary>
    public int Size => Tokenizer.VocabularySize + 2;

    /// <summary>The token before the first of a text.</summary>
    public int BeginId => Tokenizer.VocabularySize;

    /// <summary>The token after the last of a text.</summary>
    public int EndId => Tokenizer.VocabularySize + 1;

    /// <summary>The token for what the vocabulary lacks, or null if everything can be written.</summary>
    public int? UnknownId => Tokenizer.UnknownId;

    /// <summary>The tokens of a text, without the beginning and the end; none for an empty text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What an error names as the place of the text.</param>
    /// <exception cref="UnrollException">The vocabulary lacks characters and has no token for such.</exception>
    public int[] Encode(string text, string source = "the text")
    {
        text = Normalizer.Apply(text);
        return Tokenizer.Encode(_hasSpaceInFront && text.Length > 0 ? " " + text : text, source);
    }

    /// <summary>The text of tokens up to the first end; a beginning is passed over.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is none of the tokens'.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        if (ids.IndexOf(EndId) is >= 0 and var end) ids = ids[..end];
        while (ids is [var first, ..] && first == BeginId) ids = ids[1..];
        var text = Tokenizer.Decode(ids);
        return _hasSpaceInFront && text.StartsWith(' ') ? text[1..] : text;
    }

    /// <summary>A token as a person would want to see it in a list.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is none of the tokens'.</exception>
    public string Symbol(int id) => id == BeginId ? Begin : id == EndId ? End : Tokenizer.Symbol(id);

    /// <summary>All that <see cref="FromJson"/> needs to make the same symbols.</summary>
    public JsonObject ToJson() => new() { ["tokenizer"] = Tokenizer.ToJson(), ["normalizer"] = Normalizer.ToJson() };

    /// <summary>Makes the symbols of what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UnrollException">The value describes none; every problem is listed.</exception>
    public static TextCoder FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Throw.BadCoder($"expected is an object, not {json.ValueKind}");
        if (!json.TryGetProperty("tokenizer", out var tokenizer)) throw Throw.BadCoder("'tokenizer' is missing");
        if (!json.TryGetProperty("normalizer", out var normalizer)) throw Throw.BadCoder("'normalizer' is missing");
        return new(Tokenizer.FromJson(tokenizer), TextNormalizer.FromJson(normalizer));
    }
}
