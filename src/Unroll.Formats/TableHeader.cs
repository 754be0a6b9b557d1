using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Tells whether the first row of a table has the names of its columns, by comparing it with the rows below.</summary>
static partial class TableHeader
{
    const int FewPairs = 5;                 // of so few, that one is the shortest says nothing
    const int FewRows = 20;                 // of so few, two labels that occur once say nothing
    const int LeastCode = 6;                // letters of a text, on average, beside which 'en' and 'fr' are names of languages

    /// <summary>Whether the first row has names, and whether that is certain.</summary>
    public readonly record struct Verdict(bool HasHeader, bool IsSure)
    {
        public static readonly Verdict No = new(false, true), Yes = new(true, true), Likely = new(true, false);
    }

    /// <summary>Whether the first row of a table of texts and labels has names; the label's column is −1 where there is none.</summary>
    public static Verdict Tell(List<DelimitedRow> rows, int text, int label)
    {
        var body = Below(rows);
        if (body.Count < 2) return Verdict.No;
        var first = rows[0].Fields;
        var others = Enumerable.Range(0, first.Length).Where(c => c != text).ToArray();
        var named = others.Any(c => IsNumbersBelow(body, c) && !IsNumber(first[c])) || IsIdentifier(first[text]) && MeanWords(body, text) > 1.5;
        if (label < 0) return named ? Verdict.Yes : Verdict.No;
        var counts = body.CountBy(r => LabelText.Clean(r.Fields[label]), StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var own = LabelText.Clean(first[label]);
        var (repeated, single) = (counts.Values.Count(n => n > 1), counts.Values.Count(n => n == 1));
        if (counts.ContainsKey(own) || repeated < 2) return Verdict.No;
        if (named || AreNumbered(first) && !body.Exists(r => IsNumber(r.Fields[text]))) return Verdict.Yes;
        // A first row whose label no other row has is a row of names, if it looks like one: it would be a strange chance otherwise.
        if (AreNames(first, body, text)) return single == 0 ? Verdict.Yes : body.Count >= FewRows && single <= Math.Max(1, body.Count / FewRows) ? Verdict.Likely : Verdict.No;
        return single == 0 && FieldNames.WordsOf(own) > FieldNames.MostWords && counts.Keys.All(l => FieldNames.WordsOf(l) < FieldNames.WordsOf(own)) ? Verdict.Likely : Verdict.No;
    }

    /// <summary>Whether the first row of a table of pairs has names: of languages, sides or numbers, or words that are shorter than all below.</summary>
    public static Verdict TellPairs(List<DelimitedRow> rows, int source, int target)
    {
        var (body, first) = (Below(rows), rows[0].Fields);
        if (body.Count == 0 || body.Exists(r => Same(r, first, source) || Same(r, first, target))) return Verdict.No;
        if (Enumerable.Range(0, first.Length).Any(c => c != source && c != target && IsNumbersBelow(body, c) && !IsNumber(first[c]))) return Verdict.Yes;
        var (a, b) = (first[source].Trim(), first[target].Trim());
        if (a.Equals(b, StringComparison.OrdinalIgnoreCase)) return Verdict.No;
        if (IsIdentifier(a) && IsIdentifier(b) || AreNumbered(first) && !body.Exists(r => IsNumber(r.Fields[source]) || IsNumber(r.Fields[target]))) return Verdict.Yes;
        var length = body.Average(r => r.Fields[source].Length + r.Fields[target].Length);
        // Two letters may be a word, unless they are capitals.
        if (IsPairName(a) && IsPairName(b) && (Math.Max(a.Length, b.Length) > 2 || length >= 2 * LeastCode || (a + b).All(char.IsAsciiLetterUpper))) return Verdict.Yes;
        var stands = body.Count >= FewPairs && (a + b).All(char.IsLetter) && length >= 2 * (a.Length + b.Length)
            && body.TrueForAll(r => r.Fields[source].Trim().Length > a.Length && r.Fields[target].Trim().Length > b.Length);
        return stands ? Verdict.Likely : Verdict.No;
    }

    /// <summary>Whether the fields that are not empty are 0, 1, … or 1, 2, …, as programs name columns without names.</summary>
    static bool AreNumbered(string[] first)
    {
        string[] names = [.. first.Select(f => f.Trim()).Where(f => f.Length > 0)];
        return names.Length > 1 && names[0] is "0" or "1" && names.Select((n, i) => n == (i + (names[0] == "1" ? 1 : 0)).ToString(CultureInfo.InvariantCulture)).All(same => same);
    }

    /// <summary>Whether a row is the names again, as in tables that were joined.</summary>
    public static bool Repeats(DelimitedRow row, DelimitedRow header) =>
        row.Fields.Length == header.Fields.Length && Enumerable.Range(0, row.Fields.Length).All(c => Same(row, header.Fields, c));

    /// <summary>Whether all that a column holds below the first row are numbers or dates, one at least.</summary>
    public static bool IsNumbersBelow(IReadOnlyList<DelimitedRow> body, int column)
    {
        var any = false;
        foreach (var row in body)
        {
            var field = row.Fields[column].Trim();
            if (IsMissing(field)) continue;
            if (!IsNumber(field) && !Date().IsMatch(field)) return false;
            any = true;
        }
        return any;
    }

    public static bool IsNumber(string field) => double.TryParse(field.Trim().Trim('%', '$', '€'), NumberStyles.Any, CultureInfo.InvariantCulture, out _);

    static bool IsMissing(string field) => field.Length == 0 || field is "?" or "-" or "NA" or "N/A" or "NaN" or "nan" or "null" or "None";

    static List<DelimitedRow> Below(List<DelimitedRow> rows) => rows.FindAll(r => !Repeats(r, rows[0]));

    static bool Same(DelimitedRow row, string[] first, int column) => DelimitedFile.Text(row, column) == DelimitedFile.Trimmed(first[column]);

    /// <summary>Whether fields could name columns: a few words each, no two alike; a number where the column has none, nothing where it has little or numbers.</summary>
    static bool AreNames(string[] first, List<DelimitedRow> body, int text)
    {
        for (var c = 0; c < first.Length; c++)
        {
            if (FieldNames.IsName(first[c])) continue;
            if (c == text) return false;
            var blank = first[c].Trim().Length == 0;
            if (blank && !IsNumbersBelow(body, c) && body.Count(r => r.Fields[c].Trim().Length == 0) * 2 < body.Count) return false;
            if (!blank && (FieldNames.WordsOf(first[c]) > FieldNames.MostWords || body.Exists(r => IsNumber(r.Fields[c])))) return false;
        }
        string[] names = [.. first.Select(f => f.Trim()).Where(f => f.Length > 0)];
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length;
    }

    static double MeanWords(List<DelimitedRow> body, int column) => body.Average(r => FieldNames.WordsOf(r.Fields[column]));

    /// <summary>Whether a field is one word as programs write names: <c>tweet_text</c>, <c>tweetText</c>, <c>v2</c>.</summary>
    static bool IsIdentifier(string field) => Identifier().IsMatch(field.Trim());

    /// <summary>Whether a field has a word that names a side of pairs, or a language.</summary>
    static bool IsPairName(string field)
    {
        if (!FieldNames.IsName(field)) return false;
        var words = Words().Matches(field).Select(m => m.Value).ToArray();
        return FieldNames.Find(words, FieldNames.Sources) >= 0 || FieldNames.Find(words, FieldNames.Targets) >= 0 || FieldNames.Find(words, FieldNames.Languages) >= 0;
    }

    [GeneratedRegex(@"^(\p{L}\w*_\w*|\p{L}+[0-9]+|\p{Ll}+(\p{Lu}\p{Ll}+)+)$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+(?!\p{Ll})")]
    private static partial Regex Words();

    [GeneratedRegex(@"^\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d{2}.*)?$|^\d{1,2}:\d{2}(:\d{2})?$")]
    private static partial Regex Date();
}
