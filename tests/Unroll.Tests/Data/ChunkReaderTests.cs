using Unroll.Data;

namespace Unroll.Tests.Data;

public class ChunkReaderTests
{
    [Theory]
    [InlineData(101, 4, 5)]
    [InlineData(100, 4, 5)]
    [InlineData(21, 4, 5)]
    [InlineData(253, 3, 7)]
    [InlineData(50, 1, 1)]
    public void Chunks_come_in_the_order_of_columns(int count, int batch, int steps)
    {
        var ids = Numbers(count);
        var reader = new ChunkReader(TokenStreamTests.Stream(ids), batch, steps);
        var (inputs, targets, resets) = Buffers(batch * steps);
        // The columns of a plain training loop: x is [k, b] of ids[0 .. k·b), y of ids[1 .. k·b + 1).
        var k = (count - 1) / batch;
        var position = 0;
        for (var iteration = 0; iteration < 3 * k / steps + 5; iteration++)
        {
            if (position + steps > k) position = 0;
            var chunk = reader.Next(inputs, targets, resets);
            Assert.Equal(new Chunk(steps, batch * steps, position == 0, false), chunk);
            for (var t = 0; t < steps; t++)
                for (var b = 0; b < batch; b++)
                {
                    Assert.Equal(ids[b * k + position + t], inputs[t * batch + b]);
                    Assert.Equal(ids[b * k + position + t + 1], targets[t * batch + b]);
                    Assert.Equal(position + t == 0, resets[t * batch + b]);
                }
            position += steps;
            Assert.Equal(iteration + 1, reader.Position);
        }
    }

    [Fact]
    public void State_is_reset_at_a_document_and_its_last_token_has_no_target()
    {
        var reader = new ChunkReader(TokenStreamTests.Stream(Numbers(13), 0, 2, 3, 8, 10), batch: 2, steps: 3);
        var (inputs, targets, resets) = Buffers(6);
        Assert.Equal(new Chunk(3, 3, true, true), reader.Next(inputs, targets, resets));
        Assert.Equal([0, 6, 1, 7, 2, 8], inputs);
        Assert.Equal([1, 7, -1, -1, -1, 9], targets);
        Assert.Equal([true, true, false, false, true, true], resets);
        Assert.Equal(new Chunk(3, 5, true, true), reader.Next(inputs, targets, resets));
        Assert.Equal([3, 9, 4, 10, 5, 11], inputs);
        Assert.Equal([4, -1, 5, 11, 6, 12], targets);
        Assert.Equal([true, false, false, true, false, false], resets);
    }

    [Fact]
    public void Random_documents_agree_with_the_rule_token_by_token()
    {
        var rng = new Rng(8);
        for (var round = 0; round < 50; round++)
        {
            var count = 60 + rng.Next(100);
            int[] starts = [0, .. Enumerable.Range(1, count - 1).Where(_ => rng.Next(5) == 0)];
            var (batch, steps) = (1 + rng.Next(4), 1 + rng.Next(9));
            var reader = new ChunkReader(TokenStreamTests.Stream(Numbers(count), starts), batch, steps);
            var k = (count - 1) / batch;
            var (inputs, targets, resets) = Buffers(batch * steps);
            for (var position = 0; position + steps <= k; position += steps)
            {
                var chunk = reader.Next(inputs, targets, resets);
                for (var t = 0; t < steps; t++)
                    for (var b = 0; b < batch; b++)
                    {
                        var p = b * k + position + t;
                        Assert.Equal(p % 251, inputs[t * batch + b]);
                        Assert.Equal(starts.Contains(p + 1) ? -1 : (p + 1) % 251, targets[t * batch + b]);
                        Assert.Equal(starts.Contains(p) || position + t == 0, resets[t * batch + b]);
                    }
                Assert.Equal(targets.Count(t => t >= 0), chunk.Targets);
                Assert.Equal(resets.Take(batch).Any(r => r), chunk.ResetsAtStart);
                Assert.Equal(resets.Skip(batch).Any(r => r), chunk.ResetsInside);
            }
        }
    }

