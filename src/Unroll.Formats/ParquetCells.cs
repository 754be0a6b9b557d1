using Parquet;
using Parquet.Schema;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>Reads the cells of a Parquet table: columns of numbers, texts, true or false, and times. Nested columns are left out.</summary>
static class ParquetCells
{
    const long FewRows = 1_000_000, MostRowsPerByte = 100;

    public static CellTable Read(string path, Stream stream, ReadingReport? report)
    {
        try
        {
            return ReadAsync(path, stream, report).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (UnrollException or OutOfMemoryException))           // a damaged table makes the package throw whatever comes
        {
            throw Throw.ParquetUnreadable(path, e);
        }
    }

    static async Task<CellTable> ReadAsync(string path, Stream stream, ReadingReport? report)
    {
        await using var reader = await ParquetReader.CreateAsync(stream, new ParquetOptions { TreatByteArrayAsString = true }).ConfigureAwait(false);
        var groups = Enumerable.Range(0, reader.RowGroupCount).Select(reader.OpenRowGroupReader).ToArray();
        var rows = groups.Sum(g => g.RowCount);
        if (rows > Math.Max(FewRows, MostRowsPerByte * stream.Length)) throw new InvalidDataException($"it claims {rows:N0} rows in {stream.Length:N0} bytes");
        if (rows == 0) Throw.NoRows(path);
        var columns = new List<CellColumn>();
        foreach (var field in reader.Schema.Fields)
        {
            var column = field is DataField { IsArray: false } data ? await ReadAsync(groups, data, (int)rows).ConfigureAwait(false) : null;
            if (column is not null) columns.Add(column);
            else report?.Add("columns left out", field.Name);
        }
        foreach (var group in groups) group.Dispose();
        return new() { Source = path, Rows = (int)rows, Columns = [.. columns], Place = (row, column) => column < 0 ? $"row {row + 1:N0}" : $"row {row + 1:N0}, column {ProblemList.Quote(columns[column].Name)}" };
    }

    /// <summary>A column; null where it is of a type that is no cell.</summary>
    static async Task<CellColumn?> ReadAsync(ParquetRowGroupReader[] groups, DataField field, int rows)
    {
        var type = field.ClrType;
        if (type == typeof(string) || type == typeof(ReadOnlyMemory<char>)) return await TextsAsync(groups, field, rows).ConfigureAwait(false);
        if (type == typeof(DateTime)) return await TimesAsync<DateTime>(groups, field, rows, t => t).ConfigureAwait(false);
        if (type == typeof(DateOnly)) return await TimesAsync<DateOnly>(groups, field, rows, d => d.ToDateTime(default)).ConfigureAwait(false);
        if (type == typeof(double)) return await NumbersAsync<double>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(float)) return await NumbersAsync<float>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(long)) return await NumbersAsync<long>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(ulong)) return await NumbersAsync<ulong>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(int)) return await NumbersAsync<int>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(uint)) return await NumbersAsync<uint>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(short)) return await NumbersAsync<short>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(ushort)) return await NumbersAsync<ushort>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(sbyte)) return await NumbersAsync<sbyte>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(byte)) return await NumbersAsync<byte>(groups, field, rows, v => v).ConfigureAwait(false);
        if (type == typeof(bool)) return await NumbersAsync<bool>(groups, field, rows, v => v ? 1 : 0).ConfigureAwait(false);
        if (type == typeof(decimal)) return await NumbersAsync<decimal>(groups, field, rows, v => (double)v).ConfigureAwait(false);
        return null;
    }

    static async Task<CellColumn> TextsAsync(ParquetRowGroupReader[] groups, DataField field, int rows)
    {
        var (texts, at) = (new string[rows], 0);
        foreach (var group in groups)
        {
            var read = new string?[(int)group.RowCount];
            await group.ReadAsync(field, read.AsMemory()).ConfigureAwait(false);
            foreach (var text in read) texts[at++] = text?.Trim() ?? "";
        }
        return new(field.Name) { Texts = texts };
    }

    static async Task<CellColumn> NumbersAsync<T>(ParquetRowGroupReader[] groups, DataField field, int rows, Func<T, double> convert) where T : struct =>
        new(field.Name) { Numbers = await ValuesAsync(groups, field, rows, convert, double.NaN).ConfigureAwait(false) };

    static async Task<CellColumn> TimesAsync<T>(ParquetRowGroupReader[] groups, DataField field, int rows, Func<T, DateTime> convert) where T : struct =>
        new(field.Name) { Times = await ValuesAsync<T, DateTime>(groups, field, rows, v => DateTime.SpecifyKind(convert(v), DateTimeKind.Unspecified), DateTime.MinValue).ConfigureAwait(false) };

    static async Task<TResult[]> ValuesAsync<T, TResult>(ParquetRowGroupReader[] groups, DataField field, int rows, Func<T, TResult> convert, TResult missing) where T : struct
    {
        var (values, at) = (new TResult[rows], 0);
        foreach (var group in groups)
        {
            if (field.IsNullable)
            {
                var read = new T?[(int)group.RowCount];
                await group.ReadAsync<T>(field, read.AsMemory()).ConfigureAwait(false);
                foreach (var value in read) values[at++] = value is { } known ? convert(known) : missing;
            }
            else
            {
                var read = new T[(int)group.RowCount];
                await group.ReadAsync<T>(field, read.AsMemory()).ConfigureAwait(false);
                foreach (var value in read) values[at++] = convert(value);
            }
        }
        return values;
    }
}
