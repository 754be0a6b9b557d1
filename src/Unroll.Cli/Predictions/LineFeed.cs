using System.Text;
using System.Threading.Channels;
using Unroll.Data;

namespace Unroll.Cli.Predictions;

/// <summary>
/// Lines as they come in, several at once where they come fast: what has arrived while the last were worked on is worked on together, and nothing
/// that has arrived waits for more.
/// </summary>
static class LineFeed
{
    /// <summary>The lines of standard input, as <see cref="TextLines"/> says, in an encoding that is UTF-8 where none is given.</summary>
    public static IEnumerable<string[]> Read(Encoding? encoding, int most) => Read(Standard.Input(encoding), most);

    static IEnumerable<string[]> Read(TextReader input, int most)
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(4 * most) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(async () =>
        {
            try
            {
                foreach (var line in TextLines.Read(input)) await channel.Writer.WriteAsync(line);
                channel.Writer.Complete();
            }
            catch (Exception e)                                     // whatever it is, who waits for lines has to hear of it
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