    [Fact]
    public void A_reader_set_to_a_position_goes_on_as_if_never_stopped()
    {
        var stream = TokenStreamTests.Stream(Numbers(200), 0, 50, 51, 120);
        var whole = new ChunkReader(stream, 3, 4);
        var (inputs, targets, resets) = Buffers(12);
        for (var i = 0; i < 23; i++) whole.Next(inputs, targets, resets);
        var resumed = new ChunkReader(stream, 3, 4) { Position = whole.Position };
        for (var i = 0; i < 40; i++)
        {
            var (inputs2, targets2, resets2) = Buffers(12);
            Assert.Equal(whole.Next(inputs, targets, resets), resumed.Next(inputs2, targets2, resets2));
            Assert.Equal(inputs, inputs2);
            Assert.Equal(targets, targets2);
            Assert.Equal(resets, resets2);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => resumed.Position = -1);
    }

    [Fact]
    public void Reading_a_chunk_allocates_nothing()
    {
        var reader = new ChunkReader(TokenStreamTests.Stream(Numbers(200), 0, 50, 51, 120), 3, 4);
        var (inputs, targets, resets) = Buffers(12);
        reader.Next(inputs, targets, resets);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) reader.Next(inputs, targets, resets);
        }));
    }

    [Fact]
    public void Texts_that_cannot_be_trained_on_are_refused()
    {
        var error = Assert.ThrowsAny<UnrollException>(() => new ChunkReader(TokenStreamTests.Stream(Numbers(20)), 4, 5));
        Assert.Contains("has 20 tokens; a batch of 4 rows with 5 steps each needs at least 21", error.Message);
        error = Assert.ThrowsAny<UnrollException>(() => new ChunkReader(TokenStreamTests.Stream([97, 97, 97, 97]), 1, 2));
        Assert.Contains("'a', 4 times: there is nothing to learn", error.Message);
        Assert.ThrowsAny<UnrollException>(() => new ChunkReader(TokenStreamTests.Stream([1, 2, 3], 0, 1, 2), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChunkReader(TokenStreamTests.Stream([1, 2, 3]), 0, 1));
        var reader = new ChunkReader(TokenStreamTests.Stream([1, 2, 3]), 1, 2);
        Assert.Throws<ArgumentException>(() => reader.Next(new int[2], new int[1], new bool[2]));
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(1, 7)]
    [InlineData(4, 7)]
    [InlineData(5, 1)]
    [InlineData(60, 3)]
    public void An_evaluation_has_every_token_but_the_first_of_a_document_as_target_once(int batch, int steps)
    {
        int[] starts = [0, 5, 6, 30];
        var stream = TokenStreamTests.Stream(Numbers(50), starts);
        var reader = new EvaluationReader(stream, batch, steps);
        var (inputs, targets, resets) = Buffers(reader.Steps * batch);
        var seen = new List<int>();
        while (reader.TryNext(inputs, targets, resets, out var chunk))
        {
            var size = chunk.Steps * batch;
            var here = Enumerable.Range(0, size).Where(i => targets[i] >= 0).ToArray();
            Assert.Equal(chunk.Targets, here.Length);
            Assert.All(here, i => Assert.Equal(inputs[i] + 1, targets[i]));
            seen.AddRange(here.Select(i => targets[i]));
        }
        Assert.Equal(Enumerable.Range(0, 50).Except(starts), seen.Order());
        Assert.Equal(seen.Count, reader.Targets);
    }

    [Fact]
    public void An_evaluation_counts_the_characters_of_its_targets()
    {
        var stream = TokenStream.Encode(new ByteTokenizer(), Samples.Documents("a가나", "bc"));
        Assert.Equal(3, new EvaluationReader(stream, 1, 4).TargetCharacters);
        Assert.Contains("1 token", Assert.ThrowsAny<UnrollException>(() => new EvaluationReader(TokenStreamTests.Stream([1]), 1, 4)).Message);
    }

    static int[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => i % 251)];

    static (int[] Inputs, int[] Targets, bool[] Resets) Buffers(int size) => (new int[size], new int[size], new bool[size]);
}
