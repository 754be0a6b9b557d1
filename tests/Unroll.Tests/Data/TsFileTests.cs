using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class TsFileTests : IDisposable
{
    const string Header = "# a comment\n@problemName tiny\n@timeStamps false\n";

    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dimensions_become_features_and_lengths_may_differ()
    {
        var examples = Read(Header + "@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true up down\n@data\n\n1,2,3:-1,-2,-3:up\n# none\n4.5e1 : ?:down\r\n");
        Assert.Equal([1, -1, 2, -2, 3, -3], examples[0].Series!.Values.ToArray());
        Assert.Equal([45, float.NaN], examples[1].Series!.Values.ToArray());
        Assert.Equal(["up", "down"], examples.Select(e => e.Labels.Single()));
        Assert.Equal($"{_folder["a.ts"]}, line 12", examples[1].Source);
    }

    [Fact]
    public void Labels_may_be_absent_or_unlisted_and_a_series_empty()
    {
        Assert.Empty(Read("@CLASSLABEL FALSE\n@DATA\n1,nan\n")[0].Labels);
        Assert.Equal("any", Read("@classLabel true\n@data\n1,2:any\n")[0].Labels.Single());
        Assert.Equal(0, Read("@classLabel true\n@data\n1,2:a\n:b")[1].Series!.Steps);
    }

    [Theory]
    [InlineData("@equalLength false\n@seriesLength 0")]
    [InlineData("@equallength false\n@serieslength")]
    [InlineData("@equalLength true\n@seriesLength 0")]
    [InlineData("@univariate true\n@dimensions 0\n@missing false")]
    public void A_length_of_0_is_one_that_is_not_known(string header) =>
        Assert.Equal(2, Read(header + "\n@classLabel true a b\n@data\n1,2:a\n3,4:b\n").Count);

    [Fact]
    public void The_label_of_a_question_mark_is_none_unless_it_is_a_class()
    {
        var examples = Read("@classLabel true a b\n@data\n1,2:?\n3,?:b\n");
        Assert.Empty(examples[0].Labels);
        Assert.Equal("b", examples[1].Labels.Single());
        Assert.Equal("?", Read("@classLabel true a ?\n@data\n1,2:?\n")[0].Labels.Single());
    }

    [Theory]
    [InlineData("@timeStamps true\n@classLabel false\n@data\n1", "line 1, column 13: series with time stamps")]
    [InlineData("@classLabel maybe\n@data\n1", "line 1, column 13: 'maybe' after @classLabel; expected true or false")]
    [InlineData("@dimensions -1\n@classLabel false\n@data\n1", "line 1, column 13: '-1' after @dimensions")]
    [InlineData("@data\n1", "line 1, column 1: '@classLabel' is missing")]
    [InlineData("1,2\n", "line 1, column 1: '1,2' is neither a comment|there is no '@data' line")]
    [InlineData("@classLabel false\n", "there is no '@data' line")]
    [InlineData("@classLabel false\n@data\n", "no series follows '@data'")]
    [InlineData("@classLabel true a b\n@data\n1,2:c\n1,x:a\n1,2\n1,2:\n", "line 3, column 5: the label 'c' is not|line 4, column 3: 'x' is not a number|line 5, column 4: the label is missing|line 6, column 5: the label is missing")]
    [InlineData("@classLabel false\n@data\n1,2:3\n1,,2:1,2,3\n1,2:1,1e99\n1,2\n", "line 3, column 5: dimension 2 has 1 values, those before have 2|line 4, column 3: a value is empty|line 5, column 7: '1e99' is not a number")]
    [InlineData("@classLabel false\n@data\n(0,1),(1,2)\n", "line 3, column 1: a time stamp")]
    [InlineData("@univariate true\n@classLabel false\n@data\n1:2", "line 4, column 1: 2 dimensions; expected 1, as the header says")]
    [InlineData("@univariate true\n@dimensions 3\n@classLabel false\n@data\n1", "contradict")]
    [InlineData("@classLabel false\n@data\n1:2\n1", "line 4, column 1: 1 dimensions; expected 2, as before")]
    [InlineData("@equalLength true\n@seriesLength 3\n@classLabel false\n@data\n1,2", "line 5, column 1: 2 steps; expected 3")]
    [InlineData("@equalLength true\n@classLabel false\n@data\n1,2\n1,2,3", "line 5, column 1: 3 steps; expected 2")]
    public void What_is_wrong_is_said_with_line_and_column(string text, string expected)
    {
        var message = Assert.ThrowsAny<UnrollException>(() => Read(text)).Message;
        Assert.Contains("a.ts: cannot be read as a .ts file", message);
        Assert.All(expected.Split('|'), part => Assert.Contains(part, message));
    }

    [Fact]
    public void A_file_full_of_mistakes_gives_a_message_of_bounded_length()
    {
        var text = "@classLabel false\n@data\n" + string.Concat(Enumerable.Repeat(new string('x', 1000) + "\n", 10_000));
        var problems = Assert.ThrowsAny<UnrollException>(() => Read(text)).Problems;
        Assert.Equal(100, problems.Count);
        Assert.All(problems, p => Assert.InRange(p.Length, 1, 300));
    }

    [SkippableTheory]
    [InlineData("ArrowHead", 36, 175, 251, 1, 3)]
    [InlineData("BasicMotions", 40, 40, 100, 6, 4)]
    [InlineData("GunPoint", 50, 150, 150, 1, 2)]
    [InlineData("ItalyPowerDemand", 67, 1029, 24, 1, 2)]
    public void Real_sets_are_read(string name, int train, int test, int steps, int features, int classes)
    {
        foreach (var (part, count) in new[] { ("TRAIN", train), ("TEST", test) })
        {
            var examples = TsFile.Read(RealData.Find($"tsc/{name}/{name}_{part}.ts"));
            Assert.Equal(count, examples.Count);
            Assert.All(examples, e => Assert.Equal((steps, features), (e.Series!.Steps, e.Series.Features)));
            Assert.Equal(classes, examples.Select(e => e.Labels.Single()).Distinct().Count());
        }
    }

    IReadOnlyList<Example> Read(string text)
    {
        File.WriteAllText(_folder["a.ts"], text);
        return TsFile.Read(_folder["a.ts"]);
    }
}
