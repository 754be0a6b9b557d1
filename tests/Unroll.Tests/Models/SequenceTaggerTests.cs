using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Models;

public class SequenceTaggerTests
{
    static readonly TaggedSentence[] Sentences = TinySentences.PartsOfSpeech(40, seed: 1);

    public static TheoryData<SequenceTaggerConfig> Configs =>
    [
        TinySentences.Small,
        TinySentences.Small with { Crf = false, Cell = "gru", Layers = 2 },
        TinySentences.Small with { Bidirectional = false, LetterSize = 0, VariationalDropout = true },
    ];

    [Theory, MemberData(nameof(Configs))]
    public void A_model_comes_back_from_its_file(SequenceTaggerConfig config)
    {
        using var directory = new TemporaryDirectory();
        var path = directory["model.safetensors"];
        var model = TinySentences.Model(config, Sentences);
        ModelFile.Save(path, model);
        var loaded = ModelFile.Load<SequenceTagger>(path);
        Assert.Equal(config, loaded.Config);
        Assert.Equal(model.Vocabulary.Tags.Symbols, loaded.Vocabulary.Tags.Symbols);
        Assert.Equal(Show(model.Tag(Sentences, best: 3)), Show(loaded.Tag(Sentences, best: 3)));
        Assert.Contains("a sequence tagger", Assert.ThrowsAny<UnrollException>(() => ModelFile.Load<LanguageModel>(path)).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Configs))]
    public void A_sentence_is_tagged_the_same_alone_and_in_a_batch(SequenceTaggerConfig config)
    {
        var model = TinySentences.Model(config, Sentences);
        var together = model.Tag(Sentences, best: 2);
        for (var i = 0; i < Sentences.Length; i++)
        {
            var alone = model.Tag([Sentences[i]], best: 2)[0];
            Assert.Equal(together[i].Tags, alone.Tags);
            Assert.Equal(together[i].Best[0].LogProbability, alone.Best[0].LogProbability, 1e-4);
            Assert.Equal(Sentences[i].Words.Count, alone.Confidence.Count);
            Assert.All(alone.Confidence, p => Assert.InRange(p, 0, 1 + 1e-5));
        }
    }

    [Theory, MemberData(nameof(Configs))]
    public void Probabilities_of_all_sequences_sum_to_one(SequenceTaggerConfig config)
    {
        var model = TinySentences.Model(config, Sentences);
        var tagged = model.Tag([new(["the", "balo", "xyz"], [], "here")], best: 1000)[0];
        Assert.Equal(27, tagged.Best.Count);
        Assert.Equal(1, tagged.Best.Sum(s => Math.Exp(s.LogProbability)), 1e-4);
        Assert.Equal(tagged.Best.Where(s => s.Tags[1] == tagged.Tags[1]).Sum(s => Math.Exp(s.LogProbability)), tagged.Confidence[1], 1e-4);
        Assert.Equal(tagged.Best.Select(s => s.LogProbability).OrderDescending(), tagged.Best.Select(s => s.LogProbability));
    }

    [Fact]
    public void What_is_not_known_and_what_is_empty_is_tagged()
    {
        var model = TinySentences.Model(TinySentences.Small, Sentences);
        TaggedSentence[] odd =
        [
            new([], [], "empty"), new(["ЖЖЖ"], [], "unknown letters"), new([""], [], "no letters"), new([new string('x', 5000)], [], "a long word"),
        ];
        var tagged = model.Tag(odd);
        Assert.Equal([0, 1, 1, 1], tagged.Select(t => t.Tags.Count));
        Assert.Empty(model.Tag([]));
        Assert.Equal(0, model.Tag([odd[0]])[0].Best[0].LogProbability, 1e-6);
    }

    [Fact]
    public void A_tag_seen_only_in_evaluation_is_wrong_and_has_no_loss()
    {
        foreach (var config in new[] { TinySentences.Small, TinySentences.Small with { Crf = false } })
        {
            var model = TinySentences.Model(config, Sentences);
            var right = model.Tag([new(["the"], [], "")])[0].Tags;
            var (alone, score) = (TaggingScore.Measure(model, [new(["the"], right, "c")]), TaggingScore.Measure(model, [new(["the"], ["PRON"], "a"), new([], [], "b"), new(["the"], right, "c")]));
            Assert.Equal((alone.Loss, 0.5, 2, 3), (score.Loss, score.Accuracy, score.Words, score.Sentences));
            Assert.Null(score.Spans);
            var half = TaggingScore.Measure(model, [new(["the", "the"], ["PRON", model.Tag([new(["the", "the"], [], "")])[0].Tags[1]], "a")]);
            Assert.Equal(0.5, half.Accuracy);
            Assert.InRange(half.Loss, 1e-3, 5);
        }
    }

    [Fact]
    public void Only_sequences_that_the_scheme_allows_are_predicted()
    {
        var names = TinySentences.Names(30, seed: 1);
        foreach (var crf in new[] { true, false })
        {
            var model = new SequenceTagger(TinySentences.Small with { Crf = crf }, SentenceVocabulary.Build(names, scheme: TagScheme.Bioes), new Rng(1));
            Assert.Contains("S-PER", model.Vocabulary.Tags.Symbols);
            foreach (var sequence in model.Tag(names, best: 5).SelectMany(t => t.Best))
                Assert.Equal(TagSchemes.Convert(sequence.Tags, TagScheme.Bioes), sequence.Tags);
        }
    }

    [Fact]
    public void Iob1_is_learned_as_bio_and_measured_in_either()
    {
        TaggedSentence[] iob1 = [new(["a", "b", "c", "d"], ["I-X", "B-X", "O", "I-Y"], "x, line 1")];
        var vocabulary = SentenceVocabulary.Build(iob1);
        Assert.Equal(TagScheme.Bio, vocabulary.Scheme);
        Assert.Equal(["B-X", "B-Y", "O"], vocabulary.Tags.Symbols.Order(StringComparer.Ordinal));
        var model = new SequenceTagger(TinySentences.Small, vocabulary, new Rng(1));
        TaggedSentence[] bio = [iob1[0] with { Tags = ["B-X", "B-X", "O", "B-Y"] }];
        var (a, b) = (TaggingScore.Measure(model, iob1), TaggingScore.Measure(model, bio));
        Assert.Equal((a.Loss, a.Accuracy, a.Spans!.All), (b.Loss, b.Accuracy, b.Spans!.All));
        Assert.Equal(3, a.Spans.All.Gold);
    }

    [Fact]
    public void Errors_name_the_sentence_or_the_setting()
    {
        TaggedSentence[] untagged = [new(["a", "b"], ["X"], "file.conllu, line 7")];
        Assert.Contains("file.conllu, line 7: 2 words, 1 tags", Assert.ThrowsAny<UnrollException>(() => SentenceVocabulary.Build(untagged)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<UnrollException>(() => SentenceVocabulary.Build([]));
        Assert.ThrowsAny<UnrollException>(() => SentenceVocabulary.Build(Sentences, scheme: TagScheme.Bio));
        var model = TinySentences.Model(TinySentences.Small, Sentences);
        Assert.ThrowsAny<UnrollException>(() => TaggingScore.Measure(model, [untagged[0] with { Tags = [] }]));
        Assert.ThrowsAny<UnrollException>(() => TaggingScore.Measure(model, []));
        Assert.ThrowsAny<UnrollException>(() => new SequenceTaggerTask(model, [], [], 4, new Rng(1)));
        var error = Assert.ThrowsAny<UnrollException>(() => TinySentences.Model(new() { Cell = "what", HiddenSize = 0, Layers = 0, Dropout = 1, WordDropout = -1 }, Sentences));
        Assert.Equal(5, error.Problems.Count);
    }

    [Fact]
    public void A_damaged_vocabulary_is_refused_with_all_its_problems()
    {
        using var directory = new TemporaryDirectory();
        var path = directory["model.safetensors"];
        ModelFile.Save(path, TinySentences.Model(TinySentences.Small, Sentences));
        var bad = directory["bad.safetensors"];
        ModelEdit.Rewrite(path, bad, metadata: m => m[SequenceTagger.VocabularyKey] =
            """{"words":{"symbols":["x"],"counts":[1]},"letters":3,"tags":{"symbols":[]},"scheme":"what"}""");
        var error = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(bad));
        foreach (var expected in new[] { "symbol 0 is not <unk>", "no letters", "tags: counts is missing", "scheme must be", "lower_case" })
            Assert.Contains(error.Problems, p => p.Contains(expected, StringComparison.Ordinal));
    }

    static IEnumerable<string> Show(TaggedWords[] tagged) =>
        tagged.SelectMany(t => t.Best).Select(s => $"{string.Join(' ', s.Tags)} {s.LogProbability:R}");
}
