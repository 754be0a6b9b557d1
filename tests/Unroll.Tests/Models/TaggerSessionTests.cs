using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tests.Models;

public class TaggerSessionTests
{
    static readonly TaggedSentence[] Sentences = TinySentences.Names(40, 1);

    static SequenceTagger Make(bool crf = true, string cell = "lstm", bool names = true) => TinySentences.Model(
        TinySentences.Small with { Bidirectional = false, Crf = crf, Cell = cell, Layers = 2 }, names ? Sentences : TinySentences.PartsOfSpeech(40, 1));

    [Theory, InlineData("lstm"), InlineData("gru")]
    public void Without_a_field_it_gives_the_tags_and_probabilities_of_the_whole_sentence(string cell)
    {
        var model = Make(crf: false, cell, names: false);
        foreach (var sentence in TinySentences.PartsOfSpeech(5, 9))
        {
            var whole = model.Tag([sentence])[0];
            var session = new TaggerSession(model);
            for (var t = 0; t < sentence.Words.Count; t++)
            {
                var (tag, probability) = session.Read(sentence.Words[t]);
                Assert.Equal((whole.Tags[t], (float)whole.Confidence[t]), (tag, (float)probability), new Near(2e-6f));
            }
            Assert.Equal(sentence.Words.Count, session.Count);
        }
    }

    [Fact]
    public void With_a_field_its_tag_ends_the_best_sequence_and_its_probabilities_are_the_fields()
    {
        var model = Make();
        new Rng(8).FillUniform(model.Crf!.Transitions.Edit(), -1, 1);
        new Rng(9).FillUniform(model.Crf!.Start.Edit(), -1, 1);
        model.Crf!.End.Edit().Clear();                          // a sentence that goes on has no end
        var sentence = Sentences.MaxBy(s => s.Words.Count)!;
        var session = new TaggerSession(model);
        for (var n = 1; n <= sentence.Words.Count; n++)
        {
            var (tag, probability) = session.Read(sentence.Words[n - 1]);
            var whole = model.Tag([new([.. sentence.Words.Take(n)], [], "")], best: 1024)[0];
            Assert.Equal(whole.Tags[^1], tag);
            Assert.Equal(1, session.Probabilities.ToArray().Sum(), 1e-5);
            if (n > 3) continue;                                // up to here 1,024 sequences are all that are allowed
            var all = AllSequences(model, sentence, n);
            for (var j = 0; j < all.Length; j++) Assert.Equal(all[j], session.Probabilities[j], 2e-6);
            Assert.Equal(all[model.Vocabulary.Tags.Find(tag)!.Value], probability, 2e-6);
        }
    }

    /// <summary>P(last tag) by summing over every sequence of tags: plain loops over the field's definition.</summary>
    static double[] AllSequences(SequenceTagger model, TaggedSentence sentence, int n)
    {
        var batch = new SentenceBatch();
        batch.Set([model.Vocabulary.Encode(new([.. sentence.Words.Take(n)], [], ""))], [0]);
        using var scratch = Tape.Scratch();
        var scores = model.Scores(batch).Values.ToArray();
        var (tags, crf) = (model.Vocabulary.Tags.Size, model.Crf!);
        var sums = new double[tags];
        var path = new int[n];
        for (var code = 0; code < (int)Math.Pow(tags, n); code++)
        {
            for (int t = 0, rest = code; t < n; t++, rest /= tags) path[t] = rest % tags;
            double score = crf.Start.Values[path[0]];
            for (var t = 0; t < n; t++) score += scores[t * tags + path[t]] + (t > 0 ? crf.Transitions.Values[path[t - 1] * tags + path[t]] : 0);
            sums[path[^1]] += Math.Exp(score);
        }
        return [.. sums.Select(s => s / sums.Sum())];
    }

    [Fact]
    public void No_tag_follows_one_that_the_scheme_forbids()
    {
        var model = Make(crf: false);
        var session = new TaggerSession(model);
        var last = "O";
        foreach (var word in Sentences.SelectMany(s => s.Words).Take(200))
        {
            var tag = session.Read(word).Tag;
            if (tag.StartsWith("I-", StringComparison.Ordinal)) Assert.Equal(tag[2..], last[2..]);
            last = tag;
        }
    }

    [Fact]
    public void A_fork_goes_its_own_way_and_a_reset_forgets_all()
    {
        var model = Make();
        TaggerSession session = new(model), expected = new(model);
        session.Read("in");
        var fork = session.Fork();
        session.Read("Aab");
        fork.Read("saw");
        expected.Read("in");
        expected.Read("saw");
        Assert.Equal(expected.Probabilities, fork.Probabilities);
        fork.Reset();
        Assert.Equal(0, fork.Count);
        fork.Read("in");
        fork.Read("Aab");
        Assert.Equal(session.Probabilities, fork.Probabilities);
    }

    [Fact]
    public void A_word_allocates_nothing()
    {
        var session = new TaggerSession(Make());
        string[] words = ["in", "Aab", "unknown", "한국어", ""];
        for (var i = 0; i < 50; i++) session.Read(words[i % words.Length]);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) session.Read(words[i % words.Length]);
        }));
    }

    [Fact]
    public void A_model_that_reads_from_both_ends_is_refused() =>
        Assert.Contains("both ends", Assert.Throws<InvalidConfigurationException>(() => new TaggerSession(TinySentences.Model(TinySentences.Small, Sentences))).Message);

    sealed class Near(float by) : IEqualityComparer<(string, float)>
    {
        public bool Equals((string, float) x, (string, float) y) => x.Item1 == y.Item1 && Math.Abs(x.Item2 - y.Item2) <= by;

        public int GetHashCode((string, float) obj) => 0;
    }
}
