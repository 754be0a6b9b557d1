using System.Text.RegularExpressions;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads sound with labels: a folder of <c>.wav</c> files as log-mel series.</summary>
internal static class AudioFolder
{
    /// <summary>Reads every <c>.wav</c> file below a folder (also with <c>.gz</c> behind), by the ordinal order of the paths; or one file.</summary>
    /// <remarks>
    /// The label of a file in a subfolder is the name of that subfolder of <paramref name="path"/>, else the part of its name before the first
    /// <c>_</c>, as in <c>7_jackson_32.wav</c>. A file named otherwise has no label.
    /// </remarks>
    /// <param name="label">
    /// Instead: what finds the label in a file's path below the folder, written with <c>/</c>: its first group, or all that it matches. A file
    /// that it does not match is a problem.
    /// </param>
    /// <param name="features">What each file becomes; the default of <see cref="LogMelOptions"/> if null.</param>
    /// <exception cref="UnrollException">
    /// There is no such file, a file cannot be read, has a rate other than the first one's, or is not matched: every such file.
    /// </exception>
    public static IReadOnlyList<Example> Read(string path, Regex? label = null, LogMelOptions? features = null)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? "";
        var files = Directory.Exists(path) ? Files(path) : [path];
        if (files.Count == 0) Throw.FolderWithoutSound(path);
        var (examples, problems) = (new List<Example>(files.Count), new ProblemList());
        LogMel? logMel = null;
        var first = 0;
        foreach (var file in files)
        {
            if (problems.IsFull) break;
            try
            {
                var (samples, rate) = WavFile.Read(file);
                if (logMel is null) (logMel, first) = (FeaturesOf(file, rate, features), rate);
                if (rate != first)
                {
                    problems.Add($"{file}: {rate:N0} samples a second, {files[0]} has {first:N0}; convert it with: ffmpeg -i FILE -ar {first} OUT.wav");
                    continue;
                }
                var name = Path.GetRelativePath(folder.Length == 0 ? "." : folder, file).Replace('\\', '/');
                var labels = Labels(name, label);
                if (labels is null) problems.Add($"{file}: the label's pattern {label} does not match '{name}'");
                else examples.Add(new Example { Series = logMel.Compute(samples), Labels = labels, Source = file });
            }
            catch (UnrollException e)
            {
                foreach (var problem in e.Problems) problems.Add(problem);
            }
        }
        problems.ThrowIfAny($"{path}: cannot be read as sound");
        return examples;
    }

    static LogMel FeaturesOf(string file, int rate, LogMelOptions? features)
    {
        try
        {
            return new LogMel(rate, features);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Throw.NoFeatures(file, rate, e);
        }
    }

    internal static List<string> Files(string folder) => FolderFiles.Find(folder, IsNamedAsSound);

    /// <summary>The label by the path below the folder; none where nothing says it, null where the pattern does not match.</summary>
    static string[]? Labels(string name, Regex? pattern)
    {
        if (pattern is not null)
            return pattern.Match(name) is { Success: true } match ? [match.Groups.Count > 1 ? match.Groups[1].Value : match.Value] : null;
        var end = name.Contains('/') ? name.IndexOf('/') : name.IndexOf('_');
        return end > 0 ? [name[..end]] : [];
    }

    static bool IsNamedAsSound(string path) =>
        path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".wav.gz", StringComparison.OrdinalIgnoreCase);
}
