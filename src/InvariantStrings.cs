#pragma warning disable IDE0130 // the compiler looks these types up by their full names
using System.Globalization;
using System.Text;

namespace System.Runtime.CompilerServices
{
    /// <summary>
    /// Formats every interpolated string of this assembly with the invariant culture: the compiler takes this type of the assembly itself
    /// before the one of the base class library, which formats with the culture of the thread. So a message or a file has the same digits
    /// for every user of the library.
    /// </summary>
    /// <remarks>
    /// Compiled into each assembly that needs it, and hidden from the others. What is not interpolated (<c>ToString</c>, <c>string.Join</c>,
    /// <c>"text" + number</c>) names its culture; a test looks for calls that do not (Architecture/CultureTests).
    /// </remarks>
    [InterpolatedStringHandler]
    [Microsoft.CodeAnalysis.Embedded]
    ref struct DefaultInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        readonly StringBuilder _text = new(literalLength + 8 * formattedCount);

        public readonly void AppendLiteral(string value) => _text.Append(value);

        public readonly void AppendFormatted(ReadOnlySpan<char> value) => _text.Append(value);

        public readonly void AppendFormatted(string? value) => _text.Append(value);

        public readonly void AppendFormatted(object? value, int alignment = 0, string? format = null) => AppendFormatted<object?>(value, alignment, format);

        public readonly void AppendFormatted<T>(T value) => AppendFormatted(value, null);

        public readonly void AppendFormatted<T>(T value, string? format) =>
            _text.Append(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());

        public readonly void AppendFormatted<T>(T value, int alignment) => AppendFormatted(value, alignment, null);

        public readonly void AppendFormatted<T>(T value, int alignment, string? format)
        {
            var begin = _text.Length;
            AppendFormatted(value, format);
            var blanks = Math.Abs(alignment) - (_text.Length - begin);
            if (blanks > 0) _text.Insert(alignment > 0 ? begin : _text.Length, " ", blanks);
        }

        public readonly string ToStringAndClear() => _text.ToString();
    }
}

namespace Microsoft.CodeAnalysis
{
    /// <summary>Hides a type from assemblies that may see this one's internals.</summary>
    [Embedded]
    [AttributeUsage(AttributeTargets.All)]
    sealed class EmbeddedAttribute : Attribute;
}
