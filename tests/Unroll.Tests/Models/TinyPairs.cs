using Unroll.Data;

namespace Unroll.Tests.Models;

/// <summary>Small models that write texts, of small alphabets.</summary>
static class TinyPairs
{
    public static TextCoder Letters(string letters) => TextCoder.Build([letters], new() { Tokens = "char" });

    public static TextCoder Words(params string[] texts) => TextCoder.Build(texts, new() { Tokens = "word" });

    public static Seq2Seq Model(string attention = "general", string letters = "ab", int hidden = 8, ulong seed = 1, Func<Seq2SeqConfig, Seq2SeqConfig>? with = null)
    {
        var config = new Seq2SeqConfig { Attention = attention, EmbeddingSize = 6, HiddenSize = hidden, InitScale = 0.8 };
        return new(with?.Invoke(config) ?? config, Letters(letters), Letters(letters), new Rng(seed));
    }

    /// <summary>Random texts of these letters and what becomes of them.</summary>
    public static TextPair[] Pairs(Func<string, string> target, string letters, int from, int to, int count, ulong seed = 1)
    {
        var rng = new Rng(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var text = string.Concat(Enumerable.Range(0, from + rng.Next(to - from + 1)).Select(_ => letters[rng.Next(letters.Length)]));
                return new TextPair(text, target(text), $"pair {i}");
            }),
        ];
    }
}
