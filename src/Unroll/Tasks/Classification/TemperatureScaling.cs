namespace Unroll.Tasks;

/// <summary>Temperature scaling (Guo et al. 2017): one factor for all scores, so that answers are as sure as they are right.</summary>
/// <remarks>
/// <code>
/// β = 1/T = argmin −Σ_i Σ_c t_ic ln softmax(β z_i)_c    t_ic = (n + 1)/(n + C) for the right class, 1/(n + C) for others
/// </code>
/// z are scores before softmax, n examples, C classes. The targets are those of Platt (1999): they keep β finite where all answers are right.
/// β is a power of 2^(1/8) from 1/16 to 16; the sum has one minimum in it. The order of classes does not change.
/// </remarks>
internal static class TemperatureScaling
{
    const int PerOctave = 8, Octaves = 4;

    /// <summary>The factor β for scores.</summary>
    /// <param name="probabilities">Softmax of the scores of each example.</param>
    /// <param name="classes">The right class of each; negative where the model has it not, which is left out.</param>
    public static double FactorOf(IReadOnlyList<Real[]> probabilities, IReadOnlyList<int> classes)
    {
        double[][] scores = [.. probabilities.Where((_, i) => classes[i] >= 0).Select(Scores)];
        int[] right = [.. classes.Where(c => c >= 0)];
        // Where the loss falls at the middle, the minimum lies above, else at it or below; where the factor makes no difference it is 1.
        var (low, high) = (-Octaves * PerOctave, Octaves * PerOctave);
        if (Loss(low) == Loss(high)) return 1;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (Loss(middle + 1) < Loss(middle)) low = middle + 1;
            else high = middle;
        }
        return Factor(low);

        double Loss(int step) => Enumerable.Range(0, right.Length).Sum(i => SmoothedLoss(scores[i], right[i], right.Length, Factor(step)));
    }

    /// <summary>softmax(β z) of what softmax(z) is given of.</summary>
    public static Real[] Apply(Real[] probabilities, double factor)
    {
        var scores = Scores(probabilities);
        var max = scores.Max();
        double[] e = [.. scores.Select(z => Math.Exp(factor * (z - max)))];
        var sum = e.Sum();
        return [.. e.Select(v => (Real)(v / sum))];
    }

    static double Factor(int step) => Math.Pow(2, step / (double)PerOctave);

    /// <summary>Scores up to a constant.</summary>
    static double[] Scores(Real[] probabilities) => [.. probabilities.Select(p => Math.Log(Math.Max(p, 1e-37)))];

    static double SmoothedLoss(double[] scores, int right, int examples, double factor)
    {
        var max = scores.Max();
        var logSum = Math.Log(scores.Sum(z => Math.Exp(factor * (z - max))));
        var rest = 1.0 / (examples + scores.Length);
        return scores.Select((z, c) => ((c == right ? examples * rest : 0) + rest) * (logSum - factor * (z - max))).Sum();
    }
}
