using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Data;

/// <summary>Texts that the tests of this folder share.</summary>
static class Samples
{
    public const string Korean = "안녕하세요, 세계! 오늘은 날씨가 참 좋네요.\n나는 학교에 갔다. 값을 읽고 닭을 삶았다 ㅋㅋㅋ\n";

    // A family joined by ZWJ, a flag, a skin tone; e and u with combining marks; decomposed Hangul (jamo); an ancient letter.
    public const string Marks = "👨‍👩‍👧‍👦 🇰🇷 👍🏽 cafe\u0301 u\u0308ber \u1112\u1161\u11ab \U00010330\n";

    public const string English = "the cat sat on the mat. the cat's hat, the rat's mat: that's that!\n  Then 1234 cats\tsat;\n\nthe end\n";

    public const string All = English + Korean + Marks;

    public static readonly string[] Kinds = ["char", "byte", "word", "bpe"];

    public static TextDocument[] Documents(params string[] texts) => [.. texts.Select((t, i) => new TextDocument($"text {i}", t))];

    /// <summary>A random text of well-formed Unicode: ASCII, Hangul, anything of the basic plane, anything above it, white space.</summary>
    public static string Random(Rng rng, int length)
    {
        var text = new StringBuilder();
        while (length-- > 0)
        {
            var value = rng.Next(6) switch
            {
                0 => 0xAC00 + rng.Next(11172),
                1 => rng.Next(0x10000),
                2 => 0x10000 + rng.Next(0x100000),
                3 => " \n \t"[rng.Next(4)],
                _ => 'a' + rng.Next(6),
            };
            text.Append(Rune.IsValid(value) ? new Rune(value) : new Rune('?'));
        }
        return text.ToString();
    }
}
