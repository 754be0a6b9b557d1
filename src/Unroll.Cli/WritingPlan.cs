namespace Unroll.Cli;

/// <summary>What fits data of which texts are to be written: starting points that learn well, from small tasks on letters to real languages.</summary>
sealed record WritingPlan
{
    // Hardly more than a word: what is to be written is spelled, not said.
    const double MostWordsToSpell = 2;

    // So often a text is seen in all; spelling is learned soon.
    const int TextsSpelled = 100_000, TextsSaid = 300_000, LeastEpochs = 5, MostEpochs = 30;

    public required string Tokens { get; init; }
    public required int BytePairs { get; init; }
    public required int Embedding { get; init; }
    public required int Hidden { get; init; }
    public required double Dropout { get; init; }
    public required double LabelSmoothing { get; init; }
    public required int Batch { get; init; }
    public required int Epochs { get; init; }
    public required double LearningRate { get; init; }
    public required long WarmUp { get; init; }

    /// <param name="texts">What is to be written.</param>
    public static WritingPlan For(IReadOnlyList<string> texts)
    {
        var spells = texts.Average(t => (double)t.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length) <= MostWordsToSpell;
        return new()
        {
            Tokens = spells ? "char" : "bpe",
            BytePairs = Math.Clamp(texts.Count / 5, 1000, 8000),
            Embedding = spells ? 64 : 256,
            Hidden = spells ? 128 : 384,
            Dropout = spells ? 0.1 : 0.3,
            LabelSmoothing = spells ? 0 : 0.1,
            Batch = spells ? 640 : 512,                             // many small steps learn a language sooner than few large ones
            Epochs = Math.Clamp((spells ? TextsSpelled : TextsSaid) / texts.Count, LeastEpochs, MostEpochs),
            LearningRate = spells ? 0.005 : 0.0015,
            WarmUp = 100,
        };
    }
}
