using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>However threads share a scan, by rows, by hidden units or by both, it has the bits of one thread alone.</summary>
[Collection(nameof(ThreadTeam))]
public sealed unsafe class ScanSharingTests : IDisposable
{
    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static IEnumerable<object[]> Layers =>
        from kind in new[] { "lstm", "gru", "rnn" }
        from shape in new[] { "forward", "backward", "both" }
        from ragged in new[] { false, true }
        select new object[] { kind, shape, ragged };

    [Theory, MemberData(nameof(Layers))]
    public void Any_sharing_gives_the_bits_of_one_thread(string kind, string shape, bool ragged)
    {
        // Every layer goes through all sizes; which thread counts a size gets moves on from layer to layer.
        int[] counts = [2, 3, 5, 8];
        var next = kind.Length + 2 * shape.Length + (ragged ? 1 : 0);
        foreach (var hidden in new[] { 8, 40, 64, 200, 288 })
            foreach (var batch in new[] { 1, 2, 3, 5, 17 })
            {
                if (hidden > 200 && batch > 3) continue;                                    // few rows of many units: units are split
                var steps = batch > 5 ? 7 : 23;
                var layer = Layer(kind, shape, 24, hidden);
                var lengths = ragged ? Ragged(steps, batch) : null;
                var initial = next % 2 == 0;
                ThreadTeam.Threads = 1;
                var alone = Run(layer, steps, batch, lengths, initial);
                alone.IsBitwise(Run(layer, steps, batch, lengths, initial, recording: false));
                for (var i = 0; i < 2; i++)
                {
                    ThreadTeam.Threads = counts[next++ % counts.Length];
                    Run(layer, steps, batch, lengths, initial).IsBitwise(alone);
                    alone.IsBitwise(Run(layer, steps, batch, lengths, initial, recording: false));
                }
            }
    }

    public static IEnumerable<object[]> Shares =>
    [
        // steps, batch, inputs, hidden, threads; parts of the rows, parts of the units, steps whose input products are taken at once
        [1, 1, 24, 8, 4, 1, 1, 32],
        [20, 17, 24, 64, 1, 1, 1, 1],
        [20, 17, 24, 64, 2, 2, 1, 3],
        [40, 5, 24, 64, 2, 2, 1, 12],
        [6, 90, 24, 64, 2, 2, 1, 1],
        [20, 1, 24, 256, 2, 1, 2, 32],
        [20, 1, 24, 256, 4, 1, 4, 32],
        [20, 3, 24, 256, 2, 1, 2, 10],
        // Two panels, for two threads at the most: the other two take rows of their own.
        [24, 3, 7500 / Gemm.PanelColumns, 2 * Gemm.PanelColumns, 4, 2, 2, 21],
        [0, 3, 24, 64, 4, 1, 1, 10],
        [3, 0, 24, 64, 4, 1, 1, 32],
    ];

    [Theory, MemberData(nameof(Shares))]
    public void Every_way_to_share_is_taken(int steps, int batch, int inputs, int hidden, int threads, int rowParts, int unitParts, int chunk)
    {
        var layout = ScanLayout.Of(steps, batch, hidden, gates: 4, inputs, null, backward: false, threads);
        Assert.Equal((rowParts * unitParts, unitParts, chunk), (layout.Parts, layout.ShareOf(0, layout.Parts).Sharers, layout.Chunk));
        Covers(layout);

        foreach (var shape in new[] { "forward", "backward" })
        {
            var layer = Layer("lstm", shape, inputs, hidden);
            ThreadTeam.Threads = 1;
            var alone = Run(layer, steps, batch, null);
            ThreadTeam.Threads = threads;
            Run(layer, steps, batch, null).IsBitwise(alone);
            alone.IsBitwise(Run(layer, steps, batch, null, recording: false));
        }
    }

    [Fact]
    public void Every_row_and_unit_has_one_owner()
    {
        var rng = new Rng(3);
        for (var i = 0; i < 500; i++)
        {
            int steps = 1 + rng.Next(30), batch = rng.Next(40), hidden = 1 + rng.Next(400), threads = 1 + rng.Next(12);
            int[] values = [.. Enumerable.Range(0, batch).Select(_ => Math.Max(0, rng.Next(steps + 9) - 8))];
            var (inputs, lengths) = (1 + rng.Next(300), rng.Next(2) == 0 ? null : new Lengths(values, steps));
            var layout = ScanLayout.Of(steps, batch, hidden, 3, inputs, lengths, false, threads);
            if (lengths is null) Covers(layout);
            else
                fixed (int* n = lengths.Values, order = lengths.Order, live = lengths.Live, places = lengths.Places) Covers(layout.At(n, order, live, places, null));
        }
    }

    static void Covers(ScanLayout layout)
    {
        var owners = new int[layout.Batch, layout.Hidden];
        for (var part = 0; part < layout.Parts; part++)
        {
            var share = layout.ShareOf(part, layout.Parts);
            Assert.True(share.Unit % Gemm.PanelColumns == 0);
            for (var p = share.Row; p < share.RowEnd; p++)
                for (var u = share.Unit; u < share.UnitEnd; u++) owners[p, u]++;
        }
        Assert.All(owners.Cast<int>(), n => Assert.Equal(1, n));
    }

