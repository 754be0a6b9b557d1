using Unroll.Pictures;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>The part of a report that shows how a model of several tasks read a text for one of them: its answer after each step, and the gate to the shared layer.</summary>
internal static class ReportTask
{
    const int ChartHeight = 320, MostGated = 400;

    /// <summary>Adds it for the runs that have it.</summary>
    public static void Add(MarkupText body, InspectionReport report, ReportWords words)
    {
        var runs = report.Runs.Where(r => r.Inspected?.Reading is not null).ToArray();
        if (runs.Length == 0) return;
        ReportPage.Section(body, "steps", words["The answer, step by step", "단계별 예측"]);
        body.Line($"""<p class="note">{words["What the task answers from its outputs up to a step. A shared layer, which reads both ways, has read the whole text.", "그 시점까지의 출력만으로 작업이 내놓는 답입니다. 양방향인 공유층은 텍스트 전체를 읽은 상태입니다."]}</p>""");
        foreach (var run in runs) AddProbabilities(body, run.Inspected!.Reading!, report.PrefixOf(run), words);
        if (!runs.Any(r => r.Inspected!.Reading!.SharedGate.Count > 0)) return;
        ReportPage.Section(body, "gate", words["The gate to the shared layer", "공유층 게이트"]);
        body.Line($"""<p class="note">{words["g_s of each unit, from 0 (shut) to 1 (open); the units that are most open at the last step first. The first row is the mean of all units: the words that open the gate.", "유닛마다의 g_s, 0(닫힘)에서 1(열림)까지. 마지막 시점에 가장 열린 유닛이 맨 위입니다. 첫 행은 모든 유닛의 평균으로, 게이트를 여는 단어를 보여 줍니다."]}</p>""");
        foreach (var run in runs.Where(r => r.Inspected!.Reading!.SharedGate.Count > 0)) AddGate(body, run.Inspected!.Reading!, report.PrefixOf(run), words);
    }

    static void AddProbabilities(MarkupText body, TaskReading reading, string prefix, ReportWords words)
    {
        // The classes that are likeliest at the end, as many as there are colours.
        int[] shown = [.. Enumerable.Range(0, reading.Classes.Count).OrderByDescending(c => reading.Probabilities[^1][c]).Take(Palette.Lines.Count)];
        Curve[] curves = [.. shown.Select((c, i) => new Curve($"s{i}", reading.Classes[c], [.. reading.Probabilities.Select((p, t) => (t + 1.0, p[c]))]))];
        body.Line($"<figure>");
        Picture.Twice(body, ChartHeight, prefix + words["Probability of the classes after each step", "시점마다의 클래스 확률"], (svg, width, height) => LineChart.Draw(svg, curves, width, height, words["step", "시점"], first: 1));
        body.Line($"</figure>");
    }

    static void AddGate(MarkupText body, TaskReading reading, string prefix, ReportWords words)
    {
        var (steps, units) = (Math.Min(reading.Tokens.Count, MostGated), reading.SharedGate.Count);
        var values = new Real[(units + 1) * steps];
        for (var t = 0; t < steps; t++)
        {
            values[t] = (Real)reading.Opening[t];
            for (var u = 0; u < units; u++) values[(u + 1) * steps + t] = (Real)reading.SharedGate[u][t];
        }
        var map = new HeatMap("", Tensor.From(values, new(units + 1, steps)), [words["mean", "평균"], .. reading.Units.Select(u => $"{u + 1}")], [.. reading.Tokens.Take(steps).Select(t => Glyphs.Visible(t))]);
        var title = prefix + words["Gate of each unit over the tokens", "토큰에 따른 유닛별 게이트"];
        var (wide, high) = map.Size(Math.Max(Picture.DeskWidth, GateColumn * steps));
        body.Line($"""<figure class="scroll" tabindex="0" role="group" aria-label="{title}">""");
        Picture.In(body, wide, high, title, svg => map.Draw(svg, Math.Max(Picture.DeskWidth, GateColumn * steps), largest: 1));
        body.Line($"</figure>");
        if (steps < reading.Tokens.Count) body.Line($"""<p class="note">{words[$"The first {steps:N0} of {reading.Tokens.Count:N0} steps.", $"{reading.Tokens.Count:N0} 시점 중 처음 {steps:N0} 시점."]}</p>""");
    }

    const int GateColumn = 18;
}
