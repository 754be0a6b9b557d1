using System.Diagnostics;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>Threads on a machine that has other things to do: whoever is held up holds nobody up for long, and no bit depends on it.</summary>
[Collection(nameof(ThreadTeam))]
public sealed unsafe class CrowdingTests : IDisposable
{
    readonly int _threads = ThreadTeam.Threads;

    public CrowdingTests() => Crowding.Forget();

    public void Dispose() => ThreadTeam.Threads = _threads;

    static long Milliseconds(int n) => n * (Stopwatch.Frequency / 1000);

    [Fact]
    public void A_loss_leaves_a_thread_out_for_a_while()
    {
        for (var losses = 1; losses <= 3; losses++)
        {
            Crowding.Account(-Milliseconds(1));
            Assert.Equal(4 - losses, Crowding.Ready(4));
        }
        Assert.Equal(1, Crowding.Ready(3));
        SpinWait.SpinUntil(() => Crowding.Ready(4) == 4);                    // by itself
        Crowding.Account(-Milliseconds(1));
        Assert.Equal(3, Crowding.Ready(4));
    }

    [Fact]
    public void What_was_saved_makes_up_for_an_interruption()
    {
        for (var i = 0; i < 10; i++) Crowding.Account(Milliseconds(1));
        Crowding.Account(-Milliseconds(4));
        Assert.Equal(4, Crowding.Ready(4));
        Crowding.Account(-Milliseconds(4));
        Assert.Equal(3, Crowding.Ready(4));
    }

    [Fact]
    public void A_thread_that_is_held_up_is_noticed_and_its_work_is_done()
    {
        ThreadTeam.Threads = 2;
        var done = stackalloc int[Parts];
        for (var i = 0; i < 20 && Crowding.Ready(2) == 2; i++) ThreadTeam.Run(new HeldKernel { Done = done, Caller = Environment.CurrentManagedThreadId }, Parts, 1);
        Assert.Equal(1, Crowding.Ready(2));
        new Span<int>(done, Parts).Clear();
        ThreadTeam.Run(new HeldKernel { Done = done, Caller = Environment.CurrentManagedThreadId }, Parts, 1);
        Assert.All(new Span<int>(done, Parts).ToArray(), n => Assert.Equal(1, n));
    }

    const int Parts = 8;

    /// <summary>Its outputs take the caller no time, and any other thread 10 ms, as one that has lost its processor.</summary>
    struct HeldKernel : IKernel
    {
        public int* Done;
        public int Caller;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < (Environment.CurrentManagedThreadId == Caller ? 0.1 : 10)) Thread.SpinWait(100);
            for (var i = from; i < to; i++) Interlocked.Increment(ref Done[i]);
        }
    }

    [Theory, InlineData("lstm"), InlineData("gru")]
    public void Bits_are_the_same_however_crowded_it_is(string kind)
    {
        foreach (var (steps, batch, hidden) in new[] { (9, 50, 40), (12, 1, 200), (7, 8, 96) })
        {
            var layer = new Stacked([new Bidirectional(Cell(kind, 24, hidden), Cell(kind, 24, hidden)), new Recurrent(Cell(kind, 2 * hidden, hidden))]);
            ThreadTeam.Threads = 1;
            var alone = Gradients(layer, steps, batch);
            foreach (var threads in new[] { 2, 4 })
                foreach (var losses in new[] { 0, 1, 2, 3 })
                {
                    ThreadTeam.Threads = threads;
                    for (var i = 0; i < losses; i++) Crowding.Account(-Milliseconds(6));
                    foreach (var (expected, actual) in alone.Zip(Gradients(layer, steps, batch))) Same.Bits(expected, actual, $"{threads} threads, {losses} losses");
                }
        }
    }

    static RecurrentCell Cell(string kind, int inputs, int hidden) => CellCatalog.Get(kind).Create(inputs, hidden, new Rng(3));

    static float[][] Gradients(Stacked layer, int steps, int batch)
    {
        layer.ClearGradients();
        using var tape = Tape.Record();
        var x = Tensor.Zeros(new(steps, batch, 24)).WithGradient();
        new Rng(1).FillNormal(x.Values, 0, 1);
        var y = layer.Forward(x, layer.ZeroState(batch), new Lengths(Enumerable.Repeat(steps, batch).ToArray(), steps)).Output;
        var output = y.ToArray();
        tape.Backward(Ops.Sum(y));
        return [output, x.Gradient.ToArray(), .. layer.Parameters.Select(p => p.Parameter.Gradient.ToArray())];
    }

    /// <summary>The one test that waits: for idle threads to go to sleep, and then to see that they do.</summary>
    [Fact]
    public void Idle_threads_use_no_processor_time_after_10_ms()
    {
        ThreadTeam.Threads = 3;
        var done = stackalloc int[Parts];
        var used = double.PositiveInfinity;
        for (var round = 0; round < 50 && used > 5; round++)                  // the compiler of the runtime may have something to do for seconds
        {
            ThreadTeam.Run(new HeldKernel { Done = done }, Parts, 1);
            Thread.Sleep(10);
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            Thread.Sleep(100);
            used = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
        }
        Assert.InRange(used, 0, 5);
    }

    /// <summary>Many more threads than processors, with a barrier at every step of one row.</summary>
    [Fact]
    public void Threads_without_a_processor_do_not_bring_a_sequence_to_a_halt()
    {
        var layer = new Stacked([new Recurrent(Cell("lstm", 24, 256))]);
        double Seconds(int threads)
        {
            ThreadTeam.Threads = threads;
            Gradients(layer, 200, 1);
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 10; i++) Gradients(layer, 200, 1);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Assert.InRange(Seconds(8 * Environment.ProcessorCount) / Seconds(1), 0, 5);
    }
}
