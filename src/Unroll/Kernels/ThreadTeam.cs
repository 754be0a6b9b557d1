using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>
/// The threads that kernels run on. They are started once; an idle one spins for a moment, then sleeps. Work is split over outputs,
/// so the number of threads cannot change a bit of the result.
/// </summary>
/// <remarks>
/// One caller at a time has the team; another caller that comes meanwhile, and a kernel that calls from within a kernel, does its
/// work alone. So several models can train in one process, and nobody waits for anybody. What a kernel throws on any thread is thrown by
/// <see cref="Run"/>, after all parts have ended.
/// </remarks>
internal static unsafe class ThreadTeam
{
    /// <summary>The environment variable that sets the number of threads.</summary>
    public const string Variable = "UNROLL_THREADS";
    public const int MaxThreads = 256;

    const double OperationsPerSecond = 1e11;
    static readonly long LeastPatience = Stopwatch.Frequency / 1_000_000;      // 1 µs, a quarter of the work: less is done sooner than shared
    const int SpinsBeforeYield = 100;       // some 15 µs
    const int SpinsBeforeSleep = 4000;      // some 0.6 ms: longer than the gap between two kernels of a training step

    /// <summary>How a thread is started; throws where the system gives none.</summary>
    internal static Action<Thread> Start { get; set; } = thread => thread.UnsafeStart();      // its work knows nothing of whoever needed it first

    static int _threads = Settings.Threads;
    static Worker[] _workers = [];
    static int _taken;
    static long _wasted;                    // ticks that a meeting which did not come about was waited for

    /// <summary>How many threads work, the caller's included. Default: the number of processors, or UNROLL_THREADS if that is less.</summary>
    public static int Threads
    {
        get => _threads;
        set
        {
            _threads = value is >= 1 and <= MaxThreads ? value : Throw.ThreadCount<int>(value.ToString(CultureInfo.InvariantCulture));
            Crowding.Forget();
        }
    }

    /// <summary>How many of them are worth asking now: fewer for a while after some were held up.</summary>
    public static int Ready => Crowding.Ready(_threads);

    internal static int Choose(string? asked) =>
        string.IsNullOrWhiteSpace(asked) ? Allowed(MaxThreads)
        : int.TryParse(asked, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= MaxThreads ? Allowed(n)
        : Throw.ThreadCount<int>(asked);

    /// <summary>So many threads, or one a processor where that is less: further ones would only be in each other's way.</summary>
    public static int Allowed(int asked) => Math.Min(asked, Processors.Count);

    /// <summary>How many threads a piece of work would get that has <paramref name="count"/> outputs, at least <paramref name="grain"/> a thread.</summary>
    public static int PartsOf(int count, int grain) => Math.Max(1, Math.Min(Ready, count / Math.Max(1, grain)));

    /// <summary>Runs the kernel over [0, <paramref name="count"/>), at least <paramref name="grain"/> outputs a thread.</summary>
    public static void Run<TKernel>(TKernel kernel, int count, int grain) where TKernel : unmanaged, IKernel
    {
        if (count <= 0) return;
        var entry = Entry<TKernel>.Point;
        var parts = PartsOf(count, grain);
        if (parts == 1 || Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            entry(&kernel, 0, count);
            return;
        }
        Share(entry, &kernel, count, parts);
    }

    /// <summary>
    /// Runs all parts of one or two jobs at the same time; on the calling thread, one job after the other, if the team is taken or does not
    /// come together soon.
    /// </summary>
    public static void RunTogether(Job first, Job second = default)
    {
        var parts = first.Parts + second.Parts;
        if (parts == 0) return;
        var patience = first.Patience + second.Patience;
        if (parts == 1 || parts > Ready || patience < LeastPatience || Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            first.RunAlone();
            second.RunAlone();
            return;
        }
        var meeting = new Meeting { First = first, Second = second, Parts = parts, Patience = patience };
        if (first.Meets || second.Meets) Share(&Meeting.Attend, &meeting, parts, parts);
        else Share(&Meeting.Do, &meeting, parts, parts);
    }

    /// <summary>
    /// Does pieces of work that are each worth a thread: whoever is free takes the next, in order, and what a piece runs, it runs on its thread
    /// alone. Where threads would be left without a piece, all share each of them instead. What is thrown is what the first piece throws that does.
    /// </summary>
    public static void Deal(int count, Action<int> piece)
    {
        if (_threads == 1 || count < 2 * _threads || Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            for (var i = 0; i < count; i++) piece(i);
            return;
        }
        var pieces = new Pieces(count, piece);
        var handle = GCHandle.Alloc(pieces);
        try
        {
            Share(&Pieces.Take, (void*)GCHandle.ToIntPtr(handle), _threads, _threads);
        }
        finally
        {
            handle.Free();
        }
        pieces.Thrown?.Throw();
    }

    /// <summary>A function of every item, in their order; a thread takes some at a time.</summary>
    public static TResult[] Map<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, TResult> function)
    {
        const int Some = 32;
        var results = new TResult[items.Count];
        Deal((items.Count + Some - 1) / Some, part =>
        {
            for (var i = part * Some; i < Math.Min(items.Count, (part + 1) * Some); i++) results[i] = function(items[i]);
        });
        return results;
    }

