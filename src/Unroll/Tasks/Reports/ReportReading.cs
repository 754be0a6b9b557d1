using Unroll.Pictures;

namespace Unroll.Tasks;

/// <summary>The parts of a report that show what happened as a model read, and its weights; heat-maps are drawn by <see cref="ReportScript"/>.</summary>
internal static class ReportReading
{
    const int MostContext = 60;

    /// <summary>Adds gates and states over the text, saturation, predictions and attention.</summary>
    public static void Add(MarkupText body, InspectionReport report, IReadOnlyList<ReportLayer> layers, ReportWords words)
    {
        ReportPage.Section(body, "states", words["Gates and states over the text", "텍스트에 따른 게이트와 상태"]);
        foreach (var run in report.Runs)
            if (run.Inspected is { } read && read.AllSteps > read.Tokens.Count)
                body.Line($"""<p class="note">{report.PrefixOf(run)}{words[$"The text has {read.AllSteps:N0} steps; the first {read.Tokens.Count:N0} are shown.", $"텍스트는 {read.AllSteps:N0} 시점이며 처음 {read.Tokens.Count:N0} 시점만 보입니다."]}</p>""");
        foreach (var layer in layers.Where(l => l.Units.Length < l.AllUnits))
            body.Line($"""<p class="note">{layer.Name}: {words[$"of {layer.AllUnits:N0} units the {layer.Units.Length:N0} that vary most are shown, so that the page stays small.", $"페이지 크기를 줄이려고 {layer.AllUnits:N0}개 유닛 중 가장 많이 변하는 {layer.Units.Length:N0}개만 보입니다."]}</p>""");
        if (layers.Count == 0)
        {
            body.Line($"""<p class="note">{words["No layer makes one step for every token of this text.", "이 텍스트의 토큰마다 한 시점씩 도는 층이 없습니다."]}</p>""");
        }
        else
        {
            body.Line($"""<div class="controls" id="state-controls">""");
            Select(body, "layer", words["Layer and direction", "층과 방향"]);
            Select(body, "map", words["Gate or state", "게이트 또는 상태"]);
            Select(body, "unit", words["Unit", "유닛(unit)"]);
            body.Line($"""<label>{words["Zoom", "확대"]} <input id="zoom" type="range" min="1" max="24" value="8"></label></div>""");
            body.Line($"""<p class="note">{words["Rows are units, columns are tokens. Orange is positive, blue negative, the paper's colour 0. Point at a value, or use the arrow keys, Page Up, Page Down, Home and End.", "행은 유닛, 열은 토큰입니다. 주황은 양수, 파랑은 음수, 바탕색은 0입니다. 값을 가리키거나 화살표, Page Up, Page Down, Home, End 키를 쓰세요."]}</p>""");
            Heat(body, "states", words["Values of units over the tokens", "토큰에 따른 유닛의 값"]);
            body.Line($"""<h3>{words["The text, coloured by the chosen unit", "고른 유닛의 값으로 칠한 텍스트"]}</h3><p id="text" class="text"></p>""");
        }
        AddUnits(body, report, words);
        AddSaturation(body, report, words);
        ReportFlow.Add(body, report, words);
        ReportTask.Add(body, report, words);
        AddPredictions(body, report, words);
        AddAttention(body, report, words);
    }

    /// <summary>Adds the weights by gate.</summary>
    public static void AddWeights(MarkupText body, IReadOnlyList<ReportMatrix> matrices, ReportWords words)
    {
        ReportPage.Section(body, "weights", words["Weights by gate", "게이트별 가중치"]);
        body.Line($"""<div class="controls">""");
        Select(body, "matrix", words["Matrix and gate", "행렬과 게이트"]);
        body.Line($"""</div><p class="note" id="matrix-note"></p>""");
        Heat(body, "weights", words["Weights, a row for each output", "가중치, 출력마다 한 행"]);
        body.Line($"""<h3>{words["How many weights have which value", "가중치 값의 분포"]}</h3><div id="histogram" role="img" aria-label="{words["Histogram", "히스토그램"]}"></div><p class="note" id="histogram-note"></p>""");
        if (matrices.Count == 0) body.Line($"""<p class="note">{words["The model has no matrices.", "모델에 행렬이 없습니다."]}</p>""");
    }

    static void Select(MarkupText body, string id, string name) => body.Line($"""<label>{name} <select id="{id}"></select></label>""");

    static void Heat(MarkupText body, string id, string name)
    {
        body.Line($"""<p class="readout" id="{id}-readout" aria-live="polite">&nbsp;</p>""");
        body.Line($"""<div class="scroll heatmap" id="{id}-heat" tabindex="0" role="application" aria-label="{name}" aria-describedby="{id}-readout"><div class="field"><canvas width="1" height="1"></canvas><span class="cursor"></span></div></div>""");
    }

