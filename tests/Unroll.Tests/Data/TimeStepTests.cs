using Unroll.Data;

namespace Unroll.Tests.Data;

public class TimeStepTests
{
    [Theory]
    [InlineData("15min", 15, TimeUnit.Minute, "15min", 96)]
    [InlineData("30 minutes", 30, TimeUnit.Minute, "30min", 48)]
    [InlineData("s", 1, TimeUnit.Second, "s", 86400)]
    [InlineData("h", 1, TimeUnit.Hour, "h", 24)]
    [InlineData("6H", 6, TimeUnit.Hour, "6h", 4)]
    [InlineData("5 hours", 5, TimeUnit.Hour, "5h", 1)]
    [InlineData("24h", 24, TimeUnit.Hour, "24h", 7)]
    [InlineData("daily", 1, TimeUnit.Day, "D", 7)]
    [InlineData("B", 1, TimeUnit.BusinessDay, "B", 5)]
    [InlineData("W-SUN", 1, TimeUnit.Week, "W", 52)]
    [InlineData("2 weeks", 2, TimeUnit.Week, "2W", 26)]
    [InlineData("M", 1, TimeUnit.Month, "M", 12)]
    [InlineData("MS", 1, TimeUnit.Month, "M", 12)]
    [InlineData("Q", 3, TimeUnit.Month, "Q", 4)]
    [InlineData("Y", 1, TimeUnit.Year, "Y", 1)]
    public void Names_are_parsed_and_written(string text, int count, TimeUnit unit, string name, int season)
    {
        var step = TimeStep.Parse(text);
        Assert.Equal((count, unit, name, season), (step.Count, step.Unit, step.ToString(), step.Season));
        Assert.Equal(step, TimeStep.Parse(name));
    }

    [Theory]
    [InlineData("ME")]
    [InlineData("QE")]
    [InlineData("YE")]
    public void Ends_of_months_have_names(string text) => Assert.Equal((true, text), (TimeStep.Parse(text).AtMonthEnd, TimeStep.Parse(text).ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("fortnight")]
    [InlineData("0h")]
    [InlineData("-1h")]
    [InlineData("99999999999h")]
    [InlineData("1.5h")]
    public void Other_names_are_refused(string text)
    {
        Assert.False(TimeStep.TryParse(text, out _));
        Assert.Contains("15min", Assert.Throws<InvalidConfigurationException>(() => TimeStep.Parse(text)).Message);
    }

    [Fact]
    public void A_step_needs_a_count_and_a_unit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TimeStep(0, TimeUnit.Day));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TimeStep(1, (TimeUnit)99));
    }

    [Theory]
    [InlineData("2023-01-31", "M", 1, "2023-02-28")]
    [InlineData("2024-01-31", "M", 1, "2024-02-29")]
    [InlineData("2023-01-31", "M", 2, "2023-03-31")]                  // counted from the origin
    [InlineData("2023-02-28", "ME", 1, "2023-03-31")]
    [InlineData("2023-01-31", "Q", -1, "2022-10-31")]
    [InlineData("2024-02-29", "Y", 1, "2025-02-28")]
    [InlineData("2024-02-29", "Y", 4, "2028-02-29")]
    [InlineData("2024-03-01", "B", 1, "2024-03-04")]                  // from Friday to Monday
    [InlineData("2024-03-04", "B", -1, "2024-03-01")]
    [InlineData("2024-03-01", "B", 11, "2024-03-18")]
    [InlineData("2024-03-01T23:00", "h", 2, "2024-03-02T01:00")]
    [InlineData("2024-03-01", "W", 2, "2024-03-15")]
    [InlineData("2024-03-01", "15min", 97, "2024-03-02T00:15")]
    public void Steps_are_added_and_counted(string origin, string step, int steps, string expected)
    {
        var (from, to, by) = (Time(origin), Time(expected), TimeStep.Parse(step));
        Assert.Equal(to, by.Add(from, steps));
        Assert.Equal(steps, by.Between(from, to));
        Assert.Equal(steps - 1, by.Between(from, to.AddTicks(-1)));
    }

    [Theory]
    [InlineData("h")]
    [InlineData("15min")]
    [InlineData("7D")]
    [InlineData("B")]
    [InlineData("W")]
    [InlineData("M")]
    [InlineData("ME")]
    [InlineData("Q")]
    [InlineData("YE")]
    [InlineData("2Y")]
    public void The_step_of_regular_times_is_detected_with_a_gap_too(string name)
    {
        var step = TimeStep.Parse(name);
        var origin = step.Add(Time("2019-01-31"), 0);
        var times = Enumerable.Range(0, 60).Where(i => i is not (20 or 21 or 40)).Select(i => step.Add(origin, i)).ToArray();
        var expected = name switch
        {
            "7D" => TimeStep.Parse("W"),
            "M" or "Q" => step with { AtMonthEnd = true },              // from 31 January on
            _ => step with { AtMonthEnd = name == "ME" },               // years from then on never meet a shorter month
        };
        var found = TimeStep.Detect(times);
        Assert.Equal(expected, found);
        Assert.Equal(step.Length ?? TimeSpan.Zero, found!.Value.Length ?? TimeSpan.Zero);
    }

    [Fact]
    public void First_days_and_first_business_days_of_months_are_monthly()
    {
        var first = Enumerable.Range(0, 30).Select(m => new DateTime(2019, 1, 1).AddMonths(m)).ToArray();
        Assert.Equal(TimeStep.Parse("M"), TimeStep.Detect(first));
        var open = Array.ConvertAll(first, d => d.DayOfWeek is DayOfWeek.Saturday ? d.AddDays(2) : d.DayOfWeek is DayOfWeek.Sunday ? d.AddDays(1) : d);
        Assert.Equal(TimeStep.Parse("M"), TimeStep.Detect(open));
    }

    [Fact]
    public void What_is_no_step_is_none()
    {
        Assert.Null(TimeStep.Detect([]));
        Assert.Null(TimeStep.Detect([Time("2020-01-01")]));
        Assert.Null(TimeStep.Detect([Time("2020-01-01"), Time("2020-01-01")]));
        Assert.Null(TimeStep.Detect([Time("2020-01-01"), Time("2020-01-01").AddMilliseconds(100)]));
        Assert.Throws<ArgumentException>(() => TimeStep.Detect([Time("2020-01-02"), Time("2020-01-01")]));
        Assert.Equal(TimeStep.Parse("D"), TimeStep.Detect([Time("2020-01-04"), Time("2020-01-05"), Time("2020-01-06")]));          // a weekend
    }

    static DateTime Time(string text) => DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
