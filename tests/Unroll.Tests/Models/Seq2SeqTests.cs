using System.Text.Json;
using Unroll.Data;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Models;

/// <summary>Models that encode and write: files, settings, batches.</summary>
public sealed class Seq2SeqTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Attentions => [.. DecoderConfig.Attentions];

    [Theory, MemberData(nameof(Attentions))]
    public void A_file_gives_the_same_model(string attention)
    {
        var model = TinyPairs.Model(attention, with: c => c with { Layers = 2, Coverage = attention is "additive", InputFeeding = attention is "dot", TiedWeights = attention is "concat", SharedEmbedding = attention is "general" });
        var path = _folder["model.safetensors"];
        ModelFile.Save(path, model);
        var loaded = ModelFile.Load<Seq2Seq>(path);
        Assert.Equal(model.Config, loaded.Config);
        Assert.Equal(model.Parameters.Select(p => p.Name), loaded.Parameters.Select(p => p.Name));
        foreach (var (e, a) in model.Parameters.Zip(loaded.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        var options = new DecodingOptions { Beam = 3 };
        Assert.Equal(new Translator([model], options).Translate(["abba"])[0][0].Sequence.LogProbability, new Translator([loaded], options).Translate(["abba"])[0][0].Sequence.LogProbability);
        Assert.ThrowsAny<UnrollException>(() => (object)ModelFile.Load<Captioner>(path));
    }

    [Fact]
    public void A_captioner_has_a_file_too()
    {
        foreach (var (encoder, gradients) in new[] { ("mlp", 0), ("mlp", 2), ("rnn", 0), ("rnn", 2) })
            foreach (var attention in new[] { "none", "additive" })
            {
                var model = Captions(encoder, attention, gradients);
                var path = _folder["captioner.safetensors"];
                ModelFile.Save(path, model);
                var loaded = ModelFile.Load<Captioner>(path);
                var picture = new Series([.. Enumerable.Range(0, 12).Select(i => (float)(i * i % 7))], 3, 4, channels: 1);
                var (a, b) = (new CaptionWriter([model], new() { Beam = 2 }).Describe([picture, picture])[0][0], new CaptionWriter([loaded], new() { Beam = 2 }).Describe([picture])[0][0]);
                Assert.Equal((a.Text, a.Sequence.LogProbability), (b.Text, b.Sequence.LogProbability));
                Assert.Equal(attention == "none" ? 0 : (gradients == 0 ? 3 : 2) * (a.Sequence.Ids.Length + 1), a.Sequence.Attention.Length);
                var e = Assert.ThrowsAny<UnrollException>(() => new CaptionWriter([model], new()).Describe([new Series(new float[8], 2, 4)]));
                Assert.Contains("2 rows of 4", e.Message, StringComparison.Ordinal);
                if (gradients > 0)
                    Assert.Contains("pixels of 2", Assert.ThrowsAny<UnrollException>(() => new CaptionWriter([model], new()).Describe([new Series(new float[12], 3, 4, channels: 2)])).Message, StringComparison.Ordinal);
            }
    }

    static Captioner Captions(string encoder, string attention, int gradients)
    {
        var config = new CaptionerConfig { Features = 4, Rows = 3, Gradients = gradients, Encoder = encoder, Attention = attention, EmbeddingSize = 5, HiddenSize = 6, EncoderSize = 7, InitScale = 0.5 };
        var seen = new Series([.. Enumerable.Range(0, 12).Select(i => (float)(i % 5))], 3, 4, channels: 1);
        return new(config, Captioner.MeasureScales(config, [seen]), TinyPairs.Letters("xyz"), new Rng(3));
    }

    [Fact]
    public void All_that_is_wrong_with_settings_is_listed()
    {
        var bad = new Seq2SeqConfig { Cell = "?", Attention = "much", Bridge = "old", Layers = 0, Dropout = 1, EmbeddingSize = 0, HiddenSize = 7, Window = 0 };
        Assert.Equal(8, bad.Problems.Count);
        Assert.Contains(new Seq2SeqConfig { Attention = "dot", EncoderSize = 256 }.Problems, p => p.Contains("general attention", StringComparison.Ordinal));
        Assert.Contains(new Seq2SeqConfig { Attention = "none", InputFeeding = true }.Problems, p => p.Contains("need attention", StringComparison.Ordinal));
        Assert.Contains(new Seq2SeqConfig { Bridge = "copy", EncoderSize = 100 }.Problems, p => p.Contains("Use dense", StringComparison.Ordinal));
        Assert.Empty(new Seq2SeqConfig { Bridge = "copy", Attention = "dot" }.Problems);
        Assert.Contains(new CaptionerConfig { Features = 0, Rows = 0, Encoder = "cnn" }.Problems, p => p.Contains("mlp, rnn", StringComparison.Ordinal));
        Assert.Contains(new CaptionerConfig { Features = 4, Rows = 3, Channels = 3, Gradients = -1 }.Problems, p => p.Contains("a part of the 4", StringComparison.Ordinal));
        Assert.ThrowsAny<UnrollException>(() => new Seq2Seq(new() { SharedEmbedding = true }, TinyPairs.Letters("ab"), TinyPairs.Letters("abc"), new Rng(1)));
        var json = new Seq2SeqConfig().ToJson();
        json.Remove("attention");
        json["layers"] = "two";
        var e = Assert.ThrowsAny<UnrollException>(() => Seq2SeqConfig.FromJson(JsonDocument.Parse(json.ToJsonString()).RootElement));
        Assert.Equal(2, e.Problems.Count);
    }

    [Theory, MemberData(nameof(Attentions))]
    public void The_loss_of_a_ragged_batch_is_that_of_its_rows(string attention)
    {
        var model = TinyPairs.Model(attention, with: c => c with { Coverage = attention == "concat", InputFeeding = attention == "local-p" });
        var pairs = TinyPairs.Pairs(s => s + s, "ab", 0, 6, 5);
        double sum = 0;
        var tokens = 0;
        foreach (var pair in pairs) sum += Loss(model, pair) * (tokens = pair.Target.Length + 1);
        Assert.Equal(sum / pairs.Sum(p => p.Target.Length + 1), Loss(model, pairs), 1e-5);

        static double Loss(Seq2Seq model, params TextPair[] pairs)
        {
            using var scratch = Tape.Scratch();
            var batch = new PairBatches(pairs, model.Source, model.Target, 1000, 100);
            batch.Next();
            return model.Loss(model.Read(batch.Source, batch.SourceLengths), batch.Inputs, batch.Targets, batch.TargetLengths).Scalar;
        }
    }

    [Fact]
    public void Always_reading_the_right_token_is_teacher_forcing_and_reading_its_own_is_what_greedy_does()
    {
        foreach (var attention in DecoderConfig.Attentions)
        {
            var model = TinyPairs.Model(attention);
            var own = new Translator([model], new() { MaxLength = 5 }) { ReplacesUnknown = false }.Translate(["abab"])[0][0];
            foreach (var (text, teacher) in new[] { ("babab", 1.0), (own.Text, 0.0) })
            {
                using var scratch = Tape.Scratch();
                var batch = new PairBatches([new("abab", text, "")], model.Source, model.Target, 1000, 100);
                batch.Next();
                var start = model.Read(batch.Source, batch.SourceLengths);
                var forced = model.Loss(start, batch.Inputs, batch.Targets, batch.TargetLengths).Scalar;
                var fed = model.SelfFedLoss(start, batch.Inputs, batch.Targets, batch.TargetLengths, teacher, new Rng(1), new TokenMatrix(1, 1)).Scalar;
                Assert.Equal(forced, fed, 1e-5);
                if (teacher == 0) Assert.Equal(-own.Sequence.LogProbability / (text.Length + 1), forced, 1e-4);
            }
        }
    }
}
