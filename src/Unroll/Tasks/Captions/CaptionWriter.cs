using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Writes captions of pictures, with one captioner or several together.</summary>
/// <remarks>Safe for use by several threads, as long as no model of it is trained meanwhile.</remarks>
public sealed class CaptionWriter
{
    readonly IReadOnlyList<Captioner> _models;
    readonly DecodingOptions _options;
    readonly SequenceDecoder _decoder;

    /// <summary>A writer of captions.</summary>
    /// <param name="models">At least one; of several the probabilities are averaged (an ensemble).</param>
    /// <param name="options">How texts are chosen.</param>
    /// <exception cref="UnrollException">The models have different symbols, or options contradict each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public CaptionWriter(IReadOnlyList<Captioner> models, DecodingOptions options) => (_models, _options, _decoder) = (models, options, new(models, options));

    /// <summary>The captions of each picture, the best first.</summary>
    /// <param name="pictures">Pictures of the models' size.</param>
    /// <param name="rng">Where samples are drawn from: picture i's from a stream of its own; not needed without sampling.</param>
    /// <param name="first">The number of the first picture, where these are a part of more: picture i's samples are those of number first + i.</param>
    /// <param name="cancellation">Ends the work between batches with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">A picture has another size.</exception>
    public IReadOnlyList<GeneratedText>[] Describe(IReadOnlyList<Series> pictures, Rng? rng = null, int first = 0, CancellationToken cancellation = default)
    {
        var target = _models[0].Target;
        string[] rows = [.. Enumerable.Range(1, _models[0].Config.SeenRows).Select(r => $"row {r}")];
        var found = new IReadOnlyList<GeneratedText>[pictures.Count];
        foreach (var batch in Enumerable.Range(0, pictures.Count).Chunk(_options.Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scratch = Tape.Scratch();
            State[] starts = [.. _models.Select(m => m.Look(Pictures(m, batch.Select(i => m.Prepare(pictures[i])))))];
            int[] limits = [.. batch.Select(_ => _options.Limit(null))];
            var decoded = _decoder.Run(starts, limits, Translator.Samplers(_options, batch.Select(i => first + i), rng));
            for (var b = 0; b < batch.Length; b++)
                found[batch[b]] = [.. decoded[b].Select(d => new GeneratedText(target.Decode(d.Ids), Translator.Symbols(target, d.Ids), rows, d) { AtLimit = d.Ids.Length >= limits[b] })];
        }
        return found;
    }

    /// <summary>Pictures that are to scale, as the model takes them.</summary>
    internal static Tensor Pictures(Captioner model, IEnumerable<Real[]> pictures)
    {
        var all = pictures.ToArray();
        var size = model.Config.SeenRows * model.Config.SeenFeatures;
        var x = Tensor.New(new(all.Length, size));
        for (var i = 0; i < all.Length; i++) all[i].CopyTo(x.Values[(i * size)..]);
        return x;
    }
}
