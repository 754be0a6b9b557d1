namespace Unroll.Data;

/// <summary>What <see cref="LineReader"/> filled in.</summary>
/// <param name="Steps">T, the steps of the longest line.</param>
/// <param name="Rows">How many of the rows hold a line; the others have length 0.</param>
/// <param name="Targets">How many of the T·B targets count, that is, are not −1: the sum of the lengths.</param>
internal readonly record struct LineBatch(int Steps, int Rows, int Targets);

/// <summary>
/// Reads a stream by lines, each a sequence of its own: the end-of-line token is the first input and the last target.
/// </summary>
/// <remarks>
/// A line w₁ … wₙ has n + 1 steps: the inputs are ⏎ w₁ … wₙ, the targets w₁ … wₙ ⏎. The end of a document ends a line too; empty lines
/// are passed over. A batch is padded to its longest line with input 0 and target −1; the last batch of an epoch can have rows of
/// length 0. With a generator the lines of every epoch come in an order of their own, which follows from the generator's key and the
/// number of the epoch.
/// </remarks>
internal sealed class LineReader
{
    readonly TokenStream _stream;
    readonly Rng? _rng;                       // its key names the order; epoch e draws from the numbers after e · 2³²
    readonly int _eol;
    readonly (int Start, int Length)[] _lines;
    readonly int[] _order;
    long _orderEpoch = -1;

    /// <summary>Starts at the first epoch.</summary>
    /// <param name="stream">The tokens.</param>
    /// <param name="batch">B, the number of rows; at least 1.</param>
    /// <param name="rng">Where the order comes from; null keeps the order of the text. It is not advanced.</param>
    /// <param name="maxSteps">The longest line allowed, its end counted; at least 2. Default 4,096.</param>
    /// <exception cref="UnrollException">
    /// The vocabulary has no end of line, all lines are empty, or lines are too long.
    /// </exception>
    public LineReader(TokenStream stream, int batch, Rng? rng = null, int maxSteps = 4096)
    {
        if (batch < 1) Throw.OutOfRange(nameof(batch), batch, "at least 1");
        if (maxSteps < 2) Throw.OutOfRange(nameof(maxSteps), maxSteps, "at least 2");
        if (stream.Tokenizer.EndOfLineId is not { } eol)
        {
            Throw.NoEndOfLine();
            return;
        }
        (_stream, _rng, _eol, Batch) = (stream, rng?.Fork("lines"), eol, batch);
        _lines = Lines(stream, eol, maxSteps);
        if (_lines.Length == 0) Throw.NoLines();
        _order = new int[_lines.Length];
        Steps = _lines.Max(l => l.Length) + 1;
        foreach (var (start, length) in _lines) TargetCharacters += stream.Tokenizer.CountCharacters(stream.Ids.Slice(start, length)) + 1;
    }

    /// <summary>B, the number of rows.</summary>
    public int Batch { get; }

    /// <summary>The steps of the longest line, and so the most in a batch.</summary>
    public int Steps { get; }

    /// <summary>The number of lines that are not empty.</summary>
    public int LineCount => _lines.Length;

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchesPerEpoch => (_lines.Length - 1) / Batch + 1;

    /// <summary>The number of Unicode scalar values that the targets of an epoch stand for, the ends of lines counted.</summary>
    public long TargetCharacters { get; }

    /// <summary>How many batches were read. Setting it goes on from there, in this process or a later one.</summary>
    public long Position
    {
        get;
        set
        {
            if (value < 0) Throw.OutOfRange(nameof(Position), value, "at least 0");
            field = value;
        }
    }

    /// <summary>Reads the next batch; all arrays time-major, step t of row b at t·B + b.</summary>
    /// <param name="inputs">At least <see cref="Steps"/>·B elements: the tokens.</param>
    /// <param name="targets">At least <see cref="Steps"/>·B elements: the token to predict, or −1.</param>
    /// <param name="lengths">At least B elements: the steps of each row.</param>
    public LineBatch Next(Span<int> inputs, Span<int> targets, Span<int> lengths)
    {
        if (lengths.Length < Batch) Throw.SpanTooShort(nameof(lengths), lengths.Length, Batch);
        var (epoch, index) = Math.DivRem(Position, BatchesPerEpoch);
        if (epoch != _orderEpoch) Order(epoch);
        var chosen = _order.AsSpan((int)index * Batch);
        if (chosen.Length > Batch) chosen = chosen[..Batch];

        lengths[..Batch].Clear();
        var (steps, count) = (0, 0);
        for (var b = 0; b < chosen.Length; b++)
        {
            lengths[b] = _lines[chosen[b]].Length + 1;
            steps = Math.Max(steps, lengths[b]);
            count += lengths[b];
        }
        var size = steps * Batch;
        if (inputs.Length < size) Throw.SpanTooShort(nameof(inputs), inputs.Length, Steps * Batch);
        if (targets.Length < size) Throw.SpanTooShort(nameof(targets), targets.Length, Steps * Batch);
        inputs[..size].Clear();
        targets[..size].Fill(-1);
        for (var b = 0; b < chosen.Length; b++)
        {
            var (start, length) = _lines[chosen[b]];
            var line = _stream.Ids.Slice(start, length);
            inputs[b] = _eol;
            for (var t = 0; t < length; t++)
            {
                inputs[(t + 1) * Batch + b] = line[t];
                targets[t * Batch + b] = line[t];
            }
            targets[length * Batch + b] = _eol;
        }
        Position++;
        return new LineBatch(steps, chosen.Length, count);
    }

    void Order(long epoch)
    {
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        if (_rng is not null)
        {
            _rng.State = _rng.State with { Count = (ulong)epoch << 32 };
            _rng.Shuffle<int>(_order);
        }
        _orderEpoch = epoch;
    }

    static (int Start, int Length)[] Lines(TokenStream stream, int eol, int maxSteps)
    {
        var lines = new List<(int Start, int Length)>();
        var tooLong = new List<(int Line, int Steps)>();
        var number = 0;
        for (var d = 0; d < stream.DocumentStarts.Length; d++)
        {
            var end = d + 1 < stream.DocumentStarts.Length ? stream.DocumentStarts[d + 1] : stream.Count;
            for (var start = stream.DocumentStarts[d]; start < end;)
            {
                var length = stream.Ids[start..end].IndexOf(eol);
                if (length < 0) length = end - start;
                number++;
                if (length >= maxSteps) tooLong.Add((number, length + 1));
                if (length > 0) lines.Add((start, length));
                start += length + 1;
            }
        }
        if (tooLong.Count > 0) Throw.LinesTooLong(tooLong, maxSteps);
        return [.. lines];
    }
}
