using System.Diagnostics;
using Spectre.Console;

namespace Unroll.Cli;

/// <summary>
/// One line on standard error that is written over and over, at most ten times a second, and never longer than the terminal is wide; nothing where that
/// is no terminal.
/// </summary>
sealed class ProgressLine : IProgress<double>, IProgress<string>, IDisposable
{
    const int UsualColumns = 80;

    readonly string _what;
    long _shownAt;
    int _width;

    public ProgressLine(string what) => _what = what;

    public void Report(double share) => Show($"{_what} {Bar(share)} {share,4:P0}");

    public void Report(string value) => Show($"{_what}: {value}", always: true);

    public static string Bar(double share)
    {
        var width = Math.Clamp(Columns / 4, 4, 24);
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * width);
        return new string('━', full) + new string('╌', width - full);
    }

    public void Show(string text, bool always = false)
    {
        if (!Output.ShowsProgress || (!always && _shownAt != 0 && Stopwatch.GetElapsedTime(_shownAt).TotalMilliseconds < 100)) return;
        _shownAt = Stopwatch.GetTimestamp();
        var line = Fit(text, Columns - 1);              // in the last column some terminals begin a new line
        var width = line.GetCellWidth();
        Standard.Error.Write("\r" + line + new string(' ', Math.Max(0, Math.Min(_width, Columns - 1) - width)));
        _width = width;
    }

    /// <summary>As much of a text as has room in so many columns, of which some characters take two.</summary>
    public static string Fit(string text, int columns)
    {
        if (text.GetCellWidth() <= columns) return text;
        var (end, width) = (0, 1);                      // one for the ellipsis
        foreach (var rune in text.EnumerateRunes())
        {
            width += rune.ToString().GetCellWidth();
            if (width > columns) break;
            end += rune.Utf16SequenceLength;
        }
        return columns < 1 ? "" : text[..end] + "…";
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_width == 0) return;
        Standard.Error.Write("\r" + new string(' ', Math.Min(_width, Columns - 1)) + "\r");
        _width = 0;
    }

    static int Columns
    {
        get
        {
            try
            {
                return Standard.WindowWidth is > 1 and var columns ? columns : UsualColumns;
            }
            catch (Exception e) when (e is IOException or PlatformNotSupportedException)
            {
                return UsualColumns;
            }
        }
    }
}
