using System.Text;

namespace Unroll.Data;

/// <summary>Reads examples whose labels are the names of folders or files.</summary>
/// <remarks>
/// Either a subfolder for each label, in which every file is one text (<c>pos/1.txt</c>), or a file for each label, in which every line is
/// one text (<c>Korean.txt</c>). Files count that <see cref="TextFile.ReadDocuments(string)"/> takes; those named README or LICENSE do not.
/// Blanks around a text are dropped, and so are empty lines; a file of blanks only is an empty text.
/// </remarks>
internal static class LabelFolder
{
    static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>Reads all examples, by the ordinal order of the paths.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">There are no texts, files beside subfolders, or files that cannot be read.</exception>
    public static IReadOnlyList<Example> Read(string folder, Encoding? encoding = null, ReadingReport? report = null)
    {
        var files = FolderFiles.Find(folder, TextFile.IsNamedAsText).Where(f => !IsAboutTheData(f)).ToList();
        var byLine = files.Where(f => IsDirectlyIn(folder, f)).ToList();
        if (files.Count == 0) Throw.FolderWithoutLabels(folder);
        if (byLine.Count == files.Count) return ReadFiles(files, encoding, report);
        if (byLine.Count > 0)
            Throw.FolderOfTwoKinds(folder, Path.GetFileName(byLine[0]), Subfolder(folder, files.First(f => !IsDirectlyIn(folder, f))));
        var examples = new List<Example>(files.Count);
        ReadEach(folder, files, encoding, (file, text) =>
            examples.Add(new() { Text = text.Trim(Blanks), Labels = [LabelText.Clean(Subfolder(folder, file))], Source = file }));
        report?.Add("label", "the name of a folder");
        return examples;
    }

    /// <summary>Reads files of one label each, one text a line: the label is the name of the file without its endings.</summary>
    /// <param name="files">The files.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">There are no texts, or files that cannot be read.</exception>
    public static IReadOnlyList<Example> ReadFiles(IReadOnlyList<string> files, Encoding? encoding = null, ReadingReport? report = null)
    {
        var examples = new List<Example>();
        var place = string.Join(", ", files.Take(3)) + (files.Count > 3 ? ", …" : "");
        ReadEach(place, files, encoding, (file, text) =>
        {
            string[] labels = [LabelText.Clean(LabelOf(file))];
            var number = 0;
            foreach (var range in text.AsSpan().Split('\n'))
            {
                number++;
                var line = text.AsSpan(range).Trim(Blanks);
                if (!line.IsEmpty) examples.Add(new() { Text = line.ToString(), Labels = labels, Source = $"{file}, line {number}" });
            }
        });
        if (examples.Count == 0) Throw.NoExamples(place, "lines of text");
        report?.Add("label", "the name of a file");
        return examples;
    }

    static void ReadEach(string place, IReadOnlyList<string> files, Encoding? encoding, Action<string, string> add)
    {
        var problems = new ProblemList();
        foreach (var file in files)
        {
            try
            {
                add(file, TextFile.ReadAny(file, encoding ?? Encoding.UTF8));
            }
            catch (UnrollException e)
            {
                foreach (var problem in e.Problems) problems.Add(problem);
            }
        }
        problems.ThrowIfAny($"{place}: not all files can be read as text");
    }

    static bool IsDirectlyIn(string folder, string file) => !Path.GetRelativePath(folder, file).Contains(Path.DirectorySeparatorChar);

    static string Subfolder(string folder, string file) => Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0];

    static string LabelOf(string file)
    {
        var name = Path.GetFileName(file);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Path.GetFileNameWithoutExtension(name);
    }

    static bool IsAboutTheData(string file) =>
        LabelOf(file).StartsWith("readme", StringComparison.OrdinalIgnoreCase) || LabelOf(file).StartsWith("license", StringComparison.OrdinalIgnoreCase);
}
