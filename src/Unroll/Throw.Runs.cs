using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void NoValidation() => throw new InvalidOperationException("This task has no validation text; look at HasValidation first.");

    [DoesNotReturn]
    public static void DataChanged(string which, int tokens) => throw new DataMismatchException(
        $"The {which} text ({tokens:N0} tokens) is not the one this run began with, so it cannot go on to the same result. "
        + "Restore the file as it was, or start another run.");

    [DoesNotReturn]
    public static void RunExists(string path) => throw new InvalidFileException(
        $"{path} exists already and is not empty. Continue that run with --resume {path}, or name another folder with --out.");

    [DoesNotReturn]
    public static T Held<T>(string path) => throw new InvalidFileException($"{path} is being written by another process. Wait for that training to end or stop it, then try again.");

    [DoesNotReturn]
    public static T NoModel<T>(string path, bool isFolder) => throw new InvalidFileException(isFolder
        ? $"The folder {path} holds no model.safetensors and no checkpoint.safetensors: it is not the folder of a run, or the run was ended before its first checkpoint."
        : $"There is no file or folder {path}; expected the folder of a run or a .safetensors file.");
}
