using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A tag for every word of a sentence: words and their letters, recurrent layers over the sentence, and a score for every tag at every word, of
/// which a softmax or a conditional random field makes probabilities (Huang, Xu and Yu 2015; Lample 2016).
/// </summary>
/// <remarks>
/// <code>
/// x_t = dropout(words[w_t] ⊕ letters(w_t))        h = rnn(x)        e_t = W_o dropout(h_t) + b_o        P(y) = softmax or CRF of e
/// </code>
/// Parameters: <c>encoder.…</c> (<see cref="WordEncoder"/>), <c>rnn.…</c>, <c>output.weight</c> [L, H], <c>output.bias</c> [L], <c>crf.…</c>
/// (<see cref="LinearChainCrf"/>). Where the tags have a scheme, only sequences that it allows are predicted.
/// Safe for use by several threads, as long as none of them trains the model.
/// </remarks>
public sealed class SequenceTagger : SequenceModel
{
    /// <summary>The metadata entry with words, letters and tags.</summary>
    public const string VocabularyKey = "vocabulary";

    readonly WordEncoder _encoder;
    readonly Stacked _rnn;
    readonly Linear _output;
    readonly LinearChainCrf? _crf;
    readonly Dropout? _dropout;
    readonly TagConstraints? _constraints;
    readonly TokenMatrix _words = new(1, 0);                // some of them dropped

    /// <summary>A model with fresh weights.</summary>
    /// <param name="config">Sizes and kinds.</param>
    /// <param name="vocabulary">Words, letters and tags.</param>
    /// <param name="rng">Where weights, and later dropout, come from.</param>
    /// <exception cref="UnrollException">The settings are out of range; all problems are listed.</exception>
    public SequenceTagger(SequenceTaggerConfig config, SentenceVocabulary vocabulary, Rng rng)
    {
        if (config.Problems is { Count: > 0 } problems) Throw.BadConfig(problems);
        (Config, Vocabulary) = (config, vocabulary);
        DropoutRng = rng.Fork("dropout");
        _dropout = config.Dropout > 0 ? new Dropout(config.Dropout, DropoutRng, config.VariationalDropout) : null;
        var kind = CellCatalog.Get(config.Cell);
        _encoder = Add("encoder", new WordEncoder(
            vocabulary.Words.Size, config.WordSize, vocabulary.Letters.Size, config.LetterSize, config.LetterHiddenSize, kind, rng, _dropout));
        var recurrentDropout = config.RecurrentDropout > 0 ? new Dropout(config.RecurrentDropout, DropoutRng) : null;
        var layers = new List<RecurrentLayer>();
        for (var size = _encoder.OutputSize; layers.Count < config.Layers; size = layers[^1].OutputSize)
            layers.Add(config.Bidirectional
                ? new Bidirectional(kind.Create(size, config.HiddenSize, rng), kind.Create(size, config.HiddenSize, rng), recurrentDropout)
                : new Recurrent(kind.Create(size, config.HiddenSize, rng), recurrentDropout: recurrentDropout));
        _rnn = Add("rnn", new Stacked(layers, _dropout));
        _output = Add("output", new Linear(_rnn.OutputSize, vocabulary.Tags.Size, rng));
        _crf = config.Crf ? Add("crf", new LinearChainCrf(vocabulary.Tags.Size, rng)) : null;
        _constraints = TagSchemes.Constraints(vocabulary.Scheme, vocabulary.Tags.Symbols);
    }

    /// <summary>Trains a model; what is not said otherwise fits the data, as in <c>unroll train tag</c>.</summary>
    /// <param name="train">Sentences with a tag for every word.</param>
    /// <param name="options">What decides the result; the defaults where null.</param>
    /// <param name="valid">What is validated on, to keep the best weights; a share of <paramref name="train"/> where null, or none of fewer than 200.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellation">Ends the training after an iteration, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The data cannot be learned from, or options are out of range.</exception>
    public static SequenceTagger Train(
        IReadOnlyList<TaggedSentence> train, TaggerOptions? options = null, IReadOnlyList<TaggedSentence>? valid = null, TaskObserver? observer = null, CancellationToken cancellation = default) =>
        TaggingDefinition.Instance.Train(train, valid, options, observer, cancellation);

    /// <inheritdoc/>
    public override string Kind => SequenceTaggerConfig.ModelName;

    /// <summary>What the model is made of.</summary>
    public SequenceTaggerConfig Config { get; }