    /// <summary>Rows of their own need no waiting: a thread with few may be far ahead of one with many, some steps' input products ahead as well.</summary>
    [Theory, InlineData("lstm", false), InlineData("gru", false), InlineData("rnn", true)]
    public void Threads_that_share_rows_of_a_ragged_batch_do_not_meet(string kind, bool backward)
    {
        const int Steps = 60, Batch = 12, Inputs = 24, Hidden = 40;
        var lengths = Ragged(Steps, Batch);
        var layer = Layer(kind, backward ? "backward" : "forward", Inputs, Hidden);
        var gates = kind switch { "lstm" => 4, "gru" => 3, _ => 1 };
        ThreadTeam.Threads = 1;
        var alone = Run(layer, Steps, Batch, lengths, recording: false);
        foreach (var threads in new[] { 2, 3, 5 })
        {
            var layout = ScanLayout.Of(Steps, Batch, Hidden, gates, Inputs, lengths, backward, threads);
            Assert.True(layout.Parts > 1 && !layout.SplitsUnits && layout.Chunk > 1);
            ThreadTeam.Threads = threads;
            for (var i = 0; i < 60; i++) alone.IsBitwise(Run(layer, Steps, Batch, lengths, recording: false));
        }
    }

    /// <summary>The state and the outputs of a direction that learns nothing are still those of the layer.</summary>
    [Theory]
    [InlineData(true, false, 64, 96)]
    [InlineData(false, true, 64, 96)]
    [InlineData(true, true, 64, 96)]
    [InlineData(true, false, 288, 160)]
    [InlineData(false, true, 288, 160)]
    [InlineData(false, false, 288, 160)]
    public void One_direction_may_be_frozen_and_both_may_differ_in_size(bool forwardFrozen, bool backwardFrozen, int forwardSize, int backwardSize)
    {
        foreach (var ragged in new[] { false, true })
            foreach (var inputGradient in new[] { false, true })
            {
                RecurrentCell forward = new LstmCell(24, forwardSize, new Rng(1)), backward = new GruCell(24, backwardSize, new Rng(2));
                var layer = new Bidirectional(forward, backward);
                foreach (var (_, p) in forward.Parameters) p.Trainable = !forwardFrozen;
                foreach (var (_, p) in backward.Parameters) p.Trainable = !backwardFrozen;
                const int Steps = 15, Batch = 3;
                var lengths = ragged ? Ragged(Steps, Batch) : null;
                ThreadTeam.Threads = 1;
                var alone = Run(layer, Steps, Batch, lengths, initial: false, inputGradient: inputGradient);
                foreach (var threads in new[] { 2, 4, 5, 8 })
                {
                    ThreadTeam.Threads = threads;
                    Run(layer, Steps, Batch, lengths, initial: false, inputGradient: inputGradient).IsBitwise(alone);
                }
            }
    }

    [Theory, InlineData("forward", false), InlineData("backward", true), InlineData("both", true)]
    public void A_scan_works_alone_where_the_team_is_taken(string shape, bool ragged)
    {
        foreach (var (batch, hidden) in new[] { (1, 288), (5, 64) })
        {
            var layer = Layer("lstm", shape, 24, hidden);
            var lengths = ragged ? Ragged(23, batch) : null;
            ThreadTeam.Threads = 1;
            var alone = Run(layer, 23, batch, lengths);
            ThreadTeam.Threads = 4;
            WithTeamTaken(() =>
            {
                Run(layer, 23, batch, lengths).IsBitwise(alone);
                alone.IsBitwise(Run(layer, 23, batch, lengths, recording: false));
            });
        }
    }

    [Theory, InlineData(1, 288, false), InlineData(5, 64, false), InlineData(5, 64, true)]
    public void What_was_planned_for_several_threads_may_be_done_by_one(int batch, int hidden, bool ragged)
    {
        var layer = Layer("gru", "forward", 24, hidden);
        var lengths = ragged ? Ragged(23, batch) : null;
        ThreadTeam.Threads = 1;
        var alone = Run(layer, 23, batch, lengths, initial: false, recording: false);
        using var scratch = Tape.Scratch();
        var pass = new ScanPass { X = Numbers(new(23, batch, 24), 1), Lengths = lengths, Output = Tensor.New(new(23, batch, hidden)) };
        Assert.True(ScanLayout.Of(23, batch, hidden, gates: 3, inputs: 24, lengths, backward: false, threads: 4).Parts > 1);
        layer.Cells.Single().Fused!.Forward(ref pass, threads: 4, company: default);
        Same.Bits(alone.Final[0], pass.Final[0].Values, "final state");
        Same.Bits(alone.Output, pass.Output.Values, "output");
    }

