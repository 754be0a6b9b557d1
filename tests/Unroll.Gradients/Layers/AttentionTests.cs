using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Gradients.Layers;

/// <summary>The derivatives of attention and of decoders with attention, by central differences in double.</summary>
public class AttentionTests
{
    const int Steps = 4, Batch = 3, Sources = 5, Size = 4;

    static readonly int[] SourceLengths = [3, 5, 0], TargetLengths = [4, 2, 3];

    public static TheoryData<AttentionKind, bool, bool, int> Kinds()
    {
        var data = new TheoryData<AttentionKind, bool, bool, int>();
        foreach (var kind in Enum.GetValues<AttentionKind>())
            foreach (var scaled in new[] { false, true })
                foreach (var coverage in new[] { false, true })
                    foreach (var window in new[] { 0, 2 })
                        data.Add(kind, scaled, coverage, window);
        return data;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Contexts_and_weights(AttentionKind kind, bool scaled, bool coverage, int window)
    {
        foreach (var ragged in new[] { false, true })
            foreach (var doubled in new[] { false, true })
            {
                var attention = new Attention(kind, Size, Size, 3, new Rng(3), scaled, coverage, window);
                int[] rows = doubled ? [1, 1, 0, 1] : [];
                var count = doubled ? rows.Length : Batch;
                Parameter queries = Draw(4, Steps, count, Size), values = Draw(5, Sources, Batch, Size), past = Draw(6, Steps, count, Sources);
                var sources = ragged ? new Lengths(SourceLengths, Sources) : null;
                var lengths = ragged && !doubled ? new Lengths(TargetLengths, Steps) : null;
                Check.Loss(
                    () =>
                    {
                        var (context, weights) = attention.Forward(queries, attention.Remember(values, sources), rows, lengths, coverage ? past.Tensor : default);
                        return Check.Weighted(context) + 0.7 * Check.Weighted(weights);
                    },
                    Of(attention).Append(("queries", queries)).Append(("values", values)).Concat(coverage ? [("coverage", past)] : []));
            }
    }

    public static TheoryData<AttentionKind, bool, bool, bool> Cells()
    {
        var data = new TheoryData<AttentionKind, bool, bool, bool>();
        foreach (var kind in Enum.GetValues<AttentionKind>())
            foreach (var feeding in new[] { false, true })
                foreach (var coverage in new[] { false, true })
                    foreach (var composed in new[] { false, true })
                        data.Add(kind, feeding, coverage, composed);
        return data;
    }

    [Theory, MemberData(nameof(Cells))]
    public void Decoder(AttentionKind kind, bool feeding, bool coverage, bool composed)
    {
        var rng = new Rng(7);
        const int Inputs = 3, Output = 5;
        var attention = new Attention(kind, Size, Size, 3, rng, coverage: coverage);
        var takes = AttentiveCell.LayersInput(Inputs, kind, Size, Output, feeding);
        var layers = new Stacked([new Recurrent(new LstmCell(takes, 3, rng)), new Recurrent(new GruCell(3, Size, rng))]);
        var cell = new AttentiveCell(Inputs, layers, attention, Output, feeding, rng);
        var decoder = new Recurrent(cell) { Composed = composed };
        Parameter x = Draw(4, Steps, Batch, Inputs), values = Draw(5, Sources, Batch, Size);
        var starts = Enumerable.Range(0, layers.StateCount).Select(i => Draw((ulong)(8 + i), Batch, layers.StateSize(i))).ToArray();
        foreach (var ragged in new[] { false, true })
        {
            var sources = ragged ? new Lengths(SourceLengths, Sources) : null;
            var lengths = ragged ? new Lengths([4, 0, 3], Steps) : null;
            var report = new GradientCheck { Samples = 12 }.Run(
                () =>
                {
                    var start = cell.Start(attention.Remember(values, sources), State.Of([.. starts.Select(s => s.Tensor)]));
                    var (y, final) = decoder.Forward(x, start, lengths);
                    var loss = Check.Weighted(y);
                    for (var i = 0; i < final.Count; i++)
                        if (cell.StateNames[i] != "row") loss += (i + 0.5) * Check.Weighted(final[i]);
                    return loss;
                },
                Of(decoder).Append(("x", x)).Append(("values", values)).Concat(starts.Select((s, i) => ($"start {i}", s))));
            Assert.True(report.IsRight, $"ragged {ragged}: {report}");
        }
    }

    static Parameter Draw(ulong seed, params int[] sizes)
    {
        var parameter = new Parameter(Shape.From(sizes));
        new Rng(seed).FillUniform(parameter.Edit(), -1, 1);
        return parameter;
    }

    static IEnumerable<(string, Parameter)> Of(Module module) => module.Parameters.Select(p => (p.Name, p.Parameter));
}
