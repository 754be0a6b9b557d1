namespace Unroll.Kernels;

/// <summary>
/// The right factor b[k, n] of a product, packed or as it stands in memory. Packed it is read straight on, which pays where it is
/// used again and again; as it stands a product packs it piece by piece on the way, and every number is read once.
/// </summary>
/// <remarks>
/// Element (i, j) stands at <c>i·Row + j·Column</c>: for all i and j as it stands, and packed for every column j that begins a panel, whose
/// other columns follow side by side.
/// </remarks>
internal readonly unsafe struct Factor
{
    public readonly Real* Pointer;
    public readonly nint Row, Column;
    public readonly bool IsPacked;

    public Factor(Real* pointer, nint row, nint column, bool isPacked)
    {
        Pointer = pointer;
        (Row, Column, IsPacked) = (row, column, isPacked);
    }

    /// <summary>A matrix in memory: strides from row to row and from column to column.</summary>
    public static Factor Raw(Real* pointer, nint row, nint column) => new(pointer, row, column, false);

    /// <summary>A matrix of k rows packed into panels of <paramref name="width"/> columns.</summary>
    public static Factor Packed(Real* pointer, int k, int width) => new(pointer, width, k, true);

    /// <summary>What is left of it from a row and a panel's first column on.</summary>
    public Factor From(nint row, nint column) => new(Pointer + row * Row + column * Column, Row, Column, IsPacked);
}
