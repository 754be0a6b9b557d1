using System.Text;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>A text that was written.</summary>
/// <param name="Text">The text; empty for an empty source.</param>
/// <param name="Tokens">Its tokens as people see them, and the end, which rows of the attention belong to.</param>
/// <param name="SourceTokens">Of a text that was read, its tokens and the end, which columns of the attention belong to; of a picture its rows.</param>
/// <param name="Sequence">Tokens, scores and attention as numbers.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<string> Tokens, IReadOnlyList<string> SourceTokens, DecodedSequence Sequence)
{
    /// <summary>How many tokens of the source were not read, being past <see cref="Translator.MaxSourceTokens"/>.</summary>
    public int Unread { get; init; }

    /// <summary>Whether the text is as long as the options allow: the model may have had more to say, or no end to find.</summary>
    public bool AtLimit { get; init; }
}

/// <summary>Translates texts, with one model or several together, in batches of similar lengths.</summary>
/// <remarks>Safe for use by several threads, as long as no model of it is trained meanwhile.</remarks>
public sealed class Translator
{
    /// <summary>The most tokens of a source that are read, what follows being left out (<see cref="GeneratedText.Unread"/>): a text without end must not take all memory.</summary>
    public const int MaxSourceTokens = 4096;

    readonly IReadOnlyList<Seq2Seq> _models;
    readonly DecodingOptions _options;
    readonly SequenceDecoder _decoder;

    /// <summary>A translator.</summary>
    /// <param name="models">At least one; of several the probabilities are averaged (an ensemble).</param>
    /// <param name="options">How texts are chosen.</param>
    /// <exception cref="UnrollException">The models have different symbols, or options contradict each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Translator(IReadOnlyList<Seq2Seq> models, DecodingOptions options)
    {
        _decoder = new(models, options);
        for (var m = 1; m < models.Count; m++)
            if (models[m].Source.ToJson().ToJsonString() != models[0].Source.ToJson().ToJsonString()) Throw.EnsembleSymbols(m);
        (_models, _options) = (models, options);
    }

    /// <summary>Whether an unknown token that was written becomes the source's word that got the most attention (Jean 2015). Default true.</summary>
    public bool ReplacesUnknown { get; init; } = true;

    /// <summary>The translations of each text, the best first.</summary>
    /// <param name="texts">What is read; an empty one gives an empty text.</param>
    /// <param name="rng">Where samples are drawn from: text i's from a stream of its own, whatever stands beside it; not needed without sampling.</param>
    /// <param name="first">The number of the first text, where these are a part of more: text i's samples are those of number first + i.</param>
    /// <param name="cancellation">Ends the work between batches with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">A text has characters that the model cannot read.</exception>
    public IReadOnlyList<GeneratedText>[] Translate(IReadOnlyList<string> texts, Rng? rng = null, int first = 0, CancellationToken cancellation = default)
    {
        var source = _models[0].Source;
        var found = new IReadOnlyList<GeneratedText>[texts.Count];
        var sources = new int[texts.Count][];
        var unread = new int[texts.Count];
        var work = new List<int>();
        for (var i = 0; i < texts.Count; i++)
        {
            sources[i] = source.Encode(texts[i]);
            if ((unread[i] = Math.Max(0, sources[i].Length - MaxSourceTokens)) > 0) sources[i] = sources[i][..MaxSourceTokens];
            if (sources[i].Length > 0) work.Add(i);
            else found[i] = [new("", [TextCoder.End], [TextCoder.End], new([], 0, 0, [], 0))];
        }
        work.Sort((a, b) => sources[a].Length != sources[b].Length ? sources[a].Length.CompareTo(sources[b].Length) : a.CompareTo(b));
        foreach (var batch in work.Chunk(_options.Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            var decoded = Decode(batch, sources, first, rng);
            for (var b = 0; b < batch.Length; b++)
            {
                var (text, ids) = (texts[batch[b]], sources[batch[b]]);
                found[batch[b]] = [.. decoded[b].Select(d => Write(d, text, ids) with { Unread = unread[batch[b]] })];
            }
        }
        return found;
    }

    DecodedSequence[][] Decode(int[] batch, int[][] sources, int first, Rng? rng)
    {
        using var scratch = Tape.Scratch();
        var lengths = Array.ConvertAll(batch, i => sources[i].Length + 1);
        var steps = lengths.Max();
        var source = new TokenMatrix(steps, batch.Length);
        for (var b = 0; b < batch.Length; b++)
            for (var s = 0; s < lengths[b]; s++) source[s, b] = s < lengths[b] - 1 ? sources[batch[b]][s] : _models[0].Source.EndId;
        var ragged = new Lengths(lengths, steps);
        State[] starts = [.. _models.Select(m => m.Read(source, ragged))];
        int[] limits = [.. batch.Select(i => _options.Limit(sources[i].Length))];
        return _decoder.Run(starts, limits, Samplers(_options, batch.Select(i => first + i), rng));
    }

    /// <summary>For each input its samplers, each with random numbers that depend on the input's place alone; null without sampling.</summary>
    internal static Sampler[]? Samplers(DecodingOptions options, IEnumerable<int> inputs, Rng? rng) => options.Sampling is not { } sampling ? null :
        [.. from i in inputs from j in Enumerable.Range(0, options.Best) select new Sampler(sampling, (rng ?? new Rng(0)).Fork($"sample {i}.{j}"))];

    GeneratedText Write(DecodedSequence decoded, string text, int[] sourceIds)
    {
        var (source, target) = (_models[0].Source, _models[0].Target);
        var unknown = ReplacesUnknown && decoded.Attention.Length > 0 && decoded.Ids.Length > 0 ? target.UnknownId : null;
        var written = unknown is { } u && decoded.Ids.AsSpan().Contains(u) ? WithWords(decoded, u, text) : target.Decode(decoded.Ids);
        return new(written, Symbols(target, decoded.Ids), Symbols(source, sourceIds), decoded) { AtLimit = decoded.Ids.Length >= _options.Limit(sourceIds.Length) };
    }

    internal static IReadOnlyList<string> Symbols(TextCoder coder, int[] ids) => [.. ids.Select(coder.Symbol), TextCoder.End];

    /// <summary>The text with the words of the source for what is unknown; the source's end is no word.</summary>
    string WithWords(DecodedSequence decoded, int unknown, string text)
    {
        var source = _models[0].Source;
        text = source.Normalizer.Apply(text);
        var places = source.Tokenizer.Locate(text);
        var decoder = new TokenDecoder(_models[0].Target.Tokenizer);
        var written = new StringBuilder();
        for (var t = 0; t < decoded.Ids.Length; t++)
        {
            var piece = decoder.Next(decoded.Ids[t]);
            var row = decoded.Attention.AsSpan(t * decoded.Steps, Math.Min(decoded.Steps, places.Length));
            if (decoded.Ids[t] != unknown || row.IsEmpty)
            {
                written.Append(piece);
                continue;
            }
            if (piece is [' ', ..]) written.Append(' ');
            var most = 0;
            for (var s = 1; s < row.Length; s++)
                if (row[s] > row[most]) most = s;
            written.Append(text.AsSpan()[places[most]]);
        }
        return written.Append(decoder.Finish()).ToString();
    }
}
