using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

/// <summary>The derivatives of every layer and cell, by central differences in double.</summary>
public class RecurrentTests
{
    const int Steps = 4, Batch = 3, Inputs = 3, Hidden = 5;

    public static IEnumerable<object[]> Cells =>
        from kind in CellCatalog.All
        from composed in new[] { false, true }
        from direction in new[] { Direction.Forward, Direction.Backward }
        from ragged in new[] { false, true }
        from initial in new[] { false, true }
        select new object[] { kind.Name, composed, direction, ragged, initial };

    [Theory, MemberData(nameof(Cells))]
    public void Cell(string kind, bool composed, Direction direction, bool ragged, bool initial) =>
        CheckLayer(new Recurrent(CellCatalog.Get(kind).Create(Inputs, Hidden, new Rng(7)), direction) { Composed = composed }, ragged, initial);

    [Theory, MemberData(nameof(Cells))]
    public void Cell_with_recurrent_dropout(string kind, bool composed, Direction direction, bool ragged, bool initial)
    {
        var masks = new Rng(5);
        var cell = CellCatalog.Get(kind).Create(Inputs, Hidden, new Rng(7));
        CheckLayer(new Recurrent(cell, direction, new Dropout(0.4, masks)) { Composed = composed }, ragged, initial, masks: masks);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Bidirectional_layer(bool ragged, bool initial)
    {
        var rng = new Rng(8);
        CheckLayer(new Bidirectional(new LstmCell(Inputs, 4, rng), new GruCell(Inputs, 2, rng)), ragged, initial);
        CheckLayer(new Bidirectional(new LstmCell(Inputs, 4, rng), new GruCell(Inputs, 2, rng), new Dropout(0.4, rng)), ragged, initial, masks: rng);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Stack_of_different_layers(bool ragged, bool initial)
    {
        var rng = new Rng(9);
        var layer = new Stacked(
        [
            new Recurrent(new GruCell(Inputs, 4, rng)),
            new Bidirectional(new RnnCell(4, 2, rng), new LstmCell(4, 3, rng)),
            new Recurrent(new LstmCell(5, 3, rng), Direction.Backward),
        ]);
        CheckLayer(layer, ragged, initial);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(8)]
    [InlineData(1)]
    public void Cell_of_any_width(int hidden)
    {
        foreach (var kind in CellCatalog.All) CheckLayer(new Recurrent(kind.Create(2, hidden, new Rng(7))), ragged: true, initial: true, samples: 20);
    }

    public static IEnumerable<object[]> TaskCells =>
        from kind in new[] { "shared-lstm", "shared-lstm-plain", "shared-gru", "coupled-lstm", "coupled-lstm-plain", "coupled-gru" }
        from composed in new[] { false, true }
        from ragged in new[] { false, true }
        select new object[] { kind, composed, ragged };

    [Theory, MemberData(nameof(TaskCells))]
    public void Cell_of_several_tasks(string kind, bool composed, bool ragged)
    {
        var rng = new Rng(7);
        RecurrentCell cell = kind switch
        {
            "shared-lstm" => new SharedLstmCell(3, 4, 5, rng),
            "shared-lstm-plain" => new SharedLstmCell(3, 4, 5, rng, peepholes: false),
            "shared-gru" => new SharedGruCell(3, 4, 5, rng),
            "coupled-lstm" => new CoupledLstmCell(3, 2, 3, rng),
            "coupled-lstm-plain" => new CoupledLstmCell(3, 2, 3, rng, peepholes: false),
            _ => new CoupledGruCell(3, 2, 3, rng),
        };
        foreach (var direction in Enum.GetValues<Direction>()) CheckLayer(new Recurrent(cell, direction) { Composed = composed }, ragged, initial: true, samples: 200);
    }

    [Fact]
    public void Linear_embedding_norm_and_dropout()
    {
        var rng = new Rng(10);
        var embedding = new Embedding(6, 4, rng);
        var norm = new LayerNorm(4);
        var linear = new Linear(4, 3, rng);
        var tied = new Linear(embedding.Weight, rng);
        var tokens = new TokenMatrix(2, 3);
        new[] { 0, 5, 5, -1, 2, 0 }.CopyTo(tokens.Ids);
        Check.Loss(
            () =>
            {
                var x = new Dropout(0.3, new Rng(4)).Forward(norm.Forward(Ops.Tanh(embedding.Forward(tokens))));
                return Check.Weighted(linear.Forward(x)) + Check.Weighted(tied.Forward(x));
            },
            Of(embedding).Concat(Of(norm)).Concat(Of(linear)).Concat(Of(tied)).DistinctBy(p => p.Item2));
    }

    [Fact]
    public void A_frozen_weight_gets_no_gradient_and_the_others_keep_theirs()
    {
        foreach (var kind in CellCatalog.All)
            foreach (var composed in new[] { false, true })
                for (var frozen = 0; frozen < 4; frozen++)
                {
                    var layer = new Recurrent(kind.Create(Inputs, Hidden, new Rng(7))) { Composed = composed };
                    var weight = layer.Parameters[frozen].Parameter;
                    weight.Trainable = false;
                    Check.Loss(() => Check.Weighted(layer.Forward(Input(Inputs)).Output), Of(layer).Where(p => p.Item2 != weight));
                    Assert.True(weight.HasNoGradient);
                }
    }

    /// <param name="masks">Where the layer's masks come from: they are to be the same each time.</param>
    static void CheckLayer(RecurrentLayer layer, bool ragged, bool initial, int samples = 64, Rng? masks = null)
    {
        var mask = masks?.State;
        var rng = new Rng(11);
        var x = new Parameter(new(Steps, Batch, layer.InputSize));
        rng.FillUniform(x.Edit(), -1, 1);
        var states = Enumerable.Range(0, initial ? layer.StateCount : 0).Select(i => new Parameter(new(Batch, layer.StateSize(i)))).ToArray();
        foreach (var s in states) rng.FillUniform(s.Edit(), -1, 1);
        var lengths = ragged ? new Lengths([2, 0, 4], Steps) : null;
        var parameters = Of(layer).Append(("x", x)).Concat(states.Select((s, i) => ($"initial {i}", s))).ToArray();

        Tensor Loss(bool outputs, bool finals)
        {
            if (mask is { } place) masks!.State = place;
            var (y, final) = layer.Forward(x, initial ? State.Of([.. states.Select(s => s.Tensor)]) : default, lengths);
            var loss = outputs ? Check.Weighted(y) : Tensor.Zeros(new());
            for (var i = 0; finals && i < final.Count; i++) loss += (i + 0.5) * Check.Weighted(Ops.Tanh(final[i]));
            return loss;
        }

        foreach (var (outputs, finals) in new[] { (true, true), (true, false), (false, true) })
        {
            var report = new GradientCheck { Samples = outputs && finals ? samples : 8 }.Run(() => Loss(outputs, finals), parameters);
            Assert.True(report.IsRight, $"outputs {outputs}, final states {finals}: {report}");
        }
    }

    static Tensor Input(int size)
    {
        var values = new double[Steps * Batch * size];
        new Rng(12).FillUniform(values, -1, 1);
        return Tensor.From(values, new(Steps, Batch, size));
    }

    static IEnumerable<(string, Parameter)> Of(Module module) => module.Parameters.Select(p => (p.Name, p.Parameter));
}
