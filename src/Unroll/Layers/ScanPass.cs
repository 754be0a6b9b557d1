using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A whole sequence through a cell as one operation, forward and backward: the fused implementation of its <see cref="RecurrentCell.Step(Tensor, State)"/>.</summary>
/// <remarks>A scan prepares its job and hands it to its company, which runs all jobs at the same time; then it gathers what came out.</remarks>
internal interface IFusedScan
{
    void Forward(ref ScanPass pass, int threads, ScanCompany company);
    void Backward(ref ScanPass pass, int threads, ScanCompany company);

    /// <summary>W_ih, for those who make the input's products themselves: in parts, some of which are known before others.</summary>
    Parameter InputWeight { get; }

    /// <summary>Whether the gates get more of the input than those products.</summary>
    bool HasShare { get; }

    /// <summary>What those products begin with: b_ih, and b_hh too unless the cell keeps the recurrent products apart.</summary>
    Tensor InputBias();
}

/// <summary>What runs at the same time as a scan: another scan, which is prepared once the first has its job, or nothing.</summary>
/// <remarks>So both jobs are on the stack of the calling thread, between the beginning and the end of what fixes their memory.</remarks>
internal readonly ref struct ScanCompany
{
    readonly ThreadTeam.Job _before;
    readonly IFusedScan? _other;
    readonly ref ScanPass _pass;
    readonly int _threads;
    readonly bool _back;

    ScanCompany(ThreadTeam.Job before) => _before = before;

    public ScanCompany(IFusedScan other, ref ScanPass pass, int threads, bool back)
    {
        (_other, _threads, _back) = (other, threads, back);
        _pass = ref pass;
    }

    /// <summary>Runs a prepared job together with the other scan's.</summary>
    public void Run(ThreadTeam.Job job)
    {
        if (_other is null) ThreadTeam.RunTogether(_before, job);
        else if (_back) _other.Backward(ref _pass, _threads, new(job));
        else _other.Forward(ref _pass, _threads, new(job));
    }
}

/// <summary>One run of a fused scan: what it was given, and what it needs on the way back.</summary>
internal struct ScanPass
{
    public Tensor X, Output;             // [T, B, I] and [T, B, …]; the outputs stand from column Column on
    public int Column;
    public State Initial, Final;
    public Tensor Mask;                  // [B, H], of h where it enters the gates; none for all ones
    public Lengths? Lengths;
    public bool Backward, Records;
    public bool Reports;                 // a recording wants the gates, or a state besides h
    public bool Ready;                   // X has the input's products already
    public RecordedSource? Gradients;    // where ‖∂L/∂h‖ goes, where a recording wants it

    /// <summary>Where the inputs were looked up in a table: their symbols, and which of them each row that is kept is (ints).</summary>
    public Symbols Symbols;
    public Tensor Places;

    public Tensor Xs, H0, C0, Gates, Recurrent, H, C;
    public Tensor Shared, Shares;        // [N, S], the part of the input that is shared, and what the way back needs of its share
    public Tensor Entering, Entering0;   // mask ⊙ H and mask ⊙ H0

    /// <summary>Whether gates and states of all steps are kept: for the way back, or for a recording.</summary>
    public readonly bool Keeps => Records || Reports;

    /// <summary>Room for what a recording takes as it is, unless the way back writes over it.</summary>
    public readonly Tensor Room(Shape shape) => Reports && !Records ? Tensor.Free(shape) : Tensor.New(shape);
}

/// <summary>Runs fused scans, one or two directions at a time, and records the way back.</summary>
internal static class Scan
{
    public static (Tensor Output, State Final) Run(Recurrent layer, Tensor x, State initial, Tensor mask, Lengths? lengths, bool ready = false)
    {
        var pass = new ScanPass
        {
            X = x, Initial = initial, Mask = mask, Lengths = lengths, Backward = layer.Direction == Direction.Backward, Ready = ready, Reports = Recorder.Wants(layer.Cell), Gradients = Recorder.GradientsOf(layer),
            Output = Tensor.New(new(x.Shape[0], x.Shape[1], layer.OutputSize)),
        };
        var other = default(ScanPass);
        var (final, _) = Run(layer.Fused!, ref pass, null, ref other);
        Recorder.Current?.ReportScan(layer, pass);
        return (pass.Output, final);
    }

    /// <summary>Both directions over the same input, at the same time, into the two halves of one output.</summary>
    public static (Tensor Output, State Forward, State Backward) RunBoth(
        Recurrent forward, State forwardInitial, Tensor forwardMask, Recurrent backward, State backwardInitial, Tensor backwardMask, Tensor x, Lengths? lengths)
    {
        var y = Tensor.New(new(x.Shape[0], x.Shape[1], forward.OutputSize + backward.OutputSize));
        var first = new ScanPass { X = x, Initial = forwardInitial, Mask = forwardMask, Lengths = lengths, Output = y, Reports = Recorder.Wants(forward.Cell), Gradients = Recorder.GradientsOf(forward) };
        var second = new ScanPass
        {
            X = x, Initial = backwardInitial, Mask = backwardMask, Lengths = lengths, Output = y, Column = forward.OutputSize, Backward = true, Reports = Recorder.Wants(backward.Cell), Gradients = Recorder.GradientsOf(backward),
        };
        var (s, r) = Run(forward.Fused!, ref first, backward.Fused, ref second);
        Recorder.Current?.ReportScan(forward, first);
        Recorder.Current?.ReportScan(backward, second);
        return (y, s, r);
    }

    static (State First, State Second) Run(IFusedScan scan, ref ScanPass first, IFusedScan? other, ref ScanPass second)
    {
        var (mine, rest) = Shares(other is not null);
        scan.Forward(ref first, mine, other is null ? default : new(other, ref second, rest, back: false));
        if (first.Records || second.Records) Tape.Push<Node>().Set(scan, first, other, second);
        return (first.Final, second.Final);
    }

    /// <summary>Threads for each of two scans, or for whichever runs alone.</summary>
    static (int First, int Second) Shares(bool both)
    {
        var threads = ThreadTeam.Ready;
        return both ? ((threads + 1) / 2, Math.Max(1, threads / 2)) : (threads, threads);
    }

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
            if (!_first.Records) _other!.Backward(ref _second, rest, default);
            else _scan.Backward(ref _first, mine, _second.Records ? new(_other!, ref _second, rest, back: true) : default);
        }
    }
}
