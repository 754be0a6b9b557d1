using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>How well a tagger does on tagged sentences.</summary>
/// <param name="Loss">The mean of −ln P over the words whose tag the model knows, in nats.</param>
/// <param name="Accuracy">The share of words with the right tag; a tag that the model does not know is never right. 0 of none.</param>
/// <param name="Words">How many words there are.</param>
/// <param name="Sentences">How many sentences there are.</param>
/// <param name="Spans">Spans as conlleval counts them; null where the model's tags have no scheme.</param>
internal sealed record TaggingScore(double Loss, double Accuracy, long Words, long Sentences, EntityScore? Spans)
{
    /// <summary>The tags of the sentences that the model does not know, in ordinal order, and how many words have each.</summary>
    public IReadOnlyList<(string Tag, long Words)> UnknownTags { get; private init; } = [];

    /// <summary>Tags sentences and compares.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sentences">Sentences with their tags.</param>
    /// <param name="batch">Sentences worked on at once; changes the speed and the memory, not the result.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">A sentence has not one tag a word, there is none, or the model knows none of the tags.</exception>
    public static TaggingScore Measure(
        SequenceTagger model, IReadOnlyList<TaggedSentence> sentences, int batch = 64, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (sentences.Where(s => s.Tags.Count != s.Words.Count).ToArray() is { Length: > 0 } untagged) Throw.SentencesWithoutTags(untagged);
        return Measure(model, sentences.Select(model.Vocabulary.Encode).ToArray(), batch, progress, cancellation);
    }

    internal static TaggingScore Measure(
        SequenceTagger model, IReadOnlyList<EncodedSentence> sentences, int batch, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (sentences.Count == 0) Throw.NoWords();
        CheckMeasurable(model, sentences);
        var scheme = model.Vocabulary.Scheme;
        var buckets = new LengthBuckets([.. sentences.Select(s => s.Words.Count)], batch);
        var together = new SentenceBatch();
        var spans = scheme == TagScheme.None ? null : new EntityScore();
        double nats = 0;
        var unknown = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long known = 0, words = 0, right = 0;
        for (var i = 0; i < buckets.BatchesPerEpoch; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var chosen = buckets.Next();
            together.Set(sentences, chosen);
            using var scratch = Tape.Scratch();
            var scores = model.Scores(together);
            nats += model.Loss(scores, together).Scalar * (double)together.KnownTags;
            known += together.KnownTags;
            var tagged = model.Best(scores, together);
            for (var b = 0; b < tagged.Length; b++)
            {
                var gold = model.Vocabulary.InScheme(sentences[chosen[b]].Sentence.Tags);
                var found = tagged[b].Tags;
                words += gold.Count;
                for (var t = 0; t < gold.Count; t++)
                {
                    if (gold[t] == found[t]) right++;
                    if (model.Vocabulary.Tags.Find(gold[t]) is null) unknown[gold[t]] = unknown.GetValueOrDefault(gold[t]) + 1;
                }
                spans?.Add(gold, found);
            }
            progress?.Report((i + 1.0) / buckets.BatchesPerEpoch);
        }
        return new(known == 0 ? 0 : nats / known, words == 0 ? 0 : (double)right / words, words, sentences.Count, spans) { UnknownTags = [.. unknown.Select(u => (u.Key, u.Value))] };
    }

    /// <summary>Of words none of whose tags the model knows there is nothing to measure.</summary>
    internal static void CheckMeasurable(SequenceTagger model, IReadOnlyList<EncodedSentence> sentences)
    {
        if (sentences.All(s => s.Words.Count == 0) || sentences.Any(s => s.Tags.Any(t => t >= 0))) return;
        Throw.NoneKnown("tags", sentences.SelectMany(s => s.Sentence.Tags).Distinct(StringComparer.Ordinal), model.Vocabulary.Tags.Symbols);
    }
}
