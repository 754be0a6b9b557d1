using System.Diagnostics;

namespace Unroll.Bench;

/// <summary>What two versions of the same work take, in seconds a run, and how many times the first is as fast.</summary>
readonly record struct Ratio(double Fast, double Baseline, double Times);

/// <summary>
/// Times on a machine that others use too: what counts is the ratio of two versions that were measured in turn, in samples of one length.
/// BenchmarkDotNet measures one after the other, at more than a second each even within the process.
/// </summary>
static class Timing
{
    const double SmallestSample = 0.002;        // some 10⁴ times what the clock can tell
    const int LeastRounds = 5;

    /// <summary>Sorted times of single runs, in seconds: at least 5 runs and <paramref name="limit"/> seconds.</summary>
    public static List<double> Measure(Action run, double limit)
    {
        const int Most = 20000;
        for (var i = 0; i < 3; i++) run();
        var times = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); times.Count < LeastRounds || Stopwatch.GetElapsedTime(start).TotalSeconds < limit;)
        {
            times.Add(Seconds(run, 1));
            if (times.Count >= Most) break;
        }
        times.Sort();
        return times;
    }

    /// <summary>
    /// Both versions in turn, for at least 5 rounds and <paramref name="limit"/> seconds: medians of their times and of the ratio in each
    /// round. The samples of a round take equally long, so that a disturbance hits both alike.
    /// </summary>
    public static Ratio Compare(Action fast, Action baseline, double limit)
    {
        double fastOnce = WarmUp(fast, limit / 4), baselineOnce = WarmUp(baseline, limit / 8);
        var sample = Math.Max(SmallestSample, Math.Max(fastOnce, baselineOnce));
        int fastRuns = Runs(fastOnce), baselineRuns = Runs(baselineOnce);
        List<double> fastTimes = [], baselineTimes = [], ratios = [];
        for (var start = Stopwatch.GetTimestamp(); ratios.Count < LeastRounds || Stopwatch.GetElapsedTime(start).TotalSeconds < limit;)
        {
            double f = Seconds(fast, fastRuns), b = Seconds(baseline, baselineRuns);
            fastTimes.Add(f);
            baselineTimes.Add(b);
            ratios.Add(b / f);
        }
        return new(Median(fastTimes), Median(baselineTimes), Median(ratios));

        int Runs(double once) => Math.Max(1, (int)Math.Round(sample / once));
    }

    /// <summary>Runs until the runtime has compiled what is called often; the shortest time of a run.</summary>
    static double WarmUp(Action run, double limit)
    {
        var shortest = double.PositiveInfinity;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < limit; i++) shortest = Math.Min(shortest, Seconds(run, 1));
        return shortest;
    }

    /// <summary>The mean of single runs over some seconds, after as many that warm up.</summary>
    public static double Mean(Action run, double seconds)
    {
        for (var warm = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(warm).TotalSeconds < seconds;) run();
        var start = Stopwatch.GetTimestamp();
        for (var runs = 1; ; runs++)
        {
            run();
            if (Stopwatch.GetElapsedTime(start).TotalSeconds is var t && t >= seconds) return t / runs;
        }
    }

    static double Seconds(Action run, int runs)
    {
        var before = Stopwatch.GetTimestamp();
        for (var i = 0; i < runs; i++) run();
        return Stopwatch.GetElapsedTime(before).TotalSeconds / runs;
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
