using Unroll.Kernels;

namespace Unroll.Layers;

/// <summary>
/// The pointwise part of a cell for some units of one row, forward and backward; <see cref="FusedScan{TCell}"/> does the products around it.
/// Gates come in the order of the weights' rows, each <c>stride</c> numbers after the one before, and so do the peephole weights of i, f and o, null where the
/// cell has none; <c>count</c> units are to be done.
/// </summary>
internal unsafe interface IScanCell
{
    /// <summary>Blocks of H rows in the weights.</summary>
    static abstract int Gates { get; }

    /// <summary>Whether the state has a second tensor c.</summary>
    static abstract bool HasMemory { get; }

    /// <summary>Whether the recurrent product W_hh·h + b_hh is needed by itself, not only added to the input's.</summary>
    static abstract bool SplitsProducts { get; }

    /// <summary>
    /// From pre-activations to h (and c). Leaves the activated gates in <paramref name="gates"/> for the way back and for recordings, which
    /// find there, in this order, those of <see cref="RecurrentCell.GateNames"/>.
    /// </summary>
    static abstract void Forward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
        where V : unmanaged, ILanes<V>;

    /// <summary>
    /// From dh = <paramref name="dy"/> + <paramref name="dh"/> (and <paramref name="dc"/>) to the gradients of the pre-activations, written
    /// over <paramref name="gates"/> and <paramref name="recurrent"/>. Leaves in dh and dc what goes to the previous state past the weights.
    /// </summary>
    static abstract void Backward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh,
        Real* dc, int stride, int count)
        where V : unmanaged, ILanes<V>;
}
