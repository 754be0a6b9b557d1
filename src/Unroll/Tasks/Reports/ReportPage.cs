using Unroll.Pictures;

namespace Unroll.Tasks;

/// <summary>What <c>unroll inspect</c> found as a page that stands alone.</summary>
internal static class ReportPage
{
    /// <summary>The page.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="words">Its language.</param>
    public static string Write(InspectionReport report, ReportWords words)
    {
        var page = new Page($"unroll inspect {string.Join(" · ", report.Runs.Select(r => r.Path))}", words.Language);
        page.AddStyle(ReportScript.Style);
        var layers = ReportLayers.Of(report.Layers);
        var matrices = report.Runs.SelectMany(r => ReportWeights.Of(r.Model, report.PrefixOf(r))).ToArray();
        AddContents(page.Body, report, words);
        AddSummary(page.Body, report, words);
        Section(page.Body, "curves", words["Learning curves", "학습 곡선(learning curves)"]);
        ReportCurves.Add(page.Body, report, words);
        Section(page.Body, "diagram", words["The model unrolled", "펼친 모델(unrolled)"]);
        page.Body.Line($"""<p class="note">{words["The same weights at every step. Boxes: the states after the step; [input size] → [number of units].", "모든 시점에서 같은 가중치를 씁니다. 상자: 그 시점 뒤의 상태, [입력 크기] → [유닛 수]."]}</p>""");
        foreach (var run in report.Runs) UnrolledDiagram.Add(page.Body, run.Model, run.Inspected?.Tokens ?? [], report.PrefixOf(run) + words["The recurrent layers, unrolled over time", "시간에 따라 펼친 순환층"]);
        if (report.First.Inspected is not null) ReportReading.Add(page.Body, report, layers, words);
        ReportReading.AddWeights(page.Body, matrices, words);
        page.Body.Line($"""<script type="application/json" id="report">{new MarkupText().Raw(ReportData.Json(report, layers, matrices, words))}</script>""");
        page.AddScript(ReportScript.Text);
        return page.ToString();
    }

    /// <summary>A heading that can be linked to.</summary>
    public static void Section(MarkupText body, string id, string title) => body.Line($"""<h2 id="{id}">{title}</h2>""");

    static void AddContents(MarkupText body, InspectionReport report, ReportWords words)
    {
        var reads = report.First.Inspected is not null;
        (string Id, string Title)[] parts =
        [
            ("summary", words["Model", "모델"]), ("curves", words["Learning curves", "학습 곡선"]), ("diagram", words["Unrolled", "펼친 모델"]),
            .. reads ? [("states", words["Gates and states", "게이트와 상태"]), ("saturation", words["Saturation", "포화"]), .. report.Runs.Any(r => r.Inspected?.Flow is not null) ? [("flow", words["Gradient flow", "기울기 흐름"])] : Array.Empty<(string, string)>(), .. report.Runs.Any(r => r.Inspected?.Reading is not null) ? [("steps", words["Step by step", "단계별"])] : Array.Empty<(string, string)>(), .. report.Runs.Any(r => r.Inspected?.Reading is { SharedGate.Count: > 0 }) ? [("gate", words["Shared gate", "공유 게이트"])] : Array.Empty<(string, string)>(), ("predictions", words["Predictions", "예측"])] : Array.Empty<(string, string)>(),
            .. report.Runs.Any(r => r.Inspected?.Attention.Count > 0) ? [("attention", words["Attention", "어텐션"])] : Array.Empty<(string, string)>(),
            ("weights", words["Weights", "가중치"]),
        ];
        body.Add($"""<nav aria-label="{words["Contents", "목차"]}">""");
        foreach (var (id, title) in parts) body.Add($"""<a href="#{id}">{title}</a> """);
        body.Line($"</nav>");
    }

    static void AddSummary(MarkupText body, InspectionReport report, ReportWords words)
    {
        Section(body, "summary", words["Model", "모델"]);
        var facts = report.Runs.Select(r => (IReadOnlyList<(string Name, string Value)>)[.. FactsOf(r, words)]).ToArray();
        var names = facts.SelectMany(f => f.Select(x => x.Name)).Distinct().ToArray();
        body.Line($"""<div class="scroll" tabindex="0" role="group" aria-label="{words["Model", "모델"]}"><table>""");
        if (report.Second is not null)
        {
            body.Add($"<tr><td></td>");
            foreach (var run in report.Runs) body.Add($"""<th scope="col">{run.Path}</th>""");
            body.Line($"</tr>");
        }
        foreach (var name in names)
        {
            body.Add($"""<tr><th scope="row">{name}</th>""");
            foreach (var of in facts) body.Add($"<td>{of.FirstOrDefault(f => f.Name == name).Value ?? "–"}</td>");
            body.Line($"</tr>");
        }
        body.Line($"</table></div>");
        foreach (var run in report.Runs)
        {
            var title = report.PrefixOf(run) + words["Parameters and their shapes", "매개변수와 모양(shape)"];
            body.Line($"""<details><summary>{title}</summary><div class="scroll" tabindex="0" role="group" aria-label="{title}"><table class="lines">""");
            foreach (var (name, parameter) in run.Model.Parameters) body.Line($"""<tr><th scope="row">{name}</th><td>{parameter.Shape.ToString()}</td></tr>""");
            body.Line($"</table></div></details>");
        }
    }

    static IEnumerable<(string Name, string Value)> FactsOf(InspectedRun run, ReportWords words)
    {
        foreach (var (name, value) in run.Facts) yield return Said(name, value);
        yield return (words["parameters", "매개변수"], $"{run.Model.ParameterCount:N0}");
        yield return (words["iterations of training", "학습 반복 수"], run.Iterations > 0 ? $"{run.Iterations:N0}" : words["none logged", "기록 없음"]);
        if (run.BestLoss is { } best) yield return (words["best validation loss", "최저 검증 손실"], $"{best:G5}");
        if (run.Inspected is not { } inspected) yield break;
        yield return (words["steps read", "읽은 시점 수"], $"{inspected.Tokens.Count:N0}");
        foreach (var (name, value) in inspected.Figures) yield return ($"{words["on the text", "텍스트에서"]}: {Said(name, value).Name}", Said(name, value).Value);

        (string Name, string Value) Said(string name, string value) => words.Language == "ko" ? (KoreanFacts.NameOf(name), KoreanFacts.ValueOf(name, value)) : (name, value);
    }
}
