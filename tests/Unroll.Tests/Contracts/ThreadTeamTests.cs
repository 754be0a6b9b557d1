using Unroll.Data;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Models;

namespace Unroll.Tests.Contracts;

/// <summary>Tests that change the number of threads: one at a time, with nothing beside them.</summary>
[CollectionDefinition(nameof(ThreadTeam), DisableParallelization = true)]
public class TeamCollection;

[Collection(nameof(ThreadTeam))]
public sealed class ThreadsTests : IDisposable
{
    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static IEnumerable<object[]> Cells => CellCatalog.All.Select(k => new object[] { k.Name });

    [Theory, MemberData(nameof(Cells))]
    public void Any_number_of_threads_gives_the_same_bits(string kind)
    {
        foreach (var composed in new[] { false, true })
            foreach (var ragged in new[] { false, true })
            {
                var trial = new Trial(11, sizes: (9, 13, 40, 72));
                var layer = trial.Layer(kind, composed);
                ThreadTeam.Threads = 1;
                var alone = trial.Run(layer, ragged: ragged);
                foreach (var threads in new[] { 2, 3, 7 })
                {
                    ThreadTeam.Threads = threads;
                    trial.Run(layer, ragged: ragged).IsBitwise(alone);
                }
            }
    }

    [Fact]
    public void Operations_give_the_same_bits_on_any_number_of_threads()
    {
        var rng = new Rng(5);
        var data = new float[300 * 200];
        rng.FillUniform(data, -2, 2);
        var weight = new Parameter(new(150, 200));
        Init.Uniform(weight, 1, rng);
        Parameter bias = new(new(150)), gain = new(new(150));
        Init.Uniform(bias, 1, rng);
        Init.Uniform(gain, 1, rng);

        float[][] Run(int threads)
        {
            ThreadTeam.Threads = threads;
            foreach (var p in new[] { weight, bias, gain }) p.ClearGradient();
            using var tape = Tape.Record();
            var x = Tensor.From(data, new(300, 200)).WithGradient();
            var y = Ops.Dropout(Ops.LayerNorm(Ops.Tanh(Ops.Linear(x, weight, bias)), gain, bias), 0.3, new Rng(1));
            var z = Ops.MatMul(Ops.Softmax(y * bias), x, transposeA: true);
            var loss = Ops.Mean(Ops.Square(z)) + Ops.Sum(Ops.LogSoftmax(y));
            tape.Backward(loss);
            return [y.ToArray(), z.ToArray(), loss.ToArray(), x.Gradient.ToArray(), weight.Gradient.ToArray(), bias.Gradient.ToArray(), gain.Gradient.ToArray()];
        }

        var alone = Run(1);
        foreach (var threads in new[] { 2, 3, 5 })
            foreach (var (expected, actual) in alone.Zip(Run(threads))) Same.Bits(expected, actual, $"{threads} threads");
    }

    [Fact]
    public void The_team_covers_every_output_once_whatever_the_split()
    {
        foreach (var threads in new[] { 1, 2, 3, 8 })
            foreach (var count in new[] { 0, 1, 2, 7, 100, 1001 })
                foreach (var grain in new[] { 1, 3, 64 })
                {
                    ThreadTeam.Threads = threads;
                    Assert.All(Counted(count, grain), n => Assert.Equal(1, n));
                }
    }

