using Unroll.Data;

namespace Unroll.Tests.Models;

public class ClassifierSessionTests
{
    /// <summary>Settings, and how near a session comes to the whole sequence: 0 where every bit is the same.</summary>
    public static TheoryData<string, float> Models => new()
    {
        { "last", 0 }, { "mean", 0 }, { "max", 0 }, { "attention", 2e-6f }, { "gru of two layers", 0 }, { "several classes", 0 }, { "members", 0 }, { "mean of embeddings", 0 },
        { "n-grams beside", 2e-6f }, { "n-grams only", 2e-6f }, { "one word at a time", 2e-6f }, { "n-grams by place", 2e-6f },
    };

    static SequenceClassifier Make(string kind)
    {
        static SequenceClassifierConfig Forward(SequenceClassifierConfig c) => c with { Bidirectional = false, Dropout = 0.3 };
        var model = TinyClassifier.Model(c => kind switch
        {
            "gru of two layers" => Forward(c) with { Cell = "gru", Layers = 2 },
            "several classes" => Forward(c) with { MultiLabel = true, Pooling = "mean" },
            "members" => Forward(c) with { Members = 3, Pooling = "max" },
            "mean of embeddings" => Forward(c) with { Encoder = "mlp", Layers = 2 },
            "n-grams beside" => Forward(c) with { NGrams = 3, NGramRows = 256, Members = 2 },
            "n-grams only" => Forward(c) with { Members = 0, NGrams = 2, NGramRows = 256 },
            "one word at a time" => Forward(c) with { Members = 0, NGrams = 1, NGramRows = 256 },
            "n-grams by place" => Forward(c) with { NGrams = 3, NGramPositions = 2, NGramRows = 256, Pooling = "last" },
            _ => Forward(c) with { Pooling = kind },
        });
        if (model.NGrams is { } linear) new Rng(4).FillUniform(linear.Weight.Edit(), -1, 1);
        return model;
    }

    [Theory, MemberData(nameof(Models))]
    public void After_each_token_it_says_what_the_model_says_of_the_tokens_so_far(string kind, float near)
    {
        var model = Make(kind);
        var session = new ClassifierSession(model);
        var ids = model.Tokenizer!.Encode("i liked the film a lot , a good one . is it bad ?", "");
        for (var n = 0; n <= ids.Length; n++)
        {
            if (n > 0) session.Read(ids[n - 1]);
            var whole = model.Predict(new SequenceInput(ids[..n], [], n, []));
            for (var c = 0; c < whole.Length; c++) Assert.InRange(session.Probabilities[c], whole[c] - near, whole[c] + near);
            Assert.Equal(n, session.Count);
        }
        Assert.Equal(session.Label, session.Classify().Label);
    }

    [Theory, InlineData("last", 0), InlineData("attention", 2e-6f)]
    public void After_each_step_it_says_what_the_model_says_of_the_series_so_far(string pooling, float near)
    {
        var model = TinyClassifier.SeriesModel(c => c with { Bidirectional = false, Pooling = pooling });
        var series = TinyClassifier.Series()[1].Series!;
        var values = series.Values.ToArray();
        values[3] = float.NaN;
        var session = new ClassifierSession(model);
        for (var n = 1; n <= series.Steps; n++)
        {
            session.Read(values.AsSpan((n - 1) * 2, 2));
            var whole = model.Predict(model.Prepare(new Example { Series = new(values[..(n * 2)], n, 2), Source = "" }));
            for (var c = 0; c < whole.Length; c++) Assert.InRange(session.Probabilities[c], whole[c] - near, whole[c] + near);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_fork_goes_its_own_way_and_a_reset_forgets_all(string kind, float near)
    {
        Assert.True(near < 1);
        var model = Make(kind);
        ClassifierSession session = new(model), expected = new(model);
        session.Read("a good");
        var fork = session.Fork();
        session.Read("film");
        fork.Read("bad");
        expected.Read("a good bad");
        Assert.Equal(expected.Probabilities, fork.Probabilities);
        fork.Reset();
        Assert.Equal(new ClassifierSession(model).Probabilities, fork.Probabilities);
        fork.Read("a good film");
        Assert.Equal(session.Probabilities, fork.Probabilities);
    }

    [Theory, MemberData(nameof(Models))]
    public void A_token_allocates_nothing(string kind, float near)
    {
        Assert.True(near < 1);
        var session = new ClassifierSession(Make(kind));
        for (var i = 0; i < 50; i++) session.Read(1);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) session.Read(i % 3);
        }));
    }

    [Fact]
    public void A_step_of_a_series_allocates_nothing()
    {
        var session = new ClassifierSession(TinyClassifier.SeriesModel(c => c with { Bidirectional = false, Pooling = "attention" }));
        float[] step = [0.5f, 1];
        for (var i = 0; i < 50; i++) session.Read(step);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) session.Read(step);
        }));
    }

    [Fact]
    public void A_model_that_needs_the_whole_sequence_is_refused()
    {
        Assert.Contains("--one-way", Assert.Throws<InvalidConfigurationException>(() => new ClassifierSession(TinyClassifier.Model())).Message);
        Assert.Contains("sentences", Assert.Throws<InvalidConfigurationException>(
            () => new ClassifierSession(TinyClassifier.Model(c => c with { Encoder = "hierarchical", Bidirectional = false }))).Message);
        Assert.Throws<InvalidConfigurationException>(() => new ClassifierSession(TinyClassifier.SeriesModel(c => c with { Encoder = "mlp", MaxSteps = 5 })));
    }

    [Fact]
    public void What_the_model_does_not_read_is_refused()
    {
        var texts = new ClassifierSession(Make("last"));
        Assert.Throws<DataMismatchException>(() => texts.Read([1f, 2f]).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => texts.Read(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => texts.Read(10_000).Length);
        var series = new ClassifierSession(TinyClassifier.SeriesModel(c => c with { Bidirectional = false }));
        Assert.Throws<DataMismatchException>(() => series.Read(1).Length);
        Assert.Throws<DataMismatchException>(() => series.Read("a text").Length);
        Assert.Throws<ArgumentException>(() => series.Read([1f, 2f, 3f]).Length);
        Assert.Equal((0, 0), (texts.Count, series.Count));
    }
}
