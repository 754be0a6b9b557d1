using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Unroll.Pictures;

/// <summary>
/// Writes SVG and HTML. What stands between braces in an interpolated string is made safe: texts are escaped and lose the characters that XML does not have, numbers are
/// written alike everywhere, with two decimals at most where no format is given.
/// </summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
internal sealed class MarkupText
{
    readonly StringBuilder _text = new();

    /// <summary>Adds a line.</summary>
    public MarkupText Line([InterpolatedStringHandlerArgument("")] Handler line)
    {
        _ = line;                                       // it has been written here as it was built
        _text.Append('\n');
        return this;
    }

    /// <summary>Adds a part of a line.</summary>
    public MarkupText Add([InterpolatedStringHandlerArgument("")] Handler part)
    {
        _ = part;
        return this;
    }

    /// <summary>Adds what is markup already.</summary>
    public MarkupText Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>A number in a picture: two decimals at most, and never an exponent.</summary>
    public static string Number(double value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

    static void Escape(StringBuilder to, string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
            switch (rune.Value)
            {
                case '&': to.Append("&amp;"); break;
                case '<': to.Append("&lt;"); break;
                case '>': to.Append("&gt;"); break;
                case '"': to.Append("&quot;"); break;
                case (< ' ' and not ('\n' or '\r' or '\t')) or 0xFFFE or 0xFFFF: to.Append('�'); break;
                default: to.Append(rune.ToString()); break;
            }
    }

    /// <summary>Writes an interpolated string into a text as markup.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Handler
    {
        readonly StringBuilder _to;

        public Handler(int literalLength, int formattedCount, MarkupText text)
        {
            _ = (literalLength, formattedCount);        // which the compiler hands over for those that need a buffer
            _to = text._text;
        }

        public void AppendLiteral(string markup) => _to.Append(markup);

        public void AppendFormatted(string? value) => Escape(_to, value);

        public void AppendFormatted(double value) => _to.Append(Number(value));

        public void AppendFormatted(int value) => _to.Append(value.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(double value, string format) => _to.Append(value.ToString(format, CultureInfo.InvariantCulture));

        public void AppendFormatted(MarkupText value) => _to.Append(value._text);
    }
}
