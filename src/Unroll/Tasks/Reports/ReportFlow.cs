using Unroll.Inspection;
using Unroll.Pictures;

namespace Unroll.Tasks;

/// <summary>The part of a report that shows how far back gradients reach.</summary>
internal static class ReportFlow
{
    const int Height = 320;

    /// <summary>Adds the flow of each run that has one, and says where one cannot be followed.</summary>
    public static void Add(MarkupText body, InspectionReport report, ReportWords words)
    {
        if (report.Runs.All(r => r.Inspected?.Flow is null)) return;
        ReportPage.Section(body, "flow", words["Gradient flow", "기울기 흐름(gradient flow)"]);
        foreach (var run in report.Runs)
        {
            if (run.Inspected?.Flow is not { } flow) continue;
            var title = report.PrefixOf(run) + words["Norm of the gradient of the loss at step", "시점의 손실에 대한 기울기의 노름"];
            body.Line($"""<p class="note">{report.PrefixOf(run)}{words[$"The gradient of the loss at step {flow.Step:N0} of {flow.Steps:N0}, with respect to the state at each step before (and after, for the other direction).", $"전체 {flow.Steps:N0} 시점 중 {flow.Step:N0}번째 시점의 손실을 각 시점의 상태로 미분한 기울기입니다."]}</p>""");
            foreach (var lines in LinesOf(flow).Chunk(Palette.Lines.Count))
            {
                if (lines.All(l => !l.Norms.Any(n => n > 0 && double.IsFinite(n)))) continue;
                body.Line($"<figure>");
                Picture.Twice(body, Height, title, (svg, width, height) => LineChart.Draw(svg, [.. lines.Select((l, i) => new Curve($"s{i}", l.Name, [.. l.Norms.Select((n, k) => (k + 1.0, n))]))], width, height, words["step", "시점"], first: 1, logarithmic: true));
                body.Line($"</figure>");
            }
            AddTable(body, flow, title, words);
        }
    }

    static IEnumerable<(string Name, IReadOnlyList<double> Norms)> LinesOf(InspectedFlow flow) =>
        flow.Flow.Layers.SelectMany(l => l.States.Select(s => ($"‖∂L/∂{s.Name}‖, {l.Name}", s.Norms)));

    static void AddTable(MarkupText body, InspectedFlow flow, string title, ReportWords words)
    {
        body.Line($"""<div class="scroll" tabindex="0" role="group" aria-label="{title}"><table class="lines"><tr><th scope="col">{words["layer", "층"]}</th><th scope="col">{words["state", "상태"]}</th><th scope="col">{words["verdict", "판정"]}</th><th scope="col">{words["factor a step", "시점당 배율"]}</th><th scope="col">{words["steps to 1 %", "1 %까지의 시점 수"]}</th><th scope="col">{words["spectral norm", "스펙트럼 노름"]}</th><th scope="col">{words["spectral radius", "스펙트럼 반지름"]}</th></tr>""");
        foreach (var layer in flow.Flow.Layers)
            foreach (var state in layer.States)
            {
                var memory = state.MemoryLength > state.Distance ? words[$"never in {state.Distance:N0}", $"{state.Distance:N0} 시점 안에 없음"] : $"{state.MemoryLength:N0}";
                body.Add($"""<tr><th scope="row">{layer.Name}</th><td>{state.Name}</td><td>{state.VerdictIn(words.Language == "ko")}</td><td>{Figures.Of(state.Factor)}</td><td>{memory}</td>""");
                body.Line($"<td>{MeanOf(layer, j => j.SpectralNorm)}</td><td>{MeanOf(layer, j => j.SpectralRadius)}</td></tr>");
            }
        body.Line($"""</table></div><p class="note">{words["Spectral norm and radius: of the Jacobian of a step, ∂s/∂s of the step before, a mean over some steps; – where it is too large to be computed here.", "스펙트럼 노름과 반지름: 한 시점의 야코비안(Jacobian)에 대한 값으로, 여러 시점의 평균입니다. 너무 커서 계산하지 않았으면 –."]}</p>""");
    }

    static string MeanOf(LayerFlow layer, Func<StepJacobian, double> of) => layer.Jacobians.Count == 0 ? "–" : Figures.Of(layer.Jacobians.Average(of));
}
