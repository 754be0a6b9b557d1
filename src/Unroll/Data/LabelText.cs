using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>Labels and tags as files have them, made comparable.</summary>
static class LabelText
{
    /// <summary>A label in normal form C, without blanks and characters that do not show around it, and without fastText's mark in front of it.</summary>
    public static string Clean(string label)
    {
        var (start, end) = (0, label.Length);
        while (start < end && IsPassedOver(label[start])) start++;
        while (end > start && IsPassedOver(label[end - 1])) end--;
        if (label.AsSpan(start, end - start).StartsWith(LabelLineFile.Mark, StringComparison.OrdinalIgnoreCase)) start += LabelLineFile.Mark.Length;
        return UnicodeForms.Normalize(label[start..end], NormalizationForm.FormC);
    }

    /// <summary>Whether a character has no width: zero-width spaces and joiners, byte order marks, marks of direction, soft hyphens.</summary>
    public static bool IsInvisible(char c) => c >= '\u00AD' && char.GetUnicodeCategory(c) == UnicodeCategory.Format;

    static bool IsPassedOver(char c) => char.IsWhiteSpace(c) || IsInvisible(c);
}
