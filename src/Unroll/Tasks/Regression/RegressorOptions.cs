using Unroll.Configuration;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a regressor's training.</summary>
public sealed record RegressorOptions : TrainingOptions
{
    /// <summary>AdamW with weight decay, and a rate that falls along a cosine.</summary>
    public RegressorOptions() => (Optimizer, Schedule, WeightDecay, Batch, Average) = ("adamw", "cosine", 0.01, 16, 0.99);

    /// <summary>What the model is made of; the features are told from the data.</summary>
    public RegressorConfig Model { get; init; } = new() { Features = 1 };

    internal static SettingList<RegressorOptions> ModelSettings { get; } = RegressorConfig.Settings.AsOptions.In<RegressorOptions>(o => o.Model, (o, v) => o with { Model = v });
}
