using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class UcrFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1,0.5,-1\n2,1e-3,4\n")]
    [InlineData("1\t0.5\t-1\n2\t1e-3\t4\n")]
    [InlineData("  1.0000000e+00   5.0000000e-01  -1.0000000e+00\n  2.0000000e+00   1.0000000e-03   4.0000000e+00\n")]
    [InlineData("1.0;0.5;-1;\r\n2.0;0.001;4;NaN\r\n")]
    [InlineData("label,t0,t1\n1,0.5,-1\n\n2,0.001,4\n")]
    public void The_class_is_first_and_then_the_values(string text)
    {
        var examples = UcrFile.Read(Write(text));
        Assert.Equal(["1: 0.5 -1", "2: 0.001 4"], examples.Select(Show));
        Assert.True(UcrFile.Tell(text.ReplaceLineEndings("\n")));
        Assert.All(examples, e => Assert.Equal(1, e.Series!.Features));
    }

    [Fact]
    public void Lines_may_differ_in_length_and_lack_values()
    {
        var report = new ReadingReport();
        var examples = UcrFile.Read(Write("-1,1,?,3\n1,NaN,2\nup,,5,6,,\n"), report: report);
        Assert.Equal(["-1: 1 NaN 3", "1: NaN 2", "up: NaN 5 6"], examples.Select(Show));
        Assert.Contains(new("steps", "2 to 3"), report.Facts);
        Assert.Equal([": 1 2", "1: 3 4"], UcrFile.Read(Write("?,1,2\n1,3,4\n"), needsLabels: false).Select(Show));
    }

    [Fact]
    public void All_that_is_wrong_is_named_with_its_place()
    {
        var message = Assert.ThrowsAny<UnrollException>(() => UcrFile.Read(Write("1,2,3\n0.5,2,1\n1,x,1e99\n?,1,2\n1\n"))).Message;
        foreach (var part in (string[])["line 2, field 1: the class '0.5' has a fraction", "line 3, field 2: 'x' is not a number", "line 3, field 3: '1e99'", "line 4, field 1: the class is missing", "line 5: there is no value"])
            Assert.Contains(part, message);
    }

    [Theory]
    [InlineData("1 2 3\n2 x 4\n", null)]
    [InlineData("ham see you\nspam win 5\n", null)]
    [InlineData("open,close\n1.5,2.5\n3.5,4.5\n", null)]
    [InlineData("0.5,1.5,1\n0.7,2.5,2\n", false)]                    // the class is last
    [InlineData("1.5 2.5\n3.5 4.5\n", false)]
    [InlineData("1 2\n3 4\n", false)]
    [InlineData("1,2,3\n2,3\n1,4,5\n", true)]
    public void Numbers_without_a_class_are_none(string text, bool? told) => Assert.Equal(told, UcrFile.Tell(text));

    static string Show(Example e) => $"{string.Join('+', e.Labels)}: {string.Join(' ', e.Series!.Values.ToArray().Select(v => v.ToString(System.Globalization.CultureInfo.InvariantCulture)))}";

    string Write(string text)
    {
        File.WriteAllText(_folder["a"], text);
        return _folder["a"];
    }
}
