using System.Threading.Channels;

namespace Unroll.Cli.Predictions;

/// <summary>
/// Lines as they come in, several at once where they come fast: what has arrived while the last were worked on is worked on together, and nothing
/// that has arrived waits for more.
/// </summary>
static class LineFeed
{
    public static IEnumerable<string[]> Read(TextReader input, int most)
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(4 * most) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(async () =>
        {
            try
            {
                while (await input.ReadLineAsync() is { } line) await channel.Writer.WriteAsync(line);
                channel.Writer.Complete();
            }
            catch (IOException e)
            {
                channel.Writer.Complete(e);
            }
        });
        var some = new List<string>(most);
        while (channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            some.Clear();
            while (some.Count < most && channel.Reader.TryRead(out var line)) some.Add(line);
            yield return [.. some];
        }
        reading.GetAwaiter().GetResult();
    }
}
