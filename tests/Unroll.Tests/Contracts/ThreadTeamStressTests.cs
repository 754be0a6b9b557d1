using System.Diagnostics;
using System.Runtime.CompilerServices;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tensors;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Contracts;

/// <summary>Several models in one process: trained and served from several threads at once, each gives the bits that it gives alone.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class ThreadTeamStressTests : IDisposable
{
    static readonly TimeSpan Crowded = TimeSpan.FromSeconds(1.5);       // how long callers crowd each other
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);       // how long after that they may take before it is called a deadlock

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(8)]
    public void Models_trained_and_served_at_once_give_the_bits_that_each_gives_alone(int threads)
    {
        var work = Work();
        ThreadTeam.Threads = 1;
        var alone = work.Select(w => w.Run()).ToArray();
        ThreadTeam.Threads = threads;
        Together([.. work.Select((w, i) => new Caller(w.Name, () => IsSame(w.Name, alone[i], w.Run())))], $"{threads} threads");
    }

    [Fact]
    public void The_number_of_threads_may_change_while_others_compute()
    {
        var work = Work();
        ThreadTeam.Threads = 1;
        var alone = work.Select(w => w.Run()).ToArray();
        int[] counts = [1, 2, 3, 8];
        var changes = 0;
        Together(
        [
            .. work.Select((w, i) => new Caller(w.Name, () => IsSame(w.Name, alone[i], w.Run()))),
            new Caller("changing the threads", () =>
            {
                Compute.Threads = counts[changes++ % counts.Length];
                Thread.Yield();
            }),
        ], "changing threads");
    }

    /// <summary>Part 0 is the caller's own.</summary>
    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void A_kernel_that_throws_throws_at_its_caller_and_the_team_goes_on(int part)
    {
        for (var i = 0; i < 50; i++)
        {
            ThreadTeam.Threads = 3;                           // anew: on a busy machine the team would do without a thread for a while
            var counts = new int[3];
            var e = Assert.Throws<DivideByZeroException>(() => RunThrowing(counts, part));
            Assert.Contains(nameof(ThrowingKernel), e.StackTrace);                      // it says where
            for (var other = 0; other < 3; other++) Assert.Equal(other == part ? 0 : 1, counts[other]);
            RunThrowing(counts, -1);
            Assert.Equal(3 + 2, counts.Sum());
        }
    }

    [Fact]
    public void A_team_with_nothing_to_do_takes_no_processor_time()
    {
        ThreadTeam.Threads = 8;
        RunThrowing(new int[8], -1);
        using var process = Process.GetCurrentProcess();
        using var never = new ManualResetEventSlim();
        var pause = TimeSpan.FromSeconds(0.5);
        var before = process.TotalProcessorTime;
        never.Wait(pause);                                      // it is the pause that is measured; nothing is waited for
        process.Refresh();
        var taken = process.TotalProcessorTime - before;
        Assert.True(taken < pause / 2, $"a pause of {pause.TotalSeconds} s took {taken.TotalSeconds} s of the processors: one thread that spins takes as much as the pause");
    }

    static unsafe void RunThrowing(int[] counts, int part)
    {
        fixed (int* p = counts) ThreadTeam.Run(new ThrowingKernel { Counts = p, Part = part }, counts.Length, 1);
    }

    unsafe struct ThrowingKernel : IKernel
    {
        public int* Counts;
        public int Part;

        [MethodImpl(MethodImplOptions.NoInlining)]              // so that it stands in the trace
        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            for (var i = from; i < to; i++)
            {
                if (i == Part) throw new DivideByZeroException();
                Interlocked.Increment(ref Counts[i]);
            }
        }
    }

    sealed record Caller(string Name, Action Run);

    /// <summary>Every caller repeats its work on a thread of its own until the time is up; the first failure is the test's.</summary>
    static void Together(IReadOnlyList<Caller> callers, string how)
    {
        var (clock, failures, rounds) = (Stopwatch.StartNew(), new Exception?[callers.Count], new int[callers.Count]);
        var threads = callers.Select((caller, i) => new Thread(() =>
        {
            try
            {
                do
                {
                    caller.Run();
                    rounds[i]++;
                }
                while (clock.Elapsed < Crowded);
            }
            catch (Exception e)
            {
                failures[i] = e;                                // an exception on a thread of one's own would end the process
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.IsBackground = true;                         // one that is stuck does not keep the process
            thread.Start();
        }
        var stuck = new List<string>();
        for (var i = 0; i < threads.Length; i++)
        {
            var left = Crowded + Patience - clock.Elapsed;
            if (!threads[i].Join(left > TimeSpan.Zero ? left : TimeSpan.Zero)) stuck.Add($"{callers[i].Name} (after {rounds[i]} rounds)");
        }
        Assert.True(stuck.Count == 0, $"with {how} a deadlock: {Patience.TotalSeconds} s after the end these are still at work: {string.Join(", ", stuck)}");
        for (var i = 0; i < failures.Length; i++)
            Assert.True(failures[i] is null, $"{callers[i].Name} with {how}, round {rounds[i]}: {failures[i]}");
    }

    static void IsSame(string what, float[][] alone, float[][] together)
    {
        for (var i = 0; i < alone.Length; i++) Same.Bits(alone[i], together[i], $"{what}, result {i}");
    }

    /// <summary>Pieces of work that begin anew every time: scans of many rows and of few, in training and in use, and a whole model with its optimizer.</summary>
    static (string Name, Func<float[][]> Run)[] Work()
    {
        var stream = Scan("lstm", steps: 50, batch: 1, hidden: 256, training: false);
        return
        [
            ("LSTM, batch 32", Scan("lstm", steps: 20, batch: 32, hidden: 96, training: true)),
            ("LSTM, batch 2", Scan("lstm", steps: 60, batch: 2, hidden: 256, training: true)),
            ("GRU, batch 1", Scan("gru", steps: 60, batch: 1, hidden: 320, training: true)),
            ("RNN, batch 2", Scan("rnn", steps: 60, batch: 2, hidden: 512, training: true)),
            ("LSTM, a stream", stream),
            ("the same LSTM, another stream", stream),
            ("GRU, batch 2, ragged", Scan("gru", steps: 50, batch: 2, hidden: 256, training: true, ragged: true)),
            ("a language model, trained", Train),
        ];
    }

    static Func<float[][]> Scan(string cell, int steps, int batch, int hidden, bool training, bool ragged = false)
    {
        var trial = new Trial(31, sizes: (steps, batch, 24, hidden));
        var layer = trial.Layer(cell, composed: false);
        if (training)
            return () =>
            {
                var outcome = trial.Run(layer, ragged: ragged);
                return [outcome.Output, .. outcome.Final, .. outcome.Gradients.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)];
            };
        return () =>
        {
            using var scratch = Tape.Scratch();
            var (y, final) = layer.Forward(trial.Input(), trial.Start(layer));
            return [y.ToArray(), final[0].ToArray()];
        };
    }

    static float[][] Train()
    {
        var model = Tiny.Model(embedding: 40, hidden: 96, layers: 2, dropout: 0.2);
        var (train, valid) = TokenStream.Encode(model.Tokenizer, Tiny.Documents).Split(0.1);
        var task = new LanguageModelTask(model, train, valid, new() { Batch = 24, Steps = 4 }, new Rng(2));
        new Trainer(task, new Adam(model.Parameters, 0.003), Schedule.Constant, new() { Iterations = 10, ClipNorm = 1 }).Run();
        return [.. model.Parameters.Select(p => p.Parameter.Values.ToArray())];
    }
}
