using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>
/// The same bits on every machine: what the fused cells gave once, as a hash. It holds for every register width and number of threads, so
/// run the tests with UNROLL_SIMD and UNROLL_THREADS set, too. Only a change of a formula may change it, and then says so.
/// </summary>
public class BitsTests
{
    [Theory]
    [InlineData("lstm", "c4e34edb60fbd592")]
    [InlineData("gru", "3b5f545492adaa08")]
    [InlineData("rnn", "6482c7cbb9368580")]
    [InlineData("rnn-relu", "c495f8d463404631")]
    public void A_sequence_forward_and_backward_has_these_bits(string kind, string expected) => Assert.Equal(expected, Hash(kind, null));

    [Theory]
    [InlineData("lstm", "7d8f51c6e530904f")]
    [InlineData("gru", "04e20b02f7bc8e60")]
    [InlineData("rnn", "dacdb3d315f28f66")]
    [InlineData("rnn-relu", "265549d7754eef5d")]
    public void With_recurrent_dropout_it_has_these(string kind, string expected) => Assert.Equal(expected, Hash(kind, new Dropout(0.3, new Rng(5))));

    static string Hash(string kind, Dropout? recurrentDropout)
    {
        var trial = new Trial(21, sizes: (7, 9, 30, 67));
        var layer = trial.Layer(kind, composed: false, recurrentDropout: recurrentDropout);
        var hash = 0xCBF29CE484222325UL;
        foreach (var ragged in new[] { false, true })
        {
            var outcome = trial.Run(layer, ragged: ragged);
            foreach (var values in outcome.Final.Append(outcome.Output).Concat(outcome.Gradients.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)))
                foreach (var v in values) hash = (hash ^ BitConverter.SingleToUInt32Bits(v)) * 0x100000001B3UL;
        }
        return $"{hash:x16}";
    }
}

/// <summary>Nothing is read from memory before it is written: what tapes give back is filled with NaN in all other tests (see the project file).</summary>
[Collection(nameof(ThreadTeam))]
public class MemoryBitsTests
{
    [Fact]
    public void What_stands_in_memory_beforehand_changes_no_bit()
    {
        Assert.True(BufferPool.Poisons);
        try
        {
            BufferPool.Poisons = false;
            new BitsTests().A_sequence_forward_and_backward_has_these_bits("lstm", "c4e34edb60fbd592");
            new BitsTests().With_recurrent_dropout_it_has_these("gru", "04e20b02f7bc8e60");
        }
        finally
        {
            BufferPool.Poisons = true;
        }
    }
}
