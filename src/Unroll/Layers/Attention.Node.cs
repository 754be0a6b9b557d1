using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

public sealed unsafe partial class Attention
{
    /// <summary>Scores, softmax and weighted sum of all queries as one node of the tape.</summary>
    (Tensor Context, Tensor Weights) Attend(Tensor queries, AttentionMemory memory, ReadOnlySpan<int> rows, Lengths? lengths, Tensor coverage, Tensor centers)
    {
        var shape = queries.Shape;
        Tensor context = Tensor.New(new(shape[0], shape[1], MemorySize)), weights = Tensor.New(new(shape[0], shape[1], memory.Steps));
        if (lengths is not null)
        {
            context.Values.Clear();
            weights.Values.Clear();
        }
        var (groups, starts) = Groups(shape, rows, memory.Rows, lengths);
        var pass = new Pass(this, queries, memory, coverage, centers, context, weights, groups, starts);
        pass.Run();
        var needed = queries.NeedsGradient || memory.Keys.NeedsGradient || memory.Values.NeedsGradient || _score is { Trainable: true } || _coverage is { Trainable: true }
            || (!coverage.IsNone && coverage.NeedsGradient) || (!centers.IsNone && centers.NeedsGradient);
        if (Tape.Mark(context, needed))
        {
            weights.Data.NeedsGradient = true;
            Tape.Push<AttendNode>().Set(pass);
        }
        return (context, Recorder.Report(this, Recorder.Weights, weights));
    }

    /// <summary>The queries of every memory row: in groups of equal distance, as <see cref="Attending"/> reads them.</summary>
    static (Tensor Groups, Tensor Starts) Groups(Shape shape, ReadOnlySpan<int> rows, int memoryRows, Lengths? lengths)
    {
        int steps = shape[0], count = shape[1];
        Tensor groups = Symbols.Ints(Attending.GroupSize * count), starts = Symbols.Ints(memoryRows + 1);
        Span<int> group = groups.Integers, start = starts.Integers[..(memoryRows + 1)];
        start.Clear();
        var runs = steps == 1 && lengths is null;                   // neighbours with one memory row make one group
        for (var n = 0; n < count; n++)
            if (!(runs && Continues(rows, n)) && memoryRows > 0) start[RowOf(rows, n)]++;
        for (int r = 0, at = 0; r <= memoryRows; r++) (start[r], at) = (at, at + start[r]);
        for (var n = 0; n < count;)
        {
            var first = n++;
            while (runs && n < count && Continues(rows, n)) n++;
            var at = group.Slice(start[RowOf(rows, first)]++ * Attending.GroupSize, Attending.GroupSize);
            (at[0], at[1], at[2]) = runs ? (first, 1, n - first) : (first, count, lengths?.Values[first] ?? steps);
        }
        for (var r = memoryRows; r > 0; r--) start[r] = start[r - 1];
        if (memoryRows > 0) start[0] = 0;
        return (groups, starts);
    }

    static int RowOf(ReadOnlySpan<int> rows, int n) => rows.IsEmpty ? n : rows[n];

    static bool Continues(ReadOnlySpan<int> rows, int n) => n > 0 && !rows.IsEmpty && rows[n] == rows[n - 1];

