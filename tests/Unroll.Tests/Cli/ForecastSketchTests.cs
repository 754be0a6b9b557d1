using Spectre.Console;
using Unroll.Cli.Predictions;
using Unroll.Inspection;
using Unroll.Tests.Inspection;

namespace Unroll.Tests.Cli;

public class ForecastSketchTests
{
    [Fact]
    public void A_sketch_has_the_width_of_the_terminal_and_colours_only_there()
    {
        var picture = ForecastPictureTests.Of(48, 24, truth: true);
        foreach (var width in new[] { 30, 50, 120 })
        {
            var plain = Draw(picture, width, ColorSystemSupport.NoColors);
            Assert.DoesNotContain('\u001b', plain);
            Assert.All(plain.Split('\n'), line => Assert.InRange(line.Length, 0, width));
            Assert.Contains("×", plain);
            Assert.Contains("░", plain);
            Assert.Contains("95 % interval", plain.ReplaceLineEndings(" "));
        }
        Assert.Contains('\u001b', Draw(picture, 80, ColorSystemSupport.TrueColor));
        Assert.All(Draw(picture, 4096, ColorSystemSupport.NoColors).Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [MemberData(nameof(ForecastPictureTests.Kinds), MemberType = typeof(ForecastPictureTests))]
    public void Any_forecast_can_be_sketched(string kind)
    {
        var sketch = Draw(ForecastPictureTests.Pictures[kind], 80, ColorSystemSupport.NoColors);
        Assert.NotEmpty(sketch);
        if (kind is "nothing" or "all missing") Assert.Contains("no values", sketch);
        else Assert.Contains("median", sketch);
    }

    [Fact]
    public void A_rise_is_drawn_as_one() => Assert.Equal("""
        y
        3 ┤                          ⠈
          │
          │
          │
        2 ┤                ⡠⠊
          │             ⢀⠔⠉
          │           ⣀⠔⠁
        1 ┤         ⡠⠊
          │      ⢀⡠⠊
          │    ⢀⠔⠁
          │  ⣀⠔⠁
        0 ┤⡠⠊
           step 1               step 4
        ⠒⠒ history  ⠒⠒ median

        """.ReplaceLineEndings("\n"), Draw(new("", "y", null, [0, 1, 2], [3], [], null), 30, ColorSystemSupport.NoColors));

    static string Draw(ForecastPicture picture, int width, ColorSystemSupport colours)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output), Ansi = colours == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes, ColorSystem = colours });
        console.Profile.Width = width;
        ForecastSketch.Write(console, picture);
        return output.ToString();
    }
}
