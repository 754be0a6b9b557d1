using System.Text;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>The tokens of a classifier's texts. Each kind has a token for what it has never seen.</summary>
static class TextTokens
{
    // Texts of few words, such as names, differ by their letters; a language of long words, such as Korean, has too many words to know them all.
    const double FewWords = 2.5, LongScript = 0.5;
    const int Sample = 2000;

    public static Tokenizer Build(ClassifySettings settings, IReadOnlyList<TextDocument> texts)
    {
        var most = settings.Vocabulary ?? Vocabulary.MaxSize;
        return (settings.Tokens == "auto" ? Choose(texts) : settings.Tokens) switch
        {
            "word" => TermTokenizer.Build(texts, settings.MinCount, most, folds: !settings.Cased),
            "char" => CharTokenizer.Build(texts, settings.MinCount, most),
            "bpe" => BpeTokenizer.Build(texts, settings.Vocabulary ?? BpeTokenizer.DefaultSize, settings.MinCount),
            _ => new ByteTokenizer(),
        };
    }

    /// <summary>char where most texts are a word or two, or most letters Hangul or of a script without spaces; else word.</summary>
    public static string Choose(IReadOnlyList<TextDocument> texts)
    {
        long words = 0, letters = 0, special = 0;
        var step = Math.Max(1, texts.Count / Sample);
        var count = 0;
        for (var i = 0; i < texts.Count; i += step, count++)
        {
            words += texts[i].Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            foreach (var rune in texts[i].Text.EnumerateRunes())
            {
                if (!Rune.IsLetter(rune)) continue;
                letters++;
                if (IsOfLongScript(rune)) special++;
            }
        }
        return words < FewWords * count || special > LongScript * letters ? "char" : "word";
    }

    /// <summary>Thai to Burmese, Khmer, Kana, Han, Hangul.</summary>
    static bool IsOfLongScript(Rune rune) => rune.Value is >= 0x0E00 and <= 0x11FF or >= 0x1780 and <= 0x17FF or >= 0x3040 and <= 0x318F
        or >= 0x3400 and <= 0x9FFF or >= 0xAC00 and <= 0xD7AF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;
}
