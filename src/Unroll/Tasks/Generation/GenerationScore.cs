using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How well a model writes: how likely it finds the right texts, and how like them its own are.</summary>
internal sealed record GenerationScore
{
    const int Tokens = 4096, Together = 512;            // of a batch of the losses, and texts that are sorted by length; they change the speed alone

    /// <summary>The mean cross-entropy of a token in nats, ends counted, each predicted after the right tokens before it.</summary>
    public required double Loss { get; init; }

    /// <summary>The same after the model's own likeliest tokens.</summary>
    public required double LossFreeRunning { get; init; }

    /// <summary>The texts that were written, compared with the right ones.</summary>
    public required TranslationScore Texts { get; init; }

    /// <summary>What was written for each input.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>How many pairs have a text of more tokens than are read (<see cref="Translator.MaxSourceTokens"/>): the losses are without them.</summary>
    public required int TooLong { get; init; }

    /// <summary>Translates the sources and compares with the targets; in small letters where the model knows no others.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">Sources, and what is right for each.</param>
    /// <param name="options">How texts are chosen; greedily if null.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <exception cref="UnrollException">There is no pair that is short enough, or a text has characters that cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static GenerationScore Of(Seq2Seq model, IReadOnlyList<TextPair> pairs, DecodingOptions? options = null, IProgress<double>? progress = null)
    {
        var translator = new Translator([model], options ?? new());
        var batches = new PairBatches(pairs, model.Source, model.Target, Tokens, Translator.MaxSourceTokens + 1);
        var losses = GenerationLosses.Measure(model, batches, (batch, _) => model.Read(batch.Source, batch.SourceLengths));
        var outputs = new List<string>(pairs.Count);
        foreach (var some in pairs.Chunk(Together))
        {
            outputs.AddRange(translator.Translate(Array.ConvertAll(some, p => p.Source)).Select(found => found[0].Text));
            progress?.Report((double)outputs.Count / pairs.Count);
        }
        return Of(model, losses, outputs, [.. pairs.Select(p => p.Target)], batches.Skipped);
    }

    /// <summary>Says what pictures show and compares with their captions; in small letters where the model knows no others.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pictures">Pictures with what is right for each.</param>
    /// <param name="options">How texts are chosen; greedily if null.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <exception cref="UnrollException">There is no picture, one has another size than the model's, or a caption has characters that cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static GenerationScore Of(Captioner model, IReadOnlyList<PictureCaption> pictures, DecodingOptions? options = null, IProgress<double>? progress = null)
    {
        var writer = new CaptionWriter([model], options ?? new());
        var batches = new PairBatches(CaptionTask.Texts(pictures), model.Target, model.Target, Tokens, Translator.MaxSourceTokens + 1);
        var losses = GenerationLosses.Measure(model, batches, (batch, rows) =>
        {
            var places = rows.ToArray();
            return model.Look(CaptionWriter.Pictures(model, places.Select(r => model.Prepare(pictures[batch.Places[r]].Picture))));
        });
        var outputs = new List<string>(pictures.Count);
        foreach (var some in pictures.Chunk(Together))
        {
            outputs.AddRange(writer.Describe(Array.ConvertAll(some, p => p.Picture)).Select(found => found[0].Text));
            progress?.Report((double)outputs.Count / pictures.Count);
        }
        return Of(model, losses, outputs, [.. pictures.Select(p => p.Caption)], batches.Skipped);
    }

    static GenerationScore Of(EncoderDecoder model, GenerationLosses losses, IReadOnlyList<string> outputs, IReadOnlyList<string> references, int tooLong)
    {
        var normalizer = model.Target.Normalizer;
        return new()
        {
            Loss = losses.Forced,
            LossFreeRunning = losses.FreeRunning,
            Texts = TranslationScore.Of(outputs, [.. references.Select(normalizer.Apply)], normalizer.Lower),
            Outputs = outputs,
            TooLong = tooLong,
        };
    }
}
