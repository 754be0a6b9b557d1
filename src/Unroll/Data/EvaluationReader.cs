namespace Unroll.Data;

/// <summary>
/// Reads a whole stream once, for evaluation: in columns like <see cref="ChunkReader"/>, but to the very last token, so that every
/// token except the first of each document is a target once.
/// </summary>
/// <remarks>
/// With k = ⌈(count − 1) / batch⌉ the last columns can be shorter; their rows end with token 0 and no target. One row carries the state
/// over the whole text; more rows are faster, and each begins with the state at zero.
/// </remarks>
internal sealed class EvaluationReader
{
    readonly Columns _columns;
    int _position;

    /// <summary>Starts at the beginning of a stream.</summary>
    /// <param name="stream">The tokens to evaluate on.</param>
    /// <param name="batch">B, the number of rows; at least 1.</param>
    /// <param name="steps">T, the most steps in a chunk; at least 1.</param>
    /// <exception cref="UnrollException">The stream has no document of two tokens.</exception>
    public EvaluationReader(TokenStream stream, int batch, int steps)
    {
        if (batch < 1) Throw.OutOfRange(nameof(batch), batch, "at least 1");
        if (steps < 1) Throw.OutOfRange(nameof(steps), steps, "at least 1");
        if (stream.Count < 2) Throw.TextTooShortToEvaluate(stream.Count);
        if (stream.DocumentStarts.Length == stream.Count) Throw.NoTargets();
        _columns = new Columns(stream, batch, (stream.Count - 2) / batch + 1);
        Steps = Math.Min(steps, _columns.Length);
        Targets = stream.Count - stream.DocumentStarts.Length;
        TargetCharacters = stream.CharacterCount;
        foreach (var start in stream.DocumentStarts) TargetCharacters -= stream.Tokenizer.CountCharacters(stream.Ids.Slice(start, 1));
    }

    /// <summary>B, the number of rows.</summary>
    public int Batch => _columns.Batch;

    /// <summary>The most steps in a chunk.</summary>
    public int Steps { get; }

    /// <summary>The number of targets in the whole stream.</summary>
    public int Targets { get; }

    /// <summary>The number of Unicode scalar values that the targets stand for: what bits per character are counted by.</summary>
    public long TargetCharacters { get; }

    /// <summary>Reads the next chunk, the last with fewer steps as a rule; false when the stream has ended.</summary>
    /// <inheritdoc cref="ChunkReader.Next"/>
    public bool TryNext(Span<int> inputs, Span<int> targets, Span<bool> resets, out Chunk chunk)
    {
        chunk = default;
        if (_position == _columns.Length) return false;
        var steps = Math.Min(Steps, _columns.Length - _position);
        chunk = _columns.Fill(_position, steps, inputs, targets, resets);
        _position += steps;
        return true;
    }
}
