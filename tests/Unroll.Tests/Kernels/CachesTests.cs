using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public class CachesTests
{
    const int K = 1 << 10, M = 1 << 20;

    [Fact]
    public void What_is_reported_is_taken() => Assert.Equal((48 * K, 2 * M, 24 * M), Caches.Choose([(1, 48 * K), (2, 2 * M), (3, 24 * M)]));

    [Fact]
    public void What_is_not_reported_is_of_a_usual_size()
    {
        Assert.Equal((32 * K, 512 * K, 8 * M), Caches.Choose([]));
        Assert.Equal((64 * K, 512 * K, 8 * M), Caches.Choose([(1, 64 * K)]));
    }

    /// <summary>Nought, a size below zero, one of the whole memory, levels that there are not: as if nothing had been said.</summary>
    [Theory, InlineData(1, 0L), InlineData(2, -1L), InlineData(3, 1L << 40), InlineData(0, 32L << 10), InlineData(7, 32L << 10)]
    public void Nonsense_is_passed_over(int level, long bytes) => Assert.Equal((32 * K, 512 * K, 8 * M), Caches.Choose([(level, bytes)]));

    [Fact]
    public void A_processor_with_two_levels_has_no_third() => Assert.Equal((64 * K, 4 * M, 4 * M), Caches.Choose([(1, 64 * K), (2, 4 * M)]));

    [Fact]
    public void No_level_is_smaller_than_the_one_before()
    {
        Assert.Equal((512 * K, 512 * K, 512 * K), Caches.Choose([(1, 512 * K), (2, 32 * K), (3, 64 * K)]));
        Assert.InRange(Caches.First, 4 * K, Caches.Second);
        Assert.InRange(Caches.Second, Caches.First, Caches.Third);
    }

    /// <summary>On Linux the kernel knows them as well.</summary>
    [Fact]
    public void They_are_those_of_the_system()
    {
        const string Folder = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(Folder)) return;
        var system = new List<(int, long)>();
        foreach (var index in Directory.GetDirectories(Folder, "index*"))
            if (File.ReadAllText($"{index}/type").Trim() != "Instruction")
                system.Add((int.Parse(File.ReadAllText($"{index}/level")), long.Parse(File.ReadAllText($"{index}/size").Trim().TrimEnd('K')) * K));
        var (first, second, _) = Caches.Choose(system);
        Assert.Equal((first, second), (Caches.First, Caches.Second));
    }
}
