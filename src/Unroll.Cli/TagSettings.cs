using Unroll.Data;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train tag</c>.</summary>
sealed record TagSettings : LabelledSettings
{
    static readonly SequenceTaggerConfig Fallback = new();

    public TagSettings() => (LearningRate, Schedule) = (0.003, "cosine");

    public int MinCount { get; init; } = 2;
    public bool Cased { get; init; }

    /// <summary>The scheme that tags are brought to; null for the one that they are in, with BIO for IOB1.</summary>
    public string? Scheme { get; init; }
    public string Cell { get; init; } = Fallback.Cell;
    public int Embedding { get; init; } = Fallback.WordSize;
    public int Letters { get; init; } = Fallback.LetterSize;
    public int LettersHidden { get; init; } = Fallback.LetterHiddenSize;
    public int Hidden { get; init; } = Fallback.HiddenSize;
    public int Layers { get; init; } = Fallback.Layers;
    public bool OneWay { get; init; }

    /// <summary>Softmax or crf; null for crf where tags mark spans and softmax elsewhere.</summary>
    public string? Output { get; init; }
    public double Dropout { get; init; } = Fallback.Dropout;
    public bool Variational { get; init; }
    public double RecurrentDropout { get; init; } = Fallback.RecurrentDropout;
    public double WordDropout { get; init; } = Fallback.WordDropout;

    public static IReadOnlyList<string> Outputs { get; } = ["softmax", "crf"];
    public static IReadOnlyList<string> Schemes { get; } = [.. Enum.GetNames<TagScheme>().Where(n => n != nameof(TagScheme.None)).Select(n => n.ToLowerInvariant())];

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(MinCount >= 1, "min_count", MinCount);
        tell(Scheme is null || Schemes.Contains(Scheme), "scheme", Scheme);
        tell(Output is null || Outputs.Contains(Output), "output", Output);
    }

    public TagScheme? ToScheme() => Scheme is null ? null : Enum.Parse<TagScheme>(Scheme, ignoreCase: true);

    public SequenceTaggerConfig ToConfig(TagScheme scheme) => new()
    {
        Cell = Cell, WordSize = Embedding, LetterSize = Letters, LetterHiddenSize = LettersHidden, HiddenSize = Hidden, Layers = Layers,
        Bidirectional = !OneWay, Crf = (Output ?? (scheme == TagScheme.None ? "softmax" : "crf")) == "crf",
        Dropout = Dropout, VariationalDropout = Variational, RecurrentDropout = RecurrentDropout, WordDropout = WordDropout,
    };
}
