using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>The sizes of this processor's data caches in bytes, as it or the system reports them; usual sizes where neither does.</summary>
internal static class Caches
{
    static readonly (int First, int Second, int Third) Sizes = Read();

    /// <summary>Of one core.</summary>
    public static int First => Sizes.First;

    /// <summary>Of one core.</summary>
    public static int Second => Sizes.Second;

    /// <summary>Of the cores that share it; as much as the second where there is none.</summary>
    public static int Third => Sizes.Third;

    static (int, int, int) Read() => Choose(X86Base.IsSupported ? FromProcessor() : FromSystem());

    /// <summary>What was reported, where it can be: each level as large as the one before or larger. Else 32 KiB, 512 KiB and 8 MiB.</summary>
    internal static (int First, int Second, int Third) Choose(IEnumerable<(int Level, long Bytes)> reported)
    {
        const int Least = 4 << 10, Most = 1 << 30;
        var sizes = new int[] { 0, 32 << 10, 512 << 10, 8 << 20 };
        var found = new bool[sizes.Length];
        foreach (var (level, bytes) in reported)
            if (level is >= 1 and <= 3 && bytes is >= Least and <= Most) (sizes[level], found[level]) = ((int)bytes, true);
        if (found[1] && found[2] && !found[3]) sizes[3] = 0;            // a processor with two levels
        var second = Math.Max(sizes[1], sizes[2]);
        return (sizes[1], second, Math.Max(second, sizes[3]));
    }

    /// <summary>CPUID's deterministic cache parameters: leaf 4 of Intel, 8000001Dh of AMD.</summary>
    static List<(int, long)> FromProcessor()
    {
        const int Extended = unchecked((int)0x8000_0000), Instructions = 2, Most = 16;
        var found = new List<(int, long)>();
        foreach (var leaf in new[] { 4, Extended + 0x1D })
        {
            if ((uint)X86Base.CpuId(leaf & Extended, 0).Eax < (uint)leaf) continue;
            for (var i = 0; i < Most; i++)
            {
                var (a, b, c, _) = X86Base.CpuId(leaf, i);
                if ((a & 31) == 0) break;
                if ((a & 31) == Instructions) continue;
                found.Add((a >> 5 & 7, (((uint)b >> 22) + 1L) * (((uint)b >> 12 & 0x3FF) + 1) * (((uint)b & 0xFFF) + 1) * ((uint)c + 1L)));
            }
        }
        return found;
    }

    /// <summary>Linux's files; elsewhere nothing.</summary>
    static List<(int, long)> FromSystem()
    {
        const string Folder = "/sys/devices/system/cpu/cpu0/cache";
        var found = new List<(int, long)>();
        try
        {
            if (!Directory.Exists(Folder)) return found;
            foreach (var index in Directory.GetDirectories(Folder, "index*"))
            {
                string Line(string name) => File.ReadAllText(Path.Combine(index, name)).Trim();
                if (Line("type") == "Instruction") continue;
                var size = Line("size");
                var unit = size.EndsWith('K') ? 1L << 10 : size.EndsWith('M') ? 1L << 20 : 1;
                if (int.TryParse(Line("level"), CultureInfo.InvariantCulture, out var level) && long.TryParse(size.TrimEnd('K', 'M'), CultureInfo.InvariantCulture, out var count))
                    found.Add((level, count * unit));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not to be read here: usual sizes then.
        }
        return found;
    }
}
