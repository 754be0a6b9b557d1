using System.Diagnostics;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>How fast a language model is on this machine.</summary>
internal static class ModelSpeed
{
    /// <summary>Tokens a second, one stream token by token, and in batches: the best of some runs within a quarter of a second each.</summary>
    public static (double Stepwise, double Batched) Of(LanguageModel model)
    {
        var session = new LanguageModelSession(model);
        var tokens = new TokenMatrix(32, 16);
        return (Speed(() => session.Read(0), 1), Speed(() =>
        {
            using var scratch = Tape.Scratch();
            model.Forward(tokens);
        }, tokens.Ids.Length));
    }

    static double Speed(Action run, int tokens)
    {
        run();
        var best = double.PositiveInfinity;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 0.25;)
        {
            var before = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        return tokens / best;
    }
}
