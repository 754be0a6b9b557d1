namespace Unroll.Data;

/// <summary>A stream in columns of one length, the last of them perhaps cut short by the end of the stream.</summary>
sealed class Columns(TokenStream stream, int batch, int length)
{
    public int Batch => batch;

    public int Length => length;

    public Chunk Fill(int position, int steps, Span<int> inputs, Span<int> targets, Span<bool> resets)
    {
        var size = steps * batch;
        if (inputs.Length < size) Throw.SpanTooShort(nameof(inputs), inputs.Length, size);
        if (targets.Length < size) Throw.SpanTooShort(nameof(targets), targets.Length, size);
        if (resets.Length < size) Throw.SpanTooShort(nameof(resets), resets.Length, size);
        var starts = stream.DocumentStarts;
        var count = 0;
        var inside = false;
        resets[..size].Clear();
        resets[..batch].Fill(position == 0);
        for (var b = 0; b < batch; b++)
        {
            var first = (long)b * length + position;
            var live = (int)Math.Clamp(stream.Count - 1 - first, 0, steps);
            var ids = live > 0 ? stream.Ids.Slice((int)first, live + 1) : default;
            for (var t = 0; t < live; t++)
            {
                inputs[t * batch + b] = ids[t];
                targets[t * batch + b] = ids[t + 1];
            }
            for (var t = live; t < steps; t++)
            {
                inputs[t * batch + b] = 0;
                targets[t * batch + b] = -1;
            }
            count += live;
            for (var d = FirstAtLeast(starts, first); d < starts.Length && starts[d] - first <= live; d++)
            {
                var t = (int)(starts[d] - first);
                if (t < live)
                {
                    resets[t * batch + b] = true;
                    inside |= t > 0;
                }
                if (t == 0) continue;
                targets[(t - 1) * batch + b] = -1;
                count--;
            }
        }
        return new Chunk(steps, count, resets[..batch].Contains(true), inside);
    }

    static int FirstAtLeast(ReadOnlySpan<int> starts, long place)
    {
        if (place > starts[^1]) return starts.Length;
        var found = starts.BinarySearch((int)place);
        return found >= 0 ? found : ~found;
    }
}
