using Unroll.Data;

namespace Unroll.Tests.Data;

public class LineReaderTests
{
    [Fact]
    public void Lines_begin_and_end_with_the_end_of_line_and_are_padded()
    {
        var reader = Reader(batch: 2, rng: null, "ab\n\nc\n", "def");
        var (inputs, targets, lengths) = (new int[8], new int[8], new int[2]);
        Assert.Equal(new LineBatch(3, 2, 5), reader.Next(inputs, targets, lengths));
        Assert.Equal(['\n', '\n', 'a', 'c', 'b', 0], inputs[..6]);
        Assert.Equal(['a', 'c', 'b', '\n', '\n', -1], targets[..6]);
        Assert.Equal([3, 2], lengths);
        Assert.Equal(new LineBatch(4, 1, 4), reader.Next(inputs, targets, lengths));
        Assert.Equal(['\n', 0, 'd', 0, 'e', 0, 'f', 0], inputs);
        Assert.Equal(['d', -1, 'e', -1, 'f', -1, '\n', -1], targets);
        Assert.Equal([4, 0], lengths);
        Assert.Equal((3, 2, 4, 9), (reader.LineCount, reader.BatchesPerEpoch, reader.Steps, reader.TargetCharacters));
    }

    [Fact]
    public void Every_epoch_has_every_line_once_in_an_order_of_its_own()
    {
        var reader = Reader(batch: 4, new Rng(1), string.Join('\n', Enumerable.Range('a', 26).Select(c => (char)c)));
        var first = Epoch(reader);
        var second = Epoch(reader);
        Assert.Equal(26, first.Distinct().Count());
        Assert.Equal(first.Order(), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first.Order(), first);
    }

    [Fact]
    public void A_reader_set_to_a_position_goes_on_as_if_never_stopped()
    {
        var whole = Reader(batch: 3, new Rng(2), Samples.All);
        for (var i = 0; i < 7; i++) Batch(whole);
        var resumed = Reader(batch: 3, new Rng(2), Samples.All);
        resumed.Position = whole.Position;
        for (var i = 0; i < 20; i++) Assert.Equal(Batch(whole), Batch(resumed));
        whole.Position = 0;
        Assert.Equal(Batch(whole), Batch(Reader(batch: 3, new Rng(2), Samples.All)));
    }

    [Fact]
    public void Reading_a_batch_allocates_nothing_also_from_one_epoch_to_the_next()
    {
        var reader = Reader(batch: 3, new Rng(2), "a\nbc\nd\ne\n");
        var (inputs, targets, lengths) = (new int[9], new int[9], new int[3]);
        reader.Next(inputs, targets, lengths);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) reader.Next(inputs, targets, lengths);
        }));
    }

    [Fact]
    public void Texts_that_have_no_lines_to_read_are_refused()
    {
        Assert.Contains("All lines of the text are empty", Assert.ThrowsAny<UnrollException>(() => Reader(1, null, "\n\n")).Message);
        var tokenizer = CharTokenizer.Build(Samples.Documents("one line"));
        var stream = TokenStream.Encode(tokenizer, Samples.Documents("one line"));
        Assert.Contains("no end of line", Assert.ThrowsAny<UnrollException>(() => new LineReader(stream, 1)).Message);
        stream = TokenStream.Encode(new ByteTokenizer(), Samples.Documents("abc\nabcd\n", "ab\nabcdef"));
        var error = Assert.ThrowsAny<UnrollException>(() => new LineReader(stream, 1, maxSteps: 4));
        Assert.Equal(["line 2 needs 5 steps", "line 4 needs 7 steps"], error.Problems);
    }

    static LineReader Reader(int batch, Rng? rng, params string[] texts) =>
        new(TokenStream.Encode(new ByteTokenizer(), Samples.Documents(texts)), batch, rng);

    static int[] Epoch(LineReader reader) =>
        [.. Enumerable.Range(0, reader.BatchesPerEpoch).SelectMany(_ => Batch(reader)).Where(id => id >= 'a')];

    static int[] Batch(LineReader reader)
    {
        var size = reader.Steps * reader.Batch;
        var (inputs, targets, lengths) = (new int[size], new int[size], new int[reader.Batch]);
        var batch = reader.Next(inputs, targets, lengths);
        return [.. inputs[..(batch.Steps * reader.Batch)], .. lengths];
    }
}