    /// <summary>Words, letters and tags.</summary>
    public SentenceVocabulary Vocabulary { get; }

    /// <summary>The recurrent layers over words.</summary>
    public RecurrentLayer Layers => _rnn;

    /// <summary>The field over tags, where there is one.</summary>
    public LinearChainCrf? Crf => _crf;

    /// <summary>Where dropped words and dropout masks come from.</summary>
    public Rng DropoutRng { get; }

    /// <inheritdoc/>
    protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() => [(ConfigKey, Config.ToJson()), (VocabularyKey, Vocabulary.ToJson())];

    internal static SequenceTagger FromFile(ModelDescription file)
    {
        var config = file.Read(ConfigKey, SequenceTaggerConfig.FromJson);
        var vocabulary = file.Read(VocabularyKey, SentenceVocabulary.FromJson);
        file.Check();
        file.CheckWeights(config!.LeastWeights(vocabulary!.Words.Size, vocabulary.Letters.Size, vocabulary.Tags.Size));
        return new(config, vocabulary, new Rng(0));
    }

    /// <summary>The score of every tag at every word, [T, B, L], before a softmax or the field.</summary>
    internal Tensor Scores(SentenceBatch batch)
    {
        var x = _encoder.Forward(Dropped(batch.Words), batch.Spellings, batch.Letters, batch.LetterLengths);   // [T, B, E + 2H]
        if (_dropout is not null) x = _dropout.Forward(x);
        var (h, _) = _rnn.Forward(x, lengths: batch.Lengths);                        // [T, B, H]
        if (_dropout is not null) h = _dropout.Forward(h);
        return Recorder.Report(_output, Recorder.Logits, _output.Forward(h));                                                   // [T, B, L]
    }

    /// <summary>The score of every tag [1, 1, L] at the next word of a sentence that is read word by word; the state becomes that after it.</summary>
    /// <param name="word">The word [1, 1].</param>
    /// <param name="letters">Its letters [U, 1].</param>
    /// <param name="letterLength">How many there are.</param>
    /// <param name="state">The state of <see cref="Layers"/>.</param>
    internal Tensor Step(TokenMatrix word, TokenMatrix letters, Lengths letterLength, State state)
    {
        var (h, final) = _rnn.Forward(_encoder.Forward(word, [0], letters, letterLength), state);
        state.CopyFrom(final);
        return Recorder.Report(_output, Recorder.Logits, _output.Forward(h));
    }

    /// <summary>Which tags may follow each other; null for all.</summary>
    internal TagConstraints? Constraints => _constraints;

    /// <summary>−ln P of the right tags, in nats: the mean over the words whose tag is known; 0 where none is.</summary>
    /// <param name="scores">What <see cref="Scores"/> gave.</param>
    /// <param name="batch">The batch that they are of.</param>
    internal Tensor Loss(Tensor scores, SentenceBatch batch) =>
        _crf is null ? Losses.CrossEntropy(scores, batch.Tags) : _crf.Loss(scores, batch.Tags, batch.Lengths);

    /// <summary>The most probable tags of each sentence, best first, and how sure the best ones are.</summary>
    /// <param name="scores">What <see cref="Scores"/> gave.</param>
    /// <param name="batch">The batch that they are of.</param>
    /// <param name="best">How many sequences of tags, from 1; fewer come where there are fewer.</param>
    /// <param name="all">Whether the probability of every tag is kept too.</param>
    /// <exception cref="UnrollException">Scores are not numbers.</exception>
    internal TaggedWords[] Best(Tensor scores, SentenceBatch batch, int best = 1, bool all = false)
    {
        var logs = _crf is null ? Ops.LogSoftmax(scores) : scores;
        var paths = Viterbi.Best(logs, batch.Lengths, _crf, _constraints, best);
        var (partition, marginals) = _crf?.Probabilities(logs, batch.Lengths) ?? (default, Ops.Exp(logs));
        var result = new TaggedWords[batch.Batch];
        for (var b = 0; b < result.Length; b++)
        {
            // Where constraints leave nothing, which takes tags that were never seen together, they do not hold.
            if (paths[b].Count == 0) paths[b] = Viterbi.Best(logs, batch.Lengths, _crf, null, best)[b];
            if (paths[b].Count == 0) Throw.NoTagSequence($"sentence {b} of the batch");
            var log = partition.IsNone ? 0 : partition.Values[b];
            var first = paths[b][0].Tags;
            var sure = new double[first.Count];
            for (var t = 0; t < sure.Length; t++) sure[t] = marginals.Values[(t * batch.Batch + b) * Vocabulary.Tags.Size + first[t]];
            result[b] = new([.. paths[b].Select(path => new TagSequence([.. path.Tags.Select(tag => Vocabulary.Tags[tag])], path.Score - log))], sure)
            {
                Marginals = all ? [.. Enumerable.Range(0, sure.Length).Select(t => marginals.Values.Slice((t * batch.Batch + b) * Vocabulary.Tags.Size, Vocabulary.Tags.Size).ToArray())] : [],
            };
        }
        return result;
    }

