using System.Runtime.InteropServices;
using System.Text;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>
/// Standard input, output and error of the call that is running: always UTF-8, whatever the locale of the terminal. All of the command reads and writes through
/// this class; only <see cref="Terminal"/> uses the console too.
/// </summary>
static class Standard
{
    public const string OutputName = "Standard output", ErrorName = "Standard error";

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
        Console.SetOut(Writer(Console.OpenStandardOutput(), OutputName));
        Console.SetError(Writer(Console.OpenStandardError(), ErrorName));
        Pipes.Keep(OpenProcessInput);
        ClosedPipe.Watch();
    }

    /// <summary>Standard output, for whole lines.</summary>
    public static TextWriter Out => Terminal.Current.Out;

    /// <summary>Standard error.</summary>
    public static TextWriter Error => Terminal.Current.Error;

    public static bool IsInputRedirected => Terminal.Current.IsInputRedirected;

    public static bool IsOutputRedirected => Terminal.Current.IsOutputRedirected;

    public static bool IsErrorRedirected => Terminal.Current.IsErrorRedirected;

    /// <summary>How many columns the terminal has.</summary>
    public static int WindowWidth => Console.WindowWidth;

    /// <summary>Standard output for text that grows as it is written.</summary>
    public static StreamWriter Output() => Writer(Terminal.Current.OpenOutput(), OutputName);

    /// <summary>Standard input as text, in an encoding of <see cref="TextEncoding.Find"/>, UTF-8 if null; what is not of it is refused.</summary>
    public static TextReader Input(Encoding? encoding = null) => new StrictReader(Terminal.Current.OpenInput(), encoding, "Standard input");

    /// <summary>What to do when a signal comes to the process; null where the call has streams of its own, and the process is not the command's.</summary>
    public static IDisposable? OnSignal(PosixSignal signal, Action<PosixSignalContext> handler) =>
        Terminal.Current.IsOfProcess ? PosixSignalRegistration.Create(signal, handler) : null;

    /// <summary>Standard input of the process.</summary>
    /// <exception cref="UnrollException">The process was started without a standard input.</exception>
    public static Stream OpenProcessInput() => IsInputClosed() ? throw new UnrollException("Standard input is closed.") : Console.OpenStandardInput();

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

    /// <summary>A writer of UTF-8 that writes at once, and whose failures name the stream.</summary>
    public static StreamWriter Writer(Stream stream, string name) => new(new NamedStream(stream, name), Utf8) { AutoFlush = true };

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

    static volatile bool _seen;

    /// <summary>Whether the reader of the running call's output has gone.</summary>
    public static bool Seen => _seen && Terminal.Current.IsOfProcess;

    /// <summary>Begins to watch, where output can be closed and the system can tell.</summary>
    public static void Watch()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return;
        new Thread(Poll) { IsBackground = true, Name = "closed pipe" }.Start();
    }

    /// <summary>What to do in place of ending the process, until this is disposed of.</summary>
    public static IDisposable? Instead(Action end) => Terminal.Current.IsOfProcess ? new Replacement(end) : null;

    static void Poll()
    {
        try
        {
            for (var output = new PollFd { Descriptor = 1 }; ; Thread.Sleep(Milliseconds))
            {
                if (Poll(ref output, 1, 0) <= 0 || (output.Returned & (Error | HangUp)) == 0) continue;
                _seen = true;
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
