using Spectre.Console;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary>
/// What one call of the command reads from and writes to, and what it remembers until it ends. A process has one. <see cref="Run"/> runs a call with another,
/// inside any process: it holds for that call and for all threads and tasks that the call starts, so calls can run side by side.
/// </summary>
sealed class Terminal
{
    static readonly AsyncLocal<Terminal?> Given = new();
    static readonly Terminal OfProcess = new();

    readonly (Stream Input, Stream Output, Stream Error)? _streams;
    readonly Lazy<IAnsiConsole> _people;
    readonly TextWriter? _out, _error;

    /// <summary>Redirected streams: nobody is asked, progress is not shown, and output has no colours.</summary>
    /// <param name="input">What is read; it is not closed.</param>
    /// <param name="output">Where results go; it is not closed.</param>
    /// <param name="error">Where warnings and errors go; it is not closed.</param>
    public Terminal(Stream input, Stream output, Stream error) : this()
    {
        _streams = (input, output, error);
        (_out, _error) = (TextWriter.Synchronized(Standard.Writer(output, Standard.OutputName)), TextWriter.Synchronized(Standard.Writer(error, Standard.ErrorName)));
    }

    Terminal() => _people = new(MakePeople);

    /// <summary>The one of the call that is running.</summary>
    public static Terminal Current => Given.Value ?? OfProcess;

    /// <summary>Whether the streams are those of the process, which signals and a closed output end.</summary>
    public bool IsOfProcess => _streams is null;

    public bool IsInputRedirected => !IsOfProcess || Console.IsInputRedirected;

    public bool IsOutputRedirected => !IsOfProcess || Console.IsOutputRedirected;

    public bool IsErrorRedirected => !IsOfProcess || Console.IsErrorRedirected;

    /// <summary>Standard output.</summary>
    public TextWriter Out => _out ?? Console.Out;

    /// <summary>Standard error.</summary>
    public TextWriter Error => _error ?? Console.Error;

    /// <summary>Standard output for tables and text that people read.</summary>
    public IAnsiConsole People => _people.Value;

    /// <summary>Warnings that were given: each is given once.</summary>
    public HashSet<string> Warnings { get; } = [];

    /// <summary>What the call is doing, and what to do if it needs too much memory.</summary>
    public (string Now, string Advice) Work { get; set; } = ("starting", "");

    public Stream OpenInput() => _streams is { } streams ? streams.Input : Standard.OpenProcessInput();

    public Stream OpenOutput() => _streams is { } streams ? streams.Output : Console.OpenStandardOutput();

    /// <summary>Runs a command with these streams in the place of those of the process.</summary>
    public int Run(Func<int> command)
    {
        var code = 0;
        // What is set inside is undone behind it.
        ExecutionContext.Run(ExecutionContext.Capture()!, _ =>
        {
            Given.Value = this;
            Pipes.Keep(OpenInput);
            code = command();
        }, null);
        return code;
    }

    IAnsiConsole MakePeople()
    {
        const int WidthOfFiles = 4096;              // where nothing is to be broken into lines of a terminal's width
        var redirected = IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (redirected) console.Profile.Width = WidthOfFiles;
        return console;
    }
}
