using Unroll.Tensors;

namespace Unroll.Tests.Models;

/// <summary>Searching and drawing texts.</summary>
public class SequenceDecoderTests
{
    static readonly string[] Texts = ["ab", "b", "abbab", "", "aabba", "ba"];

    public static TheoryData<string> Attentions => [.. DecoderConfig.Attentions];

    [Theory, MemberData(nameof(Attentions))]
    public void A_wide_enough_beam_finds_what_trying_all_texts_finds(string attention)
    {
        var model = TinyPairs.Model(attention);
        foreach (var (alpha, beta) in new[] { (0.0, 0.0), (0.8, 0.0), (0.6, 0.5) })
        {
            var options = new DecodingOptions { Beam = 200, Best = 5, MaxLength = 3, LengthPenalty = alpha, CoveragePenalty = beta };
            var found = Translate([model], options).Translate(["abb"])[0];
            var all = All(model, "abb", 3).OrderByDescending(t => t.Score(alpha, beta)).ToArray();
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(all[i].Text, found[i].Text);
                Assert.Equal(all[i].LogProbability, found[i].Sequence.LogProbability, 1e-4);
                Assert.Equal(all[i].Score(alpha, beta), found[i].Sequence.Score, 1e-4);
                if (attention != "none") Assert.Equal(all[i].Weights.Length, found[i].Sequence.Attention.Length);
                for (var j = 0; attention != "none" && j < all[i].Weights.Length; j++) Assert.Equal(all[i].Weights[j], found[i].Sequence.Attention[j], 1e-5);
            }
        }
    }

    [Theory, MemberData(nameof(Attentions))]
    public void Greedy_takes_the_likeliest_token_each_time(string attention)
    {
        var model = TinyPairs.Model(attention);
        var found = Translate([model], new() { MaxLength = 6 }).Translate(["abba"])[0][0];
        var text = "";
        while (true)
        {
            var p = Next(model, "abba", text);
            p[model.Target.BeginId] = double.NegativeInfinity;
            var best = text.Length == 6 ? model.Target.EndId : Array.IndexOf(p, p.Max());
            if (best == model.Target.EndId) break;
            text += model.Target.Decode([best]);
        }
        Assert.Equal(text, found.Text);
    }

    [Fact]
    public void A_text_does_not_depend_on_what_stands_beside_it()
    {
        foreach (var attention in DecoderConfig.Attentions)
            foreach (var options in new[] { new DecodingOptions { Beam = 3, Best = 3 }, new() { Best = 2, Sampling = new() }, new() })
            {
                var model = TinyPairs.Model(attention, with: c => c with { InputFeeding = attention == "general", Coverage = attention == "additive" });
                var together = Translate([model], options).Translate(Texts, new Rng(4));
                var bySmall = Translate([model], options with { Batch = 2 }).Translate(Texts, new Rng(4));
                for (var i = 0; i < Texts.Length; i++)
                {
                    AssertSame(together[i], bySmall[i]);
                    if (options.Sampling is null) AssertSame(together[i], Translate([model], options).Translate([Texts[i]])[0]);
                }
            }

        static void AssertSame(IReadOnlyList<GeneratedText> a, IReadOnlyList<GeneratedText> b)
        {
            Assert.Equal(a.Select(t => t.Text), b.Select(t => t.Text));
            Assert.Equal(a.Select(t => t.Sequence.LogProbability), b.Select(t => t.Sequence.LogProbability));
            Assert.Equal(a.SelectMany(t => t.Sequence.Attention), b.SelectMany(t => t.Sequence.Attention));
        }
    }

    [Fact]
    public void Every_text_is_bounded_whatever_the_model_wants()
    {
        var model = TinyPairs.Model();
        var output = model.Parameters.Single(p => p.Name == "decoder.output.bias").Parameter;
        output.Edit()[model.Target.EndId] = -50;
        foreach (var options in new[] { new DecodingOptions { MaxLength = 7 }, new() { MaxLength = 7, Beam = 4, Best = 4 }, new() { MaxLength = 7, Sampling = new() } })
            foreach (var found in Translate([model], options).Translate(["ab"])[0])
            {
                Assert.InRange(found.Sequence.Ids.Length, options.Beam == 1 ? 7 : 0, 7);
                Assert.Equal((found.Sequence.Ids.Length + 1) * 3, found.Sequence.Attention.Length);
            }
        Assert.Equal(10 + 2 * 1, Translate([model], new() { MaxRatio = 1 }).Translate(["ab"])[0][0].Sequence.Ids.Length);
        output.Edit()[model.Target.EndId] = 50;
        Assert.Equal("", Translate([model], new()).Translate(["ab"])[0][0].Text);
        Assert.Equal(5, Translate([model], new() { MinLength = 5 }).Translate(["ab"])[0][0].Text.Length);
        Assert.Equal(4, Translate([model], new() { MinLength = 4, Beam = 3 }).Translate(["ab"])[0][0].Text.Length);
    }

    [Fact]
    public void No_run_of_tokens_comes_twice_where_that_is_asked()
    {
        var model = TinyPairs.Model();
        model.Parameters.Single(p => p.Name == "decoder.output.bias").Parameter.Edit()[model.Target.EndId] = -50;
        foreach (var beam in new[] { 1, 4 })
            foreach (var n in new[] { 1, 2, 3 })
            {
                var text = Translate([model], new() { Beam = beam, BlockNGrams = n, MaxLength = 20 }).Translate(["ab"])[0][0].Sequence.Ids;
                var runs = Enumerable.Range(0, Math.Max(0, text.Length - n + 1)).Select(i => string.Join(',', text[i..(i + n)])).ToArray();
                Assert.Equal(runs.Length, runs.Distinct().Count());
                if (beam == 1) Assert.NotEmpty(text);                        // and where nothing is left the text ends
            }
    }

    [Fact]
    public void Only_hypotheses_that_live_are_computed()
    {
        var model = TinyPairs.Model(hidden: 10);
        var decoder = new SequenceDecoder([model], new());
        using var scratch = Tape.Scratch();
        var source = new TokenMatrix(3, 4);
        for (var i = 0; i < source.Ids.Length; i++) source.Ids[i] = i % 3;
        var found = decoder.Run([model.Read(source, new Lengths([1, 3, 2, 3], 3))], [2, 9, 4, 1]);
        Assert.Equal(found.Sum(f => f[0].Ids.Length + 1), decoder.StepsOfRows);
    }

    [Fact]
    public void An_ensemble_averages_probabilities()
    {
        Seq2Seq first = TinyPairs.Model("general", seed: 1), second = TinyPairs.Model("additive", hidden: 6, seed: 2);
        var options = new DecodingOptions { Beam = 200, Best = 5, MaxLength = 3 };
        var twice = Translate([first, first], options).Translate(["ab"])[0];
        var once = Translate([first], options).Translate(["ab"])[0];
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(once[i].Text, twice[i].Text);
            Assert.Equal(once[i].Sequence.LogProbability, twice[i].Sequence.LogProbability, 1e-4);
        }
        foreach (var found in Translate([first, second], options).Translate(["ab"])[0])
        {
            double log = 0;
            for (var t = 0; t <= found.Text.Length; t++)
            {
                var id = t < found.Text.Length ? found.Sequence.Ids[t] : first.Target.EndId;
                log += Math.Log((Math.Exp(Next(first, "ab", found.Text[..t])[id]) + Math.Exp(Next(second, "ab", found.Text[..t])[id])) / 2);
            }
            Assert.Equal(log, found.Sequence.LogProbability, 1e-4);
            for (var t = 0; t <= found.Text.Length; t++) Assert.Equal(1, found.Sequence.Attention.Skip(3 * t).Take(3).Sum(), 1e-5);
        }
        Assert.Contains("Model 2", Assert.ThrowsAny<UnrollException>(() => Translate([first, TinyPairs.Model(letters: "abc")], options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_follow_the_seed_and_the_distribution()
    {
        var model = TinyPairs.Model();
        var options = new DecodingOptions { Best = 400, Sampling = new(), MaxLength = 4 };
        var drawn = Translate([model], options).Translate(["ab"], new Rng(1))[0];
        Assert.Equal(drawn.Select(d => d.Text), Translate([model], options).Translate(["ab"], new Rng(1))[0].Select(d => d.Text));
        Assert.NotEqual(drawn.Select(d => d.Text), Translate([model], options).Translate(["ab"], new Rng(2))[0].Select(d => d.Text));
        var p = Next(model, "ab", "").Select(Math.Exp).ToArray();
        p[model.Target.BeginId] = 0;
        var ends = p[model.Target.EndId] / p.Sum();
        Assert.Equal(ends, drawn.Count(d => d.Text.Length == 0) / 400.0, 4 * Math.Sqrt(ends * (1 - ends) / 400));
    }

    [Fact]
    public void An_empty_text_gives_an_empty_text_and_an_unknown_word_the_word_that_was_looked_at()
    {
        var coder = TinyPairs.Words("red green blue");
        var model = new Seq2Seq(new() { EmbeddingSize = 6, HiddenSize = 8 }, coder, coder, new Rng(1));
        var bias = model.Parameters.Single(p => p.Name == "decoder.output.bias").Parameter;
        bias.Edit()[coder.UnknownId!.Value] = 50;
        var translator = new Translator([model], new() { MaxLength = 2 });
        Assert.Equal("", translator.Translate(["  "])[0][0].Text);
        var found = translator.Translate(["pink green mauve"])[0][0];
        var words = new[] { "pink", "green", "mauve" };
        var expected = Enumerable.Range(0, 2).Select(t => found.Sequence.Attention.Skip(4 * t).Take(3).ToArray()).Select(row => words[Array.IndexOf(row, row.Max())]);
        Assert.Equal(string.Join(' ', expected), found.Text);
        Assert.Equal(["<unk>", "green", "<unk>", "</s>"], found.SourceTokens);
        Assert.Equal("<unk> <unk>", new Translator([model], new() { MaxLength = 2 }) { ReplacesUnknown = false }.Translate(["pink green mauve"])[0][0].Text);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var model = TinyPairs.Model();
        foreach (var options in new DecodingOptions[]
        {
            new() { Beam = 0 }, new() { Best = 2 }, new() { MaxLength = 0 }, new() { MinLength = 300 }, new() { LengthPenalty = -1 },
            new() { CoveragePenalty = double.NaN }, new() { BlockNGrams = -1 }, new() { Batch = 0 }, new() { MaxRatio = -1 },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => Translate([model], options));
        Assert.ThrowsAny<UnrollException>(() => Translate([model], new() { Beam = 2, Sampling = new() }));
        Assert.Throws<ArgumentException>(() => Translate([], new()));
        var weight = model.Parameters.Single(p => p.Name == "decoder.output.bias").Parameter;
        weight.Edit()[1] = float.NaN;
        Assert.Contains("token 1 ", Assert.ThrowsAny<UnrollException>(() => Translate([model], new()).Translate(["ab"])).Message, StringComparison.Ordinal);
    }

    static Translator Translate(Seq2Seq[] models, DecodingOptions options) => new(models, options) { ReplacesUnknown = false };

    sealed record Scored(string Text, double LogProbability, double[] Weights, int Steps)
    {
        public double Score(double alpha, double beta)
        {
            var coverage = 0.0;
            for (var s = 0; beta > 0 && s < Steps && Weights.Length > 0; s++)
                coverage += Math.Log(Math.Min(1, Enumerable.Range(0, Weights.Length / Steps).Sum(t => Weights[t * Steps + s])));
            return LogProbability / Math.Pow((5.0 + Text.Length + 1) / 6, alpha) + beta * coverage;
        }
    }

    /// <summary>Every text of a and b up to a length, each run through the decoder as a whole: the sum over its tokens and the end.</summary>
    static IEnumerable<Scored> All(Seq2Seq model, string source, int longest)
    {
        var texts = new List<string> { "" };
        for (var i = 0; texts[i].Length < longest; i++) texts.AddRange([.. LettersOf(model).Select(c => texts[i] + c)]);
        foreach (var text in texts)
        {
            double log = 0;
            var weights = new List<double>();
            for (var t = 0; t <= text.Length; t++)
            {
                var next = Next(model, source, text[..t], weights);
                log += next[t < text.Length ? model.Target.Encode(text[t..(t + 1)])[0] : model.Target.EndId];
            }
            yield return new(text, log, [.. weights], source.Length + 1);
        }
    }

    static IEnumerable<string> LettersOf(Seq2Seq model) =>
        Enumerable.Range(0, model.Target.Tokenizer.VocabularySize).Select(i => model.Target.Decode([i]));

    /// <summary>ln p of every token after a text, from the start each time.</summary>
    static double[] Next(Seq2Seq model, string source, string text, List<double>? weights = null)
    {
        using var scratch = Tape.Scratch();
        var inputs = new TokenMatrix([model.Target.BeginId, .. model.Target.Encode(text)]);
        var (readout, final) = model.Decoder.Forward(inputs, model.Read(new TokenMatrix([.. model.Source.Encode(source), model.Source.EndId])));
        if (weights is not null && model.Config.HasAttention)
            foreach (var w in model.Decoder.WeightsOf(final).Values) weights.Add(w);
        return [.. Ops.LogSoftmax(model.Decoder.Output.Forward(readout[^1..])).ToArray().Select(x => (double)x)];
    }
}
