using System.Globalization;

namespace Unroll.Data;

/// <summary>Reads series as the text files of the UCR archive have them: one a line, its class first, then its values.</summary>
/// <remarks>
/// <para>
/// Fields stand between tabs, commas, semicolons or blanks. A class is a whole number in any spelling (<c>1</c>, <c>1.0</c>, <c>1.0000000e+00</c> are
/// one class) or a name; <c>?</c> where it is not known. A missing value is empty, <c>?</c> or <c>NaN</c> and is read as NaN; at the end of a line these
/// only fill it up and are dropped, so lines may differ in length. A first line of names is left out.
/// </para>
/// </remarks>
internal static class UcrFile
{
    const int SampleLines = 1000;

    /// <summary>Reads all series.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="needsLabels">False: classes may be missing, for series whose class is to be predicted.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <param name="numbers">Whether a number stands in the place of the class, which may have a fraction.</param>
    /// <exception cref="UnrollException">The file cannot be read as text, or has lines that are no series: every problem with its place.</exception>
    public static IReadOnlyList<Example> Read(string path, bool needsLabels = true, ReadingReport? report = null, bool numbers = false)
    {
        var lines = TextLines.Split(TextFile.Read(path, null, report));
        var (delimiter, header) = Layout(lines);
        var (examples, problems) = (new List<Example>(lines.Length), new ProblemList());
        for (var i = header + 1; i < lines.Length && !problems.IsFull; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            var fields = Split(lines[i], delimiter);
            var values = new Real[Filled(fields)];
            for (var t = 0; t < values.Length; t++)
                if (!TryValue(fields[t + 1], out values[t])) problems.Add($"line {i + 1:N0}, field {t + 2:N0}: {ProblemList.Quote(fields[t + 1])} is not a number that single precision holds; write '?' for a missing one");
            var label = numbers ? fields[0].Trim() : ClassOf(fields[0]);
            if (label is null) problems.Add($"line {i + 1:N0}, field 1: the class {ProblemList.Quote(fields[0])} has a fraction; expected the class first, then the values. Put it there if it is the last field");
            if (label is "" && needsLabels) problems.Add($"line {i + 1:N0}, field 1: the class is missing");
            if (values.Length == 0) problems.Add($"line {i + 1:N0}: there is no value behind the class");
            examples.Add(new() { Series = new(values, values.Length, 1), Labels = label is null or "" ? [] : [label], Source = $"{path}, line {i + 1}" });
        }
        problems.ThrowIfAny($"{path} cannot be read as lines of a class and values");
        if (examples.Count == 0) Throw.NoExamples(path, "lines of a class and values");
        if (report is null) return examples;
        report.Add("header", header < 0 ? "none" : FieldNames.Show(Split(lines[header], delimiter)));
        report.Add("label column", "1");
        report.Add("steps", examples.Min(e => e.Series!.Steps) is var least && examples.Max(e => e.Series!.Steps) is var most && least == most ? $"{most}" : $"{least} to {most}");
        return examples;
    }

    /// <summary>
    /// What lines of numbers alone are: true for a class and values, false for numbers without a class; null where there is anything else, as in a text.
    /// </summary>
    internal static bool? Tell(string text)
    {
        var lines = TextLines.Split(text);
        var (delimiter, header) = Layout(lines);
        var (count, series, fractions) = (0, 0, 0);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines.Skip(header + 1).Where(l => !string.IsNullOrWhiteSpace(l)).Take(SampleLines))
        {
            var fields = Split(line, delimiter);
            if (fields.Length < 2 || !fields.Skip(1).All(f => TryValue(f, out _))) return null;
            if (Filled(fields) > 1) series++;
            var label = ClassOf(fields[0]);
            if (label is null) fractions++;
            else if (label.Length > 0 && !double.TryParse(label, CultureInfo.InvariantCulture, out _)) names.Add(label);
            count++;
        }
        if (count == 0 || 2 * names.Count > count) return null;
        return fractions == 0 && 2 * series > count;
    }

    /// <summary>What stands between fields, ' ' for any blanks; and the line of names, or −1.</summary>
    static (char Delimiter, int Header) Layout(string[] lines)
    {
        var first = Array.FindIndex(lines, l => !string.IsNullOrWhiteSpace(l));
        if (first < 0) return (' ', -1);
        var delimiter = "\t,;".FirstOrDefault(lines[first].Contains, ' ');
        var names = Split(lines[first], delimiter);
        var isHeader = FieldNames.Find([names[0]], FieldNames.Labels) == 0 && names.Length > 1 && !TryValue(names[1], out _);
        return (delimiter, isHeader ? first : -1);
    }

    static string[] Split(string line, char delimiter) => delimiter == ' '
        ? line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        : line.Split(delimiter, StringSplitOptions.TrimEntries);

    /// <summary>How many values a line has, without those that fill it up.</summary>
    static int Filled(string[] fields)
    {
        var count = fields.Length - 1;
        while (count > 0 && TryValue(fields[count], out var value) && Real.IsNaN(value)) count--;
        return count;
    }

    static bool TryValue(string field, out Real value)
    {
        value = Real.NaN;
        return field is "" or "?" || Real.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && !Real.IsInfinity(value);
    }

    /// <summary>The class of a field: empty where it is missing, null for a number with a fraction.</summary>
    static string? ClassOf(string field)
    {
        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return field is "?" ? "" : LabelText.Clean(field);
        if (double.IsNaN(number)) return "";
        return number == Math.Floor(number) && Math.Abs(number) < 1e9 ? number.ToString("0", CultureInfo.InvariantCulture) : null;
    }
}
