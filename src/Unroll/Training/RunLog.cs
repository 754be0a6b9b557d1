using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Training;

/// <summary>A line of a run's log: a report of training, or of a validation.</summary>
internal sealed record LogEntry
{
    /// <summary>How many iterations were made.</summary>
    public required long Iteration { get; init; }

    /// <summary>How many passes through the data were made.</summary>
    public double Epoch { get; init; }

    /// <summary>The mean training loss since the line before; null in the line of a validation.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate; null in the line of a validation.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The gradient's norm before clipping; null in the line of a validation.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The speed; null in the line of a validation.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>The validation loss; null in the line of a report.</summary>
    public double? ValidLoss { get; init; }

    /// <summary>Whether this is the line of a score (<see cref="RunLog.OnScore"/>), which the end of a training writes.</summary>
    public bool IsScore { get; init; }

    /// <summary>The object of a line of statistics (<see cref="TrainingStatistics"/>); null in others.</summary>
    public JsonObject? Statistics { get; init; }

    /// <summary>Other figures of a validation, by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}

/// <summary>
/// Writes how a training goes as JSON lines: one object a line with <c>iteration</c>, <c>epoch</c> and either <c>loss</c>, <c>lr</c>,
/// <c>gradient_norm</c> and <c>tokens_per_s</c>, or <c>valid_loss</c> and the metrics of the task, or <c>statistics</c>, where a training records them; at the end, where there is data to test on,
/// an object with all figures. A number that is not finite is null.
/// </summary>
/// <remarks>
/// Each line is flushed, so that a killed process loses at most the line it was writing; <see cref="Resume"/> removes what is left of it.
/// </remarks>
internal sealed class RunLog : ITrainingObserver
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };   // for files, not for HTML

    static readonly string[] Known = ["epoch", "loss", "lr", "gradient_norm", "tokens_per_s", "valid_loss"];

    readonly Stream _stream;
    readonly ArrayBufferWriter<byte> _line = new();
    readonly Utf8JsonWriter _json;

    /// <summary>A log that is written from where the stream stands. The stream is left open.</summary>
    public RunLog(Stream stream)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(_line, Plain);
    }

    /// <summary>
    /// Continues a log: lines after <paramref name="iteration"/> and those of scores, which the resumed run will write again, are removed, and so is
    /// a torn last line.
    /// </summary>
    /// <param name="stream">The whole log, to read, to write and to seek in. Left open.</param>
    /// <param name="iteration">How many iterations the checkpoint had made.</param>
    /// <exception cref="UnrollException">A line is not one of a log.</exception>
    public static RunLog Resume(Stream stream, long iteration)
    {
        stream.Position = 0;
        var end = 0;
        foreach (var (entry, after) in Lines(ReadAll(stream)))
        {
            if (entry.Iteration > iteration || entry.IsScore) break;
            end = after;
        }
        stream.SetLength(end);
        stream.Position = end;
        return new(stream);
    }

    /// <summary>Reads a log from where the stream stands. A torn last line is passed over.</summary>
    /// <exception cref="UnrollException">A line is not one of a log.</exception>
    public static IReadOnlyList<LogEntry> Read(Stream stream) => [.. Lines(ReadAll(stream)).Select(line => line.Entry)];

    /// <inheritdoc/>
    public void OnStep(in StepReport report)
    {
        Begin(report.Iteration, report.Epoch);
        Write("loss"u8, report.Loss);
        Write("lr"u8, report.LearningRate);
        Write("gradient_norm"u8, report.GradientNorm);
        Write("tokens_per_s"u8, Math.Round(report.TokensPerSecond, 1));
        End();
    }

    /// <inheritdoc/>
    public void OnValidation(ValidationReport report)
    {
        Begin(report.Iteration, report.Epoch);
        Write("valid_loss"u8, report.Result.Loss);
        foreach (var (name, value) in report.Result.Metrics)
            if (double.IsFinite(value)) _json.WriteNumber(name, value);
            else _json.WriteNull(name);
        End();
    }

    /// <inheritdoc/>
    public void OnStatistics(TrainingStatistics statistics) => OnScore(statistics.Iteration, statistics.Epoch, StatisticsName, statistics.ToJson());

    /// <summary>Writes how the model did at the end on data that it was not chosen by: one line with <paramref name="name"/> and an object.</summary>
    /// <param name="iteration">How many iterations were made.</param>
    /// <param name="epoch">How many passes through the data were made.</param>
    /// <param name="name">What it was measured on, such as <c>test</c>.</param>
    /// <param name="score">The figures.</param>
    public void OnScore(long iteration, double epoch, string name, JsonObject score)
    {
        Begin(iteration, epoch);
        _json.WritePropertyName(name);
        score.WriteTo(_json);
        End();
    }

    /// <summary>Writes, before the first iteration, what was planned and why: one line with <c>plan</c> and an object.</summary>
    public void OnPlan(JsonObject plan) => OnScore(0, 0, PlanName, plan);

    const string PlanName = "plan", StatisticsName = "statistics";

    void Begin(long iteration, double epoch)
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("iteration"u8, iteration);
        Write("epoch"u8, Math.Round(epoch, 4));
    }

    void Write(ReadOnlySpan<byte> name, double value)
    {
        if (double.IsFinite(value)) _json.WriteNumber(name, value);
        else _json.WriteNull(name);
    }

    void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        try
        {
            _stream.Write(_line.WrittenSpan);
            _stream.Flush();
        }
        catch (IOException e)
        {
            Throw.LogNotWritten(e);
        }
    }

    static byte[] ReadAll(Stream stream)
    {
        var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    /// <summary>The lines that end, and where each does.</summary>
    static IEnumerable<(LogEntry Entry, int End)> Lines(byte[] bytes)
    {
        var number = 0;
        for (var start = 0; ;)
        {
            var length = Array.IndexOf(bytes, (byte)'\n', start) - start;
            if (length < 0) yield break;
            number++;
            var end = start + length + 1;
            var entry = Parse(bytes.AsMemory(start, length));
            if (entry is null && end == bytes.Length) yield break;
            yield return (entry ?? Throw.LogLine<LogEntry>(number), end);
            start = end;
        }
    }

    static LogEntry? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            long? iteration = null;
            var known = new Dictionary<string, double?>();
            var isScore = false;
            JsonObject? statistics = null;
            var metrics = new Dictionary<string, double>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                double? value = property.Value.ValueKind == JsonValueKind.Number ? property.Value.GetDouble() : null;
                if (property.NameEquals("iteration"u8)) iteration = property.Value.GetInt64();
                else if (Known.Contains(property.Name)) known[property.Name] = value;
                else if (value is { } metric) metrics[property.Name] = metric;
                else if (property.Value.ValueKind != JsonValueKind.Object || property.NameEquals(PlanName)) continue;
                else if (property.NameEquals(StatisticsName)) statistics = JsonObject.Create(property.Value.Clone());
                else isScore = true;
            }
            return iteration is null ? null : new LogEntry
            {
                Iteration = iteration.Value,
                Epoch = known.GetValueOrDefault("epoch") ?? 0,
                Loss = known.GetValueOrDefault("loss"),
                LearningRate = known.GetValueOrDefault("lr"),
                GradientNorm = known.GetValueOrDefault("gradient_norm"),
                TokensPerSecond = known.GetValueOrDefault("tokens_per_s"),
                ValidLoss = known.GetValueOrDefault("valid_loss"),
                IsScore = isScore,
                Statistics = statistics,
                Metrics = metrics,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
