using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>What is unlikely about data that could be read.</summary>
static class ReadingDoubts
{
    const int MostNamed = 5;
    const int FewExamples = 20, FewLabels = 4;      // of so few nothing is said about how many have a label

    /// <summary>Characters within lines that may have been meant to end one.</summary>
    public static void AboutLines(ReadingReport report, string path, string text)
    {
        if (text.Contains('\r'))
            report.Doubt($"{path}, line {LineOf(text, '\r')}: a carriage return within a line ({Count(text, '\r')}); it is a character of the line, since the lines of this file end with line feeds. "
                + "If it was to end a line, convert the file with: tr '\\r' '\\n'");
        // At the start of a field it is passed over, as at the start of a line.
        var mark = text.AsSpan().IndexOf(TextLines.ByteOrderMark);
        if (mark > 0 && !"\",\t;|".Contains(text[mark - 1]))
            report.Doubt($"{path}, line {LineOf(text, TextLines.ByteOrderMark)}: a byte order mark within a line ({Count(text, TextLines.ByteOrderMark)}). "
                + "If files were joined, the line before the mark lacks its end: add it.");
    }

    /// <summary>Labels that may not have been meant.</summary>
    public static void AboutLabels(ReadingReport report, IReadOnlyList<Example> examples)
    {
        var counts = examples.SelectMany(e => e.Labels).CountBy(l => l, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        if (counts.Count == 0) return;
        var several = examples.Any(e => e.Labels.Count > 1);
        report.Add("labels", several ? "several for an example" : "one for an example");
        string[] rare = [.. counts.Where(c => c.Value == 1).Select(c => c.Key)];
        if (examples.Count >= FewExamples && counts.Count > Math.Max(FewLabels, examples.Count / 10))
            report.Doubt($"{counts.Count:N0} different labels for {examples.Count:N0} examples, such as {Named(counts.Keys)}. If these are no labels, name the column or format.");
        else if (rare.Length > 0 && rare.Length < counts.Count)
            report.Doubt($"{(rare.Length == 1 ? "one label occurs" : $"{rare.Length:N0} labels occur")} once: {Named(rare)}. Check for a typing error, or a line that is not an example.");
        if (counts.Keys.Where(IsFraction).ToArray() is { Length: > 0 } fractions)
            report.Doubt($"labels are numbers with fractions: {Named(fractions)}. If they are values to predict, they are no classes: use unroll train regress.");
        if (counts.Keys.Where(l => l.Contains(LabelLineFile.Mark, StringComparison.OrdinalIgnoreCase)).ToArray() is { Length: > 0 } marked)
            report.Doubt($"labels have fastText's mark {LabelLineFile.Mark} in them: {Named(marked)}. If it marks a label, write that label as a word of its own.");
        var alike = counts.Keys.GroupBy(Folded, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (alike is not null)
            report.Doubt($"labels differ by case, blanks or characters that do not show alone: {string.Join(", ", alike.Take(MostNamed).Select(Visible))}. If they are the same, write them the same.");
    }

    /// <summary>Pairs with nothing to learn from, and texts that are brought to normal form C.</summary>
    public static void AboutPairs(ReadingReport report, IReadOnlyList<TextPair> pairs)
    {
        AboutTexts(report, pairs.SelectMany(p => new[] { p.Source, p.Target }));
        if (pairs.Count > 0 && pairs.All(p => p.Source.Length == 0)) report.Doubt("every source is empty. Name the column that has them.");
        if (pairs.Count > 0 && pairs.All(p => p.Target.Length == 0)) report.Doubt("every target is empty. Name the column that has them.");
        if (pairs.FirstOrDefault(p => p.Source.Length == 0 != (p.Target.Length == 0)) is { } half)
            report.Doubt($"{half.Place}: one side of the pair is empty ({pairs.Count(p => p.Source.Length == 0 != (p.Target.Length == 0)):N0} such pairs). Check that both sides are complete.");
    }

    /// <summary>Sentences, their words, and the scheme of their tags.</summary>
    public static void AboutSentences(ReadingReport report, IReadOnlyList<TaggedSentence> sentences)
    {
        report.Count("sentences", sentences.Count);
        report.Count("words", sentences.Sum(s => s.Words.Count));
        if (sentences.Any(s => s.Tags.Count > 0))
        {
            var scheme = TagSchemes.Recognise(sentences.Select(s => s.Tags));
            report.Add("tag scheme", scheme.ToString().ToLowerInvariant());
            if (scheme == TagScheme.None && TagSchemes.DoubtOf([.. sentences.SelectMany(s => s.Tags).Distinct()]) is { } doubt) report.Doubt(doubt);
        }
        AboutTexts(report, sentences.SelectMany(s => s.Words));
    }

    /// <summary>Counts texts that models read in another form than they are written in.</summary>
    public static void AboutTexts(ReadingReport report, IEnumerable<string> texts) =>
        report.Count("texts read in normal form C", texts.Count(t => !UnicodeForms.IsNormalC(t)));

    static string Named(IEnumerable<string> labels) =>
        string.Join(", ", labels.Take(MostNamed).Select(Visible)) + (labels.Count() > MostNamed ? ", …" : "");

    /// <summary>Whether a label is a number with a fraction, as values to predict are.</summary>
    public static bool IsFraction(string label) =>
        label.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 && double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number != Math.Floor(number);

    static string Folded(string label) => new string([.. label.Where(c => !char.IsWhiteSpace(c) && !LabelText.IsInvisible(c))]).ToLowerInvariant();

    /// <summary>A label in quotes, with what does not show written as <c>U+200B</c>.</summary>
    static string Visible(string label)
    {
        var shown = new StringBuilder();
        foreach (var c in label) shown.Append(LabelText.IsInvisible(c) ? $"⟨U+{(int)c:X4}⟩" : c.ToString());
        return ProblemList.Quote(shown.ToString());
    }

    static int LineOf(string text, char character) => 1 + text.AsSpan(0, text.IndexOf(character)).Count('\n');

    static string Count(string text, char character) => text.AsSpan().Count(character) is var count && count == 1 ? "the only one" : $"{count:N0} in all";
}
