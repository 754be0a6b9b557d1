using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Makes the intervals of a forecaster hold what they promise, from windows that it was not trained on.</summary>
/// <remarks>
/// <code>
/// E_c = max(q_lo − y, y − q_hi) / (q₀.₉ − q₀.₁)        of each value y that came, q_lo and q_hi the bounds of the central interval of probability c
/// δ_c = the quantile of E_c of level ⌈(n + 1)c⌉ / n    at most 1, of n values
/// </code>
/// Both bounds move out by δ_c (q₀.₉ − q₀.₁), or in where it is negative (conformalised quantile regression; Romano, Patterson, Candès 2019); the median stays.
/// A surprise one step ahead (<see cref="QuantileForecast.Surprise"/>) is as rare as in the validation part: <c>surprises</c> [R] has those that are exceeded by the shares of
/// <see cref="Shares"/>; between and beyond them −log₁₀ of the share goes on linearly. Values of neighbouring steps are tied as a Gaussian copula: the normal scores of a path's values follow z_h = ρ z_{h−1} + √(1 − ρ²) ε. Parameters, not trained:
/// <c>weight</c> [6], δ of 95, 80, 60, 40 and 20 %, and ρ; and <c>surprises</c>. Zeros before <see cref="Fit"/>.
/// </remarks>
sealed class ForecastCalibration : Module
{
    const int MostWindows = 256, MostPoints = 2048;

