using Unroll.Data;

namespace Unroll.Tests.Models;

/// <summary>Sentences of made-up words whose tags follow from letters and neighbours, and small taggers of them.</summary>
static class TinySentences
{
    /// <summary>
    /// A word's last letter says whether it is a noun (o), a verb (i) or either (u); one that may be either is a verb after a noun and a noun
    /// elsewhere. Most words occur once, so that letters must be read.
    /// </summary>
    public static TaggedSentence[] PartsOfSpeech(int count, ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var words = new string[1 + rng.Next(7)];
            var tags = new string[words.Length];
            for (var t = 0; t < words.Length; t++)
            {
                var kind = rng.Next(4);
                words[t] = kind == 3 ? "the" : string.Concat(Enumerable.Range(0, 3 + rng.Next(3)).Select(_ => "bdfgklmnprst"[rng.Next(12)])) + "oiu"[kind];
                tags[t] = kind switch
                {
                    0 => "NOUN",
                    1 => "VERB",
                    2 => t > 0 && tags[t - 1] == "NOUN" ? "VERB" : "NOUN",
                    _ => "DET",
                };
            }
            return new TaggedSentence(words, tags, $"made, line {i + 1}");
        })];
    }

    /// <summary>Names of one to three words that begin with a capital: of a place after "in", of a person elsewhere.</summary>
    public static TaggedSentence[] Names(int count, ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            List<string> words = [], tags = [];
            for (var n = 1 + rng.Next(3); n > 0; n--)
            {
                words.Add(rng.Next(2) == 0 ? "in" : "saw");
                tags.Add("O");
                var type = words[^1] == "in" ? "LOC" : "PER";
                for (int length = 1 + rng.Next(3), k = 0; k < length; k++)
                {
                    words.Add("ABCDEFG"[rng.Next(7)] + string.Concat(Enumerable.Range(0, 3).Select(_ => "aeioubcd"[rng.Next(8)])));
                    tags.Add($"{(k == 0 ? "B" : "I")}-{type}");
                }
            }
            return new TaggedSentence(words, tags, $"made, line {i + 1}");
        })];
    }

    public static SequenceTaggerConfig Small { get; } =
        new() { WordSize = 8, LetterSize = 8, LetterHiddenSize = 12, HiddenSize = 16, Dropout = 0.1, WordDropout = 0.1 };

    public static SequenceTagger Model(SequenceTaggerConfig config, IReadOnlyList<TaggedSentence> sentences, ulong seed = 1) =>
        new(config, SentenceVocabulary.Build(sentences), new Rng(seed));
}
