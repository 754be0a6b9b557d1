using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>A sentence as numbers.</summary>
/// <param name="Sentence">The sentence.</param>
/// <param name="Words">The id of each word; 0 for a word that is not known.</param>
/// <param name="Letters">The ids of each word's letters; 0 for a letter that is not known.</param>
/// <param name="Tags">The id of each tag, −1 where it is not known; as many as words.</param>
internal sealed record EncodedSentence(TaggedSentence Sentence, IReadOnlyList<int> Words, IReadOnlyList<int[]> Letters, IReadOnlyList<int> Tags);

/// <summary>What a tagger knows: words, letters and tags, and the scheme that the tags are in.</summary>
/// <remarks>Word 0 and letter 0 are <see cref="Vocabulary.Unknown"/>. A letter is a Unicode scalar value, so a Hangul syllable is one.
/// Safe for use by several threads: it does not change.</remarks>
public sealed class SentenceVocabulary
{
    /// <summary>A longer word is read by its first and last so many letters together.</summary>
    public const int MostLetters = 64;

    readonly TagSpelling _spelling;

    SentenceVocabulary(Vocabulary words, Vocabulary letters, Vocabulary tags, TagScheme scheme, bool lowerCase) =>
        (Words, Letters, Tags, Scheme, LowerCase, _spelling) = (words, letters, tags, scheme, lowerCase, TagSpelling.Of(tags.Symbols));

    /// <summary>Words, in lower case where <see cref="LowerCase"/> says so; 0 is unknown.</summary>
    public Vocabulary Words { get; }

    /// <summary>Letters; 0 is unknown.</summary>
    public Vocabulary Letters { get; }

    /// <summary>Tags.</summary>
    public Vocabulary Tags { get; }

    /// <summary>The scheme of the tags.</summary>
    public TagScheme Scheme { get; }

    /// <summary>Whether words are told apart in lower case; letters never are.</summary>
    public bool LowerCase { get; }

    /// <summary>Unicode's normal form that words are brought to: form C, null (none) in models that earlier versions saved.</summary>
    public NormalizationForm? Form { get; private init; } = NormalizationForm.FormC;

    /// <summary>Takes words, letters and tags from sentences.</summary>
    /// <param name="sentences">The sentences to learn from.</param>
    /// <param name="minCount">Words and letters that occur less often are unknown; at least 1. Above 1 there is something to learn of the unknown.</param>
    /// <param name="lowerCase">Whether words are told apart in lower case.</param>
    /// <param name="scheme">The scheme to bring the tags to; null for the one that they are in, with BIO for IOB1, which is harder to learn.</param>
    /// <exception cref="UnrollException">A sentence has not one tag a word, there is no word at all, or the tags mark no spans and a scheme was asked for.</exception>
    public static SentenceVocabulary Build(IReadOnlyList<TaggedSentence> sentences, int minCount = 2, bool lowerCase = true, TagScheme? scheme = null)
    {
        if (minCount < 1) Throw.OutOfRange(nameof(minCount), minCount, "at least 1");
        if (sentences.Where(s => s.Tags.Count != s.Words.Count).ToArray() is { Length: > 0 } untagged) Throw.SentencesWithoutTags(untagged);
        if (sentences.All(s => s.Words.Count == 0)) Throw.NoWords();
        var found = TagSchemes.Recognise(sentences.Select(s => s.Tags));
        if (scheme is not (null or TagScheme.None) && found == TagScheme.None) Throw.NoSpans(scheme.Value, sentences.First(s => s.Tags.Count > 0).Tags[0]);
        var spelling = TagSpelling.Of(sentences.SelectMany(s => s.Tags));
        var chosen = scheme ?? (found == TagScheme.Iob1 ? TagScheme.Bio : found);
        Dictionary<string, long> words = new(StringComparer.Ordinal), letters = new(StringComparer.Ordinal), tags = new(StringComparer.Ordinal);
        foreach (var sentence in sentences)
        {
            foreach (var written in sentence.Words)
            {
                var word = UnicodeForms.Normalize(written, NormalizationForm.FormC);
                Count(words, Fold(word, lowerCase));
                foreach (var rune in word.EnumerateRunes()) Count(letters, rune.ToString());
            }
            foreach (var tag in TagSchemes.Convert(sentence.Tags, chosen, spelling)) Count(tags, tag);
        }
        words.Remove("");
        return new(
            Vocabulary.FromCounts(words, [Vocabulary.Unknown], minCount), Vocabulary.FromCounts(letters, [Vocabulary.Unknown], minCount),
            Vocabulary.FromCounts(tags, []), chosen, lowerCase);

        static void Count(Dictionary<string, long> counts, string symbol) => CollectionsMarshal.GetValueRefOrAddDefault(counts, symbol, out _)++;
    }

