using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>A decoder step is a cell like any other: what <c>SequenceTests</c> asks of cells, with a memory.</summary>
public class AttentiveCellTests
{
    const int Steps = 6, Sources = 5, Batch = 4, Inputs = 3, Hidden = 8, Output = 6;

    static readonly int[] TargetLengths = [3, 6, 0, 5];

    public static TheoryData<AttentionKind, bool, bool> Kinds()
    {
        var data = new TheoryData<AttentionKind, bool, bool>();
        foreach (var kind in Enum.GetValues<AttentionKind>())
            foreach (var feeding in new[] { false, true })
                foreach (var coverage in new[] { false, true }) data.Add(kind, feeding, coverage);
        return data;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_twin_over_the_sequence_equals_the_steps(AttentionKind kind, bool feeding, bool coverage)
    {
        foreach (var ragged in new[] { false, true })
        {
            var trial = new Trial(kind, feeding, coverage);
            var (a, b) = (trial.Learn(composed: false, ragged), trial.Learn(composed: true, ragged));
            foreach (var (name, values) in b) Same.Near(values, a[name], Tolerance.Single, $"{name} ragged {ragged}");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Single_steps_and_chunks_are_the_sequence(AttentionKind kind, bool feeding, bool coverage)
    {
        var trial = new Trial(kind, feeding, coverage);
        var (all, final) = trial.Decoder.Forward(trial.X, trial.Start());
        foreach (var chunk in new[] { 1, 2 })
        {
            var state = trial.Start();
            for (var t = 0; t < Steps; t += chunk)
            {
                (var y, state) = trial.Decoder.Forward(trial.X[t..(t + chunk)], state);
                Same.Bits(all[t..(t + chunk)].Values, y.Values, $"step {t}");
            }
            for (var i = 0; i < final.Count; i++) Same.Bits(final[i].Values, state[i].Values, trial.Cell.StateNames[i]);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Rows_in_another_order_give_the_same_rows(AttentionKind kind, bool feeding, bool coverage)
    {
        var trial = new Trial(kind, feeding, coverage);
        int[] order = [2, 0, 3, 1, 3];                                                   // one of them twice: as in a beam
        var (y, _) = trial.Decoder.Forward(trial.X, trial.Start(), new Lengths(TargetLengths, Steps));
        var x = Tensor.Zeros(new(Steps, order.Length, Inputs));
        for (var t = 0; t < Steps; t++)
            for (var b = 0; b < order.Length; b++) trial.X[t][order[b]].Values.CopyTo(x[t][b].Values);
        var (z, _) = trial.Decoder.Forward(x, Recurrent.Rows(trial.Start(), order), new Lengths([.. order.Select(b => TargetLengths[b])], Steps));
        for (var t = 0; t < Steps; t++)
            for (var b = 0; b < order.Length; b++) Same.Bits(y[t][order[b]].Values, z[t][b].Values, $"step {t} of row {b}");
    }

    [Theory]
    [InlineData(AttentionKind.General, true)]
    [InlineData(AttentionKind.Additive, false)]
    [InlineData(AttentionKind.Additive, true)]
    public void Words_that_come_again_are_multiplied_once(AttentionKind kind, bool feeding)
    {
        var trial = new Trial(kind, feeding, coverage: false);
        trial.Compose(false);
        var table = new Parameter(new(3, Inputs));
        new Rng(4).FillUniform(table.Edit(), -1, 1);
        int[] ids = [.. Enumerable.Range(0, Steps * Batch).Select(i => i * i % 3)];
        foreach (var lengths in new[] { null, new Lengths(TargetLengths, Steps) })
        {
            var (rows, words) = (Learn(asRows: true, lengths), Learn(asRows: false, lengths));
            Same.Bits(rows["y"], words["y"], "y");
            foreach (var (name, values) in rows) Same.Near(values, words[name], Tolerance.Single, name);
        }

        Dictionary<string, float[]> Learn(bool asRows, Lengths? lengths)
        {
            using var tape = Tape.Record();
            var x = Ops.Gather(table, ids, new(Steps, Batch));
            if (asRows) x.WithGradient();
            var (y, _) = trial.Decoder.Forward(x, trial.Start(), lengths);
            tape.Backward(Ops.Sum(Ops.Square(y)));
            if (!asRows) Assert.Throws<InvalidOperationException>(() => x.Gradient.Length);
            var all = trial.Decoder.Parameters.ToDictionary(p => p.Name, p => p.Parameter.Gradient.ToArray());
            (all["y"], all["table"]) = (y.ToArray(), table.Gradient.ToArray());
            trial.Decoder.ClearGradients();
            table.ClearGradient();
            return all;
        }
    }

    [Fact]
    public void Coverage_is_the_sum_of_the_weights_changes_the_scores_and_leaves_the_memory_alone()
    {
        var trial = new Trial(AttentionKind.Additive, feeding: false, coverage: true);
        var before = trial.Values.ToArray();
        var state = trial.Start();
        var keys = state.Memory.Keys.ToArray();
        var sum = new float[Batch * Sources];
        for (var t = 0; t < Steps; t++)
        {
            (_, state) = trial.Decoder.Forward(trial.X[t..(t + 1)], state);
            for (var i = 0; i < sum.Length; i++) sum[i] += AttentiveCell.WeightsOf(state).Values[i];
            Same.Near(sum, state[trial.Cell.StateNames.ToList().IndexOf("coverage")].Values, Tolerance.Single, "coverage");
        }
        Same.Bits(before, trial.Values.Values, "values");
        Same.Bits(keys, state.Memory.Keys.Values, "keys");
        var with = AttentiveCell.WeightsOf(state).ToArray();
        trial.Cell.Parameters.Single(p => p.Name == "attention.coverage").Parameter.Edit().Clear();
        (_, state) = trial.Decoder.Forward(trial.X, trial.Start());
        Assert.Contains(with.Zip(AttentiveCell.WeightsOf(state).ToArray()), p => Math.Abs(p.First - p.Second) > 1e-3);
    }

    [Fact]
    public void A_decoder_without_a_memory_says_so()
    {
        var trial = new Trial(AttentionKind.Dot, false, false);
        Assert.Throws<InvalidOperationException>(() => trial.Decoder.Forward(trial.X));
        Assert.Throws<InvalidOperationException>(() => trial.Decoder.ZeroState(2));
    }

    [Theory]
    [InlineData(AttentionKind.General, false)]
    [InlineData(AttentionKind.Additive, true)]
    public void A_training_step_allocates_nothing(AttentionKind kind, bool feeding)
    {
        var trial = new Trial(kind, feeding, coverage: false);
        var lengths = new Lengths(TargetLengths, Steps);
        Step();
        Step();
        Assert.Equal(0, Allocations.Of(Step));

        void Step()
        {
            using var tape = Tape.Record();
            var (y, _) = trial.Decoder.Forward(trial.X, trial.Start(), lengths);
            tape.Backward(Ops.Sum(Ops.Square(y)));
            trial.Decoder.ClearGradients();
        }
    }

    sealed class Trial
    {
        readonly Rng _rng = new(3);
        readonly Tensor[] _first;
        readonly Recurrent[] _layers;

        public Trial(AttentionKind kind, bool feeding, bool coverage)
        {
            var attention = new Attention(kind, Hidden, Hidden, 7, _rng, coverage: coverage);
            _layers =
            [
                new Recurrent(new LstmCell(AttentiveCell.LayersInput(Inputs, kind, Hidden, Output, feeding), 5, _rng)),
                new Recurrent(new GruCell(5, Hidden, _rng)),
            ];
            var layers = new Stacked(_layers);
            Cell = new AttentiveCell(Inputs, layers, attention, Output, feeding, _rng);
            Decoder = new Recurrent(Cell);
            foreach (var t in new[] { X, Values }) _rng.FillUniform(t.Values, -1, 1);
            _first = [.. Enumerable.Range(0, layers.StateCount).Select(i => Tensor.Zeros(new(Batch, layers.StateSize(i))))];
            foreach (var t in _first) _rng.FillUniform(t.Values, -1, 1);
        }

        public AttentiveCell Cell { get; }
        public Recurrent Decoder { get; }
        public Tensor X { get; } = Tensor.Zeros(new(Steps, Batch, Inputs));
        public Tensor Values { get; } = Tensor.Zeros(new(Sources, Batch, Hidden));
        Lengths Lengths { get; } = new([5, 3, 4, 0], Sources);

        public State Start() => Cell.Start(Cell.Attention.Remember(Values, Lengths), State.Of(_first));

        public void Compose(bool composed)
        {
            Decoder.Composed = composed;
            foreach (var layer in _layers) layer.Composed = composed;
        }

        public Dictionary<string, float[]> Learn(bool composed, bool ragged)
        {
            Compose(composed);
            using var tape = Tape.Record();
            X.WithGradient();
            Values.WithGradient();
            var (y, final) = Decoder.Forward(X, Start(), ragged ? new Lengths(TargetLengths, Steps) : null);
            tape.Backward(Ops.Sum(Ops.Square(y)) + Ops.Sum(Ops.Square(final[0])) + Ops.Sum(Ops.Square(final[1])));
            var all = Decoder.Parameters.ToDictionary(p => p.Name, p => p.Parameter.Gradient.ToArray());
            (all["x"], all["values"], all["y"]) = (X.Gradient.ToArray(), Values.Gradient.ToArray(), y.ToArray());
            for (var i = 0; i < final.Count; i++) all[$"final {Cell.StateNames[i]}"] = final[i].ToArray();
            Decoder.ClearGradients();
            return all;
        }
    }
}
