using Unroll.Configuration;

namespace Unroll.Tasks;

/// <summary>Files as the command line names them where two belong together: sources with targets, captions with images.</summary>
internal sealed record PairedFiles
{
    public IReadOnlyList<string> Source { get; init; } = [];
    public IReadOnlyList<string> Target { get; init; } = [];
    public IReadOnlyList<string> ValidSource { get; init; } = [];
    public IReadOnlyList<string> ValidTarget { get; init; } = [];
    public IReadOnlyList<string> TestSource { get; init; } = [];
    public IReadOnlyList<string> TestTarget { get; init; } = [];
    public string? Pictures { get; init; }
    public string? ValidPictures { get; init; }
    public string? TestPictures { get; init; }

    /// <summary>The options for two files of sources and targets.</summary>
    public static SettingList<PairedFiles> DataTexts { get; } =
    [
        SettingOf<PairedFiles>.Paths("", "FILE", "Source file, one sentence per line, aligned with --target.", o => o.Source, (o, v) => o with { Source = v }, "--source"),
        SettingOf<PairedFiles>.Paths("", "FILE", "Target file, aligned with --source.", o => o.Target, (o, v) => o with { Target = v }, "--target"),
    ];

    /// <summary>The same, for a training.</summary>
    public static SettingList<PairedFiles> Texts { get; } =
    [
        .. DataTexts,
        SettingOf<PairedFiles>.Paths("", "FILE", "Source file to validate on, aligned with --valid-target.", o => o.ValidSource, (o, v) => o with { ValidSource = v }, "--valid-source"),
        SettingOf<PairedFiles>.Paths("", "FILE", "Target file, aligned with --valid-source.", o => o.ValidTarget, (o, v) => o with { ValidTarget = v }, "--valid-target"),
        SettingOf<PairedFiles>.Paths("", "FILE", "Source file to test on, aligned with --test-target.", o => o.TestSource, (o, v) => o with { TestSource = v }, "--test-source"),
        SettingOf<PairedFiles>.Paths("", "FILE", "Target file, aligned with --test-source.", o => o.TestTarget, (o, v) => o with { TestTarget = v }, "--test-target"),
    ];

    /// <summary>The option for the images of captions.</summary>
    public static Setting<PairedFiles> DataPictures { get; } =
        SettingOf<PairedFiles>.OptionalPath("", "FILE", "Images, or features of them: .npy or .npz ([N, H, W], [N, H, W, C] or [N, F]) or IDX.", o => o.Pictures, (o, v) => o with { Pictures = v }, "--pictures");

    /// <summary>The options for images of captions to validate and to test on.</summary>
    public static SettingList<PairedFiles> OtherPictures { get; } =
    [
        SettingOf<PairedFiles>.OptionalPath("", "FILE", "Images of a --valid file. Default: --pictures.", o => o.ValidPictures, (o, v) => o with { ValidPictures = v }, "--valid-pictures"),
        SettingOf<PairedFiles>.OptionalPath("", "FILE", "Images of --test. Default: --pictures.", o => o.TestPictures, (o, v) => o with { TestPictures = v }, "--test-pictures"),
    ];

    (string Source, IReadOnlyList<string> Sources, string Target, IReadOnlyList<string> Targets)[] Sides =>
        [("--source", Source, "--target", Target), ("--valid-source", ValidSource, "--valid-target", ValidTarget), ("--test-source", TestSource, "--test-target", TestTarget)];

    /// <summary>For each file of sources, the file of what belongs to its lines.</summary>
    public Dictionary<string, string> Targets => Sides.SelectMany(s => s.Sources.Zip(s.Targets)).ToDictionary(f => f.First, f => f.Second);

    /// <summary>What is missing, or cannot stand together.</summary>
    /// <param name="both">Whether files with both sides are named as well.</param>
    public IEnumerable<string> Problems(bool both)
    {
        if (both && Source.Count > 0) yield return "--source cannot be given: --data names files with both sides; give one of them.";
        foreach (var s in Sides)
            if (s.Sources.Count != s.Targets.Count) yield return $"{s.Source} and {s.Target} name {s.Sources.Count} and {s.Targets.Count} files; each file of one belongs to one of the other.";
        if (ValidSource.Count > 1) yield return $"--valid-source names {ValidSource.Count} files; expected one.";
        foreach (var twice in Sides.SelectMany(s => s.Sources).GroupBy(p => p).Where(g => g.Count() > 1)) yield return $"{twice.Key} is given twice as a source.";
    }
}
