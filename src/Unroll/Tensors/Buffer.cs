using System.Numerics;
using System.Runtime.CompilerServices;

namespace Unroll.Tensors;

/// <summary>Numbers at a fixed, 64-byte aligned address, owned by the garbage collector.</summary>
internal sealed unsafe class Buffer
{
    public const int Alignment = 64;

    readonly Real[] _array;

    public Buffer(int length)
    {
        Settings.Check();
        _array = GC.AllocateUninitializedArray<Real>(length + Alignment / sizeof(Real), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _array[0]);
        Pointer = (Real*)((address + Alignment - 1) & ~(nuint)(Alignment - 1));
        Length = length;
    }

    public Real* Pointer { get; }
    public int Length { get; }

    public void Clear() => new Span<Real>(Pointer, Length).Clear();
}

/// <summary>Buffers waiting to be used again, sorted by size. Not for several threads.</summary>
internal sealed class BufferPool
{
    // Four sizes in every doubling: a request wastes at most a fifth.
    readonly Stack<Buffer>[] _free = new Stack<Buffer>[4 * 32];

    public Buffer Rent(int length)
    {
        var (slot, size) = SizeOf(length);
        return _free[slot] is { Count: > 0 } stack ? stack.Pop() : new Buffer(size);
    }

    public void Return(Buffer buffer) => (_free[SizeOf(buffer.Length).Slot] ??= new Stack<Buffer>()).Push(buffer);

    internal static (int Slot, int Size) SizeOf(int length)
    {
        const int Smallest = 16;
        if (length <= Smallest) return (0, Smallest);
        var quarter = BitOperations.Log2((uint)(length - 1)) - 2;          // length − 1 = 1xx…: two bits below the highest pick the step
        var steps = ((length - 1) >> quarter) + 1;                         // 5 to 8 quarters
        return (4 * quarter + steps - 4, (int)Math.Min((long)steps << quarter, Array.MaxLength - Buffer.Alignment / sizeof(Real)));
    }
}