    /// <summary>A sentence as numbers. Its tags, where it has any, are brought to the scheme.</summary>
    /// <exception cref="UnrollException">It has tags, but not one a word.</exception>
    internal EncodedSentence Encode(TaggedSentence sentence)
    {
        if (sentence.Tags.Count > 0 && sentence.Tags.Count != sentence.Words.Count) Throw.SentencesWithoutTags([sentence]);
        var words = new int[sentence.Words.Count];
        var letters = new int[words.Length][];
        var tags = new int[words.Length];
        Span<int> spelling = stackalloc int[MostLetters];
        Array.Fill(tags, -1);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Encode(sentence.Words[i], spelling, out var count);
            letters[i] = spelling[..count].ToArray();
        }
        var converted = InScheme(sentence.Tags);
        for (var i = 0; i < converted.Count; i++) tags[i] = Tags.Find(converted[i]) ?? -1;
        return new(sentence, words, letters, tags);
    }

    /// <summary>Tags brought to the scheme and the spelling of those that are known.</summary>
    internal IReadOnlyList<string> InScheme(IReadOnlyList<string> tags) => TagSchemes.Convert(tags, Scheme, _spelling);

    /// <summary>A word as numbers: its id, 0 where it is not known. Nothing is allocated, unless the word is long or in another normal form.</summary>
    /// <param name="written">The word.</param>
    /// <param name="letters">Room for the ids of <see cref="MostLetters"/> letters.</param>
    /// <param name="count">How many letters there are.</param>
    internal int Encode(ReadOnlySpan<char> written, Span<int> letters, out int count)
    {
        const int Short = 128;
        var word = NormalText.Apply(written, Form);
        count = Spell(word, letters);
        if (!LowerCase) return Words.Find(word) ?? 0;
        Span<char> lower = word.Length <= Short ? stackalloc char[Short] : new char[word.Length];
        return Words.Find(lower[..word.ToLowerInvariant(lower)]) ?? 0;
    }

    int Spell(ReadOnlySpan<char> word, Span<int> letters)
    {
        int all = 0, count = 0, place = 0;
        foreach (var _ in word.EnumerateRunes()) all++;
        Span<char> letter = stackalloc char[2];
        foreach (var rune in word.EnumerateRunes())
        {
            var left = all > MostLetters && place >= MostLetters / 2 && place < all - MostLetters / 2;
            if (!left) letters[count++] = Letters.Find(letter[..rune.EncodeToUtf16(letter)]) ?? 0;
            place++;
        }
        return count;
    }

    static string Fold(string word, bool lowerCase) => lowerCase ? word.ToLower(CultureInfo.InvariantCulture) : word;

    /// <summary>The vocabulary as JSON, as it stands in a model's file.</summary>
    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["scheme"] = Scheme.ToString().ToLowerInvariant(), ["lower_case"] = LowerCase };
        if (Form is not null) json["form"] = TextNormalizer.NameOf(Form);
        foreach (var (name, vocabulary) in new[] { ("words", Words), ("letters", Letters), ("tags", Tags) })
        {
            var part = new JsonObject();
            TokenizerReader.Write(part, vocabulary);
            json[name] = part;
        }
        return json;
    }

    /// <summary>A vocabulary from untrusted JSON.</summary>
    /// <exception cref="UnrollException">Something is missing or wrong; all of it is listed.</exception>
    internal static SentenceVocabulary FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) Throw.BadConfig([$"the vocabulary is {json.ValueKind}; expected an object"]);
        var problems = new List<string>();
        Vocabulary? words = Part("words", 1), letters = Part("letters", 1), tags = Part("tags", 0);
        var name = json.TryGetProperty("scheme", out var s) && s.ValueKind == JsonValueKind.String ? s.GetRawText().Trim('"') : "";
        var schemes = Enum.GetValues<TagScheme>().Where(v => v.ToString().ToLowerInvariant() == name).ToArray();
        if (schemes.Length == 0) problems.Add($"the vocabulary's scheme must be one of {string.Join(", ", Enum.GetNames<TagScheme>()).ToLowerInvariant()}");
        if (!json.TryGetProperty("lower_case", out var lower) || lower.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            problems.Add("the vocabulary's lower_case must be true or false");
        var normal = new TokenizerReader(json);
        var form = normal.Form();
        problems.AddRange(normal.Problems);
        return problems.Count > 0 ? Throw.BadConfig<SentenceVocabulary>(problems)
            : new(words!, letters!, tags!, schemes[0], lower.ValueKind == JsonValueKind.True) { Form = form };

        Vocabulary? Part(string part, int specials)
        {
            if (!json.TryGetProperty(part, out var e) || e.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"the vocabulary has no {part}");
                return null;
            }
            var reader = new TokenizerReader(e);
            var vocabulary = reader.Symbols(specials);
            if (vocabulary is not null && specials > 0 && vocabulary[0] != Vocabulary.Unknown) reader.Add($"symbol 0 is not {Vocabulary.Unknown}");
            problems.AddRange(reader.Problems.Select(p => $"{part}: {p}"));
            return vocabulary;
        }
    }
}
