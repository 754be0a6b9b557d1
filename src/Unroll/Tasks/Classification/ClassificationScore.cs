namespace Unroll.Tasks;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Name">The class.</param>
/// <param name="Precision">Of those taken for it, the share that is right; 0 where none was taken.</param>
/// <param name="Recall">Of those that are of it, the share that was found; 0 where there is none.</param>
/// <param name="F1">2PR/(P + R); 0 where both are.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct ClassScore(string Name, double Precision, double Recall, double F1, int Count);

/// <summary>How well examples are classified.</summary>
/// <remarks>
/// A class that only the evaluation has, not the model, is a row of its own at the end: its examples count as wrong, and are left out of loss, AUC and calibration error,
/// for which the model gives them no probability. The macro figures are means over the classes that occur, among the examples or the
/// answers, as scikit-learn's are. Where an example may have several classes, each class at or above a half is an answer;
/// accuracy is then the share of examples with all classes right.
/// </remarks>
internal sealed record ClassificationScore
{
    const int CalibrationBins = 15;         // as Guo et al. 2017

    ClassificationScore(IReadOnlyList<ClassScore> classes, int count) => (Classes, Count) = (classes, count);

    /// <summary>How many examples there are.</summary>
    public int Count { get; }

    /// <summary>The mean of −ln p of the right class in nats; of σ's binary cross-entropies where there may be several. 0 where no class is known.</summary>
    public double Loss { get; private init; }

    /// <summary>The share that is right.</summary>
    public double Accuracy { get; private init; }

    /// <summary>The mean F1 of the classes that occur.</summary>
    public double MacroF1 { get; private init; }

    /// <summary>The mean precision of the classes that occur.</summary>
    public double MacroPrecision { get; private init; }

    /// <summary>The mean recall of the classes that occur.</summary>
    public double MacroRecall { get; private init; }

    /// <summary>F1 over all decisions together; the accuracy where each example has one class.</summary>
    public double MicroF1 { get; private init; }

    /// <summary>
    /// The probability that an example of the second class scores above one of the first (area under the ROC curve); null unless there are
    /// two classes that exclude each other and examples of both.
    /// </summary>
    public double? AreaUnderRoc { get; private init; }

    /// <summary>The expected difference between confidence and accuracy, over 15 equal bins of confidence (Guo et al. 2017); null where there may be several classes.</summary>
    public double? CalibrationError { get; private init; }

    /// <summary>Each class, in the model's order, then those it does not know.</summary>
    public IReadOnlyList<ClassScore> Classes { get; }

    /// <summary>The classes of the examples that the model does not know, and so can never answer.</summary>
    public IReadOnlyList<ClassScore> UnknownClasses { get; private init; } = [];

    /// <summary>[right class][answer]: how many; null where there may be several classes.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Confusion { get; private init; }

    /// <summary>Scores answers to questions with one right class each.</summary>
    /// <param name="classes">The names of the model's classes.</param>
    /// <param name="probabilities">Of each example, as many as classes.</param>
    /// <param name="labels">The right class of each example by name; it may be none of the model's.</param>
    /// <exception cref="ArgumentException">There is not one label an example.</exception>
    public static ClassificationScore Of(IReadOnlyList<string> classes, IReadOnlyList<Real[]> probabilities, IReadOnlyList<string> labels)
    {
        if (labels.Count != probabilities.Count) Throw.LabelCount(labels.Count, probabilities.Count);
        string[] names = [.. classes, .. labels.Where(l => !classes.Contains(l)).Distinct().Order(StringComparer.Ordinal)];
        var numbers = names.Select((name, number) => (name, number)).ToDictionary(n => n.name, n => n.number, StringComparer.Ordinal);
        var confusion = new int[names.Length][];
        for (var c = 0; c < names.Length; c++) confusion[c] = new int[names.Length];
        double nats = 0;
        var (known, right) = (0, 0);
        var (bins, confidences) = (new int[CalibrationBins, 2], new double[CalibrationBins]);
        for (var i = 0; i < labels.Count; i++)
        {
            var (label, p) = (numbers[labels[i]], probabilities[i]);
            var answer = Largest(p);
            confusion[label][answer]++;
            if (label == answer) right++;
            if (label >= classes.Count) continue;
            known++;
            nats -= Math.Log(Math.Max(p[label], double.Epsilon));
            var bin = Math.Clamp((int)Math.Ceiling(p[answer] * CalibrationBins) - 1, 0, CalibrationBins - 1);
            bins[bin, 0]++;
            if (label == answer) bins[bin, 1]++;
            confidences[bin] += p[answer];
        }
        double error = 0;
        for (var b = 0; b < CalibrationBins; b++) error += Math.Abs(bins[b, 1] - confidences[b]);
        var accuracy = Ratio(right, labels.Count);
        return Summarise(names, c => confusion[c][c], c => confusion.Sum(row => row[c]), c => confusion[c].Sum(), labels.Count, classes.Count) with
        {
            Loss = Ratio(nats, known),
            Accuracy = accuracy,
            MicroF1 = accuracy,
            AreaUnderRoc = classes.Count == 2 ? AreaUnder(probabilities, labels, classes) : null,
            CalibrationError = known > 0 ? error / known : 0,
            Confusion = confusion,
        };
    }

