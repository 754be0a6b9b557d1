using System.Diagnostics;
using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Bench;

/// <summary>What the training of tasks with shared layers costs beside the same tasks by themselves: texts of 20 words, batches of 32, equal sizes.</summary>
static class MultiTaskBenchmark
{
    const int Tasks = 4, Texts = 2000, Words = 20, Rounds = 7;

    /// <param name="cell">The kind of cell.</param>
    /// <param name="units">The hidden size.</param>
    /// <param name="vocabulary">How many words there are; the optimizer changes all of their vectors at each step.</param>
    /// <returns>A JSON line: tokens a second of each architecture, and what each costs of the first; medians of rounds in turn.</returns>
    public static string Run(string cell, int units, int vocabulary)
    {
        var rng = new Rng(1);
        TaskExample[] examples = [.. Enumerable.Range(0, Tasks * Texts).Select(i => new TaskExample($"task{i % Tasks}", new()
        {
            Text = string.Join(' ', Enumerable.Range(0, Words).Select(_ => Word(Math.Min(rng.Next(vocabulary), rng.Next(vocabulary))))), Labels = [$"{i / Tasks % 2}"], Source = $"{i}",
        }))];
        DataSplit<TaskExample> data = new(examples, [.. Enumerable.Range(0, Tasks).Select(i => examples[i])], []);
        var tokenizer = Tokenizer.Build("term", [.. examples.Select(e => new TextDocument(e.Example.Source, e.Example.Text!))]);
        TaskLabels[] labels = [.. Enumerable.Range(0, Tasks).Select(i => new TaskLabels($"task{i}", ["0", "1"]))];
        var runs = MultiTaskConfig.Architectures.Select(architecture =>
        {
            var model = new MultiTaskClassifier(new() { Architecture = architecture, Cell = cell, HiddenSize = units, EmbeddingSize = units, Pooling = "last" }, labels, tokenizer, new Rng(1));
            return new MultiTaskTraining(model, data, new() { Epochs = 1000 }, new Rng(2));
        }).ToArray();
        var speeds = new double[runs.Length, Rounds];
        for (var r = -1; r < Rounds; r++)                           // the first is not counted
            for (var a = 0; a < runs.Length; a++)
            {
                var optimizer = new AdamW(runs[a].Model.Parameters);
                var (start, tokens) = (Stopwatch.GetTimestamp(), 0L);
                for (var i = 0; i < 100; i++)
                {
                    using var tape = Tensors.Tape.Record();
                    tape.Backward(runs[a].NextLoss());
                    optimizer.Step();
                    tokens += runs[a].TokensInBatch;
                }
                if (r >= 0) speeds[a, r] = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        static string Word(int number) => string.Concat(Enumerable.Range(0, 4).Select(i => (char)('a' + number / (int)Math.Pow(20, i) % 20)));      // of letters: numbers are one token
        double Median(int a) => Enumerable.Range(0, Rounds).Select(r => speeds[a, r]).Order().ElementAt(Rounds / 2);
        double Cost(int a) => Enumerable.Range(0, Rounds).Select(r => speeds[0, r] / speeds[a, r]).Order().ElementAt(Rounds / 2);
        return string.Create(CultureInfo.InvariantCulture, $$"""{"cell": "{{cell}}", "units": {{units}}, "vocabulary": {{tokenizer.VocabularySize}}, "threads": {{Compute.Threads}}, {{string.Join(", ", MultiTaskConfig.Architectures.Select((name, a) => string.Create(CultureInfo.InvariantCulture,
            $"\"{name}\": {{\"tokens_per_s\": {Median(a):F0}, \"cost\": {Cost(a):F2}}}")))}}}""");
    }
}
