using Unroll.Tests.Contracts;

namespace Unroll.Tests.Models;

public class LanguageModelSessionTests
{
    [Theory]
    [MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void Reading_many_is_reading_one_by_one(string cell)
    {
        var model = Tiny.Model(cell);
        var ids = Tiny.Ids(model, 300);
        LanguageModelSession one = new(model), many = new(model);
        foreach (var id in ids) one.Read(id);
        many.Read(ids.AsSpan(0, 5));
        many.Read(ids.AsSpan(5));
        AssertSame(one, many);
        Assert.Equal((300, ids[^1]), (many.Count, many.Last));
    }

    [Fact]
    public void Reading_nothing_changes_nothing()
    {
        var session = new LanguageModelSession(Tiny.Model());
        session.Read([]);
        Assert.Equal((0, -1), (session.Count, session.Last));
        session.Read(3);
        var before = session.Fork();
        session.Read([]);
        AssertSame(before, session);
    }

    [Fact]
    public void A_fork_goes_its_own_way()
    {
        var model = Tiny.Model();
        LanguageModelSession session = new(model), expected = new(model);
        session.Read([1, 2, 3]);
        var fork = session.Fork();
        AssertSame(session, fork);
        fork.Read([4, 5]);
        session.Read(6);
        expected.Read([1, 2, 3, 6]);
        AssertSame(expected, session);
        expected.Reset();
        expected.Read([1, 2, 3, 4, 5]);
        AssertSame(expected, fork);
    }

    [Fact]
    public void Reset_forgets_all()
    {
        var session = new LanguageModelSession(Tiny.Model());
        session.Read([1, 2]);
        session.Reset();
        AssertSame(new LanguageModelSession(session.Model), session);
    }

    [Fact]
    public void A_token_that_does_not_exist_is_refused_and_the_state_kept()
    {
        var session = new LanguageModelSession(Tiny.Model());
        session.Read([1, 2]);
        var before = session.Fork();
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Read(session.Logits.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Read(-1));
        AssertSame(before, session);
    }

    public static TheoryData<string, double, int, double> Ways => new()
    {
        { "lstm", 0, 0, 1 }, { "lstm", 0.8, 0, 1 }, { "gru", 1.2, 5, 1 }, { "rnn", 1, 0, 0.9 }, { "rnn-relu", 1, 7, 0.5 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_written_token_allocates_nothing(string cell, double temperature, int topK, double topP)
    {
        var session = new LanguageModelSession(Tiny.Model(cell));
        var sampler = new Sampler(new() { Temperature = temperature, TopK = topK, TopP = topP }, new Rng(1));
        session.Read(0);
        for (var i = 0; i < 3; i++) session.Read(sampler.Next(session.Logits));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 50; i++) session.Read(sampler.Next(session.Logits));
        }));
    }

    internal static void AssertSame(LanguageModelSession expected, LanguageModelSession actual)
    {
        Same.Bits(expected.Logits, actual.Logits, "logits");
        for (var i = 0; i < expected.State.Count; i++) Same.Bits(expected.State[i].Values, actual.State[i].Values, $"state {i}");
        Assert.Equal((expected.Count, expected.Last), (actual.Count, actual.Last));
    }
}
