using Unroll.Data;

namespace Unroll.Cli;

/// <summary>The tokens of a classifier's texts. Each kind has a token for what it has never seen, or needs none.</summary>
static class TextTokens
{
    public static Tokenizer Build(ClassifySettings settings, IReadOnlyList<TextDocument> texts)
    {
        var most = settings.Vocabulary ?? Vocabulary.MaxSize;
        return settings.Tokens switch
        {
            "word" => TermTokenizer.Build(texts, settings.MinCount, most, folds: !settings.Cased),
            "char" => CharTokenizer.Build(texts, settings.MinCount, most),
            "bpe" => BpeTokenizer.Build(texts, settings.Vocabulary ?? BpeTokenizer.DefaultSize, settings.MinCount),
            _ => new ByteTokenizer(),
        };
    }
}
