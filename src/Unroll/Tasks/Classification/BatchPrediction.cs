using System.Collections.Concurrent;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Predicts many inputs in batches of about the same length, which threads share.</summary>
internal static class BatchPrediction
{
    const int MostTokens = 1 << 14;             // of a batch: what is computed of them fits a large cache, and its memory is used again

    /// <summary>The rows that a model gives for inputs, in their order.</summary>
    /// <param name="inputs">What is predicted.</param>
    /// <param name="batch">The most that a batch has, at least 1.</param>
    /// <param name="predict">Takes chosen inputs into a batch, and gives a row for each.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    public static Real[][] Of(IReadOnlyList<SequenceInput> inputs, int batch, Prediction predict, IProgress<double>? progress, CancellationToken cancellation)
    {
        var rows = new Real[inputs.Count][];
        if (inputs.Count == 0) return rows;
        int[] lengths = [.. inputs.Select(i => i.Steps)];
        var buckets = LengthBuckets.OfTokens(lengths, lengths, MostTokens, batch: batch);
        int[][] batches = [.. Enumerable.Range(0, buckets.BatchesPerEpoch).Select(_ => buckets.Next().ToArray())];
        var rooms = new ConcurrentBag<SequenceBatch>();
        var done = 0;
        ThreadTeam.Deal(batches.Length, i =>
        {
            cancellation.ThrowIfCancellationRequested();
            var chosen = batches[^(i + 1)];                 // the longest first: no thread is left with one of them in the end
            var room = rooms.TryTake(out var free) ? free : new SequenceBatch();
            using var scratch = Tape.Scratch();
            var y = predict(room, inputs, chosen);
            for (var b = 0; b < chosen.Length; b++) rows[chosen[b]] = y[b].ToArray();
            rooms.Add(room);
            lock (rooms) progress?.Report((double)++done / batches.Length);
        });
        return rows;
    }

    /// <summary>Takes chosen inputs into a batch, and gives a row for each, [B, C].</summary>
    public delegate Tensor Prediction(SequenceBatch room, IReadOnlyList<SequenceInput> inputs, ReadOnlySpan<int> chosen);
}
