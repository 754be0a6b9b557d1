using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Unroll.Cli;

/// <summary>Where a command writes: results on standard output, progress on standard error, and that only on a terminal.</summary>
static class Output
{
    static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For tables and text that people read.</summary>
    public static IAnsiConsole People => Terminal.Current.People;

    /// <summary>Whether progress has anybody to look at it.</summary>
    public static bool ShowsProgress => !Standard.IsErrorRedirected;

    /// <summary>One object on a line, for programs.</summary>
    public static void Json(JsonObject value) => Standard.Out.WriteLine(ToLine(value));

    /// <summary>The object on one line.</summary>
    public static string ToLine(JsonObject value) => value.ToJsonString(Compact);

    /// <summary>A table of names and values.</summary>
    public static void Table(string title, IEnumerable<(string Name, string Value)> rows)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("name", "value");
        foreach (var (name, value) in rows) table.AddRow(new Markup($"[grey]{Markup.Escape(name)}[/]"), new Text(value));
        if (title.Length > 0) People.Write(new Text(title + "\n", new Style(decoration: Decoration.Bold)));
        People.Write(table);
    }
}
