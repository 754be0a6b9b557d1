using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train lm</c>.</summary>
sealed record LmSettings : TrainingSettings
{
    public string? Data { get; init; }
    public string? ValidFile { get; init; }
    public double ValidFraction { get; init; } = 0.1;
    public string Tokens { get; init; } = "char";
    public int MinCount { get; init; } = 1;
    public int? Vocabulary { get; init; }
    public bool Lines { get; init; }
    public string Cell { get; init; } = "lstm";
    public int Embedding { get; init; } = 64;
    public int Hidden { get; init; } = 256;
    public int Layers { get; init; } = 2;
    public double Dropout { get; init; }
    public bool Variational { get; init; }
    public double RecurrentDropout { get; init; }
    public bool Tied { get; init; }
    public double Init { get; init; }
    public int Steps { get; init; } = 64;

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(Steps is >= 1 and <= MaxRows, "steps", Steps);
        tell(ValidFraction is >= 0 and < 1, "valid_fraction", ValidFraction);
    }

    public LanguageModelConfig ToConfig() => new()
    {
        Cell = Cell, EmbeddingSize = Embedding, HiddenSize = Hidden, Layers = Layers, Dropout = Dropout,
        VariationalDropout = Variational, RecurrentDropout = RecurrentDropout, TiedWeights = Tied, InitScale = Init,
    };
}
