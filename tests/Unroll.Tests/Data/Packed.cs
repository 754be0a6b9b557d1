using System.IO.Compression;

namespace Unroll.Tests.Data;

/// <summary>Packed bytes for the tests.</summary>
static class Packed
{
    public static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return packed.ToArray();
    }

    /// <summary>An array as NumPy saves it: single precision where no other type is named.</summary>
    public static byte[] Npy(string shape, byte[] data, string type = "<f4") =>
        [0x93, .. "NUMPY"u8, 1, 0, 128, 0, .. System.Text.Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(127) + "\n"), .. data];
}
