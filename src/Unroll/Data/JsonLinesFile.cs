using System.Text;
using System.Text.Json;

namespace Unroll.Data;

/// <summary>Reads one JSON object a line: examples, <c>{"text": "…", "label": "…"}</c>, or pairs of texts.</summary>
/// <remarks>
/// The text is a string; the label a string, a number, true or false, or an array of these, where classes do not exclude each other. Other
/// fields are passed over, and so are lines of blanks only.
/// </remarks>
internal static class JsonLinesFile
{
    /// <summary>Reads all examples.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="textField">The field of the text. If null, one with a usual name: text, sentence, document, review and others.</param>
    /// <param name="labelField">The field of the label or labels. If null, one with a usual name: label, class, category and others.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="needsLabels">False: the label may be missing or null, for texts whose label is to be predicted.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">The file cannot be read as text, has no example, or has lines that are no such object.</exception>
    public static IReadOnlyList<Example> Read(
        string path, string? textField = null, string? labelField = null, Encoding? encoding = null, bool needsLabels = true, ReadingReport? report = null)
    {
        var examples = Objects(path, encoding, report, line =>
        {
            if (textField is null || labelField is null)
            {
                var fields = Fields(line.Bytes);
                textField ??= Known(fields, FieldNames.Texts);
                labelField ??= Known(fields, FieldNames.Labels);
                if (textField is null) Throw.FieldNotTold(path, line.Number, "text", FieldNames.Show(fields));
                if (labelField is null && needsLabels) Throw.FieldNotTold(path, line.Number, "label", FieldNames.Show(fields));
            }
            return Parse(line.Bytes, textField, labelField, needsLabels) with { Source = $"{path}, line {line.Number}" };
        });
        report?.Add("text field", textField!);
        if (labelField is not null) report?.Add("label field", labelField);
        return examples;
    }

    /// <summary>Reads pairs of texts: <c>{"source": "…", "target": "…"}</c>.</summary>
    /// <param name="path">The file, packed with gzip or not.</param>
    /// <param name="sourceField">The field of what is read. If null, one with a usual name: source, input, question, prompt and others.</param>
    /// <param name="targetField">The field of what is to be written. If null, one with a usual name: target, output, answer, response and others.</param>
    /// <param name="encoding">Of <see cref="TextEncoding.Find"/>; UTF-8 if null.</param>
    /// <param name="report">Gets what was detected, left out and is doubtful.</param>
    /// <exception cref="UnrollException">The file cannot be read as text, has no pair, or has lines that are no such object.</exception>
    public static IReadOnlyList<TextPair> ReadPairs(
        string path, string? sourceField = null, string? targetField = null, Encoding? encoding = null, ReadingReport? report = null)
    {
        var pairs = Objects(path, encoding, report, line =>
        {
            if (sourceField is null || targetField is null)
            {
                var fields = Fields(line.Bytes);
                sourceField ??= Known(fields, FieldNames.Sources);
                targetField ??= Known(fields, FieldNames.Targets);
                if (sourceField is null) Throw.FieldNotTold(path, line.Number, "source", FieldNames.Show(fields));
                if (targetField is null) Throw.FieldNotTold(path, line.Number, "target", FieldNames.Show(fields));
            }
            var source = Parse(line.Bytes, sourceField, null, needsLabels: false).Text!.Trim();
            var target = Parse(line.Bytes, targetField, null, needsLabels: false).Text!.Trim();
            return new TextPair(source, target, $"{path}, line {line.Number}");
        });
        report?.Add("source field", sourceField!);
        report?.Add("target field", targetField!);
        return pairs;
    }

    /// <summary>One line that is not blank, in UTF-8, and which it is, from 1.</summary>
    internal readonly record struct Line(byte[] Bytes, int Number);

    static string? Known(List<string> fields, string[] names) => FieldNames.Find(fields, names) is >= 0 and var i ? fields[i] : null;

