using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Reads arrays that NumPy saved: one in a <c>.npy</c> file, several with names in a <c>.npz</c> file.</summary>
/// <remarks>
/// The layout is that of NumPy's <c>numpy.lib.format</c>, versions 1 to 3: "\x93NUMPY", two bytes of version, the length of a header (two
/// bytes in version 1, else four), the header, a dictionary in Python's notation, and the numbers. Read are truth values, whole and floating
/// numbers of up to 8 bytes and texts, with either byte order, row by row or column by column; an <c>.npz</c> file is a zip archive of
/// <c>.npy</c> files. Which of the two a file is, its first bytes tell.
/// </remarks>
internal static class NpyFile
{
    const string Extension = ".npy";

    /// <summary>The array of a file.</summary>
    /// <param name="name">Which array of an <c>.npz</c> file; not needed where it has only one.</param>
    /// <exception cref="UnrollException">
    /// The file cannot be read, is damaged, holds Python objects or records, or has no array of that name.
    /// </exception>
    public static NumberArray Read(string path, string? name = null)
    {
        var bytes = DataFile.ReadBytes(path);
        if (!IsArchive(bytes)) return ReadArray(bytes, path);
        using var archive = Open(bytes, path);
        if (name is null && Names(archive) is [var only]) name = only;
        return ReadEntry(archive, path, name ?? "");
    }

    /// <summary>
    /// A labelled set: series [N, T] or [N, T, …] as <see cref="NumberArray.ToExamples"/> says, and labels [N]. In an <c>.npz</c> file they
    /// are the arrays <c>x</c> and <c>y</c>, or others with usual names: <c>x_train</c> and <c>y_train</c>, <c>images</c> and <c>labels</c>,
    /// <c>data</c> and <c>target</c>, <c>arr_0</c> and <c>arr_1</c>; where it has parts, the one to train on. Without labels in it they are not
    /// known, and neither are they for a <c>.npy</c> file that has no file of labels beside it: <c>images.npy</c> and <c>labels.npy</c>,
    /// <c>x_train.npy</c> and <c>y_train.npy</c>.
    /// </summary>
    /// <param name="labels">The file of the labels; found by name if null.</param>
    /// <param name="report">Takes which arrays are read and which are left out.</param>
    /// <exception cref="UnrollException">A file cannot be read, is no such array, or which arrays are meant cannot be told.</exception>
    public static IReadOnlyList<Example> ReadExamples(string path, string? labels = null, ReadingReport? report = null)
    {
        var bytes = DataFile.ReadBytes(path);
        if (!IsArchive(bytes))
        {
            labels ??= LabelFile.Beside(path);
            return ReadArray(bytes, path).ToExamples(labels is null ? null : Read(labels));
        }
        using var archive = Open(bytes, path);
        var names = Names(archive);
        var (series, known) = ArrayNames.Find(names);
        if (series is null) Throw.ArraysNotTold(path, names.Select(n => $"{ProblemList.Quote(n)} {ShapeOf(archive, path, n)}"), ArrayNames.Expected);
        var named = labels is not null ? Read(labels) : known is null ? null : ReadEntry(archive, path, known);
        report?.Add("arrays", known is null ? series! : $"{series} and {known}");
        var others = names.Where(n => n != series && n != known).ToList();
        if (others.Count > 0) report?.Doubt($"{path}: {(known is null ? series : $"{series} and {known}")} are read; {string.Join(", ", others.Take(20))} "
            + "are left out. Save what is to be read of them, such as a part to test on, to a file of its own.");
        return ReadEntry(archive, path, series!).ToExamples(named);
    }

    static bool IsArchive(ReadOnlyMemory<byte> bytes) => bytes.Span is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..];

    static ZipArchive Open(ReadOnlyMemory<byte> bytes, string path)
    {
        MemoryMarshal.TryGetArray(bytes, out var segment);
        try
        {
            var archive = new ZipArchive(new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false));
            _ = archive.Entries.Count;                              // reads the directory at the end of the file
            return archive;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException)
        {
            Throw.ArchiveDamaged(path, e.Message, e);
            throw;
        }
    }

    static List<string> Names(ZipArchive archive) =>
        [.. archive.Entries.Where(e => e.FullName.EndsWith(Extension, StringComparison.Ordinal)).Select(e => e.FullName[..^Extension.Length])];

    static NumberArray ReadEntry(ZipArchive archive, string path, string name)
    {
        var entry = Entry(archive, path, name);
        return FromArchive(path, () =>
        {
            var source = $"{path}: {name}";
            using var packed = entry.Open();
            var unpacked = DataFile.Copied(packed, source, entry.CompressedLength);
            var bytes = unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length);
            if (Crc32.Of(bytes.Span) != entry.Crc32) Throw.ArchiveDamaged(path, $"the check sum of '{name}' differs");
            return ReadArray(bytes, source);
        });
    }

    /// <summary>The shape of an array for a message; of the array no more is unpacked than its header.</summary>
    static string ShapeOf(ZipArchive archive, string path, string name)
    {
        var entry = Entry(archive, path, name);
        return FromArchive(path, () =>
        {
            using var packed = entry.Open();
            return ProblemList.Show(NpyHeader.Read(DataFile.Head(packed), $"{path}: {name}").Shape);
        });
    }

    static ZipArchiveEntry Entry(ZipArchive archive, string path, string name)
    {
        var entry = archive.GetEntry(name + Extension);
        if (entry is null) Throw.NoSuchArray(path, name, Names(archive));
        return entry!;
    }

    static T FromArchive<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            Throw.ArchiveDamaged(path, e.Message, e);
            throw;
        }
    }

    static NumberArray ReadArray(ReadOnlyMemory<byte> bytes, string source)
    {
        var header = NpyHeader.Read(bytes.Span, source);
        var data = bytes[header.DataOffset..];
        NumberArray.CheckLength(source, header.DataOffset, header.Shape, $"'{header.Descr}'", header.ElementSize, data.Length);
        if (header.ColumnMajor) data = RowMajor(data.Span, header.Shape, header.ElementSize);
        return new NumberArray(source, header.Shape, header.Type, header.ElementSize, data, header.BigEndian);
    }

    /// <summary>Rearranges elements whose first index runs fastest so that the last one does.</summary>
    static byte[] RowMajor(ReadOnlySpan<byte> data, int[] shape, int elementSize)
    {
        var strides = new int[shape.Length];
        for (var (d, stride) = (shape.Length - 1, elementSize); d >= 0; stride *= shape[d--]) strides[d] = stride;
        var (index, to) = (new int[shape.Length], 0);
        var result = new byte[data.Length];
        for (var from = 0; from < data.Length; from += elementSize)
        {
            data.Slice(from, elementSize).CopyTo(result.AsSpan(to));
            for (var d = 0; d < shape.Length; d++)
            {
                to += strides[d];
                if (++index[d] < shape[d]) break;
                to -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
        return result;
    }
}
