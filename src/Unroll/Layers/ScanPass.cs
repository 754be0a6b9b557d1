using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A whole sequence through a cell as one operation, forward and backward: the proved twin of its <see cref="RecurrentCell.Step(Tensor, State)"/>.</summary>
/// <remarks>In halves, so that two directions can run at the same time between them: <c>Begin</c> prepares a pass's job, <c>End</c> gathers.</remarks>
internal interface IFusedScan
{
    void Begin(ref ScanPass pass, int threads);
    State End(ref ScanPass pass);
    void BeginBackward(ref ScanPass pass, int threads);
    void EndBackward(ref ScanPass pass);

    /// <summary>W_ih, for those who make the input's products themselves: in parts, some of which are known before others.</summary>
    Parameter InputWeight { get; }

    /// <summary>What those products begin with: b_ih, and b_hh too unless the cell keeps the recurrent products apart.</summary>
    Tensor InputBias();
}

/// <summary>One run of a fused scan: what it was given, what it needs on the way back, and the job for the team.</summary>
internal unsafe struct ScanPass
{
    public Tensor X, Output;             // [T, B, I] and [T, B, …]; the outputs stand from column Column on
    public int Column;
    public State Initial, Final;
    public Tensor Mask;                  // [B, H], of h where it enters the gates; none for all ones
    public Lengths? Lengths;
    public bool Backward, Records;
    public bool Ready;                   // X has the input's products already

    /// <summary>Where the inputs were looked up in a table: their symbols, and which of them each row that is kept is (ints).</summary>
    public Symbols Symbols;
    public Tensor Places;

    public Tensor Xs, H0, C0, Gates, Recurrent, H, C, Bias, DH, DC;
    public Tensor Entering, Entering0, DEntering;      // mask ⊙ H, mask ⊙ H0 and the former's gradient at one step
    public Team.Job Job;
    Tensor _kernel, _barriers;

    /// <summary>The kernel as a job, at an address that lasts as long as the pass.</summary>
    public Team.Job Place<TKernel>(TKernel kernel, in ScanLayout layout) where TKernel : unmanaged, IJointKernel
    {
        _kernel = Tensor.New(new(sizeof(TKernel) / sizeof(Real) + 1));
        var at = (TKernel*)_kernel.Pointer;
        *at = kernel;
        return Team.Job.Of(at, layout.Parts, layout.Operations);
    }

    public void SetBarriers(ref ScanLayout layout)
    {
        if (layout.BarrierLength == 0) return;
        _barriers = Tensor.Zeros(new(layout.BarrierLength));
        layout.SetBarriers(_barriers.Pointer);
    }
}

/// <summary>Runs fused scans, one or two directions at a time, and records the way back.</summary>
internal static class Scan
{
    public static (Tensor Output, State Final) Run(
        IFusedScan scan, Tensor x, State initial, Tensor mask, Lengths? lengths, bool backward, int hiddenSize, bool ready = false)
    {
        var pass = new ScanPass
        {
            X = x, Initial = initial, Mask = mask, Lengths = lengths, Backward = backward, Ready = ready,
            Output = Tensor.New(new(x.Shape[0], x.Shape[1], hiddenSize)),
        };
        var other = default(ScanPass);
        var (final, _) = Run(scan, ref pass, null, ref other);
        return (pass.Output, final);
    }

    /// <summary>Both directions over the same input, at the same time, into the two halves of one output.</summary>
    public static (Tensor Output, State Forward, State Backward) RunBoth(
        IFusedScan forward, int forwardSize, State forwardInitial, Tensor forwardMask,
        IFusedScan backward, int backwardSize, State backwardInitial, Tensor backwardMask, Tensor x, Lengths? lengths)
    {
        var y = Tensor.New(new(x.Shape[0], x.Shape[1], forwardSize + backwardSize));
        var first = new ScanPass { X = x, Initial = forwardInitial, Mask = forwardMask, Lengths = lengths, Output = y };
        var second = new ScanPass
        {
            X = x, Initial = backwardInitial, Mask = backwardMask, Lengths = lengths, Output = y, Column = forwardSize, Backward = true,
        };
        var (s, r) = Run(forward, ref first, backward, ref second);
        return (y, s, r);
    }

    static (State First, State Second) Run(IFusedScan scan, ref ScanPass first, IFusedScan? other, ref ScanPass second)
    {
        var (mine, rest) = Shares(other is not null);
        scan.Begin(ref first, mine);
        other?.Begin(ref second, rest);
        Team.RunTogether(first.Job, second.Job);
        var states = (scan.End(ref first), other?.End(ref second) ?? default);
        if (first.Records || second.Records) Tape.Push<Node>().Set(scan, first, other, second);
        return states;
    }

    /// <summary>Threads for each of two scans, or for whichever runs alone.</summary>
    static (int First, int Second) Shares(bool both) => both ? ((Team.Threads + 1) / 2, Math.Max(1, Team.Threads / 2)) : (Team.Threads, Team.Threads);

    sealed class Node : Tensors.Node
    {
        IFusedScan _scan = null!;
        IFusedScan? _other;
        ScanPass _first, _second;
        int _version;

        public void Set(IFusedScan scan, in ScanPass first, IFusedScan? other, in ScanPass second)
        {
            (_scan, _first, _other, _second) = (scan, first, other, second);
            _version = first.Lengths?.Version ?? 0;
        }

        public override void Backward()
        {
            if (_first.Lengths is { } lengths && lengths.Version != _version) Throw.LengthsChanged();
            var (mine, rest) = Shares(_first.Records && _second.Records);
            // A direction whose weights and inputs are all frozen keeps nothing to go back with.
            _first.Job = _second.Job = default;
            if (_first.Records) _scan.BeginBackward(ref _first, mine);
            if (_second.Records) _other!.BeginBackward(ref _second, rest);
            Team.RunTogether(_first.Job, _second.Job);
            // As a tape would: last in, first out.
            if (_second.Records) _other!.EndBackward(ref _second);
            if (_first.Records) _scan.EndBackward(ref _first);
        }
    }
}
