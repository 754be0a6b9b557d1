using System.Diagnostics.CodeAnalysis;
using Unroll.Storage;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void Problems(string title, IReadOnlyList<string> problems) => throw new InvalidFileException(title, problems);

    [DoesNotReturn]
    public static T OtherModel<T>(string path, string found, string expected) =>
        throw new InvalidFileException($"{path} holds {found}; expected {expected}. Name the run of such a model, or use the command for this one.");

    [DoesNotReturn]
    public static void CannotSave(string path, string reason, Exception? inner = null) => CannotSave<bool>(path, reason, inner);

    [DoesNotReturn]
    public static T CannotSave<T>(string path, string reason, Exception? inner = null) =>
        throw new InvalidFileException($"Cannot save {path}: {reason.TrimEnd('.')}. What stood there before is unchanged.", inner);

    [DoesNotReturn]
    public static void CannotRead(string path, string reason, Exception? inner = null) =>
        throw new InvalidFileException($"Cannot read {path}: {reason.TrimEnd('.')}.", inner);

    [DoesNotReturn]
    public static void NotSafetensors(string file, string kind, string? advice) => throw new InvalidFileException(
        $"{file}: this is {kind}, no model of Unroll, which is a safetensors file. {advice ?? "Name a run's folder or a .safetensors file"}.");

    [DoesNotReturn]
    public static T ModelNeedsMemory<T>(string path, long count, Exception inner) => throw new UnrollException(
        $"Out of memory while reading {path}, which has {count:N0} numbers. Use a machine with more memory, or a smaller model.", inner);

    [DoesNotReturn]
    public static void NotSeekable(string parameter) =>
        throw new ArgumentException("The stream must be readable and able to seek; copy it into a MemoryStream first.", parameter);

    [DoesNotReturn]
    public static SafetensorsEntry TensorMissing(string file, string name) =>
        throw new InvalidFileException($"{file} has no tensor {ProblemList.Quote(name)}; it may be the file of another model.");

    [DoesNotReturn]
    public static void TensorType(string file, SafetensorsEntry entry, string expected) => throw new InvalidFileException(
        $"{file}: tensor {ProblemList.Quote(entry.Name)} holds {entry.TypeName}; expected {expected}. It may be the file of another model.");

    [DoesNotReturn]
    public static void TensorLength(string parameter, SafetensorsEntry entry, int length) => throw new ArgumentException(
        $"Tensor {ProblemList.Quote(entry.Name)} has {entry.Count} elements, its destination {length}.", parameter);

    [DoesNotReturn]
    public static void TensorShape(string parameter, string name, string shape, int length) => throw new ArgumentException(
        $"Tensor {ProblemList.Quote(name)} has shape {shape} and {length} values; expected one value for each element.", parameter);

    [DoesNotReturn]
    public static void TensorName(string parameter, string name, string reason) =>
        throw new ArgumentException($"A tensor cannot be named {ProblemList.Quote(name)}: {reason}.", parameter);

    [DoesNotReturn]
    public static void TextNotUnicode(string text) =>
        throw new ArgumentException($"{ProblemList.Quote(text)} holds half of a surrogate pair, which no UTF-8 file can store.");

    [DoesNotReturn]
    public static void HeaderTooLong(string file, long bytes, long most) => throw new InvalidFileException(
        $"{file}: names and metadata take {bytes:N0} bytes; readers of safetensors accept at most {most:N0}. Store less in the metadata.");
}
