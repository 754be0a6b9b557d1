using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Two cells over the same sequence, one from each end (Schuster and Paliwal 1997): y_t = h→_t ⊕ h←_t. The state is the forward cell's,
/// then the backward cell's.
/// </summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public sealed class Bidirectional : RecurrentLayer
{
    readonly Recurrent _forward, _backward;

    /// <summary>Runs <paramref name="forward"/> from the first step and <paramref name="backward"/> from the last.</summary>
    /// <param name="forward">The cell that reads from the first step on.</param>
    /// <param name="backward">The cell that reads from each row's last step.</param>
    /// <param name="recurrentDropout">Dropout on h where it enters the gates (<see cref="Recurrent"/>), each direction with a mask of its own.</param>
    /// <exception cref="ArgumentException">The cells take inputs of different sizes, or are the same one.</exception>
    public Bidirectional(RecurrentCell forward, RecurrentCell backward, Dropout? recurrentDropout = null)
    {
        if (forward.InputSize != backward.InputSize) Throw.InputSizesDiffer(forward.InputSize, backward.InputSize);
        if (ReferenceEquals(forward, backward)) Throw.SameCellTwice();
        _forward = Add("", new Recurrent(forward, Direction.Forward, recurrentDropout));
        _backward = Add("", new Recurrent(backward, Direction.Backward, recurrentDropout));
    }

    /// <inheritdoc/>
    public override int InputSize => _forward.InputSize;

    /// <inheritdoc/>
    public override int OutputSize => _forward.OutputSize + _backward.OutputSize;

    /// <inheritdoc/>
    public override int StateCount => _forward.StateCount + _backward.StateCount;

    /// <inheritdoc/>
    public override int StateSize(int index) =>
        index < _forward.StateCount ? _forward.StateSize(index) : _backward.StateSize(index - _forward.StateCount);

    /// <inheritdoc/>
    public override IEnumerable<RecurrentCell> Cells => [_forward.Cell, _backward.Cell];

    /// <inheritdoc/>
    public override bool IsCausal => false;

    internal override void Collect(string prefix, string suffix, List<NamedParameter> into)
    {
        suffix = suffix.Length == 0 ? "_l0" : suffix;
        _forward.Collect(prefix, suffix, into);
        _backward.Collect(prefix, suffix + "_reverse", into);
    }

    internal override (Tensor Output, State Final) Run(Tensor x, State initial, Lengths? lengths)
    {
        State first = initial.Slice(0, _forward.StateCount), second = initial.Slice(_forward.StateCount, _backward.StateCount);
        if (_forward.First is not null && _backward.First is not null)
        {
            Tensor mask = _forward.Mask(x.Shape[1]), other = _backward.Mask(x.Shape[1]);
            var (both, u, v) = Scan.RunBoth(_forward, first, mask, _backward, second, other, x, lengths);
            return (both, State.Concat(u, v));
        }
        var (y, s) = _forward.Run(x, first, lengths);
        var (z, r) = _backward.Run(x, second, lengths);
        return (Ops.ConcatColumns(y, z), State.Concat(s, r));                        // [T, B, H→ + H←]
    }
}
