using System.Globalization;

namespace Unroll.Data;

/// <summary>FNV-1a by 32-bit units, in 64 bits: tells data from other data.</summary>
internal struct Fnv()
{
    /// <summary>The hash of all that was added.</summary>
    public ulong Value { get; private set; } = 0xCBF29CE484222325;

    public void Add(uint value) => Value = (Value ^ value) * 0x100000001B3;

    /// <summary>Numbers and how many they are, so that lists do not run into each other.</summary>
    public void Add(IReadOnlyList<int> values)
    {
        for (var i = 0; i < values.Count; i++) Add((uint)values[i]);
        Add((uint)values.Count);
    }

    public override readonly string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
