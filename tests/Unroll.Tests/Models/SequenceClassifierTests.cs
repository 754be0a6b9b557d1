using Unroll.Data;
using Unroll.Layers;
using Unroll.Tests.Contracts;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Models;

public sealed class SequenceClassifierTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["model.safetensors"];

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, string> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string> { { "mlp", "mean" } };
            foreach (var pooling in Pooling.Kinds)
            {
                kinds.Add("rnn", pooling);
                kinds.Add("hierarchical", pooling);
            }
            return kinds;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Neighbours_and_padding_are_invisible(string encoder, string pooling)
    {
        foreach (var model in new[] { TinyClassifier.Model(c => c with { Encoder = encoder, Pooling = pooling, Layers = 2, NGrams = 3 }), Series() })
        {
            if (model is null) continue;
            if (model.NGrams is { } ngrams) new Rng(3).FillUniform(ngrams.Weight.Edit(), -1, 1);
            var inputs = model.Prepare(model.Tokenizer is null ? TinyClassifier.Series() : TinyClassifier.Texts);
            var together = model.Predict(inputs, batch: 64);
            for (var i = 0; i < inputs.Length; i++) Same.Bits(model.Predict([inputs[i]])[0], together[i], $"example {i}");
            Assert.All(together, p => Assert.Equal(1, p.Sum(), Tolerance.Single));
        }

        SequenceClassifier? Series() => encoder == "hierarchical" ? null : TinyClassifier.SeriesModel(c => c with { Encoder = encoder, Pooling = pooling, MaxSteps = 6 });
    }

    [Theory, MemberData(nameof(Kinds))]
    public void What_is_saved_is_loaded(string encoder, string pooling)
    {
        foreach (var tokens in new[] { "term", "char", "byte", "bpe", "series" })
        {
            if (tokens == "series" && encoder == "hierarchical") continue;
            var model = tokens == "series"
                ? TinyClassifier.SeriesModel(c => c with { Encoder = encoder, Pooling = pooling, MaxSteps = 6, Cell = "gru" })
                : TinyClassifier.Model(c => c with { Encoder = encoder, Pooling = pooling, MultiLabel = true, Dropout = 0.1, WordDropout = 0.2, NGrams = 2, NGramRows = 64 }, tokens);
            if (model.NGrams is { } ngrams) new Rng(3).FillUniform(ngrams.Weight.Edit(), -1, 1);
            ModelFile.Save(Path, model);
            var loaded = ModelFile.Load<SequenceClassifier>(Path);
            Assert.Equal(model.Config.ToJson().ToJsonString(), loaded.Config.ToJson().ToJsonString());
            var examples = tokens == "series" ? TinyClassifier.Series() : TinyClassifier.Texts;
            var (expected, found) = (model.Predict(model.Prepare(examples)), loaded.Predict(loaded.Prepare(examples)));
            for (var i = 0; i < expected.Length; i++) Same.Bits(expected[i], found[i], $"example {i}");
        }
    }

    [Fact]
    public void A_model_of_another_task_is_refused()
    {
        ModelFile.Save(Path, TinyClassifier.Model());
        Assert.IsType<SequenceClassifier>(ModelFile.Load(Path));
        var e = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load<LanguageModel>(Path));
        Assert.Contains("holds a sequence classifier; expected a language model", e.Message);
    }

    [Fact]
    public void Problems_of_the_settings_are_named_at_once()
    {
        var bad = new SequenceClassifierConfig { Classes = ["a", "a"], Encoder = "tree", Cell = "cpu", Pooling = "sum", Dropout = 1, HiddenSize = 0, Features = -1, NGrams = 9, NGramRows = 100, NGramPositions = -1, NGramShare = 2 };
        var e = Assert.ThrowsAny<UnrollException>(() => TinyClassifier.Model(_ => bad));
        Assert.All(["named twice", "encoder is 'tree'", "cell is 'cpu'", "pooling is 'sum'", "dropout is 1", "hidden is 0", "features is -1", "ngrams is 9", "n-gram rows is 100", "ngram_positions is -1", "ngram_share is 2"], part => Assert.Contains(part, e.Message));
        Assert.Contains("neither a network nor a linear member", Assert.ThrowsAny<UnrollException>(() => TinyClassifier.Model(c => c with { Members = 0 })).Message);
        Assert.Contains("positions are of the linear member", Assert.ThrowsAny<UnrollException>(() => TinyClassifier.Model(c => c with { NGramPositions = 2 })).Message);
        Assert.Contains("needs a tokenizer", Assert.ThrowsAny<UnrollException>(() => new SequenceClassifier(new() { Classes = ["a"] }, null, null, new Rng(1))).Message);
        ModelFile.Save(Path, TinyClassifier.Model());
        ModelEdit.Rewrite(Path, _directory["bad"], metadata => metadata["config"] = metadata["config"].Replace("\"hidden\":6", "\"hidden\":\"6\"").Replace("\"max\"", "\"sum\""));
        e = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(_directory["bad"]));
        Assert.All([_directory["bad"], "'hidden' is ", "expected a whole number", "pooling is 'sum'"], part => Assert.Contains(part, e.Message));
    }

    [Fact]
    public void An_empty_text_and_an_unknown_word_have_an_answer()
    {
        var model = TinyClassifier.Model();
        var p = model.Predict(model.Prepare([Text(""), Text("  "), Text("unheard"), Text("unseen")]));
        Same.Bits(p[0], p[1], "empty texts");
        Same.Bits(p[2], p[3], "unknown words");
        Assert.NotEqual(p[0], p[2]);
        Assert.Empty(model.Predict([]));

        static Example Text(string text) => new() { Text = text, Source = "x" };
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(1)]
    public void The_linear_member_has_its_share_of_the_vote(double share)
    {
        SequenceClassifier Model(int members, int ngrams)
        {
            var model = TinyClassifier.Model(c => c with { Members = members, NGrams = ngrams, NGramRows = 64, NGramShare = share });
            if (model.NGrams is { } linear) new Rng(3).FillUniform(linear.Weight.Edit(), -1, 1);
            return model;
        }
        var (both, networks, runs) = (Model(2, 2), Model(2, 0), Model(0, 2));
        foreach (var example in TinyClassifier.Texts)
        {
            var (p, n, l) = (both.Predict(both.Prepare(example)), networks.Predict(networks.Prepare(example)), runs.Predict(runs.Prepare(example)));
            for (var c = 0; c < p.Length; c++) Assert.Equal((1 - share) * n[c] + share * l[c], p[c], 1e-6);
        }
    }

    [Fact]
    public void A_file_of_an_earlier_version_votes_by_halves()
    {
        var model = TinyClassifier.Model(c => c with { NGrams = 2, NGramRows = 64 });
        new Rng(3).FillUniform(model.NGrams!.Weight.Edit(), -1, 1);
        ModelFile.Save(Path, model);
        ModelEdit.Rewrite(Path, _directory["earlier"], metadata => metadata["config"] = metadata["config"].Replace(",\"ngram_positions\":0,\"ngram_share\":0.5", ""));
        var earlier = ModelFile.Load<SequenceClassifier>(_directory["earlier"]);
        Assert.Equal((0.5, 0), (earlier.Config.NGramShare, earlier.Config.NGramPositions));
        Same.Bits(model.Predict(model.Prepare(TinyClassifier.Texts[0])), earlier.Predict(earlier.Prepare(TinyClassifier.Texts[0])), "vote");
    }

    [Fact]
    public void A_long_sequence_is_cut()
    {
        var model = TinyClassifier.Model(c => c with { MaxSteps = 3 });
        var inputs = model.Prepare([new Example { Text = "a good film. i", Source = "1" }, new Example { Text = "a good film", Source = "2" }]);
        Assert.Equal([3, 3], inputs.Select(i => i.Steps));
        Assert.Contains("numbers at once", Assert.ThrowsAny<UnrollException>(() => TinyClassifier.SeriesModel(c => c with { Encoder = "mlp", MaxSteps = int.MaxValue })).Message);
        Assert.Equal(5, TinyClassifier.SeriesModel(c => c with { MaxSteps = 5 }).Prepare(TinyClassifier.Series()[1]).Steps);
    }

    [Fact]
    public void Examples_of_another_kind_are_refused()
    {
        Assert.Contains("series 0 is a series; this model reads a text",
            Assert.ThrowsAny<UnrollException>(() => TinyClassifier.Model().Prepare(TinyClassifier.Series()[0])).Message);
        Assert.Contains("text 0 is a text; this model reads a series",
            Assert.ThrowsAny<UnrollException>(() => TinyClassifier.SeriesModel().Prepare(TinyClassifier.Texts[0])).Message);
    }

    [Fact]
    public void Sentences_end_at_signs()
    {
        var model = TinyClassifier.Model(c => c with { Encoder = "hierarchical" });
        Assert.Equal([4, 7], model.Prepare(TinyClassifier.Texts[0]).SentenceEnds);
        Assert.Equal([6, 9, 10], model.Prepare(TinyClassifier.Texts[3]).SentenceEnds);
        Assert.Empty(model.Prepare(TinyClassifier.Texts[4]).SentenceEnds);
        var longer = model.Prepare(new Example { Text = string.Concat(Enumerable.Repeat("film ", 200)) + "!!! . .", Source = "x" });
        Assert.Equal([80, 160, 203], longer.SentenceEnds);
    }

    [Fact]
    public void Vectors_from_elsewhere_are_taken()
    {
        File.WriteAllText(Path, "good 1 2 3 4 5\nfilm 5 4 3 2 1\nnever 0 0 0 0 0\n");
        var model = TinyClassifier.Model(c => c with { FrozenEmbedding = true });
        Assert.Equal(2, model.UseVectors(WordVectors.Read(Path), new Rng(1)));
        var id = ((TermTokenizer)model.Tokenizer!).Vocabulary.Find("film")!.Value;
        Assert.Equal([5, 4, 3, 2, 1], model.Networks[0].Embeddings!.Values.Slice(id * 5, 5).ToArray());
        Assert.False(model.Networks[0].Embeddings!.Trainable);
        File.WriteAllText(Path, "good 1 2\n");
        Assert.Contains("2 numbers each, the model's embedding 5", Assert.ThrowsAny<UnrollException>(() => model.UseVectors(WordVectors.Read(Path), new Rng(1))).Message);
    }
}