    /// <summary>Tags the words of a text, which are found as in running text.</summary>
    /// <returns>Each word with its tag.</returns>
    public IReadOnlyList<(string Word, string Tag)> Tag(string text)
    {
        string[] words = [.. TermTokenizer.LocateWords(text).Select(place => text[place])];
        return [.. words.Zip(Tag([new TaggedSentence(words, [], "the text")])[0].Tags)];
    }

    /// <summary>Tags sentences; what tags they have does not matter.</summary>
    /// <param name="sentences">The sentences, in any order.</param>
    /// <param name="best">How many sequences of tags of each, from 1; fewer come where there are fewer.</param>
    /// <param name="batch">Sentences worked on at once; changes the speed and the memory, not the result.</param>
    /// <returns>For each sentence its tags, in the sentences' order.</returns>
    public TaggedWords[] Tag(IReadOnlyList<TaggedSentence> sentences, int best = 1, int batch = 64) => Tag(sentences, best, batch, all: false);

    /// <summary>The same, with the probability of every tag where that is asked for.</summary>
    internal TaggedWords[] Tag(IReadOnlyList<TaggedSentence> sentences, int best, int batch, bool all)
    {
        var result = new TaggedWords[sentences.Count];
        if (sentences.Count == 0) return result;
        var encoded = sentences.Select(s => Vocabulary.Encode(s with { Tags = [] })).ToArray();
        var buckets = new LengthBuckets([.. encoded.Select(s => s.Words.Count)], batch);
        var together = new SentenceBatch();
        for (var i = 0; i < buckets.BatchesPerEpoch; i++)
        {
            var chosen = buckets.Next();
            together.Set(encoded, chosen);
            using var scratch = Tape.Scratch();
            var tagged = Best(Scores(together), together, best, all);
            for (var b = 0; b < tagged.Length; b++) result[chosen[b]] = tagged[b];
        }
        return result;
    }

    /// <summary>How well the model does: loss, accuracy, and where tags mark spans span_f1 and its parts.</summary>
    /// <param name="sentences">Sentences with a tag for every word.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">There is no sentence, or one has not one tag a word.</exception>
    public EvaluationReport Evaluate(IReadOnlyList<TaggedSentence> sentences, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        new TaggingReport(TaggingScore.Measure(this, sentences, progress: progress, cancellation: cancellation));

    /// <summary>The words, of which some are taken for unknown while a tape records with dropout.</summary>
    TokenMatrix Dropped(TokenMatrix words)
    {
        if (!Tape.Drops || Config.WordDropout == 0) return words;
        _words.Resize(words.Steps, words.Batch);
        for (var i = 0; i < words.Ids.Length; i++)
            _words.Ids[i] = words.Ids[i] > 0 && DropoutRng.NextDouble() < Config.WordDropout ? 0 : words.Ids[i];
        return _words;
    }
}

/// <summary>A tag for each word of a sentence.</summary>
/// <param name="Tags">The tags.</param>
/// <param name="LogProbability">ln P of all of them together.</param>
public sealed record TagSequence(IReadOnlyList<string> Tags, double LogProbability);

/// <summary>What a tagger says of a sentence.</summary>
/// <param name="Best">Sequences of tags, the most probable first; at least one.</param>
/// <param name="Confidence">For each word the probability of its tag in the first of them, from 0 to 1.</param>
public sealed record TaggedWords(IReadOnlyList<TagSequence> Best, IReadOnlyList<double> Confidence)
{
    /// <summary>The most probable tags.</summary>
    public IReadOnlyList<string> Tags => Best[0].Tags;

    /// <summary>For each word the probability of every tag; none where they were not asked for.</summary>
    internal IReadOnlyList<Real[]> Marginals { get; init; } = [];
}
