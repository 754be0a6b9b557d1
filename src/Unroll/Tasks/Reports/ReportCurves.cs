using System.Text.Json.Nodes;
using Unroll.Pictures;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>The learning curves of a report: losses, and the norm of the gradient, of one run or of two.</summary>
internal static class ReportCurves
{
    const int Height = 320;

    /// <summary>Adds the curves, or says why there are none.</summary>
    public static void Add(MarkupText page, InspectionReport report, ReportWords words)
    {
        foreach (var run in report.Runs.Where(r => r.Log.Count == 0))
            page.Line($"""<p class="note">{run.Path}: {words["no log of a training: the model was never trained, or this is not the folder of its run.", "학습 기록이 없습니다. 학습한 적이 없는 모델이거나 실행 폴더가 아닙니다."]}</p>""");
        var (losses, norms) = (new List<Curve>(), new List<Curve>());
        var style = 0;
        foreach (var run in report.Runs)
        {
            var prefix = report.PrefixOf(run);
            losses.Add(new($"s{style}", prefix + words["training", "학습"], LearningCurve.Points(run.Log, e => e.Loss)));
            losses.Add(new($"s{style + 1}", prefix + words["validation", "검증"], LearningCurve.Points(run.Log, e => e.ValidLoss)));
            norms.Add(new($"s{style}", prefix + words["gradient norm before clipping", "클리핑 전 기울기 노름(gradient norm)"], LearningCurve.Points(run.Log, e => e.GradientNorm)));
            style += 2;
        }
        Add(page, losses, words["Loss", "손실(loss)"], words);
        Add(page, norms, words["Gradient norm", "기울기 노름"], words);
        foreach (var run in report.Runs) Add(page, UpdateRatios(run), report.PrefixOf(run) + words["Update to weight, ‖Δw‖ / ‖w‖", "가중치 대비 갱신 크기, ‖Δw‖ / ‖w‖"], words);
        foreach (var run in report.Runs)
            Add(page, StateGradients(run, words), report.PrefixOf(run) + words["Gradient of the loss with respect to the hidden state at each step, ‖∂L/∂h_t‖", "시점별 은닉 상태에 대한 손실의 기울기, ‖∂L/∂h_t‖"], words, words["step t", "시점 t"], logarithmic: true);
    }

    /// <summary>The norms of the gradients of hidden states at the first and the last iteration that recorded them, of as many layers as there are colours for.</summary>
    static List<Curve> StateGradients(InspectedRun run, ReportWords words)
    {
        var logged = run.Log.Where(e => e.Statistics?["states"] is JsonObject { Count: > 0 }).ToArray();
        if (logged.Length == 0) return [];
        LogEntry[] shown = logged.Length > 1 ? [logged[0], logged[^1]] : logged;
        return [.. shown.SelectMany(e => e.Statistics!["states"]!.AsObject().Select(s => ($"{s.Key}, {words["iteration", "반복"]} {e.Iteration:N0}", s.Value!))).OrderBy(l => l.Item1, StringComparer.Ordinal)
            .Take(Palette.Lines.Count).Select((l, i) => new Curve($"s{i}", l.Item1, Points((int)l.Item2["steps"]!, l.Item2["gradient_norms"]!.AsArray())))];

        // A norm stands in the middle of the steps that it is the mean of.
        static (double, double)[] Points(int steps, JsonArray norms) =>
            [.. norms.Select((n, i) => (0.5 + (i * steps / norms.Count + (i + 1) * steps / norms.Count) / 2.0, (double?)n ?? double.NaN))];
    }

    /// <summary>How much the steps of a training changed the recurrent weights, where it recorded that.</summary>
    static List<Curve> UpdateRatios(InspectedRun run)
    {
        var names = run.Log.FirstOrDefault(e => e.Statistics is not null)?.Statistics?["weights"]?.AsObject().Select(w => w.Key).Where(n => n.Contains("weight_hh", StringComparison.Ordinal)).Take(Palette.Lines.Count) ?? [];
        return [.. names.Select((name, i) => new Curve($"s{i}", name, LearningCurve.Points(run.Log, e => (double?)e.Statistics?["weights"]?[name]?["update_ratio"])))];
    }

    static void Add(MarkupText page, List<Curve> curves, string title, ReportWords words, string? below = null, bool logarithmic = false)
    {
        if (!curves.Any(c => c.Points.Any(p => double.IsFinite(logarithmic ? LineChart.LogOf(p.Y) : p.Y)))) return;
        page.Line($"<figure><figcaption>{title}</figcaption>");
        Picture.Twice(page, Height, title, (svg, width, height) => LineChart.Draw(svg, [.. curves.Where(c => c.Points.Count > 0)], width, height, below ?? words["iteration", "반복"], first: logarithmic ? 1 : 0, logarithmic));
        page.Line($"</figure>");
    }
}