    static void AddUnits(MarkupText body, InspectionReport report, ReportWords words)
    {
        if (report.Runs.All(r => r.Inspected is not { Units.Count: > 0 })) return;
        var title = words["Units that follow a pattern of the text", "텍스트의 패턴을 따르는 유닛"];
        body.Line($"""<h3>{title}</h3><div class="scroll" tabindex="0" role="group" aria-label="{title}"><table class="lines"><tr><th scope="col">{words["pattern", "패턴"]}</th><th scope="col">{words["layer", "층"]}</th><th scope="col">{words["unit", "유닛"]}</th><th scope="col">{words["correlation", "상관 계수"]}</th><th scope="col">F1</th></tr>""");
        foreach (var run in report.Runs)
            foreach (var (pattern, unit) in run.Inspected?.Units ?? [])
                body.Line($"""<tr><th scope="row">{PatternName(pattern, words)}</th><td>{report.PrefixOf(run)}{unit.Layer}</td><td>{unit.Unit}</td><td>{unit.Correlation:F3}</td><td>{unit.F1:F3}</td></tr>""");
        body.Line($"</table></div>");
    }

    static string PatternName(string pattern, ReportWords words) => pattern switch
    {
        "quotes" => words["inside quotes", "따옴표 안"],
        "brackets" => words["depth of brackets", "괄호의 깊이"],
        "digits" => words["digits", "숫자"],
        "upper" => words["capital letters", "대문자"],
        "spaces" => words["white space", "공백"],
        "line position" => words["position in the line", "줄 안의 위치"],
        "line length" => words["length of the line", "줄의 길이"],
        "indentation" => words["indentation", "들여쓰기"],
        _ => pattern,
    };

    static void AddSaturation(MarkupText body, InspectionReport report, ReportWords words)
    {
        ReportPage.Section(body, "saturation", words["Saturation", "포화(saturation)"]);
        body.Line($"""<p class="note">{words["The share of values near the ends: under 0.1 and over 0.9 for gates; under −0.9 and over 0.9 for candidates and states. Where a gate is saturated, its gradient vanishes.", "양 끝에 가까운 값의 비율: 게이트는 0.1 미만과 0.9 초과, 후보와 상태는 −0.9 미만과 0.9 초과. 게이트가 포화하면 그 기울기가 소실됩니다."]}</p>""");
        body.Line($"""<div class="scroll" tabindex="0" role="group" aria-label="{words["Saturation", "포화"]}"><table class="lines"><tr><th scope="col">{words["layer", "층"]}</th><td></td><th scope="col">{words["low", "낮음"]}</th><th scope="col">{words["high", "높음"]}</th><th scope="col">{words["units always 0", "항상 0인 유닛"]}</th></tr>""");
        foreach (var s in report.Saturations)
            body.Line($"""<tr><th scope="row">{s.Layer}</th><td>{s.Name}</td><td>{100 * s.Low:F1} %</td><td>{100 * s.High:F1} %</td><td>{s.Dead}</td></tr>""");
        body.Line($"</table></div>");
    }

    static void AddPredictions(MarkupText body, InspectionReport report, ReportWords words)
    {
        ReportPage.Section(body, "predictions", words["Predictions", "예측(predictions)"]);
        foreach (var run in report.Runs)
        {
            if (run.Inspected is not { Predictions.Count: > 0 } read) continue;
            Table(body, report.PrefixOf(run) + words["Most certain", "가장 확신한 예측"], InspectionReport.MostCertain(read), words);
            if (read.Predictions.Any(p => p.Actual is not null)) Table(body, report.PrefixOf(run) + words["Most wrong", "가장 크게 틀린 예측"], InspectionReport.MostWrong(read), words);
            else body.Line($"""<p class="note">{words["What is right is not known, so nothing can be called wrong.", "정답을 모르므로 틀린 예측을 가릴 수 없습니다."]}</p>""");
        }
    }

    static void Table(MarkupText body, string title, IReadOnlyList<InspectedPrediction> predictions, ReportWords words)
    {
        body.Line($"""<h3>{title}</h3><div class="scroll" tabindex="0" role="group" aria-label="{title}"><table class="lines">""");
        body.Line($"""<tr><th scope="col">{words["where", "위치"]}</th><th scope="col">{words["predicted", "예측"]}</th><th scope="col">{words["probability", "확률"]}</th><th scope="col">{words["actual", "정답"]}</th><th scope="col">{words["its probability", "정답의 확률"]}</th></tr>""");
        foreach (var p in predictions)
        {
            var place = Glyphs.Elements(Glyphs.Visible(p.Place)) is { Count: > MostContext } long_ ? "…" + string.Concat(long_.TakeLast(MostContext)) : Glyphs.Visible(p.Place);
            body.Add($"<tr><td>{place}</td><td><b>{Glyphs.Visible(p.Predicted)}</b></td><td>{p.Probability:F4}</td>");
            body.Line($"<td>{(p.Actual is null ? "–" : Glyphs.Visible(p.Actual))}</td><td>{(double.IsNaN(p.ActualProbability) ? "–" : Figures.Of(p.ActualProbability))}</td></tr>");
        }
        body.Line($"</table></div>");
    }

    static void AddAttention(MarkupText body, InspectionReport report, ReportWords words)
    {
        if (report.Runs.All(r => r.Inspected is not { Attention.Count: > 0 })) return;
        ReportPage.Section(body, "attention", words["Attention", "어텐션(attention)"]);
        foreach (var run in report.Runs)
            foreach (var map in run.Inspected?.Attention ?? [])
            {
                body.Line($"<figure><figcaption>{report.PrefixOf(run)}{words["How much each token weighed", "토큰마다의 가중치"]}</figcaption>");
                map.AddTo(body, words["Attention", "어텐션(attention)"]);
                body.Line($"</figure>");
            }
    }
}
