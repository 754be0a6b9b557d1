using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Unroll.Tensors;

/// <summary>Numbers at a fixed, 64-byte aligned address, owned by the garbage collector.</summary>
/// <remarks>
/// The array never moves, but it is collected like any other once nobody refers to it, and then its memory is somebody else's. So nothing gives out
/// its address. A kernel gets it by <c>fixed (Real* p = …)</c> from a buffer, a tensor, a parameter or a span, which keeps the array alive as long as
/// the kernel runs, and costs a store on the stack.
/// </remarks>
internal sealed class Buffer
{
    public const int Alignment = 64;

    readonly Real[] _array;
    readonly int _start;

    public unsafe Buffer(int length)
    {
        Settings.Check();
        _array = GC.AllocateUninitializedArray<Real>(length + Alignment / sizeof(Real), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _array[0]);               // for its last bits alone
        _start = (int)((((address + Alignment - 1) & ~(nuint)(Alignment - 1)) - address) / sizeof(Real));
        Length = length;
    }

    public int Length { get; }

    public Span<Real> Span => new(_array, _start, Length);

    /// <summary>Some of the numbers, for who keeps them in an object.</summary>
    public Memory<Real> Memory(int offset, int length) => new(_array, _start + offset, length);

    /// <summary>The number at <paramref name="offset"/>, by a reference that keeps all of them alive; there is one even where the length is 0.</summary>
    public ref Real At(int offset) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start + offset);

    /// <summary>What <c>fixed</c> takes the address of.</summary>
    public ref Real GetPinnableReference() => ref At(0);

    public void Clear() => Span.Clear();
}

/// <summary>Buffers waiting to be used again, sorted by size. Not for several threads.</summary>
/// <remarks>
/// A span taken from a tensor cannot tell that its tape has ended: it shows whatever stands in the buffer next. Where <see cref="Poisons"/> is set,
/// that is not a number, or as a whole number none that is an id, until another tensor is written there.
/// </remarks>
internal sealed class BufferPool
{
    const int PerDoubling = 4;

    readonly Stack<Buffer>[] _free = new Stack<Buffer>[PerDoubling * 32];

    /// <summary>The switch that turns <see cref="Poisons"/> on, in a runtime configuration or by <see cref="AppContext.SetSwitch"/> before the library's first use.</summary>
    public const string Switch = "Unroll.PoisonMemory";

    /// <summary>NaN in both precisions, and −8531 as a whole number.</summary>
    public const int Poison = unchecked((int)0xFFFF_DEAD);

    /// <summary>Whether buffers are filled with <see cref="Poison"/> as they are returned: in Debug builds, or as <see cref="Switch"/> says.</summary>
    public static bool Poisons { get; set; } = AppContext.TryGetSwitch(Switch, out var on) ? on : IsDebug;

#if DEBUG
    const bool IsDebug = true;
#else
    const bool IsDebug = false;
#endif

    /// <summary>A buffer for so many numbers: one that waits, up to four times as long, or a new one that is at most a fourth longer.</summary>
    /// <remarks>Without longer ones a shorter batch would get memory of its own beside that of the longest, and batches of all lengths together six times as much.</remarks>
    public Buffer Rent(int length)
    {
        var (slot, size) = SizeOf(length);
        for (var longer = slot; longer <= Math.Min(slot + 2 * PerDoubling, _free.Length - 1); longer++)
            if (_free[longer] is { Count: > 0 } waiting) return waiting.Pop();
        return new Buffer(size);
    }

    public void Return(Buffer buffer)
    {
        if (Poisons) MemoryMarshal.Cast<Real, int>(buffer.Span).Fill(Poison);
        (_free[SizeOf(buffer.Length).Slot] ??= new Stack<Buffer>()).Push(buffer);
    }

    internal static (int Slot, int Size) SizeOf(int length)
    {
        const int Smallest = 16;
        if (length <= Smallest) return (0, Smallest);
        var quarter = BitOperations.Log2((uint)(length - 1)) - 2;          // length − 1 = 1xx…: two bits below the highest pick the step
        var steps = ((length - 1) >> quarter) + 1;                         // 5 to 8 quarters
        return (PerDoubling * quarter + steps - PerDoubling, (int)Math.Min((long)steps << quarter, Array.MaxLength - Buffer.Alignment / sizeof(Real)));
    }
}