    /// <summary>What <paramref name="read"/> makes of every line.</summary>
    internal static List<T> Objects<T>(string path, Encoding? encoding, ReadingReport? report, Func<Line, T> read)
    {
        var content = TextFile.Read(path, encoding, report);
        JsonShape.RefuseAllButLines(path, content);
        var objects = new List<T>();
        var problems = new ProblemList();
        var number = 0;
        foreach (var range in content.AsSpan().Split('\n'))
        {
            number++;
            var line = content.AsSpan(range);
            if (line.IsWhiteSpace())
            {
                report?.LeaveOut("empty lines", range.End.Value < content.Length ? 1 : 0);
                continue;
            }
            var bytes = new byte[Encoding.UTF8.GetByteCount(line)];
            Encoding.UTF8.GetBytes(line, bytes);
            try
            {
                objects.Add(read(new(bytes, number)));
            }
            catch (FieldException e)
            {
                problems.Add($"line {number:N0}, column {Column(bytes, e.Offset):N0}: {e.Message}");
            }
            catch (JsonException e)
            {
                problems.Add($"line {number:N0}, column {Column(bytes, e.BytePositionInLine ?? 0):N0}: not JSON: {WithoutPlace(e.Message)}");
            }
            if (problems.IsFull) break;
        }
        problems.ThrowIfAny($"{path} cannot be read as JSON lines");
        if (objects.Count == 0) Throw.NoExamples(path, "JSON lines");
        return objects;
    }

    static List<string> Fields(ReadOnlySpan<byte> line)
    {
        var names = new List<string>();
        var reader = Object(line);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(Text(ref reader, "the name of a field"));
            reader.Read();
            reader.Skip();
        }
        if (names.Count == 0) throw new FieldException(0, "an empty object, without fields");
        return names;
    }

    static Example Parse(ReadOnlySpan<byte> line, string textField, string? labelField, bool needsLabels)
    {
        string? text = null;
        List<string>? labels = null;
        var hasLabel = false;
        var reader = Object(line);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader, "the name of a field");
            var (isText, isLabel) = (name == textField, name == labelField);
            if (isText && text is not null || isLabel && hasLabel) throw new FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(name)} is there twice; which one is meant cannot be told");
            hasLabel |= isLabel;
            reader.Read();
            if (isText)
            {
                if (reader.TokenType != JsonTokenType.String)
                    throw new FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(textField)} is not a string");
                text = Text(ref reader, ProblemList.Quote(textField));
            }
            if (isLabel) labels = Labels(ref reader, labelField!);
            else reader.Skip();
        }
        while (reader.Read()) ;                                          // refuses what follows the object
        if (text is null) throw new FieldException(0, $"there is no field {ProblemList.Quote(textField)}");
        if (labels is null && needsLabels) throw new FieldException(0, $"there is no field {ProblemList.Quote(labelField!)}");
        return new() { Text = text, Labels = labels ?? [], Source = "" };
    }

    /// <summary>A reader that stands at the start of the line's object.</summary>
    internal static Utf8JsonReader Object(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new FieldException(reader.TokenStartIndex, "expected an object {…}");
        return reader;
    }

    /// <summary>The labels of one value; none for null.</summary>
    static List<string>? Labels(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return [Label(ref reader, field)];
        var labels = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (Label(ref reader, field) is var label && !labels.Contains(label)) labels.Add(label);
        return labels;
    }

    static string Label(ref Utf8JsonReader reader, string field)
    {
        var label = reader.TokenType switch
        {
            JsonTokenType.String => LabelText.Clean(Text(ref reader, ProblemList.Quote(field))),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => throw new FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(field)} is not a string, a number or a list of these"),
        };
        if (label.Length == 0) throw new FieldException(reader.TokenStartIndex, $"{ProblemList.Quote(field)} is empty");
        return label;
    }

    /// <summary>A string's characters; JSON can write half of a surrogate pair, which is none.</summary>
    internal static string Text(ref Utf8JsonReader reader, string place)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException(reader.TokenStartIndex, $"{place} has half a surrogate pair, which is no character");
        }
    }

    static int Column(ReadOnlySpan<byte> line, long offset) => 1 + Encoding.UTF8.GetCharCount(line[..(int)Math.Min(offset, line.Length)]);

    /// <summary>The reader's message without the place, which it counts from 0 and in bytes.</summary>
    static string WithoutPlace(string message) => message.IndexOf(" LineNumber:", StringComparison.Ordinal) is >= 0 and var end ? message[..end] : message;

    /// <summary>What is wrong with a field, and at which byte of its line.</summary>
    internal sealed class FieldException(long offset, string message) : Exception(message)
    {
        public long Offset => offset;
    }
}
