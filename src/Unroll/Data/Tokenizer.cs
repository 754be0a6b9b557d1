using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>Cuts text into tokens numbered from 0, and puts tokens together to text again.</summary>
/// <remarks>A tokenizer never changes after it is made, and may be used from several threads at once.</remarks>
public abstract class Tokenizer
{
    /// <summary>The names that <see cref="Build"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [CharTokenizer.KindName, ByteTokenizer.KindName, WordTokenizer.KindName, TermTokenizer.KindName, BpeTokenizer.KindName];

    private protected Tokenizer()
    {
    }

    /// <summary>Which of <see cref="Kinds"/> this is.</summary>
    public abstract string Kind { get; }

    /// <summary>The number of different tokens.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The token that ends a line, or null if the vocabulary has no such token.</summary>
    public abstract int? EndOfLineId { get; }

    /// <summary>The token for what the vocabulary lacks, or null if everything can be written, or nothing unseen may be.</summary>
    public virtual int? UnknownId => null;

    /// <summary>
    /// Unicode's normal form that every text is brought to before it is cut, so that one text has the same tokens however it was written: form C for
    /// tokenizers that are built from texts, null (none) for those of models that earlier versions saved.
    /// </summary>
    public NormalizationForm? Form { get; private protected init; }

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">Well-formed UTF-16; half of a surrogate pair counts as U+FFFD.</param>
    /// <param name="source">What an error names as the place of the text.</param>
    /// <exception cref="UnrollException">The text has characters that the vocabulary lacks; each is named with its place.</exception>
    public int[] Encode(ReadOnlySpan<char> text, string source = "the text")
    {
        var ids = new List<int>(text.Length);
        Encode(text, ids, source);
        return [.. ids];
    }

    /// <summary>Adds the tokens of a text to a list; otherwise as the other overload.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> ids, string source) => Cut(NormalText.Apply(text, Form), ids, source);

    /// <summary>Where in a text each of its tokens stands, in UTF-16 units; tokens that are parts of one character share its place.</summary>
    public Range[] Locate(ReadOnlySpan<char> text)
    {
        var normal = new NormalText(text, Form);
        return normal.ToOriginal(Places(normal.Text));
    }

    /// <summary>Adds the tokens of a text that is in the form.</summary>
    private protected abstract void Cut(ReadOnlySpan<char> text, List<int> ids, string source);

    /// <summary>As <see cref="Locate"/>, of a text that is in the form.</summary>
    private protected virtual Range[] Places(ReadOnlySpan<char> text)
    {
        // The UTF-8 of the text, byte by byte: the character that each belongs to.
        var characters = new List<Range>();
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var place = at..(at + rune.Utf16SequenceLength);
            for (var i = 0; i < rune.Utf8SequenceLength; i++) characters.Add(place);
            at = place.End.Value;
        }
        var ids = new List<int>(text.Length);
        Cut(text, ids, "the text");
        var places = new Range[ids.Count];
        for (int i = 0, from = 0; i < ids.Count; from += Bytes(ids[i++]).Length)
            places[i] = characters[from].Start..characters[from + Bytes(ids[i]).Length - 1].End;
        return places;
    }

    /// <summary>The text of tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is none of the vocabulary's.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length);
        var decoder = new TokenDecoder(this);
        foreach (var id in ids) text.Append(decoder.Next(id));
        return text.Append(decoder.Finish()).ToString();
    }

    /// <summary>A token as a person would want to see it in a list.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is none of the vocabulary's.</exception>
    public abstract string Symbol(int id);

    /// <summary>The number of Unicode scalar values in the text of these tokens.</summary>
    public abstract long CountCharacters(ReadOnlySpan<int> ids);

    /// <summary>The UTF-8 of one token, which may be a part of a character only.</summary>
    internal abstract ReadOnlySpan<byte> Bytes(int id);

    /// <summary>Whether a space stands between two neighbours.</summary>
    internal virtual bool SpaceBetween(int previous, int id) => false;

    /// <summary>All that <see cref="FromJson"/> needs to make the same tokenizer.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["kind"] = Kind };
        if (Form is not null) json["form"] = TextNormalizer.NameOf(Form);
        Write(json);
        return json;
    }

    private protected abstract void Write(JsonObject json);

    /// <summary>Makes a tokenizer of what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="UnrollException">The value describes no tokenizer; every problem is listed.</exception>
    public static Tokenizer FromJson(JsonElement json)
    {
        var reader = new TokenizerReader(json);
        Tokenizer? tokenizer = reader.Kind() switch
        {
            CharTokenizer.KindName => CharTokenizer.Read(reader),
            ByteTokenizer.KindName => ByteTokenizer.Read(reader),
            WordTokenizer.KindName => WordTokenizer.Read(reader),
            TermTokenizer.KindName => TermTokenizer.Read(reader),
            BpeTokenizer.KindName => BpeTokenizer.Read(reader),
            _ => null,
        };
        if (tokenizer is null) Throw.BadTokenizer(reader.Problems);
        return tokenizer;
    }

    /// <summary>Makes a tokenizer of a kind from the texts to train on.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="documents">The texts.</param>
    /// <param name="minCount">Rarer characters, words or merges are cut; at least 1. Default 1 (a merge needs 2). Not for bytes.</param>
    /// <param name="maxSize">The most tokens; default no limit, 2,048 for byte pairs. Not for bytes.</param>
    /// <param name="form">Unicode's normal form that texts are brought to, or null for none.</param>
    /// <exception cref="UnrollException">The kind is unknown, or an option is out of range or has no meaning for the kind.</exception>
    public static Tokenizer Build(
        string kind, IReadOnlyList<TextDocument> documents, int minCount = 1, int? maxSize = null, NormalizationForm? form = NormalizationForm.FormC)
    {
        if (OptionProblems(kind, minCount, maxSize) is { Count: > 0 } problems) Throw.TokenizerOptions(problems);
        return kind switch
        {
            CharTokenizer.KindName => CharTokenizer.Build(documents, minCount, maxSize, form),
            WordTokenizer.KindName => WordTokenizer.Build(documents, minCount, maxSize ?? Vocabulary.MaxSize, form),
            TermTokenizer.KindName => TermTokenizer.Build(documents, minCount, maxSize ?? Vocabulary.MaxSize, form: form),
            BpeTokenizer.KindName => BpeTokenizer.Build(documents, maxSize ?? BpeTokenizer.DefaultSize, minCount, form),
            _ => new ByteTokenizer(form),
        };
    }

    /// <summary>What is wrong with the options of <see cref="Build"/>; nothing if they can be used.</summary>
    internal static List<string> OptionProblems(string kind, int minCount, int? maxSize)
    {
        var problems = new List<string>();
        if (!Kinds.Contains(kind)) problems.Add($"the kind of tokens is '{kind}'; it must be one of {string.Join(", ", Kinds)}");
        if (minCount < 1) problems.Add($"the least count is {minCount}; it must be at least 1");
        if (kind == ByteTokenizer.KindName && (minCount != 1 || maxSize is not null))
            problems.Add("there are always 256 bytes; leave out the least count and the largest size, or choose another kind of tokens");
        var least = kind == BpeTokenizer.KindName ? ByteTokenizer.ByteCount : WordTokenizer.SpecialCount + 1;
        if (kind != ByteTokenizer.KindName && (maxSize < least || maxSize > Vocabulary.MaxSize))
            problems.Add($"the largest size is {maxSize}; it must be from {least} to {Vocabulary.MaxSize:N0}");
        return problems;
    }
}
