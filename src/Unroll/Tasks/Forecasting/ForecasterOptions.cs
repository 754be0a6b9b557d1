using Unroll.Configuration;

namespace Unroll.Tasks;

/// <summary>Everything that decides the result of a forecaster's training.</summary>
public sealed record ForecasterOptions : TrainingOptions
{
    /// <summary>AdamW with a rate that falls along a cosine; the weights are averaged.</summary>
    public ForecasterOptions() => (Optimizer, Schedule, LearningRate, WeightDecay, Batch, Average, Patience) = ("adamw", "cosine", 0.002, 0.01, 32, 0.99, 6);

    /// <summary>What the model is made of; what is not said is chosen to fit the data.</summary>
    public ForecasterConfig Model { get; init; } = new();

    /// <summary>How many windows at the end of each series are held out as the test, at least 1; null for none.</summary>
    public int? TestWindows { get; init; }

    /// <summary>The time from which on all is held out as the test, such as 2018-12-31; null for none.</summary>
    public string? TestFrom { get; init; }

    /// <summary>Steps from one cut-off of the test to the next, at least 1; null for the horizon.</summary>
    public int? TestStep { get; init; }

    internal static SettingList<ForecasterOptions> ModelSettings { get; } = ForecasterConfig.Settings.AsOptions.In<ForecasterOptions>(o => o.Model, (o, v) => o with { Model = v });

    internal static SettingList<ForecasterOptions> TestSettings { get; } =
    [
        SettingOf<ForecasterOptions>.Whole("test_windows", "N", "Hold out the last N windows of each series as the test set.", 1, int.MaxValue, o => o.TestWindows, (o, v) => o with { TestWindows = v }),
        SettingOf<ForecasterOptions>.OptionalText("test_from", "TIME", "Hold out all from this time on as the test set.", o => o.TestFrom, (o, v) => o with { TestFrom = v }),
        SettingOf<ForecasterOptions>.Whole("test_step", "N", "Steps from one cut-off of the test set to the next. Default: the horizon.", 1, int.MaxValue, o => o.TestStep, (o, v) => o with { TestStep = v }),
    ];

    /// <summary>What cannot stand together.</summary>
    internal IEnumerable<string> TestProblems
    {
        get
        {
            if (TestWindows is not null && TestFrom is not null) yield return "--test-windows, --test-from: there is one way to choose the test set; give one of them.";
            if (TestStep is not null && TestWindows is null && TestFrom is null) yield return "--test-step needs a test set: give --test-windows or --test-from.";
            if (TestFrom is { } text && !ForecastSplit.TryTime(text, out _)) yield return $"--test-from is '{text}'; expected a date or a time in ISO form, such as 2018-12-31 or 2018-12-31T06:00.";
            if (Data.ValidFile is not null) yield return "--valid names a file; a forecaster validates on the end of what it learns from: give a share from 0 to below 1.";
        }
    }
}
