using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Trains a <see cref="SequenceTagger"/> on tagged sentences, in batches of sentences of similar lengths.</summary>
internal sealed class SequenceTaggerTask : TrainingTask
{
    readonly SequenceTagger _model;
    readonly EncodedSentence[] _train, _valid;
    readonly LengthBuckets _buckets;
    readonly string _trainData, _validData;                // what tells them from other data
    readonly SentenceBatch _batch = new();

    /// <summary>A task that begins at the first batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="train">The sentences to learn from; those without a word are passed over.</param>
    /// <param name="valid">The sentences to validate on; none for no validation.</param>
    /// <param name="batch">B, the sentences of a batch; at least 1.</param>
    /// <param name="rng">Where the order of sentences comes from.</param>
    /// <exception cref="UnrollException">A sentence has not one tag a word, there is no word to learn from, all words have one tag, or the model knows no tag of what to validate on.</exception>
    public SequenceTaggerTask(
        SequenceTagger model, IReadOnlyList<TaggedSentence> train, IReadOnlyList<TaggedSentence> valid, int batch, Rng rng)
    {
        if (train.Concat(valid).Where(s => s.Tags.Count != s.Words.Count).ToArray() is { Length: > 0 } untagged) Throw.SentencesWithoutTags(untagged);
        _model = model;
        _train = Encode(train);
        _valid = Encode(valid);
        if (_train.Length == 0) Throw.NoWords();
        var tags = _train.SelectMany(s => s.Sentence.Tags).Distinct(StringComparer.Ordinal).Take(2).ToArray();
        if (tags.Length == 1) Throw.OneTag(tags[0]);
        if (_valid.Length > 0) TaggingScore.CheckMeasurable(model, _valid);
        (_trainData, _validData) = (Fingerprint(_train), Fingerprint(_valid));
        _buckets = new([.. _train.Select(s => s.Words.Count)], batch, rng);

        EncodedSentence[] Encode(IReadOnlyList<TaggedSentence> sentences) => [.. sentences.Where(s => s.Words.Count > 0).Select(model.Vocabulary.Encode)];
    }

    /// <inheritdoc/>
    public override Module Model => _model;

    /// <inheritdoc/>
    public override int BatchesPerEpoch => _buckets.BatchesPerEpoch;

    /// <inheritdoc/>
    public override long TokensInBatch => _batch.Lengths.Total;

    /// <inheritdoc/>
    public override bool HasValidation => _valid.Length > 0;

    /// <inheritdoc/>
    public override Tensor NextLoss()
    {
        _batch.Set(_train, _buckets.Next());
        return _model.Loss(_model.Scores(_batch), _batch);
    }

    /// <inheritdoc/>
    public override Validation Validate()
    {
        if (!HasValidation) Throw.NoValidation();
        var score = TaggingScore.Measure(_model, _valid, _buckets.Batch);
        return score.Spans is { } spans
            ? new(score.Loss, ("accuracy", score.Accuracy), ("span_f1", spans.All.F1))
            : new(score.Loss, ("accuracy", score.Accuracy));
    }

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(_trainData, _validData, _buckets.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        _buckets.Position = snapshot.GetPosition(_trainData, _train.Sum(s => s.Words.Count), _validData, _valid.Sum(s => s.Words.Count));
        _model.DropoutRng.State = snapshot.GetRng("dropout");
    }

    static string Fingerprint(EncodedSentence[] sentences)
    {
        var hash = new Fnv();
        foreach (var sentence in sentences)
        {
            hash.Add(sentence.Words);
            hash.Add(sentence.Tags);
            foreach (var letters in sentence.Letters) hash.Add(letters);
        }
        return hash.ToString();
    }
}
