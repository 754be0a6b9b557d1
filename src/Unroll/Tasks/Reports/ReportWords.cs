namespace Unroll.Tasks;

/// <summary>The languages of a report. Words stand beside each other where they are used, so that none is missing in one of them.</summary>
internal sealed class ReportWords(string language)
{
    /// <summary>English and Korean.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "ko"];

    /// <summary>The language, as <c>lang</c> of a page.</summary>
    public string Language => language;

    /// <summary>The words of the language.</summary>
    public string this[string english, string korean] => language == "ko" ? korean : english;
}
