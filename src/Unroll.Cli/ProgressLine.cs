using System.Diagnostics;

namespace Unroll.Cli;

/// <summary>One line on standard error that is written over and over, at most ten times a second; nothing where that is no terminal.</summary>
sealed class ProgressLine : IProgress<double>, IDisposable
{
    readonly string _what;
    long _shownAt;
    int _width;

    public ProgressLine(string what) => _what = what;

    public void Report(double share) => Show($"{_what} {Bar(share)} {share,4:P0}");

    public static string Bar(double share)
    {
        const int Width = 24;
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * Width);
        return new string('━', full) + new string('╌', Width - full);
    }

    public void Show(string text, bool always = false)
    {
        if (!Output.ShowsProgress || (!always && _shownAt != 0 && Stopwatch.GetElapsedTime(_shownAt).TotalMilliseconds < 100)) return;
        _shownAt = Stopwatch.GetTimestamp();
        Console.Error.Write("\r" + text.PadRight(_width));
        _width = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_width == 0) return;
        Console.Error.Write("\r" + new string(' ', _width) + "\r");
        _width = 0;
    }
}
