namespace Unroll.Data;

/// <summary>What is said of series that could be read: how many, from when until when, and what is unlikely about them.</summary>
static class TimeSeriesDoubts
{
    const int MostNamed = 5;

    public static void About(string source, TimeSeriesTable table, ReadingReport report)
    {
        report.Count("series", table.Series.Count);
        report.Add("columns", string.Join(", ", table.Columns.Take(20).Select(c => c.Name)) + (table.Columns.Count > 20 ? ", …" : ""));
        if (table.Series.Where(s => s is { Start: not null, Count: > 0 }).ToArray() is { Length: > 0 } timed)
        {
            report.Add("from", Throw.Show(timed.Min(s => s.Start!.Value)));
            report.Add("to", Throw.Show(timed.Max(s => s.TimeAt(s.Count - 1)!.Value)));
        }
        report.Add("lengths", table.Series.Min(s => s.Count) is var least && table.Series.Max(s => s.Count) is var most && least == most ? $"{least:N0}" : $"{least:N0} to {most:N0}");
        var missing = 0L;
        for (var c = 0; c < table.Columns.Count; c++)
        {
            List<string> empty = [], constant = [];
            foreach (var series in table.Series)
            {
                var values = series[c];
                var (count, first, same) = (0, double.NaN, true);
                foreach (var value in values)
                {
                    if (double.IsNaN(value)) continue;
                    if (count++ == 0) first = value;
                    else same &= value == first;
                }
                missing += values.Length - count;
                if (count == 0) empty.Add(series.Name);
                else if (same && count > 1 && !table.Columns[c].IsCategory) constant.Add(series.Name);
            }
            var name = ProblemList.Quote(table.Columns[c].Name);
            if (empty.Count > 0) report.Doubt($"{source}: column {name} has no value at all{In(empty, table)}.");
            if (constant.Count > 0) report.Doubt($"{source}: column {name} has the same value at all times{In(constant, table)}.");
        }
        report.Count("missing values", missing);
    }

    static string In(List<string> names, TimeSeriesTable table) => table.Series.Count == 1 ? ""
        : $" in {names.Count:N0} of {table.Series.Count:N0} series: {string.Join(", ", names.Take(MostNamed).Select(ProblemList.Quote))}{(names.Count > MostNamed ? ", …" : "")}";
}
