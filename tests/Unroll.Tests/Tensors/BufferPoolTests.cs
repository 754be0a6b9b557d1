using Unroll.Tensors;

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

    [Fact]
    public void The_largest_tensors_have_a_size_too()
    {
        foreach (var length in new[] { 1 << 30, 1_900_000_000, Array.MaxLength - 16 })
            Assert.InRange(BufferPool.SizeOf(length).Size, length, Array.MaxLength - 16);
    }
}
