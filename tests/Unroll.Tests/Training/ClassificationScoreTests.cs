namespace Unroll.Tests.Training;

public class ClassificationScoreTests
{
    static readonly string[] Three = ["a", "b", "c"];

    [Fact]
    public void Figures_of_one_class_each_are_those_by_hand()
    {
        float[][] p = [[0.7f, 0.2f, 0.1f], [0.5f, 0.4f, 0.1f], [0.1f, 0.8f, 0.1f], [0.2f, 0.5f, 0.3f], [0.6f, 0.3f, 0.1f]];
        var score = ClassificationScore.Of(Three, p, ["a", "b", "b", "b", "a"]);
        Assert.Equal((5, 0.8, 0.8), (score.Count, score.Accuracy, score.MicroF1));
        Assert.Equal([new("a", 2.0 / 3, 1, 0.8, 2), new("b", 1, 2.0 / 3, 0.8, 3), new("c", 0, 0, 0, 0)], score.Classes);
        Assert.Equal(0.8, score.MacroF1, 1e-12);                         // c does not occur
        Assert.Equal(5.0 / 6, score.MacroPrecision, 1e-12);
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.4) + Math.Log(0.8) + Math.Log(0.5) + Math.Log(0.6)) / 5, score.Loss, 1e-6);
        Assert.Equal([[2, 0, 0], [1, 2, 0], [0, 0, 0]], score.Confusion!);
        Assert.Null(score.AreaUnderRoc);
        // Every answer is alone in its bin but .5 and .5: |0 + 1 − 1.0|, then .3, .2 and .4 off.
        Assert.Equal((0 + 0.3 + 0.2 + 0.4) / 5, score.CalibrationError!.Value, 1e-6);
    }

    [Fact]
    public void A_class_that_only_the_evaluation_has_counts_as_wrong()
    {
        float[][] p = [[0.9f, 0.1f], [0.2f, 0.8f], [0.6f, 0.4f]];
        var score = ClassificationScore.Of(["a", "b"], p, ["a", "new", "a"]);
        Assert.Equal(2.0 / 3, score.Accuracy, 1e-12);
        Assert.Equal(["a", "b", "new"], score.Classes.Select(c => c.Name));
        Assert.Equal((0.0, 1), (score.Classes[2].F1, score.Classes[2].Count));
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.6)) / 2, score.Loss, 1e-6);
        Assert.Equal(1.0 / 3, score.MacroF1, 1e-12);
        Assert.Equal(0, ClassificationScore.Of(["a"], [[1f]], ["new"]).Loss);
    }

    [Fact]
    public void Area_under_roc_counts_ties_by_half()
    {
        float[][] p = [.. new[] { 0.1f, 0.4f, 0.35f, 0.8f, 0.4f }.Select(x => new[] { 1 - x, x })];
        string[] labels = ["n", "n", "y", "y", "y"];
        // Of 6 pairs: .35 beats .1; .8 beats both; .4 beats .1 and ties with .4.
        Assert.Equal(4.5 / 6, ClassificationScore.Of(["n", "y"], p, labels).AreaUnderRoc!.Value, 1e-12);
        Assert.Null(ClassificationScore.Of(["n", "y"], p, ["n", "n", "n", "n", "n"]).AreaUnderRoc);
    }

    [Fact]
    public void Figures_of_several_classes_are_those_by_hand()
    {
        float[][] p = [[0.9f, 0.6f, 0.1f], [0.4f, 0.5f, 0.2f], [0.1f, 0.2f, 0.3f]];
        var score = ClassificationScore.Of(Three, p, new IReadOnlyList<string>[] { ["a", "b"], ["a", "b"], [] });
        Assert.Equal(2.0 / 3, score.Accuracy, 1e-12);
        Assert.Equal(2 * 3 / 7.0, score.MicroF1, 1e-12);
        Assert.Equal((2.0 / 3 + 1) / 2, score.MacroF1, 1e-12);
        Assert.Null(score.Confusion);
        var score2 = ClassificationScore.Of(Three, p, new IReadOnlyList<string>[] { ["a", "b"], ["x"], [] });
        Assert.Equal(2.0 / 3, score2.Accuracy, 1e-12);
    }

    [Fact]
    public void Labels_and_examples_go_together() => Assert.Throws<ArgumentException>(() => ClassificationScore.Of(Three, [[1f, 0, 0]], ["a", "b"]));
}
