using System.Diagnostics;
using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Bench;

/// <summary>
/// A sequence-to-sequence model of words: embedding 256, an encoder that reads in both directions, a decoder, one layer each. Trained with Adam
/// and clipping, without dropout; then sentences are translated with a beam, each into as many words: a model that has just begun would end at once or never.
/// </summary>
static class TranslateBenchmark
{
    const int Warmup = 20;              // iterations that are not counted, while the runtime compiles
    const int First = 128;              // sentences likewise
    const int Length = 12;              // of a translation
    const int Tokens = 1500;            // of a batch, some hundred pairs

    /// <param name="source">A file of sentences, their words between blanks.</param>
    /// <param name="target">The file of their translations.</param>
    /// <param name="attention">One of <see cref="DecoderConfig.Attentions"/>, or <c>feeding</c>: general with input feeding.</param>
    /// <param name="iterations">How many training iterations are timed.</param>
    /// <param name="sentences">How many sentences are translated.</param>
    /// <param name="hidden">Units of the decoder, and of both directions of the encoder together.</param>
    public static string Run(string source, string target, string attention, int iterations, int sentences, int hidden)
    {
        var pairs = AlignedFiles.Read(source, target);
        var (reads, writes) = TextCoder.Build(pairs, new() { Tokens = WordTokenizer.KindName });
        var feeding = attention == "feeding";
        var model = new Seq2Seq(new() { HiddenSize = hidden, Attention = feeding ? "general" : attention, InputFeeding = feeding }, reads, writes, new Rng(1));
        var task = new Seq2SeqTask(model, pairs, [], new() { Tokens = Tokens }, new Rng(2));
        var optimizer = new Adam(model.Parameters, 0.001);
        Train(Warmup);
        long tokens = 0;
        var training = Time(() => tokens = Train(iterations).Tokens);
        string[] texts = [.. Enumerable.Range(0, First + sentences).Select(i => pairs[i % pairs.Count].Source)];
        var translator = new Translator([model], new() { Beam = 5, MinLength = Length, MaxLength = Length, LengthPenalty = 1 });
        translator.Translate(texts[..First]);
        var decoding = Time(() => translator.Translate(texts[First..]));
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"system": "unroll", "attention": "{{attention}}", "threads": {{Compute.Threads}}, {{Speeds("tokens", tokens, training)}}, {{Speeds("sentences", sentences, decoding)}}}""");

        TrainingResult Train(int count) => new Trainer(task, optimizer, Schedule.Constant, new() { Iterations = count, ClipNorm = 1, ReportEvery = 1_000_000 }).Run();
    }

    static (TimeSpan Wall, TimeSpan Processor) Time(Action work)
    {
        var (start, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        work();
        return (Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - used);
    }

    /// <summary>Also by processor time, which a busy machine disturbs less; it means something with one thread only.</summary>
    static string Speeds(string what, long count, (TimeSpan Wall, TimeSpan Processor) time) => string.Create(CultureInfo.InvariantCulture,
        $"\"{what}_per_s\": {count / time.Wall.TotalSeconds:G6}, \"{what}_per_cpu_s\": {count / time.Processor.TotalSeconds:G6}");
}
