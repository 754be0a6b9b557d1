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
    public void A_sequence_forward_and_backward_has_these_bits(string kind, string expected)
    {
        var trial = new Trial(21, sizes: (7, 9, 30, 67));
        var layer = trial.Layer(kind, composed: false);
        var hash = 0xCBF29CE484222325UL;
        foreach (var ragged in new[] { false, true })
        {
            var outcome = trial.Run(layer, ragged: ragged);
            foreach (var values in outcome.Final.Append(outcome.Output).Concat(outcome.Gradients.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)))
                foreach (var v in values) hash = (hash ^ BitConverter.SingleToUInt32Bits(v)) * 0x100000001B3UL;
        }
        Assert.Equal(expected, $"{hash:x16}");
    }
}
