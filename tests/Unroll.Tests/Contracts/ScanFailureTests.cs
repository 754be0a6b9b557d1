using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What is thrown while threads share the hidden units of a scan leaves nobody waiting for the thread that will not come.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class ScanFailureTests : IDisposable
{
    const int Steps = 20, Inputs = 24, Hidden = 256;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);           // how long until it is called a deadlock

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    [Theory, InlineData(false), InlineData(true)]
    public void A_cell_that_throws_throws_at_its_caller_and_the_team_goes_on(bool onTheWayBack)
    {
        ThreadTeam.Threads = 2;
        Assert.True(ScanLayout.Of(Steps, 1, Hidden, FailingCell.Gates, Inputs, null, backward: false, ThreadTeam.Threads).SplitsUnits);
        Exception? failure = null;
        var caller = new Thread(() =>
        {
            try
            {
                for (var i = 0; i < 20; i++)
                {
                    Assert.Throws<DivideByZeroException>(() => Run(stepsUntilFailure: 1 + i, onTheWayBack));
                    Run(stepsUntilFailure: int.MaxValue, onTheWayBack);
                }
            }
            catch (Exception e)
            {
                failure = e;                                                // on a thread of one's own it would end the process
            }
        })
        { IsBackground = true };
        caller.Start();
        Assert.True(caller.Join(Patience), "a thread waits for one that has thrown");
        Assert.True(failure is null, failure?.ToString());
    }

    static void Run(int stepsUntilFailure, bool onTheWayBack)
    {
        Parameter Weight(params ReadOnlySpan<int> shape) => new(shape.Length == 1 ? new(shape[0]) : new(shape[0], shape[1]));
        const int Width = 4 * Hidden;
        var scan = new FusedScan<FailingCell>(Inputs, Hidden, Weight(Width, Inputs), Weight(Width, Hidden), Weight(Width), Weight(Width));
        FailingCell.Left = onTheWayBack ? int.MaxValue : stepsUntilFailure;
        using var tape = Tape.Record();
        var (y, _) = Scan.Run(new Recurrent(new Cell(scan)) { Composed = false }, Tensor.Zeros(new(Steps, 1, Inputs)), default, default, null);
        FailingCell.Left = stepsUntilFailure;
        if (onTheWayBack) tape.Backward(Ops.Sum(y));
    }

    /// <summary>A cell with nothing but a fused implementation.</summary>
    sealed class Cell(IFusedScan scan) : RecurrentCell(Inputs, Hidden)
    {
        internal override IFusedScan Fused => scan;

        public override State Step(Tensor xg, State state) => throw new NotSupportedException();
    }

    /// <summary>Fails when it has been asked so many times.</summary>
    unsafe struct FailingCell : IScanCell
    {
        public static int Left;

        public static int Gates => 4;
        public static bool HasMemory => false;
        public static bool SplitsProducts => false;

        public static void Forward<V>(float* gates, float* recurrent, float* peepholes, float* hPrevious, float* cPrevious, float* h, float* c, int stride, int count)
            where V : unmanaged, ILanes<V>
        {
            Count();
            new Span<float>(h, count).Clear();
        }

        public static void Backward<V>(float* gates, float* recurrent, float* peepholes, float* hPrevious, float* cPrevious, float* h, float* c, float* dy, float* dh, float* dc,
            int stride, int count) where V : unmanaged, ILanes<V> => Count();

        static void Count()
        {
            if (Interlocked.Decrement(ref Left) == 0) throw new DivideByZeroException();
        }
    }
}
