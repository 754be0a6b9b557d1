using Parquet;
using Parquet.Schema;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class TimeSeriesParquetTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Columns_of_every_type_are_read()
    {
        var fields = new DataField[] { new DataField<DateTime>("when"), new DataField<double?>("a"), new DataField<int>("b"), new DataField<string>("kind"), new DataField<bool>("open"), new DataField<float>("c"), new DataField<decimal>("d") };
        await using (var file = File.Create(_folder["a.bin"]))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
            foreach (var group in new[] { 0, 3 })
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync<DateTime>(fields[0], Enumerable.Range(group, 3).Select(i => new DateTime(2024, 1, 1, i, 0, 0, DateTimeKind.Utc)).ToArray());
                await rows.WriteAsync<double>(fields[1], Enumerable.Range(group, 3).Select(i => i == 1 ? null : (double?)i).ToArray());
                await rows.WriteAsync<int>(fields[2], Enumerable.Range(group, 3).ToArray());
                await rows.WriteAsync(fields[3], Enumerable.Range(group, 3).Select(i => i % 2 == 0 ? "x" : "y").ToArray());
                await rows.WriteAsync<bool>(fields[4], Enumerable.Range(group, 3).Select(i => i > 2).ToArray());
                await rows.WriteAsync<float>(fields[5], Enumerable.Range(group, 3).Select(i => i + 0.5f).ToArray());
                await rows.WriteAsync<decimal>(fields[6], Enumerable.Range(group, 3).Select(i => i + 0.25m).ToArray());
            }
        }
        var report = new ReadingReport();
        var table = TimeSeriesFile.Read([_folder["a.bin"]], report: report);
        var series = table.Series.Single();
        Assert.Equal(["a", "b", "kind", "open", "c", "d"], table.Columns.Select(c => c.Name));
        Assert.Equal((new DateTime(2024, 1, 1), "h"), (series.Start!.Value, series.Step.ToString()!));
        Assert.Equal([0, double.NaN, 2, 3, 4, 5], series[0].ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5], series[1].ToArray());
        Assert.Equal([0, 1, 0, 1, 0, 1], series[2].ToArray());
        Assert.Equal([0, 0, 0, 1, 1, 1], series[3].ToArray());
        Assert.Equal([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], series[4].ToArray());
        Assert.Equal(5.25, series[5][5]);
        Assert.Contains(report.Facts, f => f == new ReadingFact("format", "parquet"));
        var bytes = File.ReadAllBytes(_folder["a.bin"]);
        TimeSeriesFuzz.Run(bytes, _folder["c"], 300);
        File.WriteAllBytes(_folder["b"], bytes[..^20]);
        Assert.Contains("Parquet table cannot be read", Assert.ThrowsAny<UnrollException>(() => TimeSeriesFile.Read([_folder["b"]])).Message);
        Assert.Contains("a Parquet table", Assert.ThrowsAny<UnrollException>(() => TextFile.Read(_folder["a.bin"])).Message);
    }
}
