using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>A hypothesis with one more token.</summary>
/// <param name="Row">Which of the step's hypotheses it goes on from.</param>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">ln p of it all.</param>
internal readonly record struct Candidate(int Row, int Id, double LogProbability)
{
    /// <summary>The likeliest first; of equal ones the smaller row, then the smaller token.</summary>
    public static int BestFirst(Candidate a, Candidate b) =>
        a.LogProbability != b.LogProbability ? b.LogProbability.CompareTo(a.LogProbability) : a.Row != b.Row ? a.Row.CompareTo(b.Row) : a.Id.CompareTo(b.Id);
}

/// <summary>A hypothesis that has its end.</summary>
/// <param name="Step">The step at which the end came.</param>
/// <param name="Row">Which of that step's hypotheses it was.</param>
/// <param name="LogProbability">ln p of it all.</param>
/// <param name="Score">With the penalties.</param>
/// <param name="Order">How many ended before.</param>
internal readonly record struct Finished(int Step, int Row, double LogProbability, double Score, int Order)
{
    public static int BestFirst(Finished a, Finished b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Order.CompareTo(b.Order);
}

/// <summary>What all hypotheses of a batch were made of, step by step.</summary>
internal sealed class History
{
    readonly List<Candidate[]> _steps = [];            // step t: which hypothesis of step t − 1 each goes on from, and by which token
    readonly List<Real[]> _weights = [];               // step t: what each attended to on the way to its next token
    int _memorySteps;

    /// <summary>The tokens that each hypothesis has.</summary>
    public int Length => _steps.Count;

    /// <summary>Keeps the weights [N, S] of a step.</summary>
    public void Add(Tensor weights)
    {
        _memorySteps = weights.IsNone ? 0 : weights.Columns;
        _weights.Add(weights.IsNone ? [] : weights.ToArray());
    }

    public void Grow(List<Candidate> next) => _steps.Add([.. next]);

    /// <summary>The tokens of a hypothesis of the current step.</summary>
    public int[] Tokens(int row)
    {
        var ids = new int[Length];
        for (var t = Length - 1; t >= 0; t--) (ids[t], row) = (_steps[t][row].Id, _steps[t][row].Row);
        return ids;
    }

    /// <summary>Σ over source steps of ln min(Σ over tokens of the weights, 1), for a hypothesis of the current step that ends; 0 without attention.</summary>
    public double LogCoverage(int row)
    {
        const double Least = 1e-10;                    // nothing is quite without attention
        var sums = new double[_memorySteps];
        for (var t = Length; t >= 0; t--)
        {
            for (var s = 0; s < sums.Length; s++) sums[s] += _weights[t][row * _memorySteps + s];
            if (t > 0) row = _steps[t - 1][row].Row;
        }
        double total = 0;
        foreach (var sum in sums)
            if (sum > 0) total += Math.Log(Math.Clamp(sum, Least, 1));         // exactly 0 is what lies past a row's length
        return total;
    }

    /// <summary>A text that has ended, with the first <paramref name="length"/> weights of every token.</summary>
    public DecodedSequence Write(Finished end, int length)
    {
        length = Math.Min(length, _memorySteps);
        var ids = new int[end.Step];
        var attention = new Real[(end.Step + 1) * length];
        var row = end.Row;
        for (var t = end.Step; t >= 0; t--)
        {
            _weights[t].AsSpan(length == 0 ? 0 : row * _memorySteps, length).CopyTo(attention.AsSpan(t * length));
            if (t > 0) (ids[t - 1], row) = (_steps[t - 1][row].Id, _steps[t - 1][row].Row);
        }
        return new(ids, end.LogProbability, end.Score, attention, length);
    }
}

/// <summary>The search for one text, or one drawn: its hypotheses stand next to each other among those of the batch.</summary>
internal sealed class Search(DecodingOptions options, int limit, Sampler? sampler, int begin, int end)
{
    readonly List<Candidate> _candidates = [];
    readonly List<int[]> _bans = [];
    double[] _logProbabilities = [0];

    /// <summary>How many hypotheses are alive.</summary>
    public int Rows { get; private set; } = 1;

    /// <summary>Those that have ended.</summary>
    public List<Finished> Finished { get; } = [];

    /// <summary>Finds the tokens that may not come next; gives the largest number of them for one hypothesis.</summary>
    public int FindBans(int firstRow, History history)
    {
        _bans.Clear();
        var most = 0;
        for (var r = 0; r < Rows; r++)
        {
            var bans = new List<int> { begin };
            if (history.Length < options.MinLength && history.Length < limit) bans.Add(end);
            if (options.BlockNGrams > 0) AddRepeats(history.Tokens(firstRow + r), bans);
            _bans.Add([.. bans]);
            most = Math.Max(most, bans.Count);
        }
        return most;
    }

    /// <summary>The tokens that would make n tokens in a row come twice.</summary>
    void AddRepeats(int[] ids, List<int> bans)
    {
        var n = options.BlockNGrams;
        if (ids.Length < n) return;
        var last = ids.AsSpan(ids.Length - n + 1);
        for (var i = 0; i + n <= ids.Length; i++)
            if (ids.AsSpan(i, n - 1).SequenceEqual(last) && !bans.Contains(ids[i + n - 1])) bans.Add(ids[i + n - 1]);
    }

    /// <summary>Takes a step: ends go to <see cref="Finished"/>, the hypotheses that live on to <paramref name="next"/>.</summary>
    /// <param name="firstRow">The first of this search's rows.</param>
    /// <param name="scores">Their scores of every token, which sampling writes to.</param>
    /// <param name="top">The best tokens of each row.</param>
    /// <param name="logSums">ln Σ e^score of each row.</param>
    /// <param name="history">What was before.</param>
    /// <param name="next">The hypotheses of the next step.</param>
    public void Advance(int firstRow, Tensor scores, ReadOnlySpan<int> top, ReadOnlySpan<Real> logSums, History history, List<Candidate> next)
    {
        _candidates.Clear();
        for (var r = 0; r < Rows; r++)
        {
            var row = scores[r].Values;
            if (history.Length >= limit) Add(r, end, row, logSums[r]);
            else if (sampler is not null) Add(r, Draw(row, _bans[r]), row, logSums[r]);
            else
                foreach (var id in top.Slice(r * (top.Length / Rows), top.Length / Rows))
                    if (id >= 0 && !_bans[r].AsSpan().Contains(id)) Add(r, id, row, logSums[r]);
        }
        for (var r = 0; r < Rows && _candidates.Count == 0; r++) Add(r, end, scores[r].Values, logSums[r]);       // nothing else is allowed
        _candidates.Sort(Candidate.BestFirst);
        var kept = next.Count;
        for (var i = 0; i < _candidates.Count && next.Count - kept < options.Beam; i++)
        {
            var c = _candidates[i];
            if (c.Id != end) next.Add(c with { Row = firstRow + c.Row });
            else if (i < options.Beam) Finish(firstRow + c.Row, c.LogProbability, history);     // a worse one has better ones that go on
        }
        if (IsDone(next, kept, history.Length + 1)) next.RemoveRange(kept, next.Count - kept);
        Rows = next.Count - kept;
        _logProbabilities = [.. next.Skip(kept).Select(c => c.LogProbability)];

        void Add(int r, int id, ReadOnlySpan<Real> row, Real logSum) => _candidates.Add(new(r, id, _logProbabilities[r] + ((double)row[id] - logSum)));
    }

    int Draw(Span<Real> scores, int[] bans)
    {
        var all = scores.Length;
        foreach (var id in bans)
            if (--all > 0) scores[id] = Real.NegativeInfinity;
        return sampler!.Next(scores);
    }

    void Finish(int row, double logProbability, History history)
    {
        var score = logProbability / Penalty(history.Length + 1);
        if (options.CoveragePenalty > 0) score += options.CoveragePenalty * history.LogCoverage(row);
        Finished.Add(new(history.Length, row, logProbability, score, Finished.Count));
    }

    /// <summary>Whether enough have ended, or none that goes on can still be among the best: ln p only falls, and no penalty raises it above the one at the limit.</summary>
    bool IsDone(List<Candidate> next, int kept, int length)
    {
        if (Finished.Count >= options.Beam) return true;
        if (Finished.Count < options.Best || next.Count == kept || sampler is not null) return false;
        var scores = Finished.ConvertAll(f => f.Score);
        scores.Sort((a, b) => b.CompareTo(a));
        return next[kept].LogProbability / Penalty(Math.Max(length, limit) + 1) <= scores[options.Best - 1];
    }

    double Penalty(int length) => options.LengthPenalty == 0 ? 1 : Math.Pow((5.0 + length) / 6, options.LengthPenalty);
}
