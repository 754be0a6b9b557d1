using System.Runtime.InteropServices;
using System.Text;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>Standard input, output and error: always UTF-8, whatever the locale of the terminal.</summary>
static class Standard
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Makes the console write and read UTF-8, and ends the process when the reader of its output has gone.</summary>
    public static void SetUp()
    {
        try
        {
            (Console.OutputEncoding, Console.InputEncoding) = (Utf8, Utf8);
        }
        catch (IOException)
        {
            // Windows without a console: there is no code page to set.
        }
        Console.SetOut(Writer(Console.OpenStandardOutput(), "Standard output"));
        Console.SetError(Writer(Console.OpenStandardError(), "Standard error"));
        Pipes.Keep(OpenInput);
        ClosedPipe.Watch();
    }

    /// <summary>Standard output for text that grows as it is written.</summary>
    public static StreamWriter Output() => Writer(Console.OpenStandardOutput(), "Standard output");

    /// <summary>Standard input as text, in an encoding of <see cref="TextEncoding.Find"/>, UTF-8 if null; what is not of it is refused.</summary>
    public static TextReader Input(Encoding? encoding = null) => new StrictReader(OpenInput(), encoding, "Standard input");

    /// <exception cref="UnrollException">The process was started without a standard input.</exception>
    static Stream OpenInput() => IsInputClosed() ? throw new UnrollException("Standard input is closed.") : Console.OpenStandardInput();

    /// <summary>
    /// Whether the process was started without descriptor 0. The runtime then uses the number for a pipe of its own, whose end never comes; like all that
    /// it opens, the pipe is marked to be closed on exec, which no descriptor is that came from the process before.
    /// </summary>
    static bool IsInputClosed()
    {
        const int GetFlags = 1, CloseOnExec = 1;            // the same numbers on all systems
        if (OperatingSystem.IsWindows()) return false;
        try
        {
            return Control(0, GetFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    static extern int Control(int descriptor, int command);

    static StreamWriter Writer(Stream stream, string name) => new(new NamedStream(stream, name), Utf8) { AutoFlush = true };

    /// <summary>A stream whose failures say which one it is: the system names neither a full disk's file nor a closed output.</summary>
    sealed class NamedStream(Stream inner, string name) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                inner.Write(buffer);
            }
            catch (UnauthorizedAccessException e)                   // what the runtime makes of a descriptor that is not open
            {
                throw new UnrollException($"{name} cannot be written: it is closed.", e);
            }
            catch (IOException e)
            {
                throw new UnrollException($"{name} cannot be written: {e.Message.TrimEnd('.')}.", e);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>
/// Ends the process soon after the reader of its standard output has gone, as in <c>unroll generate … | head</c>. The runtime ignores the signal
/// that the system sends, and its console swallows the error, so the output is asked from time to time.
/// </summary>
static class ClosedPipe
{
    const int Milliseconds = 250;
    const short Error = 8, HangUp = 16;

    static volatile Action _end = () => Environment.Exit(CommandRunner.OutputClosed);

    /// <summary>Whether the reader has gone.</summary>
    public static bool Seen { get; private set; }

    /// <summary>Begins to watch, where output can be closed and the system can tell.</summary>
    public static void Watch()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return;
        new Thread(Poll) { IsBackground = true, Name = "closed pipe" }.Start();
    }

    /// <summary>What to do in place of ending the process, until this is disposed of.</summary>
    public static IDisposable Instead(Action end) => new Replacement(end);

    static void Poll()
    {
        try
        {
            for (var output = new PollFd { Descriptor = 1 }; ; Thread.Sleep(Milliseconds))
            {
                if (Poll(ref output, 1, 0) <= 0 || (output.Returned & (Error | HangUp)) == 0) continue;
                Seen = true;
                _end();
                return;
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system without this function: the process goes on to its end.
        }
    }

    [DllImport("libc", EntryPoint = "poll")]
    static extern int Poll(ref PollFd descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct PollFd
    {
        public int Descriptor;
        public short Asked, Returned;
    }

    sealed class Replacement : IDisposable
    {
        readonly Action _before = _end;

        public Replacement(Action end) => _end = end;

        public void Dispose() => _end = _before;
    }
}
