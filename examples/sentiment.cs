#:project ../src/Unroll/Unroll.csproj
#:property PublishAot=false

// A text classifier, recurrent and as a bag of words: dotnet run examples/sentiment.cs
//
// Synthetic reviews: both classes use the same words, and the label depends on which word follows "not". Result: the recurrent
// classifier has a test accuracy above 0.97, and the mean of the word embeddings (a bag of words) one below 0.6; otherwise the
// exit code is 1.
using Unroll;
using Unroll.Data;
using Unroll.Tasks;

const double Goal = 0.97, MostOfBag = 0.6;

var (train, test) = Split.EveryNth(MakeReviews(2500, new Rng(1)), 5);
var recurrent = Train("rnn");
var bag = Train("mlp");                 // the mean of the embeddings, and a hidden layer
var (accuracy, accuracyOfBag) = (Accuracy(recurrent), Accuracy(bag));
Console.WriteLine($"accuracy on {test.Count} test reviews: recurrent {accuracy:F3}, bag of words {accuracyOfBag:F3}\n");

Console.WriteLine("the same words in another order          P(praise): recurrent, bag of words");
foreach (var text in new[] { "The plot is fresh and the cast is not dull.", "The plot is not fresh and the cast is dull." })
    Console.WriteLine($"{text,-45} {Praise(recurrent, text),6:F3} {Praise(bag, text),6:F3}");
return accuracy > Goal && accuracyOfBag < MostOfBag ? 0 : 1;

// A small model for a small language. No n-grams: they would know some of the order.
SequenceClassifier Train(string encoder) => SequenceClassifier.Train(train, new()
{
    Epochs = 10, LearningRate = 0.01, Average = 0.9,
    Given = ["--encoder", "--members", "--pooling", "--batch"],           // the plan keeps these, though they are defaults
    Plan = new() { Config = new() { Classes = [], Encoder = encoder, NGrams = 0, Members = 1, EmbeddingSize = 32, HiddenSize = 32, Dropout = 0.2, WordDropout = 0, EmbeddingDropout = 0 } },
});

double Accuracy(SequenceClassifier model) => model.Evaluate(test)["accuracy"];

static double Praise(SequenceClassifier model, string text) => model.Classify(text).All.Single(c => c.Label == "praise").Probability;

static Example[] MakeReviews(int count, Rng rng)
{
    string[][] opinions = [["dull", "weak", "awful", "tired"], ["bright", "fine", "lovely", "fresh"]];
    string[] things = ["plot", "music", "cast", "ending", "dialogue", "pace"];
    return [.. Enumerable.Range(1, count).Select(number =>
    {
        var praise = rng.Next(2);
        var (plain, denied) = ($"{Thing()} is {opinions[praise][rng.Next(4)]}", $"{Thing()} is not {opinions[1 - praise][rng.Next(4)]}");
        var text = rng.Next(2) == 0 ? $"The {plain} and the {denied}." : $"The {denied} and the {plain}.";
        return new Example { Text = text, Labels = [praise == 1 ? "praise" : "blame"], Source = $"review {number}" };
    })];

    string Thing() => things[rng.Next(things.Length)];
}
