using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Unroll.Data;

/// <summary>A kind of file, told by the bytes at its start: what people give by mistake, and what to do with it instead.</summary>
/// <param name="Name">What it is, with its article.</param>
/// <param name="Advice">What to do with it where data is expected.</param>
/// <param name="ModelAdvice">What to do with it where a model is expected.</param>
/// <param name="IsRead">Some reader here takes it as data.</param>
sealed record FileKind(string Name, string Advice, string? ModelAdvice = null, bool IsRead = false)
{
    /// <summary>Whether it begins as models and checkpoints do.</summary>
    public bool IsSafetensors => this == Safetensors;

    /// <summary>Whether it begins as Parquet tables do, which readers of tables of numbers take.</summary>
    public bool IsParquet => this == Parquet;

    /// <summary>How much of a file's start tells its kind.</summary>
    public const int HeadBytes = 512;

    const string Unpack = "Unpack it first", Table = "Save it as CSV", Text = "Save its text as UTF-8 (.txt)";
    const string Picture = "Put all pictures into one array, [N, H, W] or [N, H, W, C], and save that with numpy.save";
    const string Sound = "Convert it with: ffmpeg -i FILE OUT.wav";
    const string TorchModel = "Save its weights with safetensors.torch.save_file";

    static readonly FileKind
        Safetensors = new("a safetensors file, as models and checkpoints are", "Name it as the model, and data as the data"),
        Archive = new("a zip archive", $"{Unpack} (unzip FILE) and name what is in it"),
        Arrays = new("an archive of NumPy arrays (.npz)", "", IsRead: true),
        Parquet = new("a Parquet table", $"{Table}: pandas.read_parquet(FILE).to_csv(OUT, index=False)"),
        Torch = new("a PyTorch checkpoint", "Save its arrays with numpy.savez", TorchModel);

