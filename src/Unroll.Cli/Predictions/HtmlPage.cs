using System.Globalization;
using System.Net;
using System.Text;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>Predictions as a page of its own, for light and dark screens: words are shaded, the more the darker.</summary>
sealed class HtmlPage
{
    const int MostChoices = 10;
    const double Visible = 0.005;

    readonly StringBuilder _body = new();
    int _count;
    bool _shaded, _against;

    public void Add(Prediction prediction)
    {
        _count++;
        _body.Append("<article>");
        if (prediction.Answer.Length > 0) _body.Append($"<h2>{Escape(prediction.Answer)}</h2>");
        if (prediction.Choices.Count > 0)
        {
            _body.Append("<table>");
            foreach (var (name, probability) in prediction.Choices.Take(MostChoices))
                _body.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(name)}</td><td>{probability:F3}</td><td class=\"bar\"><i style=\"width:{100 * probability:F1}%\"></i></td></tr>");
            _body.Append("</table>");
        }
        _body.Append(prediction.Pieces.Any(p => p.Note.Length > 0) ? "<p class=\"tagged\">" : "<p>");
        if (prediction.Pieces.Count == 0) _body.Append(Escape(prediction.Source));
        foreach (var piece in prediction.Pieces) AddPiece(piece);
        _body.Append("</p></article>\n");
    }

    void AddPiece(Piece piece)
    {
        var text = Escape(piece.Text).ReplaceLineEndings("<br>");
        if (piece.Note.Length > 0)
            _body.Append(CultureInfo.InvariantCulture, $"<ruby{(piece.Weight > 0 ? " class=\"span\"" : "")}>{text}<rt>{Escape(piece.Note)}</rt></ruby>");
        else if (Math.Abs(piece.Weight) > Visible)
        {
            _shaded = true;
            _against |= piece.Weight < 0;
            _body.Append(CultureInfo.InvariantCulture, $"<mark{(piece.Weight < 0 ? " class=\"against\"" : "")} style=\"--w:{Math.Abs(piece.Weight):F2}\" title=\"{piece.Weight:F2}\">{text}</mark>");
        }
        else _body.Append(text);
    }

    /// <summary>How many sequences there are, and what shades there are mean.</summary>
    string Legend => string.Create(CultureInfo.InvariantCulture, $"{_count:N0} {(_count == 1 ? "sequence" : "sequences")}")
        + (_shaded ? "; the stronger a word is shaded, the more it counted" : "") + (_against ? "; in blue, against the answer" : "");

    public string ToString(string title) => $$"""
        <!DOCTYPE html>
        <html lang="">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{Escape(title)}}</title>
        <style>
        :root { --ink: #1c1d20; --paper: #fcfcfa; --faint: #6b6f76; --line: #e2e3e0; --heat: 232 128 0; --cold: 40 120 230; --most: .72; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8e8e4; --paper: #17181b; --faint: #9a9ea6; --line: #32343a; --heat: 255 150 30; --cold: 90 160 255; --most: .62; } }
        body { margin: 0 auto; max-width: 46rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 1.05rem/1.65 system-ui, "Noto Sans KR", sans-serif; }
        h1 { font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
        header p, td { color: var(--faint); font-size: .9rem; }
        article { border-top: 1px solid var(--line); padding: 1.1rem 0; }
        h2 { margin: 0 0 .4rem; font-size: 1.05rem; }
        article p { margin: .5rem 0 0; overflow-wrap: anywhere; }
        mark { color: inherit; background: rgb(var(--heat) / calc(var(--w) * var(--most))); border-radius: .12em; padding: .08em 0; }
        .against { background: rgb(var(--cold) / calc(var(--w) * var(--most))); }
        table { border-collapse: collapse; }
        td { padding: 0 .9rem 0 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .bar { width: 12rem; padding: 0; }
        .bar i { display: block; height: .55rem; min-width: 1px; border-radius: .2rem; background: rgb(var(--heat) / .75); }
        .tagged { line-height: 2.4; padding-right: 1rem; }
        ruby { margin: 0 .25em; white-space: nowrap; }
        rt { color: var(--faint); font-size: .62em; }
        .span { background: linear-gradient(to top, rgb(var(--heat) / .3) 78%, transparent 0); padding: 0 .25em; }
        </style>
        </head>
        <body>
        <header><h1>{{Escape(title)}}</h1><p>{{Legend}}.</p></header>
        {{_body}}</body>
        </html>

        """;

    static string Escape(string text) => WebUtility.HtmlEncode(text);
}