    /// <summary>All that one call works on, forward and back.</summary>
    readonly struct Pass(Attention layer, Tensor queries, AttentionMemory memory, Tensor coverage, Tensor centers, Tensor context, Tensor weights, Tensor groups, Tensor starts)
    {
        public readonly Attention Layer = layer;
        public readonly Tensor Queries = queries, Coverage = coverage, Centers = centers, Context = context, Weights = weights;
        public readonly AttentionMemory Memory = memory;
        public readonly int Version = memory.Lengths?.Version ?? 0;

        /// <summary>Runs forward; back, where it is given what the kernel adds to.</summary>
        public void Run(AttendBackwardKernel? backward = null)
        {
            fixed (int* ids = groups.Integers, first = starts.Integers, lengths = Memory.Lengths is null ? default : Memory.Lengths.Values)
            fixed (Real* query = Queries, keys = Memory.Keys, values = Memory.Values, scoreWeights = Layer._score, coverageOf = Coverage,
                coverageWeights = Layer._coverage, centersOf = Centers, weightsOf = Weights, contexts = Context)
            {
                var a = new Attending
                {
                    Query = query, Keys = keys, Values = values, ScoreWeights = scoreWeights, Coverage = coverageOf, CoverageWeights = coverageWeights,
                    Centers = centersOf, Weights = weightsOf, Context = contexts, Groups = ids, Starts = first, Lengths = lengths,
                    Rows = Memory.Rows, Steps = Memory.Steps, Size = Layer.Size, Width = Layer.MemorySize, Window = Layer.Window,
                    Additive = Layer.IsAdditive, Scale = Layer.Scale,
                };
                if (backward is { } kernel) ThreadTeam.Run(kernel with { A = a }, Memory.Rows, Grain(2));
                else ThreadTeam.Run(new AttendKernel { A = a }, Memory.Rows, Grain(1));
            }
        }

        /// <summary>Memory rows that make a hand-over to another thread worth it; a tangent costs as much as some ten products.</summary>
        int Grain(int passes)
        {
            var scores = (long)Queries.Rows / Math.Max(1, Memory.Rows) * Memory.Steps;
            return (int)Math.Max(1, 250_000 / Math.Max(1, passes * scores * (Layer.Size * (Layer.IsAdditive ? 20L : 2) + 2 * Layer.MemorySize)));
        }
    }

    sealed class AttendNode : Node
    {
        Pass _pass;

        public void Set(in Pass pass) => _pass = pass;

        public override void Backward()
        {
            var (layer, memory) = (_pass.Layer, _pass.Memory);
            if (memory.Lengths is { } lengths && lengths.Version != _pass.Version) Throw.LengthsChanged();
            if (_pass.Context.Data.GradientIsFresh && _pass.Weights.Data.GradientIsFresh) return;
            Tensor dScore = Sums(layer._score), dCoverage = Sums(layer._coverage);
            Tensor slopes = Tensor.New(_pass.Weights.Shape), terms = Tensor.New(new(memory.Rows, layer.Size));
            fixed (Real* dContext = _pass.Context.Data.Gradient(), dWeights = _pass.Weights.Data.GradientIsFresh ? default : _pass.Weights.Data.Gradient(),
                dQuery = GradientOf(_pass.Queries), dKeys = GradientOf(memory.Keys), dValues = GradientOf(memory.Values),
                dCover = GradientOf(_pass.Coverage), dCenters = GradientOf(_pass.Centers), dScores = dScore, dCovers = dCoverage, s = slopes, t = terms)
                _pass.Run(new AttendBackwardKernel
                {
                    DContext = dContext, DWeights = dWeights, DQuery = dQuery, DKeys = dKeys, DValues = dValues, DCoverage = dCover, DCenters = dCenters,
                    DScoreWeights = dScores, DCoverageWeights = dCovers, Slopes = s, Terms = t,
                });
            AddUp(dScore, layer._score);
            AddUp(dCoverage, layer._coverage);
        }

        /// <summary>Room for the gradient of a vector by every memory row.</summary>
        Tensor Sums(Parameter? vector) => vector is null ? default : Tensor.Zeros(new(_pass.Memory.Rows, vector.Count));

        static void AddUp(Tensor sums, Parameter? vector)
        {
            if (vector is not { Trainable: true }) return;
            var target = vector.Tensor.Data.GradientOrFresh(out var fresh);
            Ops.AddRows(sums.Values, sums.Rows, target, fresh);
        }

        static Span<Real> GradientOf(Tensor t) => t.IsNone || !t.NeedsGradient ? default : t.Data.Gradient();
    }
}