    /// <summary>The kinds with the bytes they begin with. Of those whose first bytes are letters, <c>Binary</c> says that others than letters follow.</summary>
    static readonly (byte[] Bytes, int At, bool Binary, FileKind Kind)[] Signatures =
    [
        ([0x93, .. "NUMPY"u8], 0, false, new("a NumPy array (.npy)", "", IsRead: true)),
        ([.. "WAVE"u8], 8, true, new("a WAV sound", "", IsRead: true)),
        ([(byte)'{', (byte)'"'], 8, true, Safetensors),
        ([0x1F, 0x8B, 8], 0, false, new("packed with gzip", $"{Unpack} with: gzip -d FILE")),
        ([.. "BZh"u8], 0, true, new("packed with bzip2", $"{Unpack} with: bzip2 -d FILE")),
        ([0xFD, .. "7zXZ"u8, 0], 0, false, new("packed with xz", $"{Unpack} with: xz -d FILE")),
        ([0x5D, 0, 0], 0, false, new("packed with lzma", $"{Unpack} with: xz -d FILE")),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, false, new("packed with zstd", $"{Unpack} with: zstd -d FILE")),
        ([0x04, 0x22, 0x4D, 0x18], 0, false, new("packed with lz4", $"{Unpack} with: lz4 -d FILE")),
        ([0x1F, 0x9D], 0, false, new("packed with compress (.Z)", $"{Unpack} with: gzip -d FILE")),
        ([0xFF, 0x06, 0, 0, .. "sNaPpY"u8], 0, false, new("packed with snappy", Unpack)),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, false, new("a 7z archive", $"{Unpack} with: 7z x FILE")),
        ([.. "Rar!"u8, 0x1A, 7], 0, false, new("a RAR archive", $"{Unpack} with: unrar x FILE")),
        ([.. "ustar"u8], 257, true, new("a tar archive", $"{Unpack} with: tar -xf FILE")),
        ([.. "PAR1"u8], 0, true, Parquet),
        ([.. "ARROW1"u8], 0, true, new("an Arrow or Feather table", $"{Table}: pandas.read_feather(FILE).to_csv(OUT, index=False)")),
        ([.. "FEA1"u8], 0, true, new("a Feather table", $"{Table}: pandas.read_feather(FILE).to_csv(OUT, index=False)")),
        ([0, 0, 0x10, 0, 0, 0], 6, false, new("an Arrow stream", $"{Table}: datasets.Dataset.from_file(FILE).to_csv(OUT)")),
        ([.. "ORC"u8], 0, true, new("an ORC table", $"{Table}: pandas.read_orc(FILE).to_csv(OUT, index=False)")),
        ([.. "Obj"u8, 1], 0, false, new("an Avro file", Table)),
        ([.. "SQLite format 3"u8, 0], 0, false, new("an SQLite database", $"{Table}: sqlite3 -header -csv FILE 'select * from TABLE'")),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], 0, false, new("an Excel or Word file of the old form (.xls, .doc)", "Save the sheet as CSV, or the text as UTF-8 (.txt)")),
        ([.. "%PDF-"u8], 0, false, new("a PDF document", Text)),
        ([.. @"{\rtf"u8], 0, false, new("an RTF document", Text)),
        ([0x89, .. "HDF\r\n"u8, 0x1A, (byte)'\n'], 0, false, new("an HDF5 file", "Read it with h5py and save its arrays with numpy.savez", "Read its weights with h5py and save them with safetensors.numpy.save_file")),
        ([.. "MATLAB "u8], 0, true, new("a MATLAB file (.mat)", "Read it with scipy.io.loadmat and save its arrays with numpy.savez")),
        ([.. "RDX"u8], 0, true, new("an R file", "Save the table with write.csv")),
        ([.. "X\n"u8, 0, 0], 0, false, new("an R file", "Save the table with write.csv")),
        ([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46], 0, false, Torch),
        ([0x80, 2], 0, false, Pickle()), ([0x80, 3], 0, false, Pickle()), ([0x80, 4], 0, false, Pickle()), ([0x80, 5], 0, false, Pickle()),
        ([.. "(dp0\n"u8], 0, false, Pickle()), ([.. "(lp0\n"u8], 0, false, Pickle()),
        ([.. "(dp1\n"u8], 0, false, Pickle()), ([.. "(lp1\n"u8], 0, false, Pickle()), ([.. "cnumpy"u8], 0, false, Pickle()),
        ([.. "GGUF"u8], 0, true, new("a GGUF model", "Name a file of data")),
        ([.. "TFL3"u8], 4, true, new("a TensorFlow Lite model", "Name a file of data")),
        ([0xBA, 0x16, 0x4F, 0x2F], 0, false, new("a binary model of fastText", "Save its vectors as text (.vec)")),
        ([0x89, .. "PNG"u8], 0, false, new("a PNG picture", Picture)),
        ([0xFF, 0xD8, 0xFF], 0, false, new("a JPEG picture", Picture)),
        ([.. "GIF8"u8], 0, true, new("a GIF picture", Picture)),
        ([.. "II*"u8, 0], 0, false, new("a TIFF picture", Picture)), ([.. "MM"u8, 0, (byte)'*'], 0, false, new("a TIFF picture", Picture)),
        ([.. "WEBPVP8"u8], 8, false, new("a WebP picture", Picture)),
        ([.. "BM"u8], 0, true, new("a BMP picture", Picture)),
        ([.. "ID3"u8], 0, true, new("an MP3 sound", Sound)),
        ([0xFF, 0xFB], 0, false, new("an MP3 sound", Sound)), ([0xFF, 0xF3], 0, false, new("an MP3 sound", Sound)), ([0xFF, 0xF2], 0, false, new("an MP3 sound", Sound)),
        ([.. "fLaC"u8], 0, true, new("a FLAC sound", Sound)),
        ([.. "OggS"u8], 0, true, new("an Ogg sound (Vorbis, Opus)", Sound)),
        ([.. "ftyp"u8], 4, true, new("an MP4 or M4A file", Sound)),
        ([.. "AIF"u8], 8, true, new("an AIFF sound", Sound)),
        ([.. "caff"u8], 0, true, new("a CAF sound", Sound)),
        ([0x1A, 0x45, 0xDF, 0xA3], 0, false, new("a WebM or Matroska file", Sound)),
        ([.. "version https://git-lfs"u8], 0, false, new("a pointer of Git LFS in the place of the file itself", "Fetch the file with: git lfs pull", "Fetch the file with: git lfs pull")),
    ];

    /// <summary>The kind of a file by its first bytes, or null where they tell none.</summary>
    public static FileKind? Of(ReadOnlySpan<byte> head)
    {
        head = head[..Math.Min(head.Length, HeadBytes)];
        if (head is [(byte)'P', (byte)'K', 3, 4, ..]) return OfArchive([FirstName(head)]);
        foreach (var (bytes, at, binary, kind) in Signatures)
            if (head.Length >= at && head[at..].StartsWith(bytes) && (!binary || head.ContainsAnyInRange((byte)0, (byte)8))) return kind;
        return null;
    }

    /// <summary>The kind of a file; of a zip archive by the names of all that is in it. The stream is back at its start then.</summary>
    public static FileKind? Of(Stream file)
    {
        var head = DataFile.Head(file);
        if (head is not [(byte)'P', (byte)'K', 3, 4, ..]) return Of(head);
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            return OfArchive([.. archive.Entries.Select(e => e.FullName)]);
        }
        catch (InvalidDataException)                                      // its directory, at the end, is damaged or cut off
        {
            return Of(head);
        }
        finally
        {
            file.Position = 0;
        }
    }

    /// <summary>Refuses what nothing here reads as data.</summary>
    /// <param name="path">What the message names.</param>
    /// <param name="file">At its start, and then there again.</param>
    /// <param name="parquet">Whether Parquet is read.</param>
    /// <exception cref="UnrollException">It is such a file; says what to do.</exception>
    public static void RefuseForeign(string path, Stream file, bool parquet = false) => Refuse(path, Of(file), parquet);

    /// <summary>Refuses what nothing here reads as data, told by its first bytes.</summary>
    /// <inheritdoc cref="RefuseForeign(string, Stream, bool)"/>
    public static void RefuseForeign(string path, ReadOnlySpan<byte> head, bool parquet = false) => Refuse(path, Of(head), parquet);

    static void Refuse(string path, FileKind? kind, bool parquet)
    {
        if (kind is { IsRead: false } && !(parquet && kind.IsParquet)) Throw.FileIsForeign(path, kind.Name, kind.Advice);
    }

    static FileKind OfArchive(string[] names)
    {
        if (Any(n => n.EndsWith(".npy", StringComparison.Ordinal))) return Arrays;
        if (Any(n => n.StartsWith("xl/", StringComparison.Ordinal)) || names is ["[Content_Types].xml"])
            return new("an Excel workbook (.xlsx)", "Save the sheet as CSV (UTF-8)");
        if (Any(n => n.StartsWith("word/", StringComparison.Ordinal))) return new("a Word document (.docx)", Text);
        if (Any(n => n.StartsWith("ppt/", StringComparison.Ordinal))) return new("a PowerPoint file (.pptx)", Text);
        if (Any(n => n == "META-INF/container.xml")) return new("an EPUB book", Text);
        if (Any(n => n == "mimetype")) return new("an OpenDocument file (.ods, .odt)", "Save the sheet as CSV, or the text as UTF-8 (.txt)");
        if (Any(n => n is "data.pkl" || n.EndsWith("/data.pkl", StringComparison.Ordinal))) return Torch;
        if (Any(n => n is "model.weights.h5")) return new("a Keras model (.keras)", "Name a file of data", "Save its weights with safetensors.numpy.save_file");
        var shown = string.Join(", ", names.Where(n => n.Length > 0).Take(3).Select(ProblemList.Quote));
        return shown.Length == 0 ? Archive : Archive with { Advice = $"{Archive.Advice}: {shown}{(names.Length > 3 ? ", …" : "")}" };

        bool Any(Predicate<string> isSo) => Array.Exists(names, isSo);
    }

    /// <summary>The name of the first file of a zip archive, from the bytes before it; "" where they are cut off.</summary>
    static string FirstName(ReadOnlySpan<byte> head)
    {
        if (head.Length < 30) return "";
        var length = BinaryPrimitives.ReadUInt16LittleEndian(head[26..]);
        return Encoding.UTF8.GetString(head[30..Math.Min(head.Length, 30 + length)]);
    }

    static FileKind Pickle() => new("a Python pickle", "Save arrays with numpy.save, or a table as CSV", TorchModel);
}
