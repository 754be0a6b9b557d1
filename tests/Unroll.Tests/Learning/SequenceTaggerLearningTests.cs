using Unroll.Data;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Learning;

/// <summary>Taggers learn, in seconds, tags that take letters, neighbours and spans to know; the sentences they are tested on are others.</summary>
public class SequenceTaggerLearningTests
{
    [Theory]
    [InlineData("lstm", true)]
    [InlineData("gru", false)]
    public void Letters_and_neighbours_tell_the_tag_of_a_word_never_seen(string cell, bool crf)
    {
        var score = Learn(TinySentences.Small with { Cell = cell, Crf = crf }, TinySentences.PartsOfSpeech, iterations: 250);
        Assert.InRange(score.Accuracy, 0.98, 1);
    }

    [Fact]
    public void Without_letters_words_never_seen_are_a_guess()
    {
        var score = Learn(TinySentences.Small with { LetterSize = 0 }, TinySentences.PartsOfSpeech, iterations: 250);
        Assert.InRange(score.Accuracy, 0.4, 0.8);
    }

    [Fact]
    public void Names_are_found_whole()
    {
        var score = Learn(TinySentences.Small, TinySentences.Names, iterations: 200);
        Assert.InRange(score.Spans!.All.F1, 0.98, 1);
        Assert.Equal(["LOC", "PER"], score.Spans.ByType.Keys);
    }

    static TaggingScore Learn(SequenceTaggerConfig config, Func<int, ulong, TaggedSentence[]> sentences, int iterations)
    {
        TaggedSentence[] train = sentences(400, 1), test = sentences(100, 2);
        var model = TinySentences.Model(config, train);
        var task = new SequenceTaggerTask(model, train, test, 16, new Rng(1));
        new Trainer(task, new Adam(model.Parameters, 0.01), Schedule.Cosine(iterations), new() { Iterations = iterations, ClipNorm = 5, ValidateEvery = iterations }).Run();
        return TaggingScore.Measure(model, test);
    }
}
