using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Gradients.Models;

public class SequenceTaggerTests
{
    static readonly TaggedSentence[] Sentences =
    [
        new(["in", "New", "York", "saw"], ["O", "B-LOC", "I-LOC", "O"], "1"), new(["saw"], ["O"], "2"), new([], [], "3"), new(["Ann", "in"], ["B-PER", "O"], "4"),
    ];

    [Theory]
    [InlineData("lstm", true, 1)]
    [InlineData("gru", false, 2)]
    public void The_loss_has_the_right_derivative(string cell, bool crf, int layers)
    {
        var config = new SequenceTaggerConfig
        {
            Cell = cell, Crf = crf, Layers = layers, WordSize = 3, LetterSize = 2, LetterHiddenSize = 2, HiddenSize = 3, Dropout = 0, WordDropout = 0,
        };
        var model = new SequenceTagger(config, SentenceVocabulary.Build(Sentences, minCount: 1), new Rng(1));
        var batch = new SentenceBatch();
        batch.Set([.. Sentences.Select(model.Vocabulary.Encode)], [3, 0, 2, 1]);
        Check.Loss(() => model.Loss(model.Scores(batch), batch), model.Parameters.Select(p => (p.Name, p.Parameter)));
    }
}
