using System.Text;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>How a table of time series is laid out.</summary>
enum TimeSeriesLayout
{
    /// <summary>A row for each time, or for each series and time; the other columns are its values.</summary>
    Long,

    /// <summary>A row for each series: its name, then its values. Rows may end early.</summary>
    Rows,

    /// <summary>A column for each series, beside the time.</summary>
    Columns,
}

/// <summary>How files of time series are read; what is null is told from them.</summary>
sealed record TimeSeriesOptions
{
    /// <summary>One of <see cref="TimeSeriesFile.Formats"/>, or null to tell it from the file.</summary>
    public string? Format { get; init; }

    /// <summary>The layout; never told as <see cref="TimeSeriesLayout.Columns"/>: columns are values of one series unless this says otherwise.</summary>
    public TimeSeriesLayout? Layout { get; init; }

    /// <summary>
    /// The column of the time, by name or number from 1; several separated by commas where a date and a time, or year, month, day, hour and minute, have columns of their own; <c>none</c> where
    /// rows have no time.
    /// </summary>
    public string? Time { get; init; }

    /// <summary>A format of .NET (<c>dd/MM/yyyy HH:mm</c>) or C (<c>%d/%m/%Y %H:%M</c>), or <c>day-first</c>, <c>month-first</c>, <c>unix</c>, <c>unix-ms</c>.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>The columns whose texts together tell series apart, by name or number from 1; told from the table if empty.</summary>
    public IReadOnlyList<string> Series { get; init; } = [];

    /// <summary>The columns to forecast, which must be there, once, and hold numbers; not checked if empty.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The columns that have one value for a whole series; if empty, those of texts of which this is so, where there are several series.</summary>
    public IReadOnlyList<string> Static { get; init; } = [];

    /// <summary>A step that <see cref="TimeStep.Parse"/> takes, or <c>auto</c>, the default.</summary>
    public string Frequency { get; init; } = "auto";

    /// <summary>Whether numbers are written as 1.234,5. Default false.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>What stands between fields of a table of texts; told from the file if null.</summary>
    public char? Delimiter { get; init; }

    /// <summary>An encoding of <see cref="TextEncoding.Find"/>; UTF-8 if null.</summary>
    public Encoding? Encoding { get; init; }
}
