#:project ../src/Unroll/Unroll.csproj
#:property PublishAot=false

// A classifier of texts, with and without recurrence: dotnet run examples/sentiment.cs
//
// The reviews are made up; they praise and blame with the same words, and what counts is which of them "not" comes before. Result: the
// recurrent classifier is right on more than 0.97 of the reviews held out, and the one that takes the mean of all words, whatever their
// order, on less than 0.6; otherwise the exit code is 1.
using Unroll;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

const double Goal = 0.97, MostWithoutOrder = 0.6;

var (train, test) = Split.EveryNth(MakeReviews(2500, new Rng(1)), 5);
// No linear model of n-grams, which knows some of the order: it is to be seen what recurrence alone does.
var fitting = ClassifierPlan.For(train, settle: plan => plan with { Config = plan.Config with { NGrams = 0 } });
var small = fitting with                // a small model for a small language, in which each word counts
{
    Config = fitting.Config with { EmbeddingSize = 32, HiddenSize = 32, Dropout = 0.2, WordDropout = 0, EmbeddingDropout = 0 },
    Epochs = 10, LearningRate = 0.01, AverageDecay = 0.9,
};
var recurrent = Train(small);
var meanOfWords = Train(small with { Config = small.Config with { Encoder = "mlp" } });
var (accuracy, accuracyWithoutOrder) = (Accuracy(recurrent), Accuracy(meanOfWords));
Console.WriteLine($"of {test.Count} reviews held out, right are {accuracy:F3} with recurrence and {accuracyWithoutOrder:F3} without\n");

Console.WriteLine("the same words in another order: the chance of praise with recurrence, and without");
foreach (var text in new[] { "The plot is fresh and the cast is not dull.", "The plot is not fresh and the cast is dull." })
    Console.WriteLine($"{text,-45} {Praise(recurrent, text),6:F3} {Praise(meanOfWords, text),6:F3}");
return accuracy > Goal && accuracyWithoutOrder < MostWithoutOrder ? 0 : 1;

SequenceClassifier Train(ClassifierPlan plan)
{
    var model = plan.CreateModel(train, new Rng(1));
    var task = new SequenceClassifierTask(model, train, [], plan.Task, new Rng(2));
    var schedule = ClassifierPlan.CreateSchedule((long)plan.Epochs * task.BatchesPerEpoch);
    new Trainer(task, plan.CreateOptimizer(model), schedule, plan.CreateTrainerOptions()).Run();
    return model;
}

double Accuracy(SequenceClassifier model) => SequenceClassifierTask.Evaluate(model, test).Accuracy;

static double Praise(SequenceClassifier model, string text) =>
    model.Predict([model.Prepare(new Example { Text = text, Source = "here" })])[0][model.Config.Classes.ToList().IndexOf("praise")];

static Example[] MakeReviews(int count, Rng rng)
{
    string[][] opinions = [["dull", "weak", "awful", "tired"], ["bright", "fine", "lovely", "fresh"]];
    string[] things = ["plot", "music", "cast", "ending", "dialogue", "pace"];
    return [.. Enumerable.Range(1, count).Select(number =>
    {
        var praise = rng.Next(2);
        var (plain, denied) = ($"{Thing()} is {opinions[praise][rng.Next(4)]}", $"{Thing()} is not {opinions[1 - praise][rng.Next(4)]}");
        var text = rng.Next(2) == 0 ? $"The {plain} and the {denied}." : $"The {denied} and the {plain}.";
        return new Example { Text = text, Labels = [praise == 1 ? "praise" : "blame"], Source = $"made up, review {number}" };
    })];

    string Thing() => things[rng.Next(things.Length)];
}