    /// <summary>With no patience the caller does it all, unless the others were there at once; with some they come together.</summary>
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(2, 2, 0)]
    [InlineData(1, 1, 10_000_000_000_000)]
    [InlineData(3, 0, 10_000_000_000_000)]
    [InlineData(0, 3, 10_000_000_000_000)]
    [InlineData(2, 3, 10_000_000_000_000)]
    public void Jobs_are_done_once_by_all_parts_or_by_one(int first, int second, long operations)
    {
        ThreadTeam.Threads = 5;
        var done = stackalloc int[16];
        for (var i = 0; i < 20; i++)
        {
            new Span<int>(done, 16).Clear();
            PartKernel one = new() { Done = done }, two = new() { Done = done + 8 };
            Crowding.Forget();                                                                  // five threads may well have been held up
            ThreadTeam.RunTogether(first == 0 ? default : ThreadTeam.Job.Of(&one, first, operations, meets: true), second == 0 ? default : ThreadTeam.Job.Of(&two, second, operations, meets: true));
            Once(done, first, operations > 0);
            Once(done + 8, second, operations > 0);
        }

        static void Once(int* done, int parts, bool together)
        {
            var counts = new ReadOnlySpan<int>(done, 8).ToArray();
            if (parts == 0) Assert.All(counts, n => Assert.Equal(0, n));
            else if (counts[0] == 1 && !together) Assert.Equal(1, counts.Sum());               // part 0 of 1
            else for (var part = 0; part < 8; part++) Assert.Equal(part < parts ? parts : 0, counts[part]);
        }
    }

    /// <summary>Notes for every part how many there were.</summary>
    internal struct PartKernel : IJointKernel
    {
        public int* Done;

        public readonly void Run<V>(int part, int parts) where V : unmanaged, ILanes<V> => Interlocked.Add(ref Done[part], parts);

        public readonly void Abandon(int part, int parts) { }
    }

    static Action? _within;

    static void WithTeamTaken(Action action)
    {
        _within = action;
        ThreadTeam.Run(default(WithinKernel), 2, 1);
        Assert.Null(_within);
    }

    struct WithinKernel : IKernel
    {
        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            if (from > 0) return;                                                              // part 0 is the caller's
            _within!();
            _within = null;
        }
    }

    static RecurrentLayer Layer(string kind, string shape, int inputs, int hidden)
    {
        RecurrentCell Cell(ulong seed) => CellCatalog.Get(kind).Create(inputs, hidden, new Rng(seed));
        return shape switch
        {
            "forward" => new Recurrent(Cell(1)) { Composed = false },
            "backward" => new Recurrent(Cell(1), Direction.Backward) { Composed = false },
            _ => new Bidirectional(Cell(1), Cell(2)),
        };
    }

    /// <summary>Lengths of all sizes in no order, 0 and the longest among them where there are rows enough.</summary>
    static Lengths Ragged(int steps, int batch)
    {
        var rng = new Rng((ulong)(31 * steps + batch));
        int[] values = [.. Enumerable.Range(0, batch).Select(_ => rng.Next(steps + 1))];
        if (batch > 1) values[1] = 0;
        if (batch > 2) values[2] = steps;
        return new(values, steps);
    }

    static Tensor Numbers(Shape shape, ulong seed)
    {
        var values = new float[shape.Count];
        new Rng(seed).FillUniform(values, -1, 1);
        return Tensor.From(values, shape);
    }

    /// <summary>Forward, and backward from a loss that outputs and final states go into, and the inputs by themselves, so that they have a gradient already.</summary>
    static Outcome Run(RecurrentLayer layer, int steps, int batch, Lengths? lengths, bool initial = true, bool recording = true, bool inputGradient = true)
    {
        layer.ClearGradients();
        using var tape = recording ? Tape.Record() : Tape.Scratch();
        var x = Numbers(new(steps, batch, layer.InputSize), 1);
        if (inputGradient) x = x.WithGradient();
        var start = !initial ? default
            : State.Of([.. Enumerable.Range(0, layer.StateCount).Select(i => Numbers(new(batch, layer.StateSize(i)), 2 + (ulong)i).WithGradient())]);
        var (y, final) = layer.Forward(x, start, lengths);
        var gradients = new Dictionary<string, float[]>();
        if (recording)
        {
            var loss = Ops.Sum(y * Numbers(y.Shape, 11)) + Ops.Sum(Ops.Square(x));
            for (var i = 0; i < final.Count; i++) loss += Ops.Sum(final[i] * Numbers(final[i].Shape, 12 + (ulong)i));
            if (loss.NeedsGradient) tape.Backward(loss);
            gradients["x"] = x.Gradient.ToArray();
            for (var i = 0; i < start.Count; i++) gradients[$"initial {i}"] = start[i].Gradient.ToArray();
            foreach (var (name, parameter) in layer.Parameters) gradients[name] = parameter.Gradient.ToArray();
        }
        return new(y.ToArray(), [.. Enumerable.Range(0, final.Count).Select(i => final[i].ToArray())], gradients);
    }
}
