using Unroll.Data;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train translate</c>.</summary>
sealed record TranslateSettings : WritingSettings
{
    /// <summary>For a file of sources, the file of what belongs to its lines; a file that is not here has both sides.</summary>
    public IReadOnlyDictionary<string, string> Targets { get; init; } = new Dictionary<string, string>();
    public int MaxWords { get; init; } = int.MaxValue;
    public double? MaxRatio { get; init; }
    public bool Joint { get; init; }
    public string? SourceTokens { get; init; }
    public int? SourceVocabulary { get; init; }
    public bool OneWay { get; init; }
    public int EncoderSize { get; init; }
    public bool SharedEmbedding { get; init; }

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(MaxWords >= 1, "max_words", MaxWords);
        tell(MaxRatio is null or >= 1, "max_ratio", MaxRatio);
        tell(SourceTokens is null || TokenKinds.Contains(SourceTokens), "source_tokens", SourceTokens);
    }

    public PairFilter ToFilter() => new() { MaxWords = MaxWords, MaxRatio = MaxRatio ?? double.PositiveInfinity };

    /// <summary>The symbols of both sides, made from the pairs to learn from.</summary>
    public (TextCoder Source, TextCoder Target) BuildSymbols(IReadOnlyList<TextPair> pairs)
    {
        var (source, target) = (ToSymbols() with { Tokens = SourceTokens ?? Tokens, MaxSize = SourceVocabulary ?? (SourceTokens is null || SourceTokens == Tokens ? Vocabulary : null) }, ToSymbols());
        if (Joint) return TextCoder.Build(pairs, target with { Joint = true });
        return (TextCoder.Build(pairs.Select(p => p.Source), source), TextCoder.Build(pairs.Select(p => p.Target), target));
    }

    /// <summary>The settings with everything that was not given chosen to fit the pairs to learn from.</summary>
    public TranslateSettings Planned(IReadOnlyList<TextPair> pairs)
    {
        var plan = WritingPlan.For([.. pairs.Select(p => p.Target)]);
        var tokens = Tokens == Auto ? plan.Tokens : Tokens;
        var batch = Pick("--batch-tokens", Batch, plan.Batch);
        var epochs = Iterations is null ? Epochs ?? plan.Epochs : Epochs;
        return this with
        {
            Tokens = tokens,
            SourceTokens = SourceTokens == Auto ? WritingPlan.For([.. pairs.Select(p => p.Source)]).Tokens : SourceTokens,
            Vocabulary = Vocabulary ?? (tokens == "bpe" ? plan.BytePairs : null),
            MinCount = Pick("--min-count", MinCount, tokens == "word" ? 2 : 1),
            Embedding = Pick("--embedding", Embedding, plan.Embedding),
            Hidden = Pick("--hidden", Hidden, plan.Hidden),
            Dropout = Pick("--dropout", Dropout, plan.Dropout),
            LabelSmoothing = Pick("--label-smoothing", LabelSmoothing, plan.LabelSmoothing),
            Batch = batch,
            Epochs = epochs,
            LearningRate = Pick("--lr", LearningRate, plan.LearningRate),
            WarmUp = Pick("--warmup", WarmUp, plan.WarmUp),
        };
    }

    public Seq2SeqConfig ToConfig() => WithDecoder(new Seq2SeqConfig { Bidirectional = !OneWay, EncoderSize = EncoderSize, SharedEmbedding = SharedEmbedding });
}
