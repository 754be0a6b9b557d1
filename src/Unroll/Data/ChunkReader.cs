namespace Unroll.Data;

/// <summary>What a reader filled in.</summary>
/// <param name="Steps">T, the number of steps.</param>
/// <param name="Targets">How many of the T·B targets count, that is, are not −1; 0 is possible where documents are single tokens.</param>
/// <param name="ResetsAtStart">Whether the state of any row is to be set to zero before step 0.</param>
/// <param name="ResetsInside">Whether the state of any row is to be set to zero before a later step.</param>
internal readonly record struct Chunk(int Steps, int Targets, bool ResetsAtStart, bool ResetsInside);

/// <summary>
/// Reads a stream for truncated backpropagation through time: the stream is cut into equal columns, one for each row of the batch, and
/// all columns are read in step, some steps at a time, without end.
/// </summary>
/// <remarks>
/// With k = ⌊(count − 1) / batch⌋ row b reads tokens b·k … b·k + k − 1, and the target of each is the token after it. When fewer than
/// <see cref="Steps"/> steps are left, all columns start again with the state at zero. The state is also set to zero before the first
/// token of a document, and the last token of a document has no target (−1). All arrays are time-major: step t of row b is at t·B + b.
/// </remarks>
internal sealed class ChunkReader
{
    readonly Columns _columns;

    /// <summary>Starts at the beginning of a stream.</summary>
    /// <param name="stream">The tokens to train on.</param>
    /// <param name="batch">B, the number of rows; at least 1.</param>
    /// <param name="steps">T, the number of steps in a chunk; at least 1.</param>
    /// <exception cref="UnrollException">
    /// The stream is shorter than one chunk, has no two different tokens, or has no document of two tokens.
    /// </exception>
    public ChunkReader(TokenStream stream, int batch, int steps)
    {
        if (batch < 1) Throw.OutOfRange(nameof(batch), batch, "at least 1");
        if (steps < 1) Throw.OutOfRange(nameof(steps), steps, "at least 1");
        if ((stream.Count - 1) / batch < steps) Throw.TextTooShort(stream.Count, batch, steps);
        if (!stream.Ids.ContainsAnyExcept(stream.Ids[0])) Throw.NothingToLearn(stream.Tokenizer.Symbol(stream.Ids[0]), stream.Count);
        if (stream.DocumentStarts.Length == stream.Count) Throw.NoTargets();
        _columns = new Columns(stream, batch, (stream.Count - 1) / batch);
        Steps = steps;
    }

    /// <summary>B, the number of rows.</summary>
    public int Batch => _columns.Batch;

    /// <summary>T, the number of steps in every chunk.</summary>
    public int Steps { get; }

    /// <summary>How many chunks are read before the columns start again.</summary>
    public int ChunksPerPass => _columns.Length / Steps;

    /// <summary>How many chunks were read. Setting it goes on from there, in this process or a later one.</summary>
    public long Position
    {
        get;
        set
        {
            if (value < 0) Throw.OutOfRange(nameof(Position), value, "at least 0");
            field = value;
        }
    }

    /// <summary>Reads the next chunk.</summary>
    /// <param name="inputs">At least T·B elements: the tokens.</param>
    /// <param name="targets">At least T·B elements: the token after each, or −1 where none is to be predicted.</param>
    /// <param name="resets">At least T·B elements: whether the row's state is to be set to zero before the step.</param>
    public Chunk Next(Span<int> inputs, Span<int> targets, Span<bool> resets) =>
        _columns.Fill((int)(Position++ % ChunksPerPass) * Steps, Steps, inputs, targets, resets);
}
