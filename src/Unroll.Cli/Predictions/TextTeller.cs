using System.Text.Json.Nodes;
using Unroll.Inspection;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>Tells what was written, text after text, and where the model looked.</summary>
/// <param name="json">Whether as an object a line.</param>
/// <param name="several">Whether several texts of each input are told.</param>
/// <param name="attention">Where attention goes.</param>
sealed class TextTeller(bool json, bool several, AttentionChoice attention) : IDisposable
{
    readonly StreamWriter _output = Standard.Output();
    readonly List<AttentionMap> _maps = [];

    /// <summary>Tells what was written for an input.</summary>
    /// <param name="number">The number of the input, from 1.</param>
    /// <param name="source">What was read; null where it was no text.</param>
    /// <param name="found">What was written, the best first.</param>
    public void Write(int number, string? source, IReadOnlyList<GeneratedText> found)
    {
        if (found[0].Unread > 0)
            Standard.Error.WriteLine($"warning: text {number:N0} has {Translator.MaxSourceTokens + found[0].Unread:N0} tokens; only the first {Translator.MaxSourceTokens:N0} were read. Cut it into sentences.");
        if (json) _output.WriteLine(Output.ToLine(ToJson(source, found)));
        else if (several)
            foreach (var text in found) _output.WriteLine(FormattableString.Invariant($"{number}\t{text.Sequence.Score:F4}\t{OneLine(text.Text)}"));
        else _output.WriteLine(OneLine(found[0].Text));
        if (attention.Shown && !json) _output.WriteLine("\n" + MapOf(found[0]).ToText());
        if (attention.Svg is { } path) AtomicFile.Write(path, MapOf(found[0]).ToSvg());
        if (attention.Html is not null) _maps.Add(MapOf(found[0]));
    }

    /// <summary>Writes the page, if there is to be one.</summary>
    public void Finish(string title)
    {
        if (attention.Html is { } path) AtomicFile.Write(path, AttentionMap.ToHtml(_maps, title));
    }

    JsonObject ToJson(string? source, IReadOnlyList<GeneratedText> found)
    {
        var best = found[0];
        var result = new JsonObject();
        if (source is not null) result["source"] = source;
        foreach (var (name, value) in ToJson(best)) result[name] = value?.DeepClone();
        if (best.Unread > 0) result["unread_tokens"] = best.Unread;
        if (several) result["best"] = new JsonArray([.. found.Select(ToJson)]);
        if (attention.Shown) result["attention"] = JsonNode.Parse(MapOf(best).ToJson());
        return result;
    }

    static JsonObject ToJson(GeneratedText text)
    {
        var json = new JsonObject { ["text"] = text.Text, ["log_probability"] = text.Sequence.LogProbability, ["score"] = text.Sequence.Score };
        if (text.AtLimit) json["at_limit"] = true;
        return json;
    }

    /// <summary>Of an empty text there is a map without weights.</summary>
    static AttentionMap MapOf(GeneratedText text) =>
        text.Sequence.Attention.Length == 0 ? new([], [], []) : new(text.SourceTokens, text.Tokens, text.Sequence.Attention);

    /// <summary>The text without breaks of lines, so that line i of what is written belongs to line i of what was read.</summary>
    static string OneLine(string text) => text.ReplaceLineEndings(" ");

    public void Dispose() => _output.Dispose();
}
