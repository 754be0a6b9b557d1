namespace Unroll.Pictures;

/// <summary>A page of HTML that stands alone: it asks for nothing outside, is light or dark as the reader's system is, and fits a phone.</summary>
/// <param name="title">Its title, which is also its heading.</param>
/// <param name="language">The language of its words, such as <c>en</c>; empty where it has those of the data alone.</param>
/// <remarks>Not safe for use by several threads at once.</remarks>
internal sealed class Page(string title, string language = "en")
{
    const string Style = """
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,"Segoe UI","Noto Sans","Noto Sans KR",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
        h1{font-size:1.4rem;line-height:1.3}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
        .note,td,th,figcaption,summary{color:var(--faint);font-size:.9rem}
        figure{margin:1.5rem 0}svg{max-width:100%;height:auto}.scroll{overflow-x:auto}.scroll svg{max-width:none}
        table{border-collapse:collapse}.scroll td,.scroll th{overflow-wrap:normal}.lines td,.lines th{white-space:nowrap}td,th{padding:.1rem .9rem .1rem 0;text-align:left;font-variant-numeric:tabular-nums;font-weight:normal}th{color:var(--ink)}.right td,.right th{text-align:right}
        .phone{display:none}@media (max-width:640px){.phone{display:block}.desk{display:none}}.readout{min-height:1.6em;font-variant-numeric:tabular-nums;margin:0}
        a{color:var(--cold)}:focus-visible{outline:3px solid var(--cold);outline-offset:2px}
        """;

    readonly MarkupText _styles = new();
    readonly MarkupText _scripts = new();

    /// <summary>What follows the heading.</summary>
    public MarkupText Body { get; } = new();

    /// <summary>Adds rules of CSS.</summary>
    public void AddStyle(string css) => _styles.Raw(css.ReplaceLineEndings("\n")).Raw("\n");

    /// <summary>Adds a script, which runs when the page is there.</summary>
    public void AddScript(string script) => _scripts.Raw("<script>\n").Raw(script.ReplaceLineEndings("\n")).Raw("\n</script>\n");

    public override string ToString()
    {
        var page = new MarkupText();
        page.Line($"""
            <!DOCTYPE html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>{title}</title>
            <style>
            """);
        page.Raw(Palette.Variables).Raw("\n").Raw(Style.ReplaceLineEndings("\n")).Raw("\n").Raw(Palette.Rules).Raw("\n");
        return page.Line($"{_styles}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>").Line($"{Body}</main>\n{_scripts}</body>\n</html>").ToString();
    }
}
