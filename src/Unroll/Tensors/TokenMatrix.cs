namespace Unroll.Tensors;

/// <summary>Whole numbers for every step of every row, time-major [T, B]: ids of symbols or classes. −1 stands for none.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class TokenMatrix
{
    int[] _ids;

    /// <summary>Room for <paramref name="steps"/> steps of <paramref name="batch"/> rows, all 0.</summary>
    public TokenMatrix(int steps, int batch)
    {
        _ids = new int[checked(steps * batch)];
        (Steps, Batch) = (steps, batch);
    }

    /// <summary>One row from a list of ids.</summary>
    public TokenMatrix(ReadOnlySpan<int> row) : this(row.Length, 1) => row.CopyTo(_ids);

    /// <summary>T, the number of steps.</summary>
    public int Steps { get; private set; }

    /// <summary>B, the number of rows.</summary>
    public int Batch { get; private set; }

    /// <summary>The shape [T, B].</summary>
    public Shape Shape => new(Steps, Batch);

    /// <summary>All ids, the rows of a step next to each other.</summary>
    public Span<int> Ids => _ids.AsSpan(0, Steps * Batch);

    /// <summary>The id at step <paramref name="t"/> of row <paramref name="b"/>.</summary>
    public ref int this[int t, int b]
    {
        get
        {
            if ((uint)t >= (uint)Steps || (uint)b >= (uint)Batch) Throw.OutOfRange(nameof(t), (t, b), $"within {Shape}");
            return ref _ids[t * Batch + b];
        }
    }

    /// <summary>Changes the size, keeping the memory where it suffices; the ids are then not set.</summary>
    public void Resize(int steps, int batch)
    {
        var count = checked(steps * batch);
        if (_ids.Length < count) _ids = new int[count];
        (Steps, Batch) = (steps, batch);
    }
}
