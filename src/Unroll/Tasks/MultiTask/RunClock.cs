using System.Diagnostics;
using System.Globalization;

namespace Unroll.Tasks;

/// <summary>How long a run takes, over all processes that work on it: a file has the seconds so far, of which a process that is killed loses a few.</summary>
internal sealed class RunClock : IDisposable
{
    const int Every = 5000;                      // milliseconds

    readonly string _file;
    readonly double _before;
    readonly long _started = Stopwatch.GetTimestamp();
    readonly Timer _timer;
    bool _ended;

    /// <summary>Goes on from what the file has.</summary>
    public RunClock(string file)
    {
        _file = file;
        _before = File.Exists(file) && double.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var earlier) ? earlier : 0;
        _timer = new(_ => Note(), null, Every, Every);
    }

    double Seconds => _before + Stopwatch.GetElapsedTime(_started).TotalSeconds;

    void Note()
    {
        try
        {
            File.WriteAllText(_file, Seconds.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The time is not worth a run; what must be written will say why it cannot.
        }
    }

    /// <summary>Ends the run: all of its seconds. The file is no longer there.</summary>
    public double End()
    {
        Stop();
        _ended = true;
        File.Delete(_file);
        return Seconds;
    }

    void Stop()
    {
        using var stopped = new ManualResetEvent(false);
        if (_timer.Dispose(stopped)) stopped.WaitOne();
    }

    /// <summary>Leaves what it took so far, where it was not ended.</summary>
    public void Dispose()
    {
        if (_ended) return;
        Stop();
        Note();
    }
}
