using System.Globalization;

namespace Unroll.Tasks;

/// <summary>What a backtest found: figures of each method, and a table of all forecasts.</summary>
internal sealed class BacktestResult
{
    static readonly double[] Intervals = [80, 95];

    readonly IReadOnlyList<bool> _isBaseline;

    /// <param name="methods">The names of the methods.</param>
    /// <param name="isBaseline">Which of them are there to be beaten.</param>
    /// <param name="windows">The windows, in order of time.</param>
    public BacktestResult(IReadOnlyList<string> methods, IReadOnlyList<bool> isBaseline, IReadOnlyList<BacktestWindow> windows, BacktestOptions options)
    {
        (Methods, _isBaseline, Windows) = (methods, isBaseline, windows);
        Scores = [.. methods.Select((_, m) => new ForecastScore(options.Horizon, windows.Select(w => w.Forecasts[m].Levels).FirstOrDefault(l => l.Count > 0)))];
        foreach (var window in windows)
        {
            var scale = ForecastScore.Scale(window.Series.Values.AsSpan(window.Origin.Start, window.Origin.Cutoff - window.Origin.Start), options.Season);
            for (var m = 0; m < methods.Count; m++) Scores[m].Add(window.Series.Name, scale, window.Truth, window.Forecasts[m]);
        }
        foreach (var (score, m) in Scores.Select((s, m) => (s, m)))
            if (isBaseline[m] && score.Count > 0 && (BestBaseline is null || score["mae"] < Score(BestBaseline)["mae"])) BestBaseline = methods[m];
    }

    public IReadOnlyList<string> Methods { get; }

    /// <summary>The scores, in the order of the methods.</summary>
    public IReadOnlyList<ForecastScore> Scores { get; }

    public IReadOnlyList<BacktestWindow> Windows { get; }

    /// <summary>The baseline with the least MAE; null without baselines.</summary>
    public string? BestBaseline { get; }

    /// <summary>The score of a method by its name.</summary>
    public ForecastScore Score(string method) => Scores[IndexOf(method)];

    /// <summary>1 − MAE / MAE of the best baseline: 0 is as good, 1 is perfect. A baseline is compared with the best of the others.</summary>
    public double Skill(string method)
    {
        var mae = Score(method)["mae"];
        var best = double.NaN;
        for (var m = 0; m < Methods.Count; m++)
            if (_isBaseline[m] && Methods[m] != method && !(Scores[m]["mae"] >= best)) best = Scores[m]["mae"];
        return 1 - mae / best;
    }

    /// <summary>OWA of a method, if Naive2 is among the methods; else NaN.</summary>
    public double Owa(string method) => Methods.Contains("naive2")
        ? ForecastScore.Owa(Score(method)["smape"], Score(method)["mase"], Score("naive2")["smape"], Score("naive2")["mase"]) : double.NaN;

    /// <summary>
    /// Writes all forecasts, a row for each step: series, cutoff (the last time stamp or step that was known), step from 1, time, truth, and for each method its point and
    /// the bounds of its intervals of 80 and 95 %. Steps in time are counted from 0 where there are no time stamps; what is missing is empty.
    /// </summary>
    public void WriteCsv(TextWriter writer)
    {
        writer.Write("series,cutoff,step,time,truth");
        for (var m = 0; m < Methods.Count; m++)
        {
            writer.Write($",{ForecastText.Field(Methods[m])}");
            if (HasQuantiles(m))
                foreach (var interval in Intervals) writer.Write($",{ForecastText.Field($"{Methods[m]}-lo-{interval}")},{ForecastText.Field($"{Methods[m]}-hi-{interval}")}");
        }
        writer.Write('\n');
        foreach (var window in Windows)
            for (var h = 1; h <= window.Truth.Length; h++) WriteRow(writer, window, h);
    }

    void WriteRow(TextWriter writer, BacktestWindow window, int h)
    {
        var (series, cutoff) = (window.Series, window.Origin.Cutoff);
        writer.Write($"{ForecastText.Field(series.Name)},{Time(series, cutoff - 1)},{h},{Time(series, cutoff - 1 + h)},{ForecastText.Number(window.Truth[h - 1])}");
        for (var m = 0; m < Methods.Count; m++)
        {
            writer.Write($",{ForecastText.Number(window.Forecasts[m].Point[h - 1])}");
            if (!HasQuantiles(m)) continue;
            foreach (var interval in Intervals)
                writer.Write($",{ForecastText.Number(window.Forecasts[m].Quantile(h, 0.5 - interval / 200))},{ForecastText.Number(window.Forecasts[m].Quantile(h, 0.5 + interval / 200))}");
        }
        writer.Write('\n');
    }

    bool HasQuantiles(int method) => Windows[0].Forecasts[method].Levels.Count > 0;

    int IndexOf(string method)
    {
        var m = 0;
        while (m < Methods.Count && Methods[m] != method) m++;
        return m < Methods.Count ? m : Throw.NoSuchFigure("method", method, Methods);
    }

    static string Time(ForecastSeries series, int step) => step < series.Times.Count
        ? ForecastText.Show(series.Times[step]) : step.ToString(CultureInfo.InvariantCulture);
}
