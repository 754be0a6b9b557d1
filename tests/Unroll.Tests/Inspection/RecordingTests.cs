using Unroll.Inspection;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;

namespace Unroll.Tests.Inspection;

/// <summary>A recording shows what layers computed and changes none of it.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class RecordingTests : IDisposable
{
    public static IEnumerable<object[]> CellsAndSeeds => Trial.CellsAndSeeds;

    static readonly bool[] Both = [false, true];

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void No_bit_changes(string kind, int seed)
    {
        foreach (var threads in new[] { 1, 2 })
            foreach (var composed in Both)
                foreach (var ragged in Both)
                {
                    ThreadTeam.Threads = threads;
                    var trial = new Trial(seed);
                    var layer = trial.Layer(kind, composed);
                    var (without, predicted) = (trial.Run(layer, ragged: ragged), Predict(trial, layer, ragged));
                    using var recording = Recording.Start();
                    trial.Run(layer, ragged: ragged).IsBitwise(without);
                    var recorded = Predict(trial, layer, ragged);
                    for (var i = 0; i < predicted.Length; i++) Same.Bits(predicted[i], recorded[i], $"prediction {i}");
                    Assert.Equal(2 * trial.Steps, recording.Layers[0].Steps);
                }
    }

    /// <summary>The outputs and the final states, where no tape records.</summary>
    static float[][] Predict(Trial trial, Recurrent layer, bool ragged)
    {
        using var scratch = Tape.Scratch();
        var (y, final) = layer.Forward(trial.Input(), trial.Start(layer), ragged ? new Lengths(trial.Lengths, trial.Steps) : null);
        return [y.ToArray(), .. Enumerable.Range(0, final.Count).Select(i => final[i].ToArray())];
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("rnn")]
    [InlineData("rnn-relu")]
    public void Threads_that_share_units_or_rows_change_no_bit(string kind)
    {
        foreach (var (batch, hidden) in new[] { (1, 200), (40, 48) })
        {
            var trial = new Trial(3, sizes: (9, batch, 30, hidden));
            var layer = trial.Layer(kind, composed: false);
            ThreadTeam.Threads = 1;
            var one = Predict(trial, layer, ragged: true);
            ThreadTeam.Threads = 2;
            using var recording = Recording.Start();
            var two = Predict(trial, layer, ragged: true);
            for (var i = 0; i < one.Length; i++) Same.Bits(one[i], two[i], $"prediction {i}");
            Same.Bits(one[0], recording.Layers[0]["h"].Values, "h");
        }
    }

    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Fused_and_composed_layers_record_the_same(string kind, int seed)
    {
        foreach (var ragged in Both)
        {
            var trial = new Trial(seed);
            var (fused, composed) = (Record(trial, trial.Layer(kind, composed: false), ragged), Record(trial, trial.Layer(kind, composed: true), ragged));
            string[] names = [.. fused.GateNames, .. fused.StateNames];
            Assert.Equal(names, (IEnumerable<string>)[.. composed.GateNames, .. composed.StateNames]);
            Assert.Equal(fused.Cell.GateNames, fused.GateNames);
            Assert.Equal(fused.Cell.StateNames, fused.StateNames);
            foreach (var name in names)
            {
                Same.Near(composed[name].Values, fused[name].Values, Tolerance.Single, name);
                for (var t = 0; t < trial.Steps; t++)
                    for (var b = 0; b < trial.Batch; b++)
                    {
                        Assert.Equal(!ragged || t < trial.Lengths[b], fused.Counts(t, b));
                        if (!fused.Counts(t, b)) Assert.Equal(new float[trial.HiddenSize], fused[name][t][b].ToArray());
                    }
            }
        }
    }

    static RecordedLayer Record(Trial trial, Recurrent layer, bool ragged)
    {
        using var recording = Recording.Start();
        Predict(trial, layer, ragged);
        return Assert.Single(recording.Layers);
    }

    /// <summary>The equations of the cell, from what was recorded.</summary>
    [Theory, MemberData(nameof(CellsAndSeeds))]
    public void Gates_and_states_satisfy_the_equations(string kind, int seed)
    {
        var trial = new Trial(seed) { Lengths = [] };
        var recorded = Record(trial, trial.Layer(kind, composed: false, Direction.Forward), ragged: false);
        for (var t = 0; t < trial.Steps; t++)
            for (var j = 0; j < trial.Batch * trial.HiddenSize; j++)
            {
                var h = At("h", t, j);
                if (kind == "lstm")
                {
                    Assert.Equal(At("f", t, j) * Before("c", 1, t, j) + At("i", t, j) * At("g", t, j), At("c", t, j), Tolerance.Single);
                    Assert.Equal(At("o", t, j) * MathF.Tanh(At("c", t, j)), h, Tolerance.Single);
                }
                else if (kind == "gru") Assert.Equal((1 - At("z", t, j)) * At("n", t, j) + At("z", t, j) * Before("h", 0, t, j), h, Tolerance.Single);
            }

        float At(string name, int t, int j) => recorded[name].Values[t * trial.Batch * trial.HiddenSize + j];
        float Before(string name, int index, int t, int j) => t == 0 ? trial.Initial[index][j] : At(name, t - 1, j);
    }

    [Fact]
    public void Layers_have_the_names_of_the_model()
    {
        var rng = new Rng(1);
        Stacked layers = new([new Bidirectional(new LstmCell(3, 4, rng), new GruCell(3, 2, rng)), new Recurrent(new RnnCell(6, 5, rng))]);
        using var recording = Recording.Start(layers);
        layers.Forward(Tensor.Zeros(new(7, 2, 3)));
        Assert.Equal([("l0", 0, Direction.Forward, 4), ("l0_reverse", 0, Direction.Backward, 2), ("l1", 1, Direction.Forward, 5)], recording.Layers.Select(l => (l.Name, l.Index, l.Direction, l.HiddenSize)));
        Assert.Equal([new Shape(7, 2, 4), new Shape(7, 2, 2), new Shape(7, 2, 5)], recording.Layers.Select(l => l["h"].Shape));
        Assert.Equal(["layer0", "layer1", "layer2"], NamesWithout(layers));
    }

    static IEnumerable<string> NamesWithout(RecurrentLayer layers)
    {
        using var recording = Recording.Start();
        layers.Forward(Tensor.Zeros(new(1, 1, 3)));
        return [.. recording.Layers.Select(l => l.Name)];
    }

    [Theory, MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void A_text_read_step_by_step_is_recorded_as_one(string cell)
    {
        var model = Tiny.Model(cell);
        var ids = Tiny.Ids(model, 12);
        using var whole = Recording.Start(model);
        var (logits, _) = model.Forward(TokensOf(ids));
        Same.Bits(logits.Values, Assert.Single(whole.Logits).Values, "logits");
        using var steps = Recording.Start(model);
        var state = model.ZeroState(1);
        foreach (var id in ids)
        {
            using var scratch = Tape.Scratch();
            state.CopyFrom(model.Forward(TokensOf([id]), state).Final);
        }
        Assert.Equal(["rnn.l0", "rnn.l1"], steps.Layers.Select(l => l.Name));
        foreach (var (one, other) in whole.Layers.Zip(steps.Layers))
            foreach (var name in (string[])[.. one.GateNames, .. one.StateNames]) Same.Bits(one[name].Values, other[name].Values, $"{one.Name} {name}");
        Same.Bits(logits.Values, steps.Logits[0].Values, "logits");
        Assert.Equal(steps.Layers[1]["h"].ToArray().Where((_, i) => i % 7 == 3), steps.Layers[1].Unit("h", 3));
        steps.Dispose();
    }

    static TokenMatrix TokensOf(int[] ids)
    {
        var tokens = new TokenMatrix(ids.Length, 1);
        ids.CopyTo(tokens.Ids);
        return tokens;
    }

    [Theory]
    [InlineData("general", false)]
    [InlineData("additive", true)]
    public void Decoders_record_attention_and_the_layers_inside(string attention, bool feeding)
    {
        var model = TinyPairs.Model(attention, with: c => c with { InputFeeding = feeding });
        using var recording = Recording.Start(model);
        new Translator([model], new() { Beam = 1 }).Translate(["abba"]);
        var weights = recording.Attention.Single();
        Assert.Equal(5, weights.Columns);                                             // four letters and the end
        for (var t = 0; t < weights.Rows; t++) Assert.Equal(1, weights.Values.Slice(5 * t, 5).ToArray().Sum(), Tolerance.Single);
        Assert.Contains("decoder", recording.Layers.Select(l => l.Name));
        Assert.Contains("decoder.rnn.l0", recording.Layers.Select(l => l.Name));
        Assert.Equal(weights.Rows, recording.Layers.Single(l => l.Name == "decoder.rnn.l0").Steps);
    }

    [Fact]
    public void A_classifier_records_how_it_pools()
    {
        var model = TinyClassifier.Model(c => c with { Pooling = "attention", Bidirectional = true });
        using var recording = Recording.Start(model);
        model.Classify("a good film");
        Assert.Equal(1, recording.Attention.Single().ToArray().Sum(), Tolerance.Single);
        Assert.Equal(["rnn.l0", "rnn.l0_reverse"], recording.Layers.Select(l => l.Name));
        Assert.Equal(2, recording.Logits.Single().Count);
    }

    [Fact]
    public void Recordings_nest_and_end_in_order()
    {
        var layer = new Trial(1).Layer("gru", composed: false);
        using var outer = Recording.Start();
        var inner = Recording.Start();
        Predict(new Trial(1), layer, false);
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        inner.Dispose();
        Assert.Empty(outer.Layers);
        Assert.Contains("r, z, n, h", Assert.Throws<ArgumentException>(() => inner.Layers[0]["c"]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => inner.Layers[0].Unit("h", 99));
        Predict(new Trial(1), layer, false);
        Assert.Single(outer.Layers);
    }

    [Fact]
    public void Batches_of_different_sizes_are_refused_when_they_are_read()
    {
        var layer = new Trial(1).Layer("gru", composed: false);
        using var recording = Recording.Start();
        foreach (var batch in new[] { 1, 2 }) layer.Forward(Tensor.Zeros(new(1, batch, layer.InputSize)));
        Assert.Contains("each batch", Assert.Throws<InvalidOperationException>(() => recording.Layers[0]["h"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_threads_are_not_recorded()
    {
        using var recording = Recording.Start();
        var other = new Thread(() => Predict(new Trial(1), new Trial(1).Layer("rnn", composed: false), false));
        other.Start();
        other.Join();
        Assert.Empty(recording.Layers);
    }
}
