namespace Unroll.Tasks;

/// <summary>What <see cref="ForecastScore"/> sums up of one step.</summary>
sealed class StepSums(int levels, int intervals)
{
    public long Count, Zeros, MissingTruths, MissingForecasts, QuantileCount, CrpsCount;
    public double Absolute, Squares, Relative, Truths, Crps;

    public readonly double[] Pinball = new double[levels], Width = new double[intervals];
    public readonly long[] Inside = new long[intervals];

    public void Add(double y, double point)
    {
        var error = Math.Abs(y - point);
        Count++;
        Absolute += error;
        Squares += error * error;
        Truths += Math.Abs(y);
        if (y == 0) Zeros++;
        else Relative += error / Math.Abs(y);
    }

    public void AddCrps(double value) => (Crps, CrpsCount) = (Crps + value, CrpsCount + 1);

    public void Add(StepSums other)
    {
        (Count, Zeros, QuantileCount, CrpsCount) = (Count + other.Count, Zeros + other.Zeros, QuantileCount + other.QuantileCount, CrpsCount + other.CrpsCount);
        (Absolute, Squares, Relative) = (Absolute + other.Absolute, Squares + other.Squares, Relative + other.Relative);
        (Truths, Crps) = (Truths + other.Truths, Crps + other.Crps);
        for (var k = 0; k < Pinball.Length; k++) Pinball[k] += other.Pinball[k];
        for (var i = 0; i < Width.Length; i++) (Width[i], Inside[i]) = (Width[i] + other.Width[i], Inside[i] + other.Inside[i]);
    }
}

/// <summary>What it sums up of one series, which has a mean of its own: by step.</summary>
sealed class SeriesSums(int horizon)
{
    readonly double[] _symmetric = new double[horizon], _scaled = new double[horizon];
    readonly int[] _count = new int[horizon], _scaledCount = new int[horizon];

    public void Add(int step, double y, double point, double scale)
    {
        var error = Math.Abs(y - point);
        _count[step]++;
        if (error > 0) _symmetric[step] += 200 * error / (Math.Abs(y) + Math.Abs(point));
        if (!(scale > 0)) return;
        _scaledCount[step]++;
        _scaled[step] += error / scale;
    }

    public double Smape(int first, int end) => Mean(_symmetric, _count, first, end);

    public double Mase(int first, int end) => Mean(_scaled, _scaledCount, first, end);

    static double Mean(double[] sums, int[] counts, int first, int end)
    {
        var (sum, count) = (0.0, 0);
        for (var h = first; h < end; h++) (sum, count) = (sum + sums[h], count + counts[h]);
        return sum / count;
    }
}
