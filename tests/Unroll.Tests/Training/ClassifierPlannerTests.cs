using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>What a plan is made of follows from held-out parts of the examples.</summary>
public class ClassifierPlannerTests
{
    static Example Of(string text, bool good, int i) => new() { Text = text, Labels = [good ? "good" : "bad"], Source = $"{i}" };

    static Example[] Make(int count, Func<Rng, bool, string> text)
    {
        var rng = new Rng(4);
        return [.. Enumerable.Range(0, count).Select(i => Of(text(rng, i % 2 == 0), i % 2 == 0, i))];
    }

    static string Filling(Rng rng, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => (char)('g' + rng.Next(20))));

    /// <summary>Of two words that stand side by side, which is first decides.</summary>
    static Example[] Pairs(int count) => Make(count, (rng, good) => $"{Filling(rng, 2 + rng.Next(3))} {(good ? "a b" : "b a")} {Filling(rng, 2)}");

    /// <summary>Four letters at one place decide, between letters by chance.</summary>
    static Example[] Places(int count) => Make(count, (rng, good) =>
    {
        var letters = Enumerable.Range(0, 16).Select(_ => "acgt"[rng.Next(4)]).ToArray();
        letters[6] = (good ? "ac" : "gt")[rng.Next(2)];
        return new string(letters);
    });

    [Fact]
    public void The_length_of_runs_follows_from_what_is_held_out()
    {
        var plan = ClassifierPlan.For(Pairs(120), effort: Effort.Quick);
        Assert.Equal((2, 0, 0), (plan.Config.NGrams, plan.Config.NGramPositions, plan.Config.Members));
        Assert.Contains(plan.Trials, t => t is { Taken: true } && t.Candidate.Contains("n-grams of 1 to 2 tokens") && t.Loss < plan.Trials[0].Loss / 2);
        Assert.Equal(1, SequenceClassifierTask.Evaluate(Train(plan, Pairs(120)), Pairs(200)[120..]).Accuracy, 0.02);
        Assert.InRange(plan.Memory, 50L << 20, 200L << 20);
    }

    [Fact]
    public void Places_count_where_all_texts_are_of_one_length()
    {
        var plan = ClassifierPlan.For(Places(100), effort: Effort.Quick);
        Assert.InRange(plan.Config.NGramPositions, 1, 3);
        Assert.InRange(SequenceClassifierTask.Evaluate(Train(plan, Places(100)), Places(160)[100..]).Accuracy, 0.85, 1);
        var ragged = Places(100);
        ragged[0] = ragged[0] with { Text = "acg" };
        Assert.Equal(0, ClassifierPlan.For(ragged, effort: Effort.Quick).Config.NGramPositions);
    }

    [Fact]
    public void Networks_that_gain_nothing_are_left_out_unless_they_are_asked_for()
    {
        var examples = Pairs(100);
        Assert.Equal(0, Plan(false).Config.Members);
        var kept = Plan(true);
        Assert.Equal(2, kept.Config.Members);
        Assert.InRange(kept.Config.NGramShare, 0.1, 0.9);
        Assert.True(kept.Operations > 0);

        ClassifierPlan Plan(bool keep) => ClassifierPlan.For(examples, settle: p => p with { Epochs = 1 }, keepNetworks: keep);
    }

    [Fact]
    public void What_is_settled_stays()
    {
        var plan = ClassifierPlan.For(Pairs(60), settle: p => p with { Epochs = 1, MinCount = 1, Config = p.Config with { HiddenSize = 8, Members = 3, NGrams = 1, Pooling = "mean" } }, keepNetworks: true);
        Assert.Equal((1, 1, 8, 3, 1, "mean"), (plan.Epochs, plan.MinCount, plan.Config.HiddenSize, plan.Config.Members, plan.Config.NGrams, plan.Config.Pooling));
        Assert.Single(plan.Trials, t => t.Candidate.Contains("network"));
        plan = ClassifierPlan.For(Pairs(60), effort: Effort.Quick, settle: p => p with { Config = p.Config with { NGrams = 0 } });
        Assert.Equal((0, 1), (plan.Config.NGrams, plan.Config.Members));
        Assert.Empty(plan.Trials);
    }

    [Fact]
    public void The_same_examples_have_the_same_plan()
    {
        var (first, second) = (Plan(1), Plan(1));
        Assert.Equal(first.Trials, second.Trials);
        Assert.Equal((first.Memory, first.Operations, first.Config.NGramRows), (second.Memory, second.Operations, second.Config.NGramRows));
        Assert.NotEqual(first.Trials, Plan(2).Trials);

        static ClassifierPlan Plan(ulong seed) => ClassifierPlan.For(Pairs(60), settle: p => p with { Epochs = 2 }, rng: new Rng(seed));
    }

    [Fact]
    public void Several_labels_and_too_few_examples_are_planned_too()
    {
        Example[] several = [.. Pairs(60).Select((e, i) => i % 3 == 0 ? e with { Labels = ["good", "bad"] } : e)];
        var plan = ClassifierPlan.For(several, effort: Effort.Quick);
        Assert.True(plan.Config.MultiLabel && plan.Trials.Count > 0);
        Assert.Empty(ClassifierPlan.For(Pairs(20)).Trials);
        Assert.Equal(2, ClassifierPlan.For(Pairs(20)).Config.Members);
    }

    [Fact]
    public void Planning_can_be_ended() => Assert.ThrowsAny<OperationCanceledException>(() => ClassifierPlan.For(Pairs(60), cancellation: new(canceled: true)));

    static SequenceClassifier Train(ClassifierPlan plan, Example[] examples)
    {
        var model = plan.CreateModel(examples, new Rng(1));
        var task = new SequenceClassifierTask(model, examples, [], plan.Task, new Rng(2));
        new Trainer(task, plan.CreateOptimizer(model), Schedule.Constant, plan.CreateTrainerOptions()).Run();
        return model;
    }
}
