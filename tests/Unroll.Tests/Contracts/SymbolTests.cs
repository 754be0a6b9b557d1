using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>A first layer computes what is linear in a symbol once for each symbol; outputs have the same bits, gradients are the same sums in another order.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class SymbolTests : IDisposable
{
    const int Symbols = 7, Size = 9;

    readonly int _threads = ThreadTeam.Threads;

    public void Dispose() => ThreadTeam.Threads = _threads;

    public static IEnumerable<object[]> Layers =>
        from kind in new[] { "lstm", "gru", "rnn" }
        from shape in new[] { "forward", "backward", "both" }
        from ragged in new[] { false, true }
        select new object[] { kind, shape, ragged };

    [Theory, MemberData(nameof(Layers))]
    public void Looking_up_products_is_looking_up_rows(string kind, string shape, bool ragged)
    {
        foreach (var (steps, batch, hidden) in new[] { (5, 4, 12), (19, 6, 40), (23, 1, 288), (40, 2, 200) })
        {
            var embedding = new Embedding(Symbols, Size, new Rng(5));
            var layer = Layer(kind, shape, hidden);
            var tokens = Text(steps, batch);
            var lengths = ragged ? new Lengths([.. Enumerable.Range(0, batch).Select(b => steps * (b + 1) / batch - b % 2)], steps) : null;
            ThreadTeam.Threads = 1;
            var rows = Run(embedding, layer, tokens, lengths, asRows: true);
            var symbols = Run(embedding, layer, tokens, lengths, asRows: false);
            Same.Bits(rows.Output, symbols.Output, "output");
            symbols.IsNear(rows, Tolerance.Single);
            foreach (var threads in new[] { 2, 3, 5 })
            {
                ThreadTeam.Threads = threads;
                Run(embedding, layer, tokens, lengths, asRows: false).IsBitwise(symbols);
            }
        }
    }

    /// <summary>What only predicts remembers the products of the words it has met, until weights change.</summary>
    [Theory, MemberData(nameof(Layers))]
    public void Remembered_products_are_those_of_the_weights_as_they_are(string kind, string shape, bool ragged)
    {
        Embedding embedding = new(Symbols, Size, new Rng(5)), other = new(Symbols, Size, new Rng(6));
        var (predicts, learns) = (Layer(kind, shape, 12), Layer(kind, shape, 12));
        ThreadTeam.Threads = 1;
        Check(embedding);
        foreach (var (changed, alike) in predicts.Parameters.Zip(learns.Parameters))
        {
            changed.Parameter.Edit()[0] = alike.Parameter.Edit()[0] = 0.5f;
            Check(embedding);
        }
        embedding.Weight.Edit()[1] = 2;
        Check(embedding);
        Check(other);                                                        // as large, and changed as many times
        Run(other, predicts, Text(19, 6), null, asRows: false);              // a step of training between
        Check(other);

        void Check(Embedding table)
        {
            foreach (var tokens in new[] { Batch([0, 1, 0, 1, 1, 1, 0, 0], 2), Text(19, 6), Text(19, 6) })
            {
                var lengths = ragged ? new Lengths([.. Enumerable.Range(0, tokens.Batch).Select(b => tokens.Steps - b)], tokens.Steps) : null;
                using var scratch = Tape.Scratch();
                Same.Bits(Run(table, learns, tokens, lengths, asRows: true).Output, predicts.Forward(table.Forward(tokens), lengths: lengths).Output.Values, "output");
            }
        }
    }

    [Fact]
    public void A_recording_on_one_thread_does_not_disturb_what_others_remember()
    {
        var (embedding, layer, tokens) = (new Embedding(Symbols, Size, new Rng(5)), new Recurrent(new LstmCell(Size, 8, new Rng(1))), Text(19, 6));
        var expected = Predicted();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            if (i % 3 > 0)
            {
                Same.Bits(expected, Predicted(), "output");
                return;
            }
            using var tape = Tape.Record();
            Same.Bits(expected, layer.Forward(embedding.Forward(tokens)).Output.Values, "output");
        });

        float[] Predicted()
        {
            using var scratch = Tape.Scratch();
            return layer.Forward(embedding.Forward(tokens)).Output.ToArray();
        }
    }

    [Fact]
    public void A_table_that_is_not_learned_gets_no_gradient()
    {
        var embedding = Embedding.OneHot(Symbols);
        var layer = new Recurrent(new LstmCell(Symbols, 8, new Rng(1)));
        var tokens = Text(10, 3);
        var (rows, symbols) = (Run(embedding, layer, tokens, null, asRows: true), Run(embedding, layer, tokens, null, asRows: false));
        symbols.IsNear(rows, Tolerance.Single);
        Assert.True(embedding.Weight.HasNoGradient);
    }

    [Fact]
    public void Rows_have_a_gradient_of_their_own_where_it_is_asked_for()
    {
        var embedding = new Embedding(Symbols, Size, new Rng(5));
        var layer = new Recurrent(new GruCell(Size, 8, new Rng(1))) { Composed = false };
        using var tape = Tape.Record();
        var (own, none) = (embedding.Forward(Text(10, 3)).WithGradient(), embedding.Forward(Text(10, 3)));
        tape.Backward(Ops.Sum(layer.Forward(own).Output) + Ops.Sum(layer.Forward(none).Output));
        Assert.Contains(own.Gradient.ToArray(), g => g != 0);
        Assert.Contains("WithGradient()", Assert.Throws<InvalidOperationException>(() => none.Gradient.Length).Message);
    }

    /// <summary>Symbols that hardly repeat are rows like others.</summary>
    [Fact]
    public void Many_different_symbols_are_not_gathered()
    {
        var embedding = new Embedding(40, Size, new Rng(5));
        using var tape = Tape.Record();
        Assert.Equal(0, embedding.Forward(Batch([.. Enumerable.Range(0, 40)], 2)).Data.Symbols.Count);
        Assert.Equal(10, embedding.Forward(Batch([.. Enumerable.Range(0, 40).Select(i => i % 10)], 2)).Data.Symbols.Count);
    }

    static RecurrentLayer Layer(string kind, string shape, int hidden)
    {
        RecurrentCell Cell(ulong seed) => CellCatalog.Get(kind).Create(Size, hidden, new Rng(seed));
        return shape == "both" ? new Bidirectional(Cell(1), Cell(2)) : new Recurrent(Cell(1), shape == "backward" ? Direction.Backward : Direction.Forward);
    }

    /// <summary>Symbols −1, for a row of zeros, to 6.</summary>
    static TokenMatrix Text(int steps, int batch)
    {
        var rng = new Rng(3);
        return Batch([.. Enumerable.Range(0, steps * batch).Select(_ => rng.Next(Symbols + 1) - 1)], batch);
    }

    static TokenMatrix Batch(int[] ids, int batch)
    {
        var tokens = new TokenMatrix(ids.Length / batch, batch);
        ids.CopyTo(tokens.Ids);
        return tokens;
    }

    static Outcome Run(Embedding embedding, RecurrentLayer layer, TokenMatrix tokens, Lengths? lengths, bool asRows)
    {
        layer.ClearGradients();
        embedding.ClearGradients();
        using var tape = Tape.Record();
        var x = embedding.Forward(tokens);
        if (asRows) x = x.WithGradient();
        var (y, final) = layer.Forward(x, lengths: lengths);
        var weights = new float[y.Count];
        new Rng(8).FillUniform(weights, -1, 1);
        tape.Backward(Ops.Sum(y * Tensor.From(weights, y.Shape)));
        var gradients = layer.Parameters.Concat(embedding.Parameters).ToDictionary(p => p.Name, p => p.Parameter.Gradient.ToArray());
        return new(y.ToArray(), [.. Enumerable.Range(0, final.Count).Select(i => final[i].ToArray())], gradients);
    }
}
