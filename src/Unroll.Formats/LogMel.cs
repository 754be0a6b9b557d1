using System.Numerics;
using MathNet.Numerics.Providers.FourierTransform;
using Unroll.Data;

namespace Unroll.Formats;

/// <summary>How <see cref="LogMel"/> turns sound into features.</summary>
public sealed record LogMelOptions
{
    /// <summary>The number of mel bands; at least 1. Default 40.</summary>
    public int Bands { get; init; } = 40;

    /// <summary>How long a frame is, in seconds; above 0. Default 0.025.</summary>
    public double Window { get; init; } = 0.025;

    /// <summary>From the beginning of a frame to that of the next, in seconds; above 0. Default 0.01.</summary>
    public double Hop { get; init; } = 0.01;

    /// <summary>Whether each frame also has the slope of every band over time. Default true.</summary>
    public bool Deltas { get; init; } = true;
}

/// <summary>Log-mel features of sound: how loud each band of frequencies is in each short frame, as ears part them.</summary>
/// <remarks>
/// <code>
/// X_t[k] = Σₙ w[n]·x[t·hop + n]·e^(−2πi·kn/K)                  w[n] = ½ − ½·cos(2πn/N), the Hann window of N samples
/// c_t[b] = ln max(ε, Σₖ h_b[k]·|X_t[k]|²)                       h_b: triangles of height 1 between neighbours on the mel scale
/// Δ_t[b] = (c_{t+1}[b] − c_{t−1}[b] + 2·(c_{t+2}[b] − c_{t−2}[b])) / 10       past the ends: the first and the last frame
/// mel(f) = 1127·ln(1 + f/700)
/// </code>
/// A frame has N = Window · rate samples and a step hop = Hop · rate, both rounded, and K is the least power of two that holds N. Frames lie
/// within the sound: T = 1 + ⌊(n − N)/hop⌋; a sound shorter than a frame is one frame filled up with zeros, and none at all has none. The B + 2 edges of
/// the bands are evenly spaced on the mel scale from 20 Hz, which leaves out a constant offset, to half the rate; band b rises
/// from edge b to edge b + 1 and falls to edge b + 2. ε = 1e-10 is below the noise of rounding to 16 bits. Computed in double precision by one thread.
/// </remarks>
public sealed class LogMel
{
    const double LowestFrequency = 20, Epsilon = 1e-10;
    const int MostSamples = 1 << 20;                                     // of a frame; keeps a mistake from becoming a large allocation

    // Managed code, whatever native libraries there are: the same bits everywhere.
    static readonly ManagedFourierTransformProvider Fourier = ManagedFourierTransformProvider.Instance;

    readonly LogMelOptions _options;
    readonly double[] _window;                                           // [N]
    readonly (int Begin, double[] Weights)[] _bands;                     // of each band the first bin it hears, and how much of each
    readonly int _hop;
    readonly int _points;                                                // K

    /// <summary>Features of sound with a given number of samples a second.</summary>
    /// <param name="rate">Samples a second; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The rate or an option is out of range, or there are more bands than the frequencies of so short a frame can tell apart.
    /// </exception>
    public LogMel(int rate, LogMelOptions? options = null)
    {
        _options = options ?? new LogMelOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Bands, 1, nameof(LogMelOptions.Bands));
        var length = Samples(_options.Window, nameof(LogMelOptions.Window));
        _hop = Samples(_options.Hop, nameof(LogMelOptions.Hop));
        _window = new double[length];
        for (var n = 0; n < length; n++) _window[n] = 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / length);
        _points = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        _bands = new (int, double[])[_options.Bands];
        var (low, high) = (Mel(LowestFrequency), Mel(rate / 2.0));
        var binWidth = (double)rate / _points;
        for (var b = 0; b < _bands.Length; b++)
        {
            _bands[b] = Band(Edge(b), Edge(b + 1), Edge(b + 2));
            if (_bands[b].Weights.Length == 0)
                throw new ArgumentOutOfRangeException(nameof(LogMelOptions.Bands), _options.Bands, $"Band {b} of {_options.Bands} from "
                    + $"{LowestFrequency} to {rate / 2} Hz has none of the frequencies of a frame of {length} samples, {binWidth:F1} Hz apart. "
                    + "Take fewer bands or a longer window.");
        }

        int Samples(double seconds, string name)
        {
            var samples = Math.Round(seconds * rate);
            if (samples is >= 1 and <= MostSamples) return (int)samples;
            throw new ArgumentOutOfRangeException(name, seconds, $"{name} must be 1 to {MostSamples:N0} samples; it is {samples:N0} at {rate:N0} a second.");
        }

        double Edge(int i) => low + (high - low) * i / (_bands.Length + 1);

        (int, double[]) Band(double left, double top, double right)
        {
            var (begin, weights) = (0, new List<double>());
            for (var k = 0; k <= _points / 2; k++)
            {
                var mel = Mel(k * binWidth);
                var weight = Math.Min((mel - left) / (top - left), (right - mel) / (right - top));
                if (weight <= 0) continue;
                if (weights.Count == 0) begin = k;
                weights.Add(weight);
            }
            return (begin, [.. weights]);
        }
    }

    /// <summary>F, the numbers of each frame: the bands, and their slopes after them.</summary>
    public int Features => _options.Deltas ? 2 * _options.Bands : _options.Bands;

    /// <summary>The features [T, F] of a sound.</summary>
    public Series Compute(ReadOnlySpan<float> samples)
    {
        var steps = samples.Length == 0 ? 0 : 1 + Math.Max(0, samples.Length - _window.Length) / _hop;
        var (bands, features) = (_options.Bands, Features);
        var values = new float[steps * features];
        var spectrum = new Complex[_points];
        for (var t = 0; t < steps; t++)
        {
            var frame = samples[(t * _hop)..Math.Min(samples.Length, t * _hop + _window.Length)];
            Array.Clear(spectrum);
            for (var n = 0; n < frame.Length; n++) spectrum[n] = frame[n] * _window[n];
            Fourier.Forward(spectrum, FourierTransformScaling.NoScaling);
            for (var b = 0; b < bands; b++) values[t * features + b] = (float)Math.Log(Math.Max(Epsilon, Energy(spectrum, _bands[b])));
        }
        if (_options.Deltas)
        {
            for (var t = 0; t < steps; t++)
                for (var b = 0; b < bands; b++)
                    values[t * features + bands + b] = (float)((At(t + 1, b) - At(t - 1, b) + 2 * (At(t + 2, b) - At(t - 2, b))) / 10);
        }
        return new Series(values, steps, features);

        double At(int t, int band) => values[Math.Clamp(t, 0, steps - 1) * features + band];
    }

    static double Energy(Complex[] spectrum, (int Begin, double[] Weights) band)
    {
        var sum = 0.0;
        for (var i = 0; i < band.Weights.Length; i++)
        {
            var x = spectrum[band.Begin + i];
            sum += band.Weights[i] * (x.Real * x.Real + x.Imaginary * x.Imaginary);
        }
        return sum;
    }

    static double Mel(double frequency) => 1127 * Math.Log(1 + frequency / 700);
}
