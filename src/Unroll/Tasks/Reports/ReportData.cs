using System.Buffers;
using System.Text;
using System.Text.Json;
using Unroll.Pictures;

namespace Unroll.Tasks;

/// <summary>What the script of a report draws from.</summary>
internal static class ReportData
{
    const string SurpriseName = "−ln p";

    /// <summary>Tokens, maps, weights and words as JSON that may stand in a script of a page.</summary>
    public static string Json(InspectionReport report, IReadOnlyList<ReportLayer> layers, IReadOnlyList<ReportMatrix> matrices, ReportWords words)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))                    // which writes < and & as \u003C and \u0026
        {
            json.WriteStartObject();
            Words(json, words);
            json.WriteStartArray("layers");
            foreach (var run in report.Runs)
                if (run.Inspected is { } read) Write(json, report, run, read, layers, words);
            json.WriteEndArray();
            json.WriteStartArray("matrices");
            foreach (var matrix in matrices) Write(json, matrix);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void Words(Utf8JsonWriter json, ReportWords words)
    {
        json.WriteStartObject("words");
        json.WriteString("unit", words["unit", "유닛"]);
        json.WriteString("step", words["step", "시점"]);
        json.WriteString("row", words["row", "행"]);
        json.WriteString("column", words["column", "열"]);
        json.WriteString("blocks", words["{0} × {1} weights; each cell of the map is the weight farthest from 0 of a block.", "가중치 {0} × {1}개. 지도의 칸은 블록에서 0과 가장 먼 가중치입니다."]);
        json.WriteString("all", words["{0} × {1} weights.", "가중치 {0} × {1}개."]);
        json.WriteString("range", words["from {0} to {1}", "{0}부터 {1}까지"]);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, InspectionReport report, InspectedRun run, Inspected read, IReadOnlyList<ReportLayer> layers, ReportWords words)
    {
        foreach (var layer in layers.Where(l => read.Layers.Any(r => report.PrefixOf(run) + r.Name == l.Name))) Write(json, layer.Name, read.Tokens, layer.Units, layer.Maps, words);
        // A language model's surprise is a map of one row.
        if (read.Surprise is { } surprise)
            Write(json, report.PrefixOf(run) + words["surprise of each token", "토큰마다의 놀람(surprise)"], read.Tokens, [0], [(SurpriseName, PackedMap.Of([.. surprise.Select(s => (Real)(double.IsFinite(s) ? s : 0))]))], words);
    }

    static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> tokens, int[] units, IReadOnlyList<(string Name, PackedMap Map)> maps, ReportWords words)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartArray("tokens");
        foreach (var token in tokens) json.WriteStringValue(token);
        json.WriteEndArray();
        json.WriteStartArray("units");
        foreach (var unit in units) json.WriteNumberValue(unit);
        json.WriteEndArray();
        json.WriteStartArray("maps");
        foreach (var (map, packed) in maps)
        {
            json.WriteStartObject();
            json.WriteString("name", map);
            json.WriteString("label", NameOf(map, words));
            Write(json, packed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The letter of a gate or a state with its name.</summary>
    static string NameOf(string letter, ReportWords words) => letter switch
    {
        "i" => words["i: input gate", "i: 입력 게이트"],
        "f" => words["f: forget gate", "f: 망각 게이트"],
        "o" => words["o: output gate", "o: 출력 게이트"],
        "g" or "n" => $"{letter}: {words["candidate", "후보"]}",
        "r" => words["r: reset gate", "r: 리셋 게이트"],
        "z" => words["z: update gate", "z: 업데이트 게이트"],
        "h" => words["h: hidden state", "h: 은닉 상태"],
        "c" => words["c: cell state", "c: 셀 상태"],
        SurpriseName => words["−ln p, in nats", "−ln p, 단위 nats"],
        _ => letter,
    };

    static void Write(Utf8JsonWriter json, ReportMatrix matrix)
    {
        json.WriteStartObject();
        json.WriteString("name", matrix.Gate.Length == 0 ? matrix.Name : $"{matrix.Name} · {matrix.Gate}");
        (string, int)[] numbers = [("rows", matrix.Rows), ("columns", matrix.Columns), ("shownRows", matrix.ShownRows), ("shownColumns", matrix.ShownColumns)];
        foreach (var (name, value) in numbers) json.WriteNumber(name, value);
        json.WriteString("low", Figures.Of(matrix.Low));
        json.WriteString("high", Figures.Of(matrix.High));
        json.WriteStartArray("histogram");
        foreach (var count in matrix.Histogram) json.WriteNumberValue(count);
        json.WriteEndArray();
        Write(json, matrix.Map);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, PackedMap map)
    {
        json.WriteNumber("step", map.Step);
        json.WriteString("data", map.Data);
    }
}
