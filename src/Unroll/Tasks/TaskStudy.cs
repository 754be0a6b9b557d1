using System.Text.Json.Nodes;
using Unroll.Configuration;

namespace Unroll.Tasks;

/// <summary>What a study compares.</summary>
internal sealed record StudyOptions
{
    /// <summary>What is compared, the first being what the others are measured against; empty for all of the study.</summary>
    public IReadOnlyList<string> Variants { get; init; } = [];

    /// <summary>How many seeds each is trained with: the seed of the options and those after it; 1 to 100. Default 3.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>The shares of the training data, above 0 to 1, besides all of it. Default none.</summary>
    public IReadOnlyList<string> Fractions { get; init; } = [];

    /// <summary>What is compared on shares of the data; empty for what the study finds worth it.</summary>
    public IReadOnlyList<string> FractionVariants { get; init; } = [];

    internal static SettingList<StudyOptions> Settings { get; } =
    [
        SettingOf<StudyOptions>.Texts("variants", "NAME", "What to compare; the first is what the others are measured against. Default: all.", o => o.Variants, (o, v) => o with { Variants = v }, "--variant"),
        SettingOf<StudyOptions>.Whole("seeds", "N", "Train each with so many seeds, from --seed on.", 1, 100, o => o.Seeds, (o, v) => o with { Seeds = v }),
        SettingOf<StudyOptions>.Texts("fractions", "F", "Also learn from this share of the data; may be given several times.", o => o.Fractions, (o, v) => o with { Fractions = v }, "--fraction"),
        SettingOf<StudyOptions>.Texts("fraction_variants", "NAME", "What to compare on shares of the data. Default: as --variant; of all variants the first, and those that are fine-tuned.", o => o.FractionVariants, (o, v) => o with { FractionVariants = v }, "--fraction-variant"),
    ];
}

/// <summary>What a study found.</summary>
/// <param name="Json">All figures, for programs.</param>
/// <param name="Tables">The comparisons, for people.</param>
/// <param name="Completed">Whether all runs were made; else the study goes on when it is run again.</param>
internal sealed record StudyResult(JsonObject Json, IReadOnlyList<ReportTable> Tables, bool Completed)
{
    /// <summary>The files that were written.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <summary>Compares ways to learn a task, each with several seeds.</summary>
internal interface ITaskStudy
{
    /// <summary>The options of a training that the study decides on.</summary>
    IReadOnlyList<string> Decided { get; }

    /// <summary>The settings of the study itself.</summary>
    SettingList<StudyOptions> Settings { get; }

    /// <summary>Of the options that the study decides on, the values of the run with the most of them: what such a run may be given, the study may.</summary>
    /// <param name="study">What is compared.</param>
    IReadOnlyDictionary<string, string[]> Assume(StudyOptions study);

    /// <summary>Makes all runs that are not made yet, and compares them.</summary>
    /// <param name="options">What the runs have in common.</param>
    /// <param name="study">What is compared.</param>
    /// <param name="path">The folder of the runs and results; a study that was interrupted goes on in it.</param>
    /// <param name="files">Reads data.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Finishes the iteration and saves.</param>
    /// <exception cref="UnrollException">The folder holds something else, or a study of other settings; data cannot be read or does not fit.</exception>
    StudyResult Run(TrainingOptions options, StudyOptions study, string path, IDataFiles files, TaskObserver observer, CancellationToken cancellation);
}
