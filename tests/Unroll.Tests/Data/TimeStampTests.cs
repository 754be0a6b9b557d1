using Unroll.Data;

namespace Unroll.Tests.Data;

public class TimeStampTests
{
    [Theory]
    [InlineData("2020-01-31", "2020-01-31T00:00", "yyyy-MM-dd")]
    [InlineData("2020-01-31 05:06", "2020-01-31T05:06", "yyyy-MM-dd HH:mm")]
    [InlineData("2020-01-31T05:06:07.5", "2020-01-31T05:06:07.5", "yyyy-MM-dd HH:mm:ss")]
    [InlineData("2020-01-31T05:06:07Z", "2020-01-31T05:06:07", "yyyy-MM-dd HH:mm:sszzz")]
    [InlineData("2020-01-31 05:06:07+02:00", "2020-01-31T03:06:07", "yyyy-MM-dd HH:mm:sszzz")]
    [InlineData("2020-01-31T05:06-0330", "2020-01-31T08:36", "yyyy-MM-dd HH:mmzzz")]
    [InlineData("2020/1/31", "2020-01-31", "yyyy/MM/dd")]
    [InlineData("31.01.2020 5:06", "2020-01-31T05:06", "dd.MM.yyyy HH:mm")]
    [InlineData("31-12-2002 01:00", "2002-12-31T01:00", "dd-MM-yyyy HH:mm")]
    [InlineData("12/31/2020", "2020-12-31", "MM/dd/yyyy")]
    [InlineData("1/31/2020 1:05 PM", "2020-01-31T13:05", "MM/dd/yyyy h:mm tt")]
    [InlineData("1/31/2020 12:05:09 a.m.", "2020-01-31T00:05:09", "MM/dd/yyyy h:mm:ss tt")]
    [InlineData("31/1/20", "2020-01-31", "dd/MM/yy")]
    [InlineData("31/1/70", "1970-01-31", "dd/MM/yy")]
    [InlineData("2020-01", "2020-01-01", "yyyy-MM")]
    [InlineData("01/2020", "2020-01-01", "MM/yyyy")]
    [InlineData("1 Jan 2020", "2020-01-01", "dd MMM yyyy")]
    [InlineData("01-Jan-20", "2020-01-01", "dd-MMM-yy")]
    [InlineData("January 2, 2020", "2020-01-02", "MMM dd yyyy")]
    [InlineData("Sept 2020", "2020-09-01", "MMM yyyy")]
    [InlineData("Jan-20", "2020-01-01", "MMM-yy")]
    [InlineData("2020", "2020-01-01", "yyyy")]
    [InlineData("20200131", "2020-01-31", "yyyyMMdd")]
    [InlineData("202001", "2020-01-01", "yyyyMM")]
    [InlineData("2020013105", "2020-01-31T05:00", "yyyyMMddHH")]
    [InlineData("20200131 0506", "2020-01-31T05:06", null)]
    [InlineData("2020Q3", "2020-07-01", "yyyyQq")]
    [InlineData("2020-Q3", "2020-07-01", "yyyyQq")]
    [InlineData("Q3 2020", "2020-07-01", "yyyyQq")]
    [InlineData("2020-W05", "2020-01-27", "yyyy-Www")]
    [InlineData("1577836800", "2020-01-01", "unix")]
    [InlineData("1577836800.5", "2020-01-01T00:00:00.5", "unix")]
    [InlineData("1577836800000", "2020-01-01", "unix-ms")]
    [InlineData("2020-01-31 24:00", "2020-02-01", "yyyy-MM-dd HH:mm")]
    public void Common_forms_are_read(string text, string expected, string? format)
    {
        var column = Column();
        Assert.Equal([DateTime.Parse(expected, System.Globalization.CultureInfo.InvariantCulture)], column.Read([text], null));
        if (format is not null) Assert.Equal(format, column.Format);
    }

