using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tests.Models;

public class AttributionTests
{
    [Theory]
    [InlineData("rnn")]
    [InlineData("hierarchical")]
    public void Every_token_has_its_place_and_weights_sum_to_1(string encoder)
    {
        var model = TinyClassifier.Model(c => c with { Encoder = encoder, Pooling = "attention", Dropout = 0.5, WordDropout = 0.5, Members = 2, NGrams = 2 });
        foreach (var example in TinyClassifier.Texts)
        {
            var found = Attribution.Of(model, example);
            Assert.Equal(model.Predict([model.Prepare(example)])[0], found.Probabilities.ToArray());      // no dropout
            Assert.Equal(found.Probabilities.Max(), found.Probabilities[model.Config.Classes.ToList().IndexOf(found.Class)]);
            Assert.Equal(example.Text!.Replace(" ", ""), string.Concat(found.Steps.Select(s => s.Text)));
            if (found.Steps.Count > 0) Assert.Equal(1, found.Steps.Sum(s => s.Attention!.Value), 1e-5);
        }
    }

    [Fact]
    public void Connectivity_is_the_derivative_of_the_chosen_logit()
    {
        // Moving every number of one word's vector by δ moves the difference of two logits, a log-odds of two classes, by δ times the sum of derivatives.
        var model = TinyClassifier.Model(c => c with { Pooling = "mean" });
        var example = new Example { Text = "good bad film", Source = "x" };
        var (good, bad) = (Attribution.Of(model, example, "good"), Attribution.Of(model, example, "bad"));
        Assert.Equal("good", good.Class);
        var table = model.Networks[0].Embeddings!;
        for (var t = 0; t < 3; t++)
        {
            var id = model.Prepare(example).Ids[t];
            const float Delta = 0.01f;
            var before = table.Values.Slice(id * 5, 5).ToArray();
            var (up, down) = (LogOdds(1 + Delta), LogOdds(1 - Delta));
            Assert.Equal((up - down) / (2 * Delta), good.Steps[t].Contribution - bad.Steps[t].Contribution, 1e-3);
            Assert.True(good.Steps[t].Connectivity > 0);

            double LogOdds(float scale)
            {
                for (var i = 0; i < 5; i++) table.Edit()[id * 5 + i] = before[i] * scale;
                var p = model.Predict([model.Prepare(example)])[0];
                for (var i = 0; i < 5; i++) table.Edit()[id * 5 + i] = before[i];
                return Math.Log(p[1] / (double)p[0]);
            }
        }
    }

    [Fact]
    public void Runs_of_tokens_have_half_of_the_vote_and_of_what_decided()
    {
        SequenceClassifier Model(int ngrams) => TinyClassifier.Model(c => c with { NGrams = ngrams });
        var (model, alone) = (Model(2), Model(0));
        new Rng(3).FillUniform(model.NGrams!.Weight.Edit(), -1, 1);
        foreach (var example in TinyClassifier.Texts)
        {
            var ids = model.Prepare(example).Ids;
            var (shares, found, networks) = (model.NGrams.Shares(ids, 1), Attribution.Of(model, example, "good"), Attribution.Of(alone, example, "good"));
            if (ids.Length > 0) Assert.Equal(model.NGrams.Forward([ids])[0].Values[1], shares.Sum() + model.NGrams.Bias.Values[1], 1e-5);
            for (var t = 0; t < ids.Length; t++)
            {
                Assert.Equal((networks.Steps[t].Contribution + shares[t]) / 2, found.Steps[t].Contribution, 1e-9);
                Assert.Equal((networks.Steps[t].Connectivity + Math.Abs(shares[t])) / 2, found.Steps[t].Connectivity, 1e-9);
            }
            var byRuns = Ops.Softmax(model.NGrams.Forward([ids]))[0].Values[1];
            Assert.Equal((networks.Probabilities[1] + byRuns) / 2, found.Probabilities[1], 1e-6f);
        }
    }

    [Theory]
    [InlineData("rnn", "attention")]
    [InlineData("rnn", "max")]
    [InlineData("rnn", "last")]
    [InlineData("hierarchical", "attention")]
    [InlineData("mlp", "mean")]
    public void A_look_leaves_no_trace_in_the_model(string encoder, string pooling)
    {
        var model = TinyClassifier.Model(c => c with { Encoder = encoder, Pooling = pooling, Members = 2 });
        var found = Attribution.Of(model, TinyClassifier.Texts[3]);
        Assert.All(found.Steps, s => Assert.True(s.Connectivity > 0 || pooling == "max"));
        Assert.All(model.Parameters, p => Assert.True(p.Parameter.HasNoGradient, p.Name));
        Assert.All(model.Parameters, p => Assert.True(p.Parameter.Trainable, p.Name));
    }

    [Fact]
    public void Several_threads_use_one_model()
    {
        var model = TinyClassifier.Model(c => c with { Pooling = "attention", WordDropout = 0.3, EmbeddingDropout = 0.3, Dropout = 0.3, Members = 2 });
        var expected = Answers();
        var found = new string[24];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => found[i] = Answers());
        Assert.All(found, f => Assert.Equal(expected, f));

        string Answers() =>
            string.Join(' ', model.Predict(model.Prepare(TinyClassifier.Texts), batch: 4).SelectMany(p => p))
            + string.Join(' ', TinyClassifier.Texts.SelectMany(t => Attribution.Of(model, t).Steps.Select(s => s.Connectivity)));
    }

    [Fact]
    public void Series_have_steps_and_an_unknown_class_is_refused()
    {
        var found = Attribution.Of(TinyClassifier.SeriesModel(), TinyClassifier.Series()[1]);
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], found.Steps.Select(s => s.Text));
        Assert.All(found.Steps, s => Assert.Null(s.Attention));
        Assert.Empty(Attribution.Of(TinyClassifier.SeriesModel(), TinyClassifier.Series()[2]).Steps);
        Assert.Contains("no class 'nice'; expected one of bad, good",
            Assert.ThrowsAny<UnrollException>(() => Attribution.Of(TinyClassifier.Model(), TinyClassifier.Texts[0], "nice")).Message);
    }
}
