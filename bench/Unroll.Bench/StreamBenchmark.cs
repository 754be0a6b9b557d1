using System.Diagnostics;
using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Bench;

/// <summary>One observation and the forecast of the next step with a <see cref="ForecasterSession"/>: hours, a context of 168.</summary>
static class StreamBenchmark
{
    const int Rounds = 7, Steps = 20_000;

    /// <param name="mode">One of the modes of a forecaster.</param>
    /// <param name="units">Its hidden size.</param>
    /// <returns>A JSON line: the median time over rounds, and what an observation allocates.</returns>
    public static string Run(string mode, int units)
    {
        var rng = new Rng(1);
        double[] values = [.. Enumerable.Range(0, 2000).Select(t => 10 + 3 * Math.Sin(t * Math.PI / 12) + rng.NextNormal())];
        var table = TimeSeriesTable.From("load", values, new DateTime(2024, 1, 1), new TimeStep(1, TimeUnit.Hour));
        var model = Forecaster.Train(table, new() { Iterations = 5, Model = new() { Mode = mode, HiddenSize = units, Horizon = 1 } });
        var session = new ForecasterSession(model, table);
        Step(Steps);
        var times = new double[Rounds];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var r = 0; r < Rounds; r++)
        {
            var start = Stopwatch.GetTimestamp();
            Step(Steps);
            times[r] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Steps;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"mode": "{{mode}}", "units": {{units}}, "context": {{model.Config.Context}}, "us_per_observation": {{times[Rounds / 2]:F2}}, "bytes_per_observation": {{(double)allocated / Rounds / Steps:G3}}}""");

        void Step(int count)
        {
            for (var i = 0; i < count; i++)
            {
                session.Forecast();
                session.Observe([values[i % values.Length]]);
            }
        }
    }
}
