using System.Text;
using System.Xml.Linq;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class RunLogTests
{
    [Fact]
    public void What_is_logged_is_read_back()
    {
        using var stream = new MemoryStream();
        Log(new RunLog(stream), 10, 20);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.StartsWith(
            """
            {"iteration":10,"epoch":0.1,"loss":0.5,"lr":0.002,"gradient_norm":null,"tokens_per_s":1234.6}
            {"iteration":10,"epoch":0.1,"valid_loss":0.25,"perplexity":1.5}

            """, text, StringComparison.Ordinal);
        stream.Position = 0;
        var entries = RunLog.Read(stream);
        Assert.Equal([10L, 10, 20, 20], entries.Select(e => e.Iteration));
        var first = new LogEntry { Iteration = 10, Epoch = 0.1, Loss = 0.5, LearningRate = 0.002, TokensPerSecond = 1234.6 };
        Assert.Empty(entries[0].Metrics);
        Assert.Equal(first with { Metrics = entries[0].Metrics }, entries[0]);
        Assert.Equal((null, 0.25, 1.5), (entries[1].Loss, entries[1].ValidLoss, entries[1].Metrics["perplexity"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"iteration\":30,\"lo")]
    [InlineData("{\"iteration\":30,\"lo\n")]
    public void A_resumed_log_loses_what_came_after_the_checkpoint_and_a_torn_line(string torn)
    {
        using var stream = new MemoryStream();
        Log(new RunLog(stream), 10, 20, 30, 40);
        stream.Write(Encoding.UTF8.GetBytes(torn));
        Log(RunLog.Resume(stream, 20), 30);
        stream.Position = 0;
        Assert.Equal([10L, 10, 20, 20, 30, 30], RunLog.Read(stream).Select(e => e.Iteration));
        Assert.Equal((byte)'\n', stream.ToArray()[^1]);

        RunLog.Resume(stream, 0);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void A_line_that_is_none_is_named()
    {
        foreach (var bad in new[] { "nonsense", "[]", "{}", "{\"iteration\":\"x\"}", "{\"iteration\":1.5}", "" })
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"{{\"iteration\":1}}\n{bad}\n{{\"iteration\":2}}\n"));
            Assert.Contains("Line 2", Assert.ThrowsAny<UnrollException>(() => RunLog.Read(stream)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reports_allocate_nothing_after_the_first()
    {
        var log = new RunLog(Stream.Null);
        log.OnStep(Report(1));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 10; i++) log.OnStep(Report(i));
        }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5000)]
    public void The_curve_is_well_formed_and_stays_on_its_paper(int lines)
    {
        var entries = Enumerable.Range(1, lines).SelectMany(i => new LogEntry[]
        {
            new() { Iteration = 10 * i, Loss = i % 7 == 3 ? double.NaN : 4.0 / i + 1 },
            new() { Iteration = 10 * i, ValidLoss = 1.5 },
        }).ToArray();
        var svg = LearningCurve.ToSvg(entries);
        Assert.InRange(svg.Length, 500, 20_000);
        var root = XElement.Parse(svg);
        var points = root.Elements().Where(e => e.Name.LocalName == "polyline").SelectMany(e => e.Attribute("points")!.Value.Split(' '));
        foreach (var point in points)
        {
            var xy = point.Split(',').Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.InRange(xy[0], 0, 800);
            Assert.InRange(xy[1], 0, 450);
        }
        Assert.DoesNotContain(root.Descendants(), e => e.Name.LocalName == "script");
    }

    static void Log(RunLog log, params long[] iterations)
    {
        foreach (var i in iterations)
        {
            log.OnStep(Report(i));
            ((ITrainingObserver)log).OnCheckpoint(i, best: true);
            log.OnValidation(new(i, i / 100.0, new Validation(0.25, ("perplexity", 1.5)), IsBest: true));
        }
    }

    static StepReport Report(long i) => new(i, 100, i / 100.0, 0.5, 0.002, double.NaN, 1234.56, default);

    [Fact]
    public void A_plan_stays_when_the_log_goes_on()
    {
        using var stream = new MemoryStream();
        var log = new RunLog(stream);
        log.OnPlan(new() { ["effort"] = "quick" });
        log.OnScore(3, 1, "test", new() { ["loss"] = 1 });
        _ = RunLog.Resume(stream, 0);
        stream.Position = 0;
        Assert.False(Assert.Single(RunLog.Read(stream)).IsScore);
    }
}
