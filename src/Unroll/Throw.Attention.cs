using System.Diagnostics.CodeAnalysis;
using Unroll.Tensors;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void NoMemory() => throw new InvalidOperationException(
        "The layer attends to a memory and was given none. Start it with the state of AttentiveCell.Start, which has one.");

    [DoesNotReturn]
    public static void DotSizesDiffer(int query, int memory) => throw new ArgumentException(
        $"Dot attention compares a query of {query} numbers with values of {memory}; they must be of one size. Use general attention, or other sizes.");

    [DoesNotReturn]
    public static void MemoryRows(Shape queries, int rows) => throw new ArgumentException(
        $"The queries are {queries} and the memory has {rows} rows; say for each of the {queries[1]} rows which it reads, or give as many.", "rows");

    [DoesNotReturn]
    public static void AttentiveSizes(int takes, int expected, int gives, int query, bool causal) => throw new ArgumentException(causal
        ? $"The layers take {takes} numbers and give {gives}; the cell hands them {expected}, and its attention asks with {query}."
        : "The layers of a decoder must run forward in time: each output may depend on past inputs alone.", "layers");
}