    /// <summary>Scores answers to questions that may have several right classes, or none.</summary>
    /// <param name="classes">The names of the model's classes.</param>
    /// <param name="probabilities">Of each example, as many as classes.</param>
    /// <param name="labels">The right classes of each example by name; some may be none of the model's.</param>
    /// <exception cref="ArgumentException">There is not one list of labels an example.</exception>
    public static ClassificationScore Of(IReadOnlyList<string> classes, IReadOnlyList<Real[]> probabilities, IReadOnlyList<IReadOnlyList<string>> labels)
    {
        if (labels.Count != probabilities.Count) Throw.LabelCount(labels.Count, probabilities.Count);
        string[] names = [.. classes, .. labels.SelectMany(l => l).Where(l => !classes.Contains(l)).Distinct().Order(StringComparer.Ordinal)];
        var (right, taken, there) = (new int[names.Length], new int[names.Length], new int[names.Length]);
        double nats = 0;
        var exact = 0;
        for (var i = 0; i < labels.Count; i++)
        {
            var all = true;
            for (var c = 0; c < names.Length; c++)
            {
                double p = c < classes.Count ? probabilities[i][c] : 0;
                var (isThere, isTaken) = (labels[i].Contains(names[c]), p >= 0.5);
                if (c < classes.Count) nats -= Math.Log(Math.Max(isThere ? p : 1 - p, double.Epsilon));
                if (isThere) there[c]++;
                if (isTaken) taken[c]++;
                if (isThere && isTaken) right[c]++;
                all &= isThere == isTaken;
            }
            if (all) exact++;
        }
        return Summarise(names, c => right[c], c => taken[c], c => there[c], labels.Count, classes.Count) with
        {
            Loss = Ratio(nats, (double)labels.Count * classes.Count),
            Accuracy = Ratio(exact, labels.Count),
            MicroF1 = Ratio(2 * right.Sum(), taken.Sum() + there.Sum()),
        };
    }

    static ClassificationScore Summarise(string[] names, Func<int, int> right, Func<int, int> taken, Func<int, int> there, int count, int known)
    {
        var classes = new ClassScore[names.Length];
        var occurring = new List<ClassScore>();
        for (var c = 0; c < names.Length; c++)
        {
            classes[c] = new(names[c], Ratio(right(c), taken(c)), Ratio(right(c), there(c)), Ratio(2 * right(c), taken(c) + there(c)), there(c));
            if (taken(c) + there(c) > 0) occurring.Add(classes[c]);
        }
        return new(classes, count) { UnknownClasses = classes[known..], MacroF1 = Mean(s => s.F1), MacroPrecision = Mean(s => s.Precision), MacroRecall = Mean(s => s.Recall) };

        double Mean(Func<ClassScore, double> figure) => occurring.Count > 0 ? occurring.Average(figure) : 0;
    }

    /// <summary>The Mann–Whitney statistic by ranks, equal scores sharing theirs.</summary>
    static double? AreaUnder(IReadOnlyList<Real[]> probabilities, IReadOnlyList<string> labels, IReadOnlyList<string> classes)
    {
        var scores = new List<(Real Score, bool Second)>();
        for (var i = 0; i < labels.Count; i++)
            if (labels[i] == classes[0] || labels[i] == classes[1]) scores.Add((probabilities[i][1], labels[i] == classes[1]));
        scores.Sort((a, b) => a.Score.CompareTo(b.Score));
        double second = scores.Count(s => s.Second), first = scores.Count - second, ranks = 0;
        if (first == 0 || second == 0) return null;
        for (int i = 0, end; i < scores.Count; i = end)
        {
            end = i + 1;
            while (end < scores.Count && scores[end].Score == scores[i].Score) end++;
            for (var j = i; j < end; j++)
                if (scores[j].Second) ranks += (i + 1 + end) / 2.0;
        }
        return (ranks - second * (second + 1) / 2) / (first * second);
    }

    /// <summary>The number of the largest probability; the first of equal ones.</summary>
    public static int Largest(ReadOnlySpan<Real> probabilities)
    {
        var best = 0;
        for (var c = 1; c < probabilities.Length; c++)
            if (probabilities[c] > probabilities[best]) best = c;
        return best;
    }

    static double Ratio(double a, double b) => b > 0 ? a / b : 0;
}
