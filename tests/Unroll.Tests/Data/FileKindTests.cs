using System.Text;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class FileKindTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, byte[]> Foreign => new()
    {
        { "an Excel workbook", "CSV", Packed.Zip(("docProps/app.xml", [1]), ("xl/workbook.xml", [1])) },
        { "a Word document", ".txt", Packed.Zip(("[Content_Types].xml", [1]), ("word/document.xml", [1])) },
        { "an OpenDocument file", "CSV", Packed.Zip(("mimetype", [1]), ("content.xml", [1])) },
        { "a zip archive", "name what is in it: 'a.csv', 'b.csv'", Packed.Zip(("a.csv", [1]), ("b.csv", [1])) },
        { "a PyTorch checkpoint", "numpy.savez", Packed.Zip(("model/data.pkl", [1])) },
        { "a Keras model", "data", Packed.Zip(("metadata.json", [1]), ("model.weights.h5", [1])) },
        { "a Parquet table", "read_parquet", [.. "PAR1"u8, 0, 1] },
        { "an Arrow or Feather table", "read_feather", [.. "ARROW1"u8, 0, 0] },
        { "a Python pickle", "numpy.save", [0x80, 4, 0x95, 9] },
        { "a Python pickle", "numpy.save", [.. "(lp0\nS'a'\n"u8] },
        { "packed with bzip2", "bzip2 -d", [.. "BZh91AY&SY"u8, 0, 1] },
        { "packed with xz", "xz -d", [0xFD, .. "7zXZ"u8, 0, 9] },
        { "packed with zstd", "zstd -d", [0x28, 0xB5, 0x2F, 0xFD, 9] },
        { "a 7z archive", "7z x", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0] },
        { "a RAR archive", "unrar x", [.. "Rar!"u8, 0x1A, 7, 0] },
        { "a tar archive", "tar -xf", [.. new byte[257], .. "ustar\0"u8, .. new byte[300]] },
        { "a PDF document", ".txt", [.. "%PDF-1.7\n"u8] },
        { "an Excel or Word file of the old form", "CSV", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0] },
        { "an HDF5 file", "h5py", [0x89, .. "HDF\r\n"u8, 0x1A, 10, 0] },
        { "a MATLAB file", "scipy.io.loadmat", [.. "MATLAB 5.0 MAT-file, Platform"u8, 0, 1] },
        { "an SQLite database", "sqlite3", [.. "SQLite format 3\0"u8, 9] },
        { "a PNG picture", "numpy.save", [0x89, .. "PNG\r\n"u8, 0x1A, 10] },
        { "a JPEG picture", "numpy.save", [0xFF, 0xD8, 0xFF, 0xE0, 0] },
        { "an MP3 sound", "ffmpeg", [.. "ID3"u8, 4, 0, 0] },
        { "a FLAC sound", "ffmpeg", [.. "fLaC"u8, 0, 0] },
        { "an Ogg sound", "ffmpeg", [.. "OggS"u8, 0, 2] },
        { "a pointer of Git LFS", "git lfs pull", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"u8] },
        { "a safetensors file", "as the model", [16, 0, 0, 0, 0, 0, 0, 0, .. "{\"a\":{}}        "u8] },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void What_is_no_data_is_named_with_what_to_do_wherever_data_is_read(string kind, string advice, byte[] bytes)
    {
        foreach (var name in new[] { "a", "a.txt", "a.csv", "a.jsonl", "a.ts", "a.wav" })
        {
            var path = Write(name, bytes);
            foreach (var content in new[] { bytes, Packed.Gzip(bytes) })
            {
                File.WriteAllBytes(path, content);
                Action[] readers =
                [
                    () => ExampleFile.Read(path), () => ExampleFile.Read(path, new() { Format = "csv", NeedsLabels = false }), () => SentenceFile.Read(path),
                    () => PairFile.Read(path), () => WordVectors.Read(path), () => CaptionFile.ReadPictures(path), () => TextFile.ReadLines(path),
                    () => WavFile.Read(path), () => NpyFile.Read(path), () => IdxFile.Read(path),
                ];
                foreach (var reader in readers)
                {
                    var message = Assert.ThrowsAny<UnrollException>(reader).Message;
                    var again = content != bytes && bytes.AsSpan().StartsWith("PK"u8);               // packed again, a zip file tells its first name only
                    Assert.Contains(again ? $"{path}: this is a" : $"{path}: this is {kind}", message);
                    if (!again) Assert.Contains(advice, message);
                }
            }
        }
    }

    [Fact]
    public void Text_that_begins_with_letters_of_a_signature_is_text()
    {
        foreach (var text in new[] { "BM 1 2", "ORC and elf", "ID3 tags", "OggS", "PAR1", "BZh", "GIF89a", "MATLAB is a language", "RDX", "ustar", "PK is short" })
            Assert.Equal(text, TextFile.Read(Write("a.txt", Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void Arrays_and_sound_are_named_where_text_is_expected()
    {
        Assert.Contains("this is a NumPy array (.npy); expected text", Message(() => TextFile.Read(Write("a.txt", Packed.Npy("(1,)", new byte[4])))));
        Assert.Contains("this is an archive of NumPy arrays (.npz); expected text", Message(() => TextFile.Read(Write("a.txt", Packed.Zip(("x.npy", [1]))))));
        Assert.Contains("this is a WAV sound; expected text", Message(() => TextFile.Read(Write("a.txt", Wav.File(Wav.Pcm, 1, 8000, 16, [0, 0])))));
    }

    [Fact]
    public void What_is_no_model_is_named_where_a_model_is_expected()
    {
        Assert.Contains("this is a PyTorch checkpoint, no model of Unroll", Message(() => ModelFile.Load(Write("m.pt", Packed.Zip(("archive/data.pkl", [1]))))));
        Assert.Contains("safetensors.torch.save_file", Message(() => ModelFile.Load(Write("m.pt", Packed.Zip(("archive/data.pkl", [1]))))));
        Assert.Contains("this is an HDF5 file, no model", Message(() => ModelFile.Load(Write("m.h5", [0x89, .. "HDF\r\n"u8, 0x1A, 10, 0, 0, 0]))));
        Assert.Contains("this is a NumPy array (.npy), no model", Message(() => ModelFile.Load(Write("m", Packed.Npy("(1,)", new byte[4])))));
    }

    static string Message(Action action) => Assert.ThrowsAny<UnrollException>(action).Message;

    string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }
}
