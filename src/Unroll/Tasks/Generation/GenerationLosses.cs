using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What a model that writes texts loses on pairs, in nats per token, the ends counted.</summary>
/// <param name="Forced">After the right tokens, as in training.</param>
/// <param name="FreeRunning">After the model's own likeliest tokens, as in use.</param>
readonly record struct GenerationLosses(double Forced, double FreeRunning)
{
    /// <summary>What the decoder starts with for the rows of a batch.</summary>
    public delegate State StartOf(PairBatches batch, ReadOnlySpan<int> rows);

    /// <summary>Goes once through the pairs.</summary>
    public static GenerationLosses Measure(EncoderDecoder model, PairBatches pairs, StartOf start)
    {
        double forced = 0, free = 0;
        long count = 0;
        var (token, unused) = (new TokenMatrix(1, 1), new Rng(0));             // nothing is drawn where no token is the teacher's
        pairs.Position = 0;
        for (var i = 0; i < pairs.BatchesPerEpoch; i++)
        {
            using var scratch = Tape.Scratch();
            var state = start(pairs, pairs.Next());
            var tokens = pairs.TargetLengths.Total;
            forced += model.Loss(state, pairs.Inputs, pairs.Targets, pairs.TargetLengths).Scalar * (double)tokens;
            free += model.SelfFedLoss(state, pairs.Inputs, pairs.Targets, pairs.TargetLengths, teacher: 0, unused, token).Scalar * (double)tokens;
            count += tokens;
        }
        return new(forced / count, free / count);
    }
}
