using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A sequence of tags and its score.</summary>
/// <param name="Tags">The tag of each step.</param>
/// <param name="Score">The sum of the scores of its steps, transitions, start and end.</param>
public sealed record TagPath(IReadOnlyList<int> Tags, double Score);

/// <summary>Finds the best sequences of tags.</summary>
internal static unsafe class Viterbi
{
    /// <summary>The most sequences that can be asked for.</summary>
    public const int MostBest = 1024;

    /// <summary>For each row the best sequences, best first.</summary>
    /// <param name="emissions">[T, B, L].</param>
    /// <param name="lengths">How many steps of each row count; all where none are given.</param>
    /// <param name="crf">Scores of transitions, start and end; all 0 where null.</param>
    /// <param name="constraints">What may be; everything where null.</param>
    /// <param name="best">How many sequences of a row, from 1.</param>
    public static IReadOnlyList<TagPath>[] Best(Tensor emissions, Lengths? lengths, LinearChainCrf? crf, TagConstraints? constraints, int best)
    {
        if (best is < 1 or > MostBest) Throw.OutOfRange(nameof(best), best, $"from 1 to {MostBest}");
        var shape = emissions.Shape;
        int steps = shape[0], batch = shape[1], tags = shape[2], size = checked(tags * best);
        double[] scores = new double[batch * best], ways = new double[checked(2 * batch * size)], start = Scores(tags, crf?.Start, constraints?.Start),
            end = Scores(tags, crf?.End, constraints?.End), transitions = Scores(tags * tags, crf?.Transitions, constraints?.Transitions);
        int[] paths = new int[checked(batch * best * steps)], from = new int[checked(batch * steps * size)];
        fixed (double* s = scores, w = ways, first = start, last = end, a = transitions)
        fixed (int* p = paths, f = from, l = lengths is null ? default : lengths.Values)
        fixed (Real* e = emissions)
        {
            var kernel = new ViterbiKernel
            {
                Emissions = e, Start = first, End = last, Transitions = a, Ways = w, From = f, Paths = p, Scores = s,
                Lengths = l, Steps = steps, Batch = batch, Tags = tags, Best = best,
            };
            ThreadTeam.Run(kernel, batch, Ops.RowGrain(Math.Max(1, steps) * tags));
        }
        var found = new IReadOnlyList<TagPath>[batch];
        for (var b = 0; b < batch; b++)
        {
            var list = new List<TagPath>();
            for (var r = 0; r < best && scores[b * best + r] > double.NegativeInfinity; r++)
                list.Add(new(paths.AsSpan((b * best + r) * steps, lengths?.Values[b] ?? steps).ToArray(), scores[b * best + r]));
            found[b] = list;
        }
        return found;
    }

    static double[] Scores(int count, Parameter? learned, IReadOnlyList<bool>? allowed)
    {
        var scores = new double[count];
        for (var i = 0; i < count; i++) scores[i] = allowed is not null && !allowed[i] ? double.NegativeInfinity : learned?.Values[i] ?? 0;
        return scores;
    }
}
