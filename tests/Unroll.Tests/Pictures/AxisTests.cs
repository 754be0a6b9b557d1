using Unroll.Pictures;

namespace Unroll.Tests.Pictures;

public class AxisTests
{
    [Theory]
    [InlineData(0.3, 9.7, "0|2|4|6|8|10")]
    [InlineData(-1.5, 1.5, "-1.5|-1.0|-0.5|0.0|0.5|1.0|1.5")]
    [InlineData(5, 5, "4.4|4.6|4.8|5.0|5.2|5.4|5.6")]
    [InlineData(1_000_000, 6_000_000, "1E+06|2E+06|3E+06|4E+06|5E+06|6E+06")]
    [InlineData(1000, 6000, "1,000|2,000|3,000|4,000|5,000|6,000")]
    public void Numbers_have_round_ticks_on_which_the_axis_ends(double low, double high, string labels)
    {
        var axis = Axis.OfNumbers(low, high, 100, 0, ticks: 6, grown: true);
        Assert.Equal(labels, string.Join('|', axis.Ticks.Select(t => t.Label)));
        Assert.InRange(axis.At(low), 0, 100);
        Assert.InRange(axis.At(high), 0, 100);
        Assert.Equal(100, axis.At(axis.Ticks[0].Value), 6);
    }

    [Theory]
    [InlineData("2024-02-28 00:00:00", "2024-03-02 00:00:00", "02-28|12:00|02-29|12:00|03-01|12:00|03-02")]
    [InlineData("2024-02-28 20:00:00", "2024-02-29 10:00:00", "21:00|02-29|03:00|06:00|09:00")]
    [InlineData("2024-01-15 00:00:00", "2024-12-31 00:00:00", "2024-03|2024-05|2024-07|2024-09|2024-11")]
    [InlineData("1949-01-01 00:00:00", "1960-12-01 00:00:00", "1950|1952|1954|1956|1958|1960")]
    [InlineData("2024-01-01 10:00:00", "2024-01-01 10:00:50", "10:00:00|10:00:10|10:00:20|10:00:30|10:00:40|10:00:50")]
    [InlineData("0001-01-01 00:00:00", "9999-12-31 00:00:00", "")]
    public void Times_have_round_ticks(string first, string last, string labels)
    {
        var (from, to) = (DateTime.Parse(first, System.Globalization.CultureInfo.InvariantCulture), DateTime.Parse(last, System.Globalization.CultureInfo.InvariantCulture));
        var axis = Axis.OfTimes(from, to, 0, 100, ticks: 6);
        if (labels.Length > 0) Assert.Equal(labels, string.Join('|', axis.Ticks.Select(t => t.Label)));
        Assert.InRange(axis.Ticks.Count, 1, 12);
        Assert.All(axis.Ticks, t => Assert.InRange(axis.At(t.Value), 0, 100.0001));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(12.3456789, "12.346")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(1234567.8, "1,234,568")]
    [InlineData(1e12, "1e12")]
    [InlineData(0.00001234, "1.234e-5")]
    [InlineData(double.NaN, "–")]
    public void Figures_have_five_digits(double value, string text) => Assert.Equal(text, Figures.Of(value));

    [Fact]
    public void Texts_are_escaped_and_numbers_invariant()
    {
        using var hostile = Architecture.CultureTests.Hostile();
        Assert.Equal("<a b=\"&lt;&amp;&quot;&gt;�\" c=\"-1.5\" d=\"0\" e=\"0.500\">é&amp;</a>\n",
            new MarkupText().Line($"""<a b="{"<&\">\u0001"}" c="{-1.499999}" d="{-0.0001}" e="{0.5:F3}">{"é&"}</a>""").ToString());
    }
}
