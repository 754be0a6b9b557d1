using Unroll.Storage;
using Unroll.Tests.Models;

namespace Unroll.Tests.Storage;

public sealed class SessionFileTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["state.safetensors"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Tiny.Cells), MemberType = typeof(Tiny))]
    public void A_saved_session_goes_on_as_the_one_that_was_not(string cell)
    {
        var session = new LanguageModelSession(Tiny.Model(cell));
        session.Read([1, 2, 3]);
        SessionFile.Save(Path, session.Fork());
        var loaded = SessionFile.Load(Path, session.Model);
        LanguageModelSessionTests.AssertSame(session, loaded);
        session.Read([4, 5]);
        loaded.Read([4, 5]);
        LanguageModelSessionTests.AssertSame(session, loaded);
    }

    [Fact]
    public void A_session_that_read_nothing_can_be_saved()
    {
        var session = new LanguageModelSession(Tiny.Model());
        SessionFile.Save(Path, session);
        LanguageModelSessionTests.AssertSame(session, SessionFile.Load(Path, session.Model));
    }

    [Fact]
    public void A_state_of_another_model_is_refused_with_every_difference()
    {
        var session = new LanguageModelSession(Tiny.Model("gru", hidden: 6));
        SessionFile.Save(Path, session);
        var e = Assert.ThrowsAny<UnrollException>(() => SessionFile.Load(Path, Tiny.Model()));
        Assert.StartsWith(Path, e.Message);
        Assert.Equal(["tensor 'cell0.h' is [1, 6]; expected [1, 7]", "there is no tensor 'cell0.c'", "tensor 'cell1.h' is [1, 6]; expected [1, 7]", "there is no tensor 'cell1.c'"], e.Problems);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(3, 99)]
    [InlineData(3, -2)]
    public void A_place_that_cannot_be_is_refused(long count, long last)
    {
        var session = new LanguageModelSession(Tiny.Model());
        SessionFile.Save(Path, session);
        var writer = new SafetensorsWriter();
        using (var file = SafetensorsFile.Open(Path))
            foreach (var entry in file.Entries.Where(e => e.Name != "tokens"))
            {
                var values = (float[])SafetensorsTests.Read(file, entry);
                writer.Add(entry.Name, [.. entry.Shape], () => values);
            }
        writer.Add("tokens", [2], () => new[] { count, last });
        writer.Save(Path);
        Assert.Contains("'tokens' holds", Assert.ThrowsAny<UnrollException>(() => SessionFile.Load(Path, session.Model)).Message);
    }
}