    sealed class Pieces(int count, Action<int> piece)
    {
        readonly Lock _gate = new();
        int _next, _throwing = count;

        /// <summary>What the first piece threw that did. No piece is begun after it, and all before it have been.</summary>
        public ExceptionDispatchInfo? Thrown { get; private set; }

        public static void Take(void* handle, int part, int next) => ((Pieces)GCHandle.FromIntPtr((nint)handle).Target!).Take();

        void Take()
        {
            for (int i; (i = Interlocked.Increment(ref _next) - 1) < Volatile.Read(ref _throwing);)
                try
                {
                    piece(i);
                }
                catch (Exception e)
                {
                    lock (_gate)
                        if (i < _throwing) (_throwing, Thrown) = (i, ExceptionDispatchInfo.Capture(e));
                }
        }
    }

    /// <summary>
    /// Deals [0, <paramref name="count"/>) out to threads, the first part to the caller, who has the team: returns, and gives it back, when all
    /// have ended.
    /// </summary>
    static void Share(delegate*<void*, int, int, void> entry, void* kernel, int count, int parts)
    {
        var posted = 0;
        Exception? thrown = null;
        var (done, shared) = (1, false);
        long start = Stopwatch.GetTimestamp(), slept = Waiting.Slept;
        try
        {
            if (_workers.Length < parts - 1) Grow(parts - 1);
            parts = Math.Min(parts, _workers.Length + 1);       // a meeting of fewer than it needs does not come together
            for (; posted < parts - 1; posted++) _workers[posted].Post(entry, kernel, From(posted + 1), From(posted + 2));
            entry(kernel, 0, From(1));
        }
        finally
        {
            long worked = Stopwatch.GetTimestamp(), held = Waiting.Slept - slept;
            var processor = Thread.GetCurrentProcessorId();
            while (posted > 0)
            {
                var worker = _workers[--posted];
                if (worker.Finish(ref thrown))                          // in any case: the kernel lives in the caller's frame
                {
                    done++;
                    worked = Stopwatch.GetTimestamp();
                }
                else shared |= worker.Processor == processor;
            }
            // Alone the caller would have taken for each part what it took for its own, unless another was on its processor, and at a barrier not have waited.
            var took = Stopwatch.GetTimestamp() - start;
            Crowding.Account(_wasted > 0 ? -_wasted : shared ? -took / 2 : (worked - start) * parts / done - took - 4 * held);
            _wasted = 0;
            Volatile.Write(ref _taken, 0);
        }
        if (thrown is not null) ExceptionDispatchInfo.Throw(thrown);

        int From(int part) => (int)((long)count * part / parts);
    }

    /// <summary>
    /// Threads that are to run at the same time come together first: parts that wait for each other must not wait for a thread
    /// that has no processor.
    /// </summary>
    struct Meeting
    {
        public Job First, Second;
        public int Parts;
        public long Patience;
        int _present, _decision;                // 0 wait, 1 go, 2 the caller does all of it

