using System.IO.Compression;
using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_are_rows_as_steps_with_the_labels_beside()
    {
        var images = Write("t-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
        Assert.All(IdxFile.ReadExamples(images), e => Assert.Empty(e.Labels));
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write([0, 0, 8, 1, 0, 0, 0, 2, 7, 0]);
        Write("t-labels-idx1-ubyte.gz", packed.ToArray());
        var examples = IdxFile.ReadExamples(images);
        Assert.Equal(["7", "0"], examples.Select(e => e.Labels.Single()));
        Assert.Equal((2, 3), (examples[1].Series!.Steps, examples[1].Series!.Features));
        Assert.Equal([10, 11, 255], examples[1].Series![1].ToArray());
        Assert.Equal($"{images}[1]", examples[1].Source);
    }

    [Theory]
    [InlineData(0x08, new byte[] { 0xFE }, 254)]
    [InlineData(0x09, new byte[] { 0xFE }, -2)]
    [InlineData(0x0B, new byte[] { 0xFE, 0xFF }, -257)]
    [InlineData(0x0C, new byte[] { 0, 1, 0, 1 }, 65537)]
    [InlineData(0x0D, new byte[] { 0xC0, 0x20, 0, 0 }, -2.5f)]
    [InlineData(0x0E, new byte[] { 0xC0, 0x04, 0, 0, 0, 0, 0, 0 }, -2.5f)]
    public void Every_type_is_read(byte type, byte[] element, float expected) =>
        Assert.Equal([expected], IdxFile.Read(Write("a", [0, 0, type, 1, 0, 0, 0, 1, .. element])).ToReals());

    [Theory]
    [InlineData(new byte[] { }, "byte 0: not an IDX file")]
    [InlineData(new byte[] { 0, 1, 8, 1, 0, 0, 0, 0 }, "byte 0: not an IDX file")]
    [InlineData(new byte[] { 0, 0, 10, 1, 0, 0, 0, 0 }, "byte 2: elements of type 0A")]
    [InlineData(new byte[] { 0, 0, 8, 0, 1 }, "byte 3: an array without dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 2, 0, 0, 0, 1, 0 }, "byte 9: the file ends within the sizes of its 2 dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF }, "byte 4: dimension 0 has size 4,294,967,295")]
    [InlineData(new byte[] { 0, 0, 8, 2, 127, 0, 0, 0, 127, 0, 0, 0, 1 }, "byte 12: the data is cut short: [2130706432, 2130706432]")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1 }, "takes 2 bytes; 1 are there")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3 }, "byte 8: the data is followed by something else")]
    public void What_cannot_be_is_refused_with_its_place(byte[] bytes, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<UnrollException>(() => IdxFile.Read(Write("bad", bytes))).Message);

    [SkippableFact]
    public void The_test_set_of_MNIST_is_read()
    {
        var examples = IdxFile.ReadExamples(RealData.Find("mnist/t10k-images-idx3-ubyte.gz"));
        Assert.Equal(10000, examples.Count);
        Assert.All(examples, e => Assert.Equal((28, 28), (e.Series!.Steps, e.Series.Features)));
        Assert.Equal(["7", "2", "1", "0", "4"], examples.Take(5).Select(e => e.Labels.Single()));
        Assert.Equal(1135, examples.Count(e => e.Labels[0] == "1"));
    }

    string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }
}
