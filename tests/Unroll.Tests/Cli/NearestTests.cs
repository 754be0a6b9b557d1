using Unroll.Cli;

namespace Unroll.Tests.Cli;

public class NearestTests
{
    static readonly string[] Options = ["--hidden", "--layers", "--embedding", "--iterations", "--json", "--lr", "a"];

    [Theory]
    [InlineData("--hiden", "--hidden")]
    [InlineData("--hidn", "--hidden")]
    [InlineData("--layer", "--layers")]
    [InlineData("--Hidden", "--hidden")]
    [InlineData("--iter", "--iterations")]
    [InlineData("--josn", "--json")]
    [InlineData("--rl", "--lr")]
    [InlineData("--frobnicate", null)]
    [InlineData("--x", null)]
    [InlineData("c", null)]                              // not "a": nothing of the name is left
    public void The_name_that_was_probably_meant_is_found(string given, string? expected) => Assert.Equal(expected, Nearest.Of(given, Options));

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly ten", 11, "exactly ten")]
    [InlineData("too long for it", 8, "too lon…")]
    [InlineData("한국어 글자", 11, "한국어 글자")]          // a Hangul syllable takes two columns
    [InlineData("한국어 글자", 8, "한국어 …")]
    [InlineData("한국어", 4, "한…")]
    [InlineData("x", 0, "")]
    public void A_line_is_cut_to_the_terminal(string text, int columns, string expected) => Assert.Equal(expected, ProgressLine.Fit(text, columns));
}
