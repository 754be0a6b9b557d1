using Unroll.Formats;
using Unroll.Tests.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class LogMelTests
{
    /// <summary>Logarithms of some −23 to 5 in double, rounded once to single precision.</summary>
    const double OneRounding = 2e-6;

    [Theory]
    [InlineData(8000, 1500, 40, 0.025, 0.01)]
    [InlineData(16000, 2000, 80, 0.032, 0.016)]
    [InlineData(11025, 276, 20, 0.025, 0.01)]
    [InlineData(8000, 50, 40, 0.025, 0.01)]
    public void Features_are_those_of_the_definition(int rate, int count, int bands, double window, double hop)
    {
        var samples = new float[count];
        new Rng(3).FillUniform(samples, -1, 1);
        for (var i = count / 2; i < count; i++) samples[i] = 0.5f * MathF.Sin(i * 0.3f) + 0.01f * samples[i];
        var series = new LogMel(rate, new() { Bands = bands, Window = window, Hop = hop }).Compute(samples);
        var expected = Reference(samples, rate, bands, (int)Math.Round(window * rate), (int)Math.Round(hop * rate));
        Assert.Equal((expected.Length, 2 * bands), (series.Steps, series.Features));
        for (var t = 0; t < expected.Length; t++)
        {
            for (var b = 0; b < bands; b++)
            {
                Assert.Equal(expected[t][b], series[t][b], OneRounding * (1 + Math.Abs(expected[t][b])));
                var slope = (At(t + 1) - At(t - 1) + 2 * (At(t + 2) - At(t - 2))) / 10;
                Assert.Equal(slope, series[t][bands + b], 10 * OneRounding);

                double At(int u) => expected[Math.Clamp(u, 0, expected.Length - 1)][b];
            }
        }
    }

    [Fact]
    public void A_tone_is_loudest_in_its_band_and_silence_is_the_floor()
    {
        var tone = new float[8000];
        for (var i = 0; i < 4000; i++) tone[i] = MathF.Sin(2 * MathF.PI * 1000 * i / 8000);
        var series = new LogMel(8000, new() { Deltas = false }).Compute(tone);
        Assert.Equal((98, 40), (series.Steps, series.Features));
        var top = Mel(20) + (Mel(4000) - Mel(20)) / 41 * (1 + series[10].ToArray().Index().MaxBy(p => p.Item).Index);
        Assert.InRange(Mel(1000), top - 52, top + 52);
        Assert.All(series[90].ToArray(), v => Assert.Equal((float)Math.Log(1e-10), v));
    }

    [Fact]
    public void No_sound_has_no_frames_and_bits_do_not_vary()
    {
        var logMel = new LogMel(8000);
        Assert.Equal(0, logMel.Compute([]).Steps);
        var samples = new float[700];
        new Rng(1).FillUniform(samples, -1, 1);
        var first = logMel.Compute(samples);
        logMel.Compute(new float[3000]);
        Assert.Equal(first.Values.ToArray(), logMel.Compute(samples).Values.ToArray());
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(8000, new() { Bands = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(8000, new() { Window = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(8000, new() { Window = 1e9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(8000, new() { Hop = 0 }));
        Assert.Contains("fewer bands", Assert.Throws<ArgumentOutOfRangeException>(() => new LogMel(8000, new() { Bands = 200 })).Message);
    }

    /// <summary>The definition, in plain loops: a transform of K² steps.</summary>
    static double[][] Reference(float[] samples, int rate, int bands, int length, int hop)
    {
        var size = 1;
        while (size < length) size *= 2;
        var frames = new List<double[]>();
        for (var start = 0; start == 0 || start + length <= samples.Length; start += hop)
        {
            var energies = new double[bands];
            for (var k = 0; k <= size / 2; k++)
            {
                var (re, im) = (0.0, 0.0);
                for (var n = 0; n < length && start + n < samples.Length; n++)
                {
                    var x = samples[start + n] * (0.5 - 0.5 * Math.Cos(2 * Math.PI * n / length));
                    var angle = 2 * Math.PI * (k * (long)n % size) / size;
                    re += x * Math.Cos(angle);
                    im -= x * Math.Sin(angle);
                }
                for (var b = 0; b < bands; b++) energies[b] += Triangle(b, Mel((double)k * rate / size)) * (re * re + im * im);
            }
            frames.Add([.. energies.Select(e => Math.Log(Math.Max(e, 1e-10)))]);
        }
        return [.. frames];

        double Triangle(int b, double mel)
        {
            var step = (Mel(rate / 2.0) - Mel(20)) / (bands + 1);
            return Math.Max(0, 1 - Math.Abs(mel - (Mel(20) + step * (b + 1))) / step);
        }
    }

    static double Mel(double frequency) => 1127 * Math.Log(1 + frequency / 700);
}

public sealed class AudioFolderTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_are_from_the_name_the_subfolder_or_a_pattern()
    {
        Write("7_ann_1.wav", 8000);
        Write("b_x.WAV", 8000);
        Write("plain.wav", 8000);
        Write("yes/a_1.wav", 8000);
        File.WriteAllText(_folder["notes.txt"], "none");
        var examples = AudioFolder.Read(_folder.Path);
        Assert.Equal(["7", "b", "", "yes"], examples.Select(e => e.Labels.Count == 0 ? "" : e.Labels.Single()));
        Assert.All(examples, e => Assert.Equal((8, 80), (e.Series!.Steps, e.Series.Features)));
        Assert.Contains("7_ann_1.wav: of 8,000 samples a second no such features can be made: Band 0 of 4000", Assert.ThrowsAny<UnrollException>(() => AudioFolder.Read(_folder["7_ann_1.wav"], features: new() { Bands = 4000 })).Message);
        Assert.Equal("ann", AudioFolder.Read(_folder["7_ann_1.wav"], new("^[0-9]_([a-z]+)_")).Single().Labels.Single());
        Assert.Equal(["7", "b", "p", "y"], AudioFolder.Read(_folder.Path, new("^.")).Select(e => e.Labels.Single()));
        Assert.Equal(4, ExampleFile.Read(_folder.Path, new() { NeedsLabels = false }).Count);
        Assert.Equal("7", ExampleFile.Read(_folder["7_ann_1.wav"]).Single().Labels.Single());
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        Write("a_1.wav", 8000);
        Write("b_1.wav", 16000);
        File.WriteAllBytes(_folder["c_1.wav"], [1, 2, 3]);
        Write("other.wav", 8000);
        var problems = Assert.ThrowsAny<UnrollException>(() => AudioFolder.Read(_folder.Path, new("^(.)_"))).Problems;
        Assert.Equal(3, problems.Count);
        Assert.Contains("b_1.wav: 16,000 samples a second, ", problems[0]);
        Assert.Contains("c_1.wav, byte 0: not a WAV file", problems[1]);
        Assert.Contains("does not match 'other.wav'", problems[2]);
    }

    [Fact]
    public void A_folder_without_sound_is_refused() =>
        Assert.Contains("no file below this folder is named .wav", Assert.ThrowsAny<UnrollException>(() => AudioFolder.Read(_folder.Path)).Message);

    [SkippableFact]
    public void Real_spoken_digits_are_read()
    {
        var examples = AudioFolder.Read(RealData.Find("fsdd/recordings"));
        Assert.Equal(1200, examples.Count);
        Assert.All(examples.CountBy(e => e.Labels.Single()), c => Assert.Equal(120, c.Value));
        Assert.All(examples, e => Assert.InRange(e.Series!.Steps, 1, 300));
        Assert.All(examples, e => Assert.InRange(e.Series!.Values.ToArray().Max(), -23.1f, 12));
    }

    void Write(string name, int rate)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        var samples = Enumerable.Range(0, rate / 10).Select(i => Math.Sin(i * 0.2));
        File.WriteAllBytes(_folder[name], Wav.File(Wav.Pcm, 1, rate, 16, Wav.Samples16(samples)));
    }
}
