using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>Encodings of text by the names people give them.</summary>
internal static class TextEncoding
{
    /// <summary>Whether a text begins with the byte order mark of UTF-32, in either order.</summary>
    internal static bool IsUtf32(ReadOnlySpan<byte> head) => head is [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..];

    /// <summary>
    /// The encoding of that name: <c>utf-8</c>, <c>utf-16</c> (its byte order from its mark, else little-endian), <c>latin-1</c>,
    /// <c>windows-1252</c>, <c>euc-kr</c>, <c>cp949</c>, <c>shift_jis</c>, <c>gb18030</c>, <c>big5</c>, <c>koi8-r</c> and whatever else
    /// has a name at IANA or a number as a code page. It refuses bytes that are not of the encoding.
    /// </summary>
    /// <param name="name">Upper and lower case are the same, as are <c>latin-1</c> and <c>latin1</c>.</param>
    /// <exception cref="UnrollException">There is no encoding of that name.</exception>
    public static Encoding Find(string name)
    {
        var known = name.Trim().ToLowerInvariant() switch
        {
            "utf8" => "utf-8",
            "utf16" => "utf-16",
            "latin-1" or "latin1" => "iso-8859-1",
            "uhc" or "ms949" => "cp949",
            "sjis" => "shift_jis",
            var other => other,
        };
        var digits = known.StartsWith("cp", StringComparison.Ordinal) ? known[2..] : known;
        var page = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue;
        try
        {
            return page
                ? CodePagesEncodingProvider.Instance.GetEncoding(number, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                    ?? Encoding.GetEncoding(number, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                : CodePagesEncodingProvider.Instance.GetEncoding(known, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                    ?? Encoding.GetEncoding(known, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            Throw.UnknownEncoding(name);
            throw;
        }
    }
}