    [Fact]
    public void All_values_tell_whether_the_day_or_the_month_is_first()
    {
        Assert.Equal([new(2020, 2, 1), new(2020, 2, 13)], Column().Read(["01/02/2020", "13/02/2020"], null));
        Assert.Equal([new(2020, 1, 2), new(2020, 1, 13)], Column().Read(["01/02/2020", "01/13/2020"], null));
        var column = Column();
        Assert.Equal([new(2020, 1, 1), new(2020, 2, 1), new(2020, 3, 1)], column.Read(["1/1/2020", "2/1/2020", "3/1/2020"], null));            // the day does not change
        Assert.Contains("--time-format day-first", column.Doubt);
        column = Column();
        Assert.Equal([new(2020, 2, 1), new(2020, 4, 3)], column.Read(["01/02/2020", "03/04/2020"], null));
        Assert.Contains("--time-format month-first", column.Doubt);
        Assert.Equal([new(2020, 1, 2), new(2020, 3, 4)], Column().Read(["01/02/2020", "03/04/2020"], "month-first"));
    }

    [Fact]
    public void Years_without_centuries_of_old_series_are_a_doubt()
    {
        var column = Column();
        Assert.Equal([new(1, 1, 1), new(1, 12, 1), new(3, 12, 1)], column.Read(["1-01", "1-12", "3-12"], null));
        Assert.Contains("a year and a month", column.Doubt);
    }

    [Theory]
    [InlineData("dd/MM/yyyy HH:mm", "01/02/2020 03:04")]
    [InlineData("%d/%m/%Y %H:%M", "01/02/2020 03:04")]
    [InlineData("%Y%m%d_%H%M", "20200201_0304")]
    public void A_format_can_be_given(string format, string text)
    {
        Assert.Equal([new(2020, 2, 1, 3, 4, 0)], Column().Read([text], format));
        Refused([text, "x"], format, "row 2", "'x'", format);
    }

    [Fact]
    public void A_time_may_be_left_out_at_midnight() =>
        Assert.Equal([new(2020, 1, 1), new(2020, 1, 1, 6, 0, 0)], Column().Read(["2020-01-01", "2020-01-01 06:00:00"], null));

    [Theory]
    [InlineData("2020-01-01", "01/02/2020", "yyyy-MM-dd", "dd/MM/yyyy")]
    [InlineData("13/02/2020", "02/14/2020", "dd/MM/yyyy", "MM/dd/yyyy")]
    [InlineData("2020-01-01", "2020/01/02", "yyyy-MM-dd", "yyyy/MM/dd")]
    [InlineData("2020-01-01", "2020-01", "yyyy-MM-dd", "yyyy-MM")]
    [InlineData("2020-01-01 00:00", "2020-01-01T01:00Z", "yyyy-MM-dd HH:mm", "zzz")]
    public void Two_formats_are_named_with_their_rows(string first, string second, string format, string other) => Refused([first, second], null, "two formats", "row 1", "row 2", format, other, first, second);

    [Fact]
    public void What_is_no_time_is_named()
    {
        Refused(["2020-01-01", "soon", ""], null, "row 2: 'soon'", "row 3: the time is missing", "--time-format");
        Refused(["2020-02-30"], null, "there is no date '2020-02-30'");
        Refused(["2020-01-01"], "%Q", "'%Q'");
        foreach (var text in new[] { "12", "1.5", "2020-01-01 25:00", "2020-01-01 10:61", "1/2/3/4", "2020--01", "-5", "12:30", "2020-01-01 10:00 XY", "Janus 2020", "2020Q5" })
            Assert.False(TimeStampColumn.Looks([text]), text);
    }

    static TimeStampColumn Column() => new("a.csv", "when", r => $"row {r + 1}");

    static void Refused(string[] texts, string? format, params string[] parts)
    {
        var message = Assert.ThrowsAny<UnrollException>(() => Column().Read(texts, format)).Message;
        Assert.All(parts, p => Assert.Contains(p, message));
    }
}