        /// <summary>Waits for the others; whether they were there in time.</summary>
        bool Open()
        {
            var start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref _present) < Parts - 1 && Stopwatch.GetTimestamp() - start < Patience) Thread.SpinWait(1);
            var complete = Volatile.Read(ref _present) == Parts - 1;
            Waiting.Change(ref _decision, complete ? 1 : 2);
            if (!complete) _wasted = Stopwatch.GetTimestamp() - start;
            return complete;
        }

        /// <summary>What a thread does that is asked to take part; the caller has part 0.</summary>
        public static void Attend(void* meeting, int part, int next)
        {
            var m = (Meeting*)meeting;
            if (part > 0)
            {
                Interlocked.Increment(ref m->_present);
                Waiting.While(ref m->_decision, 0);
                if (Volatile.Read(ref m->_decision) == 1) Do(meeting, part, next);
            }
            else if (m->Open()) Do(meeting, part, next);
            else
            {
                m->First.RunAlone();
                m->Second.RunAlone();
            }
        }

        /// <summary>Parts of both jobs together; either may have none.</summary>
        public static void Do(void* meeting, int part, int next)
        {
            var m = (Meeting*)meeting;
            for (; part < next; part++)
                if (part < m->First.Parts) m->First.Entry(m->First.Kernel, part, m->First.Parts);
                else m->Second.Entry(m->Second.Kernel, part - m->First.Parts, m->Second.Parts);
        }
    }

    /// <summary>Starts threads until there are so many; where the system gives no more, the team is as large as it is until it is set anew.</summary>
    static void Grow(int workers)
    {
        var more = new List<Worker>(_workers);
        try
        {
            while (more.Count < workers) more.Add(new Worker(more.Count + 1));
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            _threads = more.Count + 1;
        }
        _workers = [.. more];
    }

    /// <summary>A joint kernel at a fixed address, to be run in a number of parts; <c>default</c> is nothing to do.</summary>
    public readonly struct Job
    {
        public readonly delegate*<void*, int, int, void> Entry;
        public readonly void* Kernel;
        public readonly int Parts;

        /// <summary>How long to wait for the others, in ticks of <see cref="Stopwatch"/>.</summary>
        public readonly long Patience;

        /// <summary>Whether the parts wait for each other, and so must run at the same time.</summary>
        public readonly bool Meets;

        Job(delegate*<void*, int, int, void> entry, void* kernel, int parts, long patience, bool meets)
        {
            Meets = meets;
            Entry = entry;
            Kernel = kernel;
            Parts = parts;
            Patience = patience;
        }

        /// <summary>A job of some <paramref name="operations"/>: a thread that is asleep is waited for as long as it saves time.</summary>
        public static Job Of<TKernel>(TKernel* kernel, int parts, long operations, bool meets) where TKernel : unmanaged, IJointKernel =>
            new(JointEntry<TKernel>.Point, kernel, parts, (long)(operations / OperationsPerSecond / 4 * Stopwatch.Frequency), meets);

        public void RunAlone()
        {
            if (Parts > 0) Entry(Kernel, 0, 1);
        }
    }

    /// <summary>The joint kernel compiled for this machine's register width.</summary>
    static class JointEntry<TKernel> where TKernel : unmanaged, IJointKernel
    {
        public static readonly delegate*<void*, int, int, void> Point = Simd.Bits switch
        {
            512 => &Invoke<Lanes512>,
            256 => &Invoke<Lanes256>,
            128 => &Invoke<Lanes128>,
            _ => &Invoke<Lane1>,
        };

        static void Invoke<V>(void* kernel, int part, int parts) where V : unmanaged, ILanes<V>
        {
            try
            {
                ((TKernel*)kernel)->Run<V>(part, parts);
            }
            catch
            {
                ((TKernel*)kernel)->Abandon(part, parts);
                throw;
            }
        }
    }

    /// <summary>The kernel compiled for this machine's register width.</summary>
    static class Entry<TKernel> where TKernel : unmanaged, IKernel
    {
        public static readonly delegate*<void*, int, int, void> Point = Simd.Bits switch
        {
            512 => &Invoke<Lanes512>,
            256 => &Invoke<Lanes256>,
            128 => &Invoke<Lanes128>,
            _ => &Invoke<Lane1>,
        };

        static void Invoke<V>(void* kernel, int from, int to) where V : unmanaged, ILanes<V> => ((TKernel*)kernel)->Run<V>(from, to);
    }

    /// <summary>A thread with a letterbox: one job at a time is posted, done, and waited for.</summary>
    sealed class Worker
    {
        readonly AutoResetEvent _wake = new(false);
        delegate*<void*, int, int, void> _entry;
        void* _kernel;
        int _from, _to;
        int _posted, _begun, _done, _asleep;
        Exception? _thrown;

        /// <summary>Where the last job ended.</summary>
        public int Processor { get; private set; }

        public Worker(int number) => Start(new Thread(Loop) { IsBackground = true, Name = $"Unroll {number}" });

        public void Post(delegate*<void*, int, int, void> entry, void* kernel, int from, int to)
        {
            _entry = entry;
            _kernel = kernel;
            _from = from;
            _to = to;
            Interlocked.Increment(ref _posted);
            if (Interlocked.Exchange(ref _asleep, 0) == 1) _wake.Set();
        }

        /// <summary>
        /// Sees to it that the job is done: here, if the worker has not begun, and then it is true. So a thread that gets no processor, on a busy machine or
        /// while it wakes up, holds nobody up.
        /// </summary>
        public bool Finish(ref Exception? thrown)
        {
            var mine = Begin(_posted);
            if (mine) Do(_posted);
            else Waiting.While(ref _done, _posted - 1, Waiting.Slice);
            thrown = _thrown ?? thrown;
            return mine;
        }

        /// <summary>Takes a job on; false if another thread has it.</summary>
        bool Begin(int job) => Interlocked.CompareExchange(ref _begun, job, job - 1) == job - 1;

        void Do(int job)
        {
            _thrown = null;
            try
            {
                _entry(_kernel, _from, _to);
            }
            catch (Exception e)
            {
                _thrown = e;                    // of no use on a worker, where it would end the process
            }
            Processor = Thread.GetCurrentProcessorId();
            Waiting.Change(ref _done, job);
        }

        void Loop()
        {
            for (var seen = 0; ;)
            {
                for (var spins = 0; Volatile.Read(ref _posted) == seen; spins++)
                {
                    if (spins < SpinsBeforeSleep)
                    {
                        if (spins % SpinsBeforeYield != SpinsBeforeYield - 1) Thread.SpinWait(4);
                        else Thread.Yield();    // to the caller, if both are on one processor
                        continue;
                    }
                    Interlocked.Exchange(ref _asleep, 1);
                    // Posted in between: whoever clears the flag decides whether the event is set.
                    if (Volatile.Read(ref _posted) != seen && Interlocked.Exchange(ref _asleep, 0) == 1) break;
                    _wake.WaitOne();
                }
                seen = Volatile.Read(ref _posted);
                if (Begin(seen)) Do(seen);
            }
        }
    }
}
