namespace Unroll.Kernels;

/// <summary>
/// The best sequences of tags of each row, by their scores (Viterbi 1967; several as Seshadri and Sundberg 1994): for every step and tag the
/// best ways to get there are kept, best first. Of equal ones the one from the lower tag comes first.
/// </summary>
internal unsafe struct ViterbiKernel : IKernel
{
    public Real* Emissions;                     // [T, B, L]
    public double* Start, End, Transitions;     // [L], [L], [L, L]; −∞ where it may not be
    public double* Ways;                        // room: [B, 2, L, N]
    public int* From;                           // room: [B, T, L, N], a way to the step before: tag · N + rank
    public int* Paths;                          // [B, N, T]
    public double* Scores;                      // [B, N]; −∞: there is no such sequence
    public int* Lengths;                        // [B]; null: all steps of every row
    public int Steps, Batch, Tags, Best;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        for (var b = from; b < to; b++) Row(b);
    }

    readonly void Row(int b)
    {
        var length = Lengths == null ? Steps : Lengths[b];
        var size = Tags * Best;
        double* before = Ways + (nint)b * 2 * size, now = before + size, scores = Scores + (nint)b * Best;
        var from = From + (nint)b * Steps * size;
        new Span<double>(scores, Best).Fill(double.NegativeInfinity);
        if (length == 0)
        {
            scores[0] = 0;
            return;
        }
        for (var t = 0; t < length; t++)
        {
            var emissions = Emissions + ((nint)t * Batch + b) * Tags;
            new Span<double>(now, size).Fill(double.NegativeInfinity);
            for (var j = 0; j < Tags; j++)
            {
                double* ways = now + j * Best;
                if (t == 0) ways[0] = Start[j];
                else
                    for (var i = 0; i < Tags; i++) Take(before, i, Transitions[i * Tags + j], ways, from + (nint)t * size + j * Best);
                for (var r = 0; r < Best; r++) ways[r] += emissions[j];
            }
            var free = before;
            before = now;
            now = free;
        }
        var last = stackalloc int[Best];
        for (var j = 0; j < Tags; j++) Take(before, j, End[j], scores, last);
        for (var r = 0; r < Best && scores[r] > double.NegativeInfinity; r++)
        {
            var path = Paths + ((nint)b * Best + r) * Steps;
            var way = last[r];
            for (var t = length - 1; ; t--)
            {
                path[t] = way / Best;
                if (t == 0) break;
                way = from[(nint)t * size + way];
            }
        }
    }

    /// <summary>Puts the ways through tag <paramref name="i"/>, which are sorted, where they belong among the best so far.</summary>
    readonly void Take(double* before, int i, double step, double* best, int* from)
    {
        for (var r = 0; r < Best; r++)
        {
            var score = before[i * Best + r] + step;
            if (!(score > best[Best - 1])) return;
            var place = Best - 1;
            for (; place > 0 && score > best[place - 1]; place--) (best[place], from[place]) = (best[place - 1], from[place - 1]);
            (best[place], from[place]) = (score, i * Best + r);
        }
    }
}
