
namespace Unroll.Tasks;

/// <summary>What a model is evaluated on, and how.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The parts of a set by name.</summary>
    internal static IReadOnlyList<string> Parts { get; } = ["train", "valid", "test", "all"];

    /// <summary>Files or folders.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How they are read, where it is not as in the training.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>For a file of sources, the file of what belongs to its lines.</summary>
    public IReadOnlyDictionary<string, string> Targets { get; init; } = new Dictionary<string, string>();

    /// <summary>The file of the images of captions; null for none.</summary>
    public string? Pictures { get; init; }

    /// <summary>Which part of a set of captions: train, valid, test or all; null for the test, where captions say their part.</summary>
    public string? Part { get; init; }

    /// <summary>The task that is evaluated, of a model of several; null where there is one.</summary>
    public string? Task { get; init; }

    /// <summary>How many are worked on at once; null for the task's default.</summary>
    public int? Batch { get; init; }

    /// <summary>How texts are chosen by a model that writes some.</summary>
    public DecodingOptions Decoding { get; init; } = new();
}
