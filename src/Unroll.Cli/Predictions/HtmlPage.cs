using System.Globalization;
using Unroll.Pictures;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>Predictions as a page of its own, for light and dark screens: words are shaded, the more the darker.</summary>
sealed class HtmlPage
{
    const int MostChoices = 10;
    const double Visible = 0.005;

    const string Style = """
        article{border-top:1px solid var(--grid);padding:1.1rem 0}article h2{margin:0 0 .4rem;font-size:1.05rem}article p{margin:.5rem 0 0}
        mark{color:inherit;background:color-mix(in srgb,var(--warm) calc(var(--w)*60%),transparent);border-radius:.12em;padding:.08em 0}
        .against{background:color-mix(in srgb,var(--cold) calc(var(--w)*60%),transparent)}
        td.bar{width:12rem;padding:0}td.bar i{display:block;height:.55rem;min-width:1px;border-radius:.2rem;background:var(--warm)}
        .tagged{line-height:2.4;padding-right:1rem}ruby{margin:0 .25em;white-space:nowrap}rt{color:var(--faint);font-size:.62em}
        .span{background:linear-gradient(to top,color-mix(in srgb,var(--warm) 30%,transparent) 78%,transparent 0);padding:0 .25em}
        """;

    readonly MarkupText _articles = new();
    int _count;
    bool _shaded, _against;

    public void Add(Prediction prediction)
    {
        _count++;
        _articles.Add($"<article>");
        if (prediction.Answer.Length > 0) _articles.Add($"<h2>{prediction.Answer}</h2>");
        if (prediction.Choices.Count > 0)
        {
            _articles.Add($"<table>");
            foreach (var (name, probability) in prediction.Choices.Take(MostChoices))
                _articles.Add($"""<tr><td>{name}</td><td>{probability:F3}</td><td class="bar"><i style="width:{100 * probability:F1}%"></i></td></tr>""");
            _articles.Add($"</table>");
        }
        _articles.Raw(prediction.Pieces.Any(p => p.Note.Length > 0) ? "<p class=\"tagged\">" : "<p>");
        if (prediction.Pieces.Count == 0) _articles.Add($"{prediction.Source}");
        foreach (var piece in prediction.Pieces) AddPiece(piece);
        _articles.Line($"</p></article>");
    }

    void AddPiece(Piece piece)
    {
        if (piece.Note.Length > 0) _articles.Raw(piece.Weight > 0 ? "<ruby class=\"span\">" : "<ruby>");
        else if (Math.Abs(piece.Weight) > Visible)
        {
            _shaded = true;
            _against |= piece.Weight < 0;
            _articles.Raw(piece.Weight < 0 ? "<mark class=\"against\"" : "<mark").Add($""" style="--w:{Math.Abs(piece.Weight):F2}" title="{piece.Weight:F2}">""");
        }
        var lines = piece.Text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i > 0) _articles.Raw("<br>");
            _articles.Add($"{lines[i]}");
        }
        if (piece.Note.Length > 0) _articles.Add($"<rt>{piece.Note}</rt></ruby>");
        else if (Math.Abs(piece.Weight) > Visible) _articles.Raw("</mark>");
    }

    /// <summary>How many sequences there are, and what shades there are mean.</summary>
    string Legend => string.Create(CultureInfo.InvariantCulture, $"{_count:N0} {(_count == 1 ? "sequence" : "sequences")}")
        + (_shaded ? "; the stronger a word is shaded, the more it counted" : "") + (_against ? "; in blue, against the answer" : "") + ".";

    public string ToString(string title)
    {
        var page = new Page(title);
        page.AddStyle(Style);
        page.Body.Line($"""<p class="note">{Legend}</p>""").Line($"{_articles}");
        return page.ToString();
    }
}
