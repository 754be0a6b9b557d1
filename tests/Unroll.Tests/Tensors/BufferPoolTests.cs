using Unroll.Tensors;

using Buffer = Unroll.Tensors.Buffer;

namespace Unroll.Tests.Tensors;

public unsafe class BufferPoolTests
{
    [Fact]
    public void A_buffer_is_long_enough_aligned_and_not_wasteful_and_comes_back()
    {
        var pool = new BufferPool();
        foreach (var length in Enumerable.Range(0, 5001).Concat([65_535, 65_536, 65_537, 1_000_000, 4_194_305]))
        {
            var buffer = pool.Rent(length);
            Assert.InRange(buffer.Length, length, Math.Max(16, length + length / 4));
            fixed (float* p = buffer) Assert.Equal(0, (long)p % 64);
            pool.Return(buffer);
            Assert.Same(buffer, pool.Rent(length));
            Assert.NotSame(buffer, pool.Rent(length));
        }
    }

    /// <summary>Batches of all lengths, in any order, take little more than the longest.</summary>
    [Fact]
    public void Shorter_batches_use_the_memory_of_longer_ones()
    {
        var (pool, rng, all) = (new BufferPool(), new Rng(1), new HashSet<Buffer>());
        long longest = 0;
        for (var step = 0; step < 500; step++)
        {
            var steps = 1 + rng.Next(1000);
            Buffer[] rented = [.. new[] { 1, 4, 4, 4, 16 }.SelectMany(width => Enumerable.Range(0, 10).Select(_ => pool.Rent(64 * width * steps)))];
            Assert.Equal(rented.Length, rented.Distinct().Count());
            longest = Math.Max(longest, rented.Sum(b => (long)b.Length));
            all.UnionWith(rented);
            foreach (var buffer in rented) pool.Return(buffer);
        }
        Assert.InRange(all.Sum(b => (long)b.Length), longest, 2 * longest);
    }

    /// <summary>The same requests again find what they had, so that no step allocates.</summary>
    [Fact]
    public void The_same_step_again_allocates_nothing()
    {
        var (pool, all) = (new BufferPool(), new HashSet<Buffer>());
        for (var step = 0; step < 3; step++)
        {
            Buffer[] rented = [.. new[] { 100, 70_000, 3, 5_000, 20_000, 90, 4_900 }.Select(pool.Rent)];
            if (step == 0) all.UnionWith(rented);
            Assert.Subset(all, rented.ToHashSet());
            foreach (var buffer in rented) pool.Return(buffer);
        }
    }

    [Fact]
    public void The_largest_tensors_have_a_size_too()
    {
        foreach (var length in new[] { 1 << 30, 1_900_000_000, Array.MaxLength - 16 })
            Assert.InRange(BufferPool.SizeOf(length).Size, length, Array.MaxLength - 16);
    }
}