    /// <summary>The shares of which the surprises are kept.</summary>
    static readonly double[] Shares = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002];

    readonly Parameter _weight, _surprises;

    public ForecastCalibration()
    {
        _weight = Add("weight", new Parameter(new(ForecastHead.Levels.Count / 2 + 1), decays: false) { Trainable = false });
        _surprises = Add("surprises", new Parameter(new(Shares.Length), decays: false) { Trainable = false });
    }

    /// <summary>How rare a surprise is: −log₁₀ of the share of values that surprise as much.</summary>
    public double RarityOf(double surprise)
    {
        var known = _surprises.Values;
        if (known[^1] <= known[0] || double.IsNaN(surprise)) return surprise;                         // not measured: as the forecast says
        double low = 0, high = known[0], from = 0, to = -Math.Log10(Shares[0]);
        for (var k = 1; k < known.Length && (surprise > high || !(high > low)); k++)
            if (known[k] > high) (low, high, from, to) = (high, known[k], to, -Math.Log10(Shares[k]));
        return Math.Max(0, from + (surprise - low) * (to - from) / (high - low));
    }

    /// <summary>ρ.</summary>
    public double Dependence => _weight.Values[^1];

    /// <summary>Widens or narrows the quantiles of a value.</summary>
    public void Apply(Span<double> quantiles)
    {
        var (middle, unit) = (quantiles.Length / 2, quantiles[^2] - quantiles[1]);
        for (var j = middle - 1; j >= 0; j--)
        {
            var shift = _weight.Values[j] * unit;
            quantiles[j] = Math.Min(quantiles[j] - shift, quantiles[j + 1]);
            quantiles[^(j + 1)] = Math.Max(quantiles[^(j + 1)] + shift, quantiles[^(j + 2)]);
        }
    }

    /// <summary>The same of a path's value: it keeps its place between the quantiles.</summary>
    /// <param name="before">The quantiles as they were.</param>
    /// <param name="behind">As they are now.</param>
    public static double Move(double value, ReadOnlySpan<double> before, ReadOnlySpan<double> behind)
    {
        var k = 0;
        while (k < before.Length && before[k] < value) k++;
        if (k == 0) return value + behind[0] - before[0];
        if (k == before.Length) return value + behind[^1] - before[^1];
        return behind[k - 1] + (behind[k] - behind[k - 1]) * (value - before[k - 1]) / (before[k] - before[k - 1]);
    }

    /// <summary>Measures δ and ρ on windows that lie in parts.</summary>
    public void Fit(ForecastNetwork network, ForecastFrame frame, IReadOnlyList<ForecastPart> parts)
    {
        const int Together = 32;
        var weight = _weight.Edit();
        weight.Clear();
        var (horizon, windows) = (frame.Config.Horizon, frame.Windows(parts, MostWindows));
        var misses = Enumerable.Range(0, weight.Length - 1).Select(_ => new List<double>()).ToArray();
        var (found, batch) = (new List<(double[][] Quantiles, double[] Truth)>(), network.NewBatch());
        for (var at = 0; at < windows.Length; at += Together)
        {
            var some = windows.AsSpan(at, Math.Min(Together, windows.Length - at));
            var forecasts = network.Predict(frame, some, horizon, batch);
            for (var i = 0; i < forecasts.Length; i++)
            {
                var (window, target) = (some[i / frame.Schema.Targets.Count], i % frame.Schema.Targets.Count);
                var truth = new double[horizon];
                for (var h = 0; h < horizon; h++)
                {
                    var values = frame.Series[window.Series].Targets[target];
                    truth[h] = forecasts[i].Scale.Apply(values[window.Cutoff + h]);
                    Measure(forecasts[i].Quantiles[h], truth[h], misses);
                }
                found.Add((forecasts[i].Quantiles, truth));
            }
        }
        if (misses[0].Count == 0) return;
        for (var j = 0; j < misses.Length; j++)
        {
            var share = Math.Ceiling((misses[j].Count + 1) * (1 - 2 * ForecastHead.Levels[j])) / misses[j].Count;
            misses[j].Sort();
            weight[j] = (Real)QuantileForecast.SampleQuantile([.. misses[j]], Math.Min(1, share));
        }
        weight[^1] = (Real)Correlation(found);
        FitSurprises(network, frame, parts, batch);
    }

    void FitSurprises(ForecastNetwork network, ForecastFrame frame, IReadOnlyList<ForecastPart> parts, ForecastBatch batch)
    {
        var (state, quantiles, surprises) = (network.ZeroState(), new double[ForecastHead.Levels.Count], new List<double>());
        foreach (var window in frame.Windows(parts, MostPoints))
        {
            var series = frame.Series[window.Series];
            network.Begin(state, frame, window, batch);
            using var scratch = Tape.Scratch();
            var p = network.Next(state, frame, series, window.Cutoff, 1, batch);
            for (var d = 0; d < frame.Schema.Targets.Count; d++)
            {
                network.Describe(p, batch, d, quantiles);
                Apply(quantiles);
                var y = batch.ScaleOf(0, d).Apply(series.Targets[d][window.Cutoff]);
                if (!double.IsNaN(y)) surprises.Add(QuantileForecast.Surprise(ForecastHead.Levels, quantiles, y));
            }
        }
        surprises.Sort();
        var kept = _surprises.Edit();
        for (var k = 0; k < kept.Length; k++)
        {
            var known = surprises.Count * Shares[k] >= 1;                    // rarer ones go on along those that are known
            kept[k] = known ? (Real)QuantileForecast.SampleQuantile([.. surprises], 1 - Shares[k]) : k > 0 ? kept[k - 1] : 0;
        }
    }

    static void Measure(double[] quantiles, double truth, List<double>[] misses)
    {
        var unit = quantiles[^2] - quantiles[1];
        if (double.IsNaN(truth) || !(unit > 0)) return;
        for (var j = 0; j < misses.Length; j++) misses[j].Add(Math.Max(quantiles[j] - truth, truth - quantiles[^(j + 1)]) / unit);
    }

    /// <summary>Σ z_h z_{h+1} / Σ ½(z_h² + z_{h+1}²) of the normal scores of what came.</summary>
    double Correlation(List<(double[][] Quantiles, double[] Truth)> found)
    {
        const double Least = 0.005;
        double products = 0, squares = 0;
        foreach (var (quantiles, truth) in found)
        {
            var before = double.NaN;
            for (var h = 0; h < truth.Length; h++)
            {
                Apply(quantiles[h]);
                var z = double.IsNaN(truth[h]) ? double.NaN
                    : Distributions.NormalQuantile(Math.Clamp(QuantileForecast.LevelOf(ForecastHead.Levels, quantiles[h], truth[h]), Least, 1 - Least));
                if (!double.IsNaN(z * before)) (products, squares) = (products + z * before, squares + (z * z + before * before) / 2);
                before = z;
            }
        }
        return squares > 0 ? Math.Clamp(products / squares, 0, 0.999) : 0;
    }
}
