using System.Collections.Concurrent;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Kernels;
using Unroll.Tests.Models;

namespace Unroll.Tests.Contracts;

/// <summary>
/// One model of every kind, and whatever answers with it, from 16 threads at once: the answers of one thread; or a type that says it is for one thread at a
/// time, and throws where it is not. After the race the answers are still those.
/// </summary>
[Collection(nameof(ThreadTeam))]
public sealed class SharedModelTests
{
    const int Threads = 16, Rounds = 12;

    public static TheoryData<string> Kinds =>
    [
        "language model", "sessions", "classifier", "members", "hierarchical", "n-grams", "series", "attribution", "tagger", "translator", "ensemble", "sampled",
        "captions", "sound", "regressor", "forecaster", "classifier sessions", "tagger sessions",
    ];

    [Theory, MemberData(nameof(Kinds))]
    public void Answers_are_those_of_one_thread(string kind)
    {
        var expected = Answers(kind);
        string[] right = [.. Enumerable.Range(0, Rounds).Select(expected)];
        var shared = Answers(kind);                                 // anew: what it computes once and keeps is computed by all at once
        var wrong = new ConcurrentBag<string>();
        using var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            try
            {
                start.SignalAndWait();
                for (var i = 0; i < Rounds; i++)
                {
                    var question = (i + t) % Rounds;
                    if (shared(question) is var answer && answer != right[question]) wrong.Add($"question {question}: {answer} instead of {right[question]}");
                }
            }
            catch (Exception e)
            {
                wrong.Add(e.ToString());                            // on a thread of one's own it would end the process
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Empty(wrong);
        for (var i = 0; i < Rounds; i++) Assert.Equal(right[i], shared(i));
    }

    /// <summary>A model with all that answers by it: from the number of a question to the answer, every bit of it.</summary>
    static Func<int, string> Answers(string kind)
    {
        string Text(int i) => TinyClassifier.Sentences[i % TinyClassifier.Sentences.Length] + string.Concat(Enumerable.Repeat(" good", i));
        Func<int, string> Classify(SequenceClassifier model) => i => Bits(model.Predict([model.Prepare(new Example { Text = Text(i), Source = "" })])[0]);
        switch (kind)
        {
            case "language model":
                {
                    var model = Tiny.Model();
                    return i => $"{model.Measure(new TokenStream(model.Tokenizer, Tiny.Ids(model, 40 + i, (ulong)i), [0]), batch: 1 + i % 3).Loss:R}";
                }
            case "sessions":
                {
                    var model = Tiny.Model(cell: "gru");
                    return i =>
                    {
                        var session = new LanguageModelSession(model);
                        session.Read(Tiny.Ids(model, 5 + i, (ulong)i));
                        return Bits(session.Fork().Read(i % 5));
                    };
                }
            case "classifier": return Classify(TinyClassifier.Model());
            case "members": return Classify(TinyClassifier.Model(c => c with { Members = 3, Pooling = "attention" }));
            case "hierarchical": return Classify(TinyClassifier.Model(c => c with { Encoder = "hierarchical" }));
            case "n-grams": return Classify(TinyClassifier.Model(c => c with { NGrams = 3 }));
            case "series":
                {
                    var (model, series) = (TinyClassifier.SeriesModel(), TinyClassifier.Series());
                    return i => Bits(model.Predict([model.Prepare(series[i % series.Length])])[0]);
                }
            case "attribution":
                {
                    var model = TinyClassifier.Model();
                    return i => string.Join(" ", Attribution.Of(model, new Example { Text = Text(i), Source = "" }).Steps.Select(s => $"{s.Connectivity:R} {s.Contribution:R}"));
                }
            case "classifier sessions":
                {
                    var model = TinyClassifier.Model(c => c with { Bidirectional = false, Pooling = "attention", NGrams = 2, NGramRows = 256 });
                    return i => Bits(new ClassifierSession(model).Read(Text(i)).ToArray());
                }
            case "tagger sessions":
                {
                    var sentences = TinySentences.Names(30, 1);
                    var model = TinySentences.Model(TinySentences.Small with { Bidirectional = false }, sentences);
                    return i =>
                    {
                        var session = new TaggerSession(model);
                        return string.Join(" ", sentences[i].Words.Select(w => session.Read(w)));
                    };
                }
            case "tagger":
                {
                    var sentences = TinySentences.Names(30, 1);
                    var model = new SequenceTagger(new() { HiddenSize = 8 }, SentenceVocabulary.Build(sentences), new Rng(1));
                    return i =>
                    {
                        var tagged = model.Tag([sentences[i], sentences[i + 9]], best: 2)[0];
                        return $"{string.Join(" ", tagged.Tags)} {tagged.Best[0].LogProbability:R} {tagged.Best[^1].LogProbability:R}";
                    };
                }
            case "translator": return Translate(new([TinyPairs.Model()], new() { Beam = 3 }));
            case "ensemble": return Translate(new([TinyPairs.Model("additive"), TinyPairs.Model("none", seed: 2)], new() { Beam = 2, Best = 2 }));
            case "sampled": return Translate(new([TinyPairs.Model()], new() { Sampling = new() }));
            case "captions":
                {
                    var pictures = Enumerable.Range(0, 5).Select(p => new Series([.. Enumerable.Range(0, 12).Select(k => (float)Math.Sin(p + k * k))], steps: 3, features: 4)).ToArray();
                    var config = new CaptionerConfig { Features = 4, Rows = 3, Encoder = "rnn", Attention = "dot", EmbeddingSize = 5, HiddenSize = 6, EncoderSize = 3, InitScale = 0.8 };
                    var model = new Captioner(config, Captioner.MeasureScales(config, pictures), TinyPairs.Letters("xyz"), new Rng(3));
                    var writer = new CaptionWriter([model], new() { Beam = 2 });
                    return i => Written(writer.Describe([pictures[i % pictures.Length]])[0]);
                }
            case "regressor":
                {
                    var series = TinyClassifier.Series();
                    var model = new SequenceRegressor(new() { Features = 2, HiddenSize = 6 }, FeatureScales.Measure(series.Select(e => e.Series!)), new([1], [2]), new Rng(1));
                    return i => $"{model.Predict([series[i % series.Length]])[0]:R}";
                }
            case "forecaster":
                {
                    var (model, table) = (TinyForecasts.Model(TinyForecasts.Config), TinyForecasts.Table(90));
                    return i => string.Join(" ", model.Forecast(table, 1 + i % 3).Select(f => string.Join(" ", f.Quantile(0.3).Select(v => $"{v:R}"))));
                }
            case "sound":
                {
                    var features = new LogMel(8000);
                    return i =>
                    {
                        var samples = new float[1500 + 100 * i];
                        new Rng((ulong)i).FillUniform(samples, -1, 1);
                        return Bits(features.Compute(samples).Values.ToArray());
                    };
                }
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }

        static Func<int, string> Translate(Translator translator) =>
            i => Written(translator.Translate([string.Concat(Enumerable.Range(0, i).Select(k => "ab"[k * k % 3 % 2]))], new Rng((ulong)i))[0]);
    }

    static string Written(IReadOnlyList<GeneratedText> texts) => string.Join("|", texts.Select(t => $"{t.Text} {t.Sequence.LogProbability:R} {Bits(t.Sequence.Attention)}"));

    static string Bits(ReadOnlySpan<float> numbers) => string.Join(" ", numbers.ToArray().Select(n => BitConverter.SingleToInt32Bits(n)));

    [Fact]
    public void A_session_that_two_threads_use_refuses_the_second_and_goes_on()
    {
        var model = Tiny.Model(hidden: 300);
        var session = new LanguageModelSession(model);
        var alone = new LanguageModelSession(model);
        var refused = Race(() => session.Read(1), () => session.Fork(), () => session.Reset());
        Assert.All(refused, e => Assert.Contains(nameof(LanguageModelSession), Assert.IsType<InvalidOperationException>(e).Message));
        session.Reset();
        Same.Bits(alone.Read(2).ToArray(), session.Read(2).ToArray(), "scores after the race");
    }

    [Fact]
    public void A_sampler_that_two_threads_use_refuses_the_second_and_goes_on()
    {
        var logits = new float[5000];
        new Rng(1).FillUniform(logits, -1, 1);
        var sampler = new Sampler(new() { TopP = 0.9 }, new Rng(2));
        var refused = Race(() => sampler.Next(logits), () => sampler.Next(logits));
        Assert.All(refused, e => Assert.Contains(nameof(Sampler), Assert.IsType<InvalidOperationException>(e).Message));
        Assert.InRange(sampler.Next(logits), 0, logits.Length - 1);
    }

    /// <summary>Does all at once, again and again, until one was refused; what was thrown.</summary>
    static ConcurrentBag<Exception> Race(params Action[] actions)
    {
        var thrown = new ConcurrentBag<Exception>();
        var until = DateTime.UtcNow.AddSeconds(20);
        var threads = actions.Select(action => new Thread(() =>
        {
            while (thrown.IsEmpty && DateTime.UtcNow < until)
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    thrown.Add(e);                                  // on a thread of one's own it would end the process
                }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.NotEmpty(thrown);
        return thrown;
    }
}
