using System.Text.RegularExpressions;

namespace Unroll.Tasks;

/// <summary>The files of one task of several, as the command line names them: <c>NAME=TRAIN[,VALID[,TEST]]</c>.</summary>
/// <param name="Name">The name of the task.</param>
/// <param name="Train">The file to learn from.</param>
/// <param name="Valid">The file to validate on; null for a share of the former.</param>
/// <param name="Test">The file to test on; null for none, or what options hold out.</param>
internal sealed partial record TaskData(string Name, string Train, string? Valid, string? Test)
{
    const string Form = "expected NAME=TRAIN, NAME=TRAIN,VALID or NAME=TRAIN,VALID,TEST, where VALID may be empty";

    /// <summary>How its files are read.</summary>
    public ReadingOptions Reading { get; init; } = new();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    private static partial Regex Names { get; }

    /// <summary>Reads what the command line says of a task; paths become full ones.</summary>
    /// <exception cref="FormatException">It is of another form.</exception>
    public static TaskData Parse(string text)
    {
        var at = text.IndexOf('=');
        if (at < 0) throw new FormatException($"--task is '{text}'; {Form}.");
        var (name, files) = (text[..at], text[(at + 1)..].Split(','));
        if (!Names.IsMatch(name)) throw new FormatException($"--task names the task '{name}'; expected 1 to 64 letters, digits and _ . -, the first a letter or digit.");
        if (files.Length > 3 || files[0].Trim().Length == 0) throw new FormatException($"--task {name} has {(files.Length > 3 ? $"{files.Length} files" : "no file to learn from")}; {Form}.");
        return new(name, PathOf(0)!, PathOf(1), PathOf(2));

        string? PathOf(int i)
        {
            if (files.Length <= i || files[i].Trim() is not { Length: > 0 } file) return null;
            var path = Path.GetFullPath(file);
            return path.Contains(',') ? throw new FormatException($"--task {name}: the path {path} has a comma, which stands between files. Rename the folder, or give the file by a link without one.") : path;
        }
    }

    /// <summary>The task as the command line would name it.</summary>
    public override string ToString() => $"{Name}={Train}{(Valid is null && Test is null ? "" : $",{Valid}")}{(Test is null ? "" : $",{Test}")}";

    /// <summary>The tasks with what is said of how their files are read: <c>TASK.OPTION=VALUE</c>.</summary>
    /// <exception cref="FormatException">Something is of another form, or names no task or option.</exception>
    public static IReadOnlyList<TaskData> WithReading(IReadOnlyList<TaskData> tasks, IEnumerable<string> settings)
    {
        var all = tasks.ToArray();
        foreach (var text in settings)
        {
            var (dot, equals) = (-1, text.IndexOf('='));
            if (equals > 0) dot = text.LastIndexOf('.', equals);
            if (dot <= 0) throw new FormatException($"--read is '{text}'; expected TASK.OPTION=VALUE, such as subj.encoding=latin-1.");
            var (name, option, value) = (text[..dot], text[(dot + 1)..equals], text[(equals + 1)..]);
            var task = Array.FindIndex(all, t => t.Name == name);
            if (task < 0) throw new FormatException($"--read {text}: there is no task '{name}'; tasks are {string.Join(", ", all.Select(t => t.Name))}.");
            var setting = ReadingOptions.OfExamples.FirstOrDefault(s => s.Option == $"--{option}")
                ?? throw new FormatException($"--read {text}: '{option}' is no option of reading; expected one of {string.Join(", ", ReadingOptions.OfExamples.Select(s => s.Option.TrimStart('-')))}.");
            try
            {
                all[task] = all[task] with { Reading = setting.Parse(all[task].Reading, [value]) };
            }
            catch (Exception e) when (e is OptionException or FormatException)
            {
                throw new FormatException($"--read {text}: {e.Message}", e);
            }
        }
        return all;
    }
}
