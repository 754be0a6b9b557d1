using Unroll.Data;

namespace Unroll.Cli;

/// <summary>Paths of data as they are given on the command line.</summary>
static class DataPath
{
    /// <summary>What stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The path that data is read from, and that a checkpoint keeps: a full one.</summary>
    public static string Full(string path) => path == StandardInput ? Pipes.StandardInput : Path.GetFullPath(path);

    public static string[] Full(string[]? paths) => Array.ConvertAll(paths ?? [], Full);

    /// <summary>Paths as they were given, which messages name, but for standard input.</summary>
    public static string[] OrStandardInput(string[] paths) => Array.ConvertAll(paths, p => p == StandardInput ? Pipes.StandardInput : p);
}
