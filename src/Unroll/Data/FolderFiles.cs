namespace Unroll.Data;

/// <summary>Finds the files below a folder.</summary>
static class FolderFiles
{
    /// <summary>
    /// Every file below a folder that is named as wanted, by the ordinal order of the paths. Links are followed, to files and to folders, except
    /// to a folder that the link stands in. What is hidden is passed over.
    /// </summary>
    /// <exception cref="UnrollException">A folder cannot be read, or links lead nowhere: all of them are listed.</exception>
    public static List<string> Find(string folder, Func<string, bool> isWanted)
    {
        var search = new Search(isWanted);
        try
        {
            search.Visit(new(folder), RealPath(new DirectoryInfo(folder), Path.GetDirectoryName(Path.GetFullPath(folder)) ?? folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Throw.FileUnreadable(folder, e);
        }
        search.Problems.ThrowIfAny($"{folder}: links lead nowhere (remove them, or put back what they lead to)");
        search.Files.Sort((a, b) => string.CompareOrdinal(a.Replace('\\', '/'), b.Replace('\\', '/')));
        return search.Files;
    }

    /// <summary>Where something stands that may be a link, in a folder whose own path is real; "" where links lead in a circle.</summary>
    static string RealPath(FileSystemInfo info, string folder)
    {
        if (info.LinkTarget is null) return Path.Combine(folder, info.Name);
        try
        {
            var target = Path.GetFullPath(info.LinkTarget, folder);
            return Path.TrimEndingDirectorySeparator(new DirectoryInfo(target).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? target);
        }
        catch (IOException)
        {
            return "";
        }
    }

    sealed class Search(Func<string, bool> isWanted)
    {
        static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };

        readonly Stack<string> _inside = [];                              // the real paths of the folders that are being visited

        public List<string> Files { get; } = [];

        public ProblemList Problems { get; } = new();

        public void Visit(DirectoryInfo folder, string realPath)
        {
            if (_inside.Contains(realPath)) return;
            _inside.Push(realPath);
            foreach (var info in folder.EnumerateFileSystemInfos("*", Visible))
            {
                var path = Path.Combine(folder.ToString(), info.Name);
                if (Directory.Exists(path)) Visit(new(path), RealPath(info, realPath));
                else if (!isWanted(path) && (info.LinkTarget is null || Path.HasExtension(path))) continue;
                else if (info.LinkTarget is null || File.Exists(RealPath(info, realPath))) Files.Add(path);
                else Problems.Add($"{path} → {info.LinkTarget}");
            }
            _inside.Pop();
        }
    }
}
