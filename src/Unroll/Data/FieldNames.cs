using System.Globalization;

namespace Unroll.Data;

/// <summary>The names under which data sets keep their texts and labels, the more telling first.</summary>
static class FieldNames
{
    public const int MostWords = 3;         // of a name

    public static readonly string[] Texts =
    [
        "text", "sentence", "document", "review", "content", "message", "sms", "comment", "tweet", "utterance", "body", "sequence", "question",
        "input",
    ];

    public static readonly string[] Labels =
        ["label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "tag", "tags", "language", "lang", "output"];

    /// <summary>Of the texts that are read, where each belongs to another text.</summary>
    public static readonly string[] Sources = ["source", "src", "input", "question", "q", "prompt", "query", "utterance"];

    /// <summary>Of the texts that are to be written.</summary>
    public static readonly string[] Targets = ["target", "tgt", "trg", "output", "answer", "a", "response", "reply", "translation", "completion"];

    /// <summary>Languages, by their names and codes.</summary>
    public static readonly string[] Languages =
    [
        "english", "french", "german", "spanish", "italian", "portuguese", "dutch", "russian", "ukrainian", "polish", "czech", "turkish", "arabic", "hebrew",
        "hindi", "chinese", "japanese", "korean", "vietnamese", "thai", "indonesian", "greek", "latin", "swedish", "danish", "norwegian", "finnish", "hungarian", "romanian",
        "en", "eng", "fr", "fra", "de", "deu", "es", "spa", "it", "ita", "pt", "por", "nl", "ru", "uk", "pl", "cs", "tr", "ar", "he", "hi", "zh", "ja", "jp", "ko", "kor", "kr", "vi",
        "th", "id", "el", "la", "sv", "da", "no", "fi", "hu", "ro", "영어", "한국어", "원문", "번역문", "질문", "답변",
    ];

    /// <summary>Of the texts that say what a picture shows.</summary>
    public static readonly string[] Captions = ["caption", "captions", "text", "description", "title", "name"];

    /// <summary>The place of the field that is named as one of <paramref name="known"/>, case aside, or −1.</summary>
    public static int Find(IReadOnlyList<string> fields, string[] known)
    {
        foreach (var name in known)
            for (var i = 0; i < fields.Count; i++)
                if (name.Equals(fields[i].Trim(), StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    /// <summary>Whether a field could be a name: up to <see cref="MostWords"/> words, no number.</summary>
    public static bool IsName(string field) =>
        !string.IsNullOrWhiteSpace(field) && !double.TryParse(field, CultureInfo.InvariantCulture, out _) && WordsOf(field) <= MostWords;

    /// <summary>How many words a field has.</summary>
    public static int WordsOf(string field) => field.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Names that stand in one text, separated by commas.</summary>
    public static IReadOnlyList<string> Split(string? names) => names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Names for a message.</summary>
    public static string Show(IEnumerable<string> names) => string.Join(", ", names.Take(20).Select(ProblemList.Quote));
}
