using Unroll.Formats;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

/// <summary>Changed files are read, or refused with a message: no other exception.</summary>
public sealed class TimeSeriesFuzz : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.csv", "date,shop,price\n2024-01-01 10:00,A,1\n2024-01-01 10:00,B,2\n2024-01-01 11:00,A,3\n2024-01-01 12:00,A,NA\n2024-01-01 11:00,B,5\n")]
    [InlineData("a.csv", "id,2024-01-31,2024-02-29,2024-03-31\nx,1,2,3\ny,,3,\n")]
    [InlineData("a.csv", "Q1 2020;1,5\nQ2 2020;2\nQ3 2020;3\n")]
    [InlineData("a.csv", "year,month,a\n9998,11,1\n9998,12,2\n1,1,2\n")]
    [InlineData("a.csv", "V1,V2,V3\nH1,1,2\nH2,1\n")]
    [InlineData("a.jsonl", "{\"ds\": 1704067200, \"y\": 1.5}\n{\"ds\": 1704070800, \"y\": null, \"z\": \"a\"}\n")]
    public void Tables_of_texts(string name, string text) => Run(System.Text.Encoding.UTF8.GetBytes(text), _folder[name], 400);

    internal static void Run(byte[] seed, string path, int count)
    {
        var rng = new Rng(16);
        for (var n = 0; n < count; n++)
        {
            var bytes = seed[..(rng.Next(4) == 0 ? 1 + rng.Next(seed.Length) : seed.Length)];
            for (var i = 1 + rng.Next(4); i > 0; i--) bytes[rng.Next(bytes.Length)] = rng.Next(2) == 0 ? (byte)rng.Next(256) : seed[rng.Next(seed.Length)];
            File.WriteAllBytes(path, bytes);
            var thrown = Record.Exception(() => TimeSeriesFile.Read([path]));
            Assert.True(thrown is null or UnrollException, $"{thrown}\n{System.Text.Encoding.Latin1.GetString(bytes)}");
        }
    }
}
