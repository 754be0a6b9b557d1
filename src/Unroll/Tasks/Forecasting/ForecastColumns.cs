using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>What the columns of a table are: what is forecast, what is known up to the present, and what is known ahead.</summary>
static class ForecastColumns
{
    const string None = "none";
    const int MostCategories = 64;

    /// <summary>The columns to forecast: those that are named, else the last column of numbers that is not known ahead.</summary>
    /// <exception cref="UnrollException">One is not there, is named twice, or has texts, or none has numbers.</exception>
    public static IReadOnlyList<int> Targets(ForecasterOptions options, TimeSeriesTable table)
    {
        var names = ForecasterConfig.Names(options.Model.Targets);
        if (names.Count > 0) return Find(table, names, numbers: true);
        int[] numbers = [.. Enumerable.Range(0, table.Columns.Count).Where(c => !table.Columns[c].IsCategory)];
        if (numbers.Length == 0) throw new DataMismatchException("There is nothing to forecast: the table has no column of numbers.");
        var first = table.Series[0];
        var ends = numbers.Select(c => ForecastSplit.EndOf(first, [c])).ToArray();
        var earliest = ends.Where(e => e > 0).DefaultIfEmpty(0).Min();
        return [numbers[Array.FindLastIndex(ends, e => e <= earliest)]];
    }

    static int[] Find(TimeSeriesTable table, IReadOnlyList<string> names, bool numbers)
    {
        var found = new List<int>();
        foreach (var name in names)
        {
            var column = table.IndexOf(name);
            if (found.Contains(column)) throw new InvalidConfigurationException($"Column {ProblemList.Quote(name)} is named twice.");
            if (numbers && table.Columns[column].IsCategory) throw new DataMismatchException($"Column {ProblemList.Quote(name)} has texts; what is forecast has to be numbers.");
            found.Add(column);
        }
        return [.. found];
    }

    /// <summary>The configuration with all columns named.</summary>
    /// <exception cref="UnrollException">A column is not there, or has two roles.</exception>
    public static ForecasterConfig Resolve(ForecasterOptions options, TimeSeriesTable table)
    {
        var config = options.Model;
        var targets = Targets(options, table);
        var others = Enumerable.Range(0, table.Columns.Count).Except(targets).Where(c => table.Columns[c].Categories.Count <= MostCategories).ToArray();
        var (past, future) = (ForecasterConfig.Names(config.Past), ForecasterConfig.Names(config.Future));
        var known = future is [None] ? [] : future.Count > 0 ? Find(table, future, numbers: false)
            : others.Where(c => table.Series.Any(s => ForecastSplit.EndOf(s, [c]) > ForecastSplit.EndOf(s, targets))).Except(past is [None] ? [] : Find(table, past, numbers: false)).ToArray();
        var behind = past is [None] ? [] : past.Count > 0 ? Find(table, past, numbers: false) : others.Except(known).ToArray();
        foreach (var (column, roles) in targets.Concat(known).Concat(behind).GroupBy(c => c).Where(g => g.Count() > 1).Select(g => (g.Key, g.Count())))
            throw new InvalidConfigurationException($"Column {ProblemList.Quote(table.Columns[column].Name)} has {roles} roles; expected one of --target, --past, --future.");
        return config with { Targets = Names(targets), Past = Names(behind), Future = Names(known) };

        string[] Names(IEnumerable<int> columns) => [.. columns.Select(c => table.Columns[c].Name)];
    }

    /// <summary>What is known of the columns, from the training parts alone.</summary>
    /// <param name="config">With all columns named.</param>
    /// <param name="parts">What is learned from.</param>
    public static ForecastSchema Measure(ForecasterConfig config, IReadOnlyList<ForecastPart> parts)
    {
        var table = parts[0].Table;
        int[] targets = [.. config.Targets.Select(table.IndexOf)];
        var hasTimes = parts.All(p => p.Series.Start is not null);
        double[] shifts = [.. targets.Select(c => config.Scaling != "log" ? 0 : parts.Min(p => Least(p.Series[c][p.From..p.To])) is var least && least > 0 ? 0 : least >= 0 ? 1
            : throw new DataMismatchException($"{ProblemList.Quote(table.Columns[c].Name)} has values below 0; scaling log needs values of at least 0."))];
        var series = new Dictionary<string, ValueScale[]>(StringComparer.Ordinal);
        foreach (var part in parts)
            if (part.To > 0 && !config.ScaleWindow) series[part.Series.Name] = [.. targets.Select((c, d) => TargetScaling.Measure(config.Scaling, Transformed(part, c, d)))];
        return new()
        {
            Step = parts[0].Series.Step, HasTimes = hasTimes, Series = series, LogShifts = shifts,
            Names = config.LinearBy == "series" || config.Mode == "smoothing" ? [.. parts.Where(p => p.To > 0).Select(p => p.Series.Name)] : [],
            Years = hasTimes && parts.Any(p => p.Series.TimeAt(Math.Max(0, p.To - 1)) - p.Series.Start > TimeSpan.FromDays(730)),
            Targets = [.. targets.Select((c, d) => new ForecastColumn(table.Columns[c].Name, [], Typical(parts.Where(p => p.To > 0).Select(p => TargetScaling.Measure(config.Scaling, Transformed(p, c, d))))))],
            Past = [.. config.Past.Select(Covariate)], Future = [.. config.Future.Select(Covariate)],
            Static = [.. table.StaticColumns.Select((c, i) => new ForecastColumn(c.Name, c.Categories, c.IsCategory ? ValueScale.None : TargetScaling.Measure("standard", [.. parts.Select(p => p.Series.StaticValues[i])])))],
        };

        ForecastColumn Covariate(string name)
        {
            var column = table.IndexOf(name);
            var of = table.Columns[column];
            return new(of.Name, of.Categories, of.IsCategory ? ValueScale.None : Measured(parts, column));
        }

        double[] Transformed(ForecastPart part, int column, int target)
        {
            var values = part.Series[column][part.From..part.To].ToArray();
            for (var t = 0; t < values.Length && config.Scaling == "log"; t++) values[t] = Math.Log(Math.Max(values[t] + shifts[target], 1e-9));
            return values;
        }
    }

    /// <summary>What keeps parts from being learned from: no value of any target.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<ForecastPart> parts, IReadOnlyList<int> targets)
    {
        foreach (var target in targets)
            if (!parts.Any(p => ForecastSplit.EndOf(p.Series, [target]) > 0 && p.To > 0)) yield return $"Column {ProblemList.Quote(parts[0].Table.Columns[target].Name)} has no value at all; there is nothing to learn from.";
    }

    /// <summary>The scale in the middle of those of all series.</summary>
    static ValueScale Typical(IEnumerable<ValueScale> scales)
    {
        ValueScale[] sorted = [.. scales.OrderBy(s => s.Scale)];
        return sorted.Length == 0 ? ValueScale.None : sorted[sorted.Length / 2];
    }

    static ValueScale Measured(IReadOnlyList<ForecastPart> parts, int column)
    {
        var values = new List<double>();
        foreach (var part in parts) values.AddRange(part.Series[column][part.From..part.To]);
        return TargetScaling.Measure("standard", [.. values]);
    }

    static double Least(ReadOnlySpan<double> values)
    {
        var least = double.PositiveInfinity;
        foreach (var value in values)
            if (value < least) least = value;
        return least;
    }
}