    [Fact]
    public void Callers_on_several_threads_and_kernels_within_kernels_do_not_disturb_each_other()
    {
        ThreadTeam.Threads = 3;
        var failures = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 300; i++)
                if (Counted(97 + i % 5, 1).Any(n => n != 1)) Interlocked.Increment(ref failures);
        })).ToArray();
        foreach (var c in callers) c.Start();
        foreach (var c in callers) c.Join();
        Assert.Equal(0, failures);
        Assert.All(CountedNested(50), n => Assert.Equal(10, n));
    }

    [Fact]
    public void Every_piece_of_work_is_done_once_and_kernels_within_it_too()
    {
        foreach (var threads in new[] { 1, 2, 4 })
            foreach (var count in new[] { 0, 1, 5, 100 })
            {
                ThreadTeam.Threads = threads;
                var (done, within) = (new int[count], new int[count]);
                ThreadTeam.Deal(count, i =>
                {
                    Interlocked.Increment(ref done[i]);
                    within[i] = Counted(97, 1).Sum();
                });
                Assert.All(done, n => Assert.Equal(1, n));
                Assert.All(within, n => Assert.Equal(97, n));
                Assert.Equal(Enumerable.Range(0, 7 * count).Select(i => i * i), ThreadTeam.Map([.. Enumerable.Range(0, 7 * count)], i => i * i));
            }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4)]
    public void Of_pieces_that_throw_the_first_is_heard(int threads)
    {
        ThreadTeam.Threads = threads;
        for (var round = 0; round < 50; round++)
        {
            var e = Assert.Throws<InvalidOperationException>(() => ThreadTeam.Deal(64, i =>
            {
                if (i % 10 == 7) throw new InvalidOperationException($"piece {i}");
            }));
            Assert.Equal("piece 7", e.Message);
        }
        Assert.All(Counted(99, 1), n => Assert.Equal(1, n));                // the team is free again
    }

    /// <summary>Threads take whole batches, and share what they know of words.</summary>
    [Fact]
    public void Predictions_have_the_same_bits_on_any_number_of_threads()
    {
        var rng = new Rng(2);
        var words = string.Join(' ', TinyClassifier.Sentences).Split(' ');
        Example[] examples = [.. Enumerable.Range(0, 300).Select(i =>
            new Example { Text = string.Join(' ', Enumerable.Range(0, rng.Next(12)).Select(_ => words[rng.Next(words.Length)])), Source = $"text {i}" })];
        float[][] Predict(int threads, int batch)
        {
            ThreadTeam.Threads = threads;
            var model = TinyClassifier.Model(c => c with { Members = 2 });
            return model.Predict(model.Prepare(examples), batch);
        }
        var alone = Predict(1, 300);
        foreach (var (threads, batch) in new[] { (1, 8), (2, 8), (2, 64), (4, 3) })
            foreach (var (expected, actual) in alone.Zip(Predict(threads, batch))) Same.Bits(expected, actual, $"{threads} threads, batches of {batch}");
    }

    [Fact]
    public void A_team_that_has_gone_to_sleep_wakes_up()
    {
        ThreadTeam.Threads = 3;
        for (var i = 0; i < 5; i++)
        {
            Assert.All(Counted(99, 1), n => Assert.Equal(1, n));
            Thread.Yield();
            for (var spin = 0; spin < 200; spin++) Thread.SpinWait(2000);     // long enough for the others to fall asleep
        }
    }

    [Theory, InlineData(0), InlineData(2)]
    public unsafe void A_team_that_gets_no_more_threads_works_with_those_it_has(int more)
    {
        const int Asked = 60;                                       // more than any other test has started
        var start = ThreadTeam.Start;
        try
        {
            ThreadTeam.Start = thread =>
            {
                if (more-- <= 0) throw new OutOfMemoryException();
                start(thread);
            };
            ThreadTeam.Threads = Asked;
            Assert.All(Counted(Asked * 3, 1), n => Assert.Equal(1, n));
            Assert.InRange(ThreadTeam.Threads, 1, Asked - 1);

            ThreadTeam.Threads = Asked;
            var done = stackalloc int[Asked];
            new Span<int>(done, Asked).Clear();
            var kernel = new ScanSharingTests.PartKernel { Done = done };
            ThreadTeam.RunTogether(ThreadTeam.Job.Of(&kernel, Asked, 100_000_000, meets: true));
            Assert.Equal((1, 1), (done[0], new ReadOnlySpan<int>(done, Asked).ToArray().Sum()));        // the caller did it all
            Assert.InRange(ThreadTeam.Threads, 1, Asked - 1);
        }
        finally
        {
            ThreadTeam.Start = start;
        }
        ThreadTeam.Threads = 3;
        Assert.All(Counted(99, 1), n => Assert.Equal(1, n));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("100000")]
    [InlineData("1.5")]
    public void A_number_of_threads_that_cannot_be_is_named(string asked)
    {
        var e = Assert.ThrowsAny<UnrollException>(() => ThreadTeam.Choose(asked));
        Assert.Contains($"'{asked}'", e.Message);
        Assert.Contains(ThreadTeam.Variable, e.Message);
    }

    [Fact]
    public void The_number_of_threads_is_the_processors_unless_asked_otherwise()
    {
        Assert.Equal(Math.Min(ThreadTeam.MaxThreads, Environment.ProcessorCount), ThreadTeam.Choose(null));
        Assert.Equal(ThreadTeam.Choose(null), ThreadTeam.Choose(" "));
        Assert.Equal(1, ThreadTeam.Choose("1"));
        Assert.Equal(Math.Min(64, Environment.ProcessorCount), ThreadTeam.Choose("64"));
        Assert.ThrowsAny<UnrollException>(() => ThreadTeam.Threads = 0);
        Compute.Threads = 64;
        Assert.Equal(Math.Min(64, Environment.ProcessorCount), Compute.Threads);
        Assert.ThrowsAny<UnrollException>(() => Compute.Threads = 257);
    }

    /// <summary>DOTNET_PROCESSOR_COUNT=64 on two processors once made an inference ten times slower.</summary>
    [Theory]
    [InlineData(64, 0b11ul, 2)]
    [InlineData(1, 0b11ul, 1)]
    [InlineData(8, 0ul, 8)]
    [InlineData(96, ulong.MaxValue, 96)]
    public void No_more_threads_than_the_affinity_has_processors(int told, ulong mask, int expected) => Assert.Equal(expected, Processors.Choose(told, mask));

    static unsafe int[] Counted(int count, int grain)
    {
        var counts = new int[Math.Max(1, count)];
        fixed (int* p = counts) ThreadTeam.Run(new CountKernel { Counts = p }, count, grain);
        return counts[..count];
    }

    static unsafe int[] CountedNested(int count)
    {
        var counts = new int[count];
        fixed (int* p = counts) ThreadTeam.Run(new NestedKernel { Counts = p, Count = count }, 10, 1);
        return counts;
    }

    unsafe struct CountKernel : IKernel
    {
        public int* Counts;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++) Interlocked.Increment(ref Counts[i]);
        }
    }

    unsafe struct NestedKernel : IKernel
    {
        public int* Counts;
        public int Count;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++) ThreadTeam.Run(new CountKernel { Counts = Counts }, Count, 1);
        }
    }
}
