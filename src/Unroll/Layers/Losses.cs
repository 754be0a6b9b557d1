using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Losses: a scalar each, the mean over what counts; 0 where nothing does.</summary>
public static unsafe partial class Losses
{
    /// <summary>
    /// Softmax with cross-entropy: the mean over rows of −ln softmax(x)_t, in nats. dx = (softmax(x) − onehot(t)) / n.
    /// </summary>
    /// <param name="logits">[…, V]: scores before the softmax.</param>
    /// <param name="targets">The right class of each row.</param>
    /// <param name="labelSmoothing">ε from 0 to 1: the target is 1 − ε on the right class plus ε/V on every class (Szegedy 2016).</param>
    /// <param name="ignored">Rows with this target do not count.</param>
    /// <param name="classWeights">V weights; the mean is then weighted by those of the targets, as PyTorch's is.</param>
    /// <exception cref="ArgumentException">There is not one target a row, or not one weight a class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is no class, or ε is out of range.</exception>
    public static Tensor CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, double labelSmoothing = 0, int ignored = -1,
        ReadOnlySpan<Real> classWeights = default)
    {
        var (loss, logSums, weight, weightSum) = Rows(logits, targets, labelSmoothing, ignored, classWeights, inPlace: false);
        if (Tape.Records(loss, logits)) Tape.Push<CrossEntropyNode>().Set(logits, targets, classWeights, logSums, loss, ignored, labelSmoothing, weight, weightSum);
        return loss;
    }

    /// <summary>
    /// The same of the scores x·Wᵀ + b, which nobody sees: as soon as a row's loss is known its gradient takes the row's place, so that a large
    /// vocabulary costs one pass and one matrix instead of two.
    /// </summary>
    /// <param name="x">[…, I]: what the last layer gets.</param>
    /// <param name="output">The last layer, with V outputs.</param>
    /// <inheritdoc cref="CrossEntropy(Tensor, ReadOnlySpan{int}, double, int, ReadOnlySpan{Real})"/>
    /// <param name="targets">The right class of each row.</param>
    /// <param name="labelSmoothing">ε from 0 to 1.</param>
    /// <param name="ignored">Rows with this target do not count.</param>
    /// <param name="classWeights">V weights.</param>
    public static Tensor CrossEntropy(Tensor x, Linear output, ReadOnlySpan<int> targets, double labelSmoothing = 0, int ignored = -1,
        ReadOnlySpan<Real> classWeights = default) => InPlace(output.Forward(x), targets, labelSmoothing, ignored, classWeights);

    /// <summary>The same of scores that nobody else sees: their gradient takes their place.</summary>
    internal static Tensor InPlace(Tensor scores, ReadOnlySpan<int> targets, double labelSmoothing = 0, int ignored = -1, ReadOnlySpan<Real> classWeights = default)
    {
        var (loss, _, _, _) = Rows(scores, targets, labelSmoothing, ignored, classWeights, inPlace: Tape.IsRecording && scores.NeedsGradient);
        if (Tape.Records(loss, scores))
        {
            scores.Data.ReplaceByGradient();
            Tape.Push<OutputCrossEntropyNode>().Set(scores, loss);
        }
        return loss;
    }

    /// <summary>The losses of all rows and their mean; in place: also the mean's gradient, which takes the scores' place.</summary>
    static (Tensor Loss, Tensor LogSums, double Weight, double WeightSum) Rows(
        Tensor logits, ReadOnlySpan<int> targets, double labelSmoothing, int ignored, ReadOnlySpan<Real> classWeights, bool inPlace)
    {
        int rows = logits.Rows, classes = logits.Columns;
        if (targets.Length != rows) Throw.WrongShape(nameof(CrossEntropy), nameof(logits), logits.Shape, $"{targets.Length} rows, one for each target");
        if (labelSmoothing is not (>= 0 and <= 1)) Throw.OutOfRange(nameof(labelSmoothing), labelSmoothing, "from 0 to 1");
        if (!classWeights.IsEmpty && classWeights.Length != classes) Throw.ValuesDoNotFit(classWeights.Length, new(classes));
        double total = 0, weight = 0, weightSum = classes;
        if (!classWeights.IsEmpty)
        {
            weightSum = 0;
            foreach (var w in classWeights) weightSum += w;
        }
        for (var r = 0; r < rows; r++)
        {
            var t = targets[r];
            if (t == ignored) continue;
            if ((uint)t >= (uint)classes) Throw.NoSuchId(t, r, classes);
            weight += classWeights.IsEmpty ? 1 : classWeights[t];
        }
        Tensor logSums = Tensor.New(new(rows)), losses = Tensor.New(new(rows)), loss = Tensor.New(new());
        fixed (int* t = targets)
        fixed (Real* x = logits, w = classWeights, sums = logSums, l = losses)
        {
            var kernel = new CrossEntropyKernel
            {
                X = x, ClassWeights = w, LogSums = sums, Losses = l, Targets = t,
                Columns = classes, Ignored = ignored, Smoothing = labelSmoothing, WeightSum = weightSum, HasThen = inPlace,
                Then = new()
                {
                    X = x, ClassWeights = w, LogSums = sums, DX = x, Targets = t, Columns = classes,
                    Ignored = ignored, Smoothing = labelSmoothing, WeightSum = weightSum, Scale = weight > 0 ? 1 / weight : 0, Fresh = true,
                },
            };
            ThreadTeam.Run(kernel, rows, Ops.RowGrain(classes));
        }
        foreach (var l in losses.Values) total += l;
        loss.Values[0] = weight > 0 ? (Real)(total / weight) : 0;
        return (loss, logSums, weight, weightSum);
    }

    sealed class OutputCrossEntropyNode : Node
    {
        Tensor _scores, _loss;

        public void Set(Tensor scores, Tensor loss) => (_scores, _loss) = (scores, loss);

        /// <summary>The gradient stands there since the forward pass, as long as nobody wants another multiple of it.</summary>
        public override void Backward()
        {
            var scale = _loss.Data.Gradient()[0];
            if (scale == 1) return;
            fixed (Real* scores = _scores) ThreadTeam.Run(new ScaleKernel(scores, scale), _scores.Count, Ops.PointwiseGrain);
        }
    }

    sealed class CrossEntropyNode : Node
    {
        int[] _targets = [];
        Real[] _classWeights = [];
        Tensor _logits, _logSums, _loss;
        int _ignored;
        double _smoothing, _weight, _weightSum;
        bool _weighted;

        public void Set(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<Real> classWeights, Tensor logSums, Tensor loss, int ignored,
            double smoothing, double weight, double weightSum)
        {
            (_logits, _logSums, _loss, _ignored, _smoothing, _weight, _weightSum) = (logits, logSums, loss, ignored, smoothing, weight, weightSum);
            if (_targets.Length < targets.Length) _targets = new int[targets.Length];
            targets.CopyTo(_targets);
            _weighted = !classWeights.IsEmpty;
            if (_classWeights.Length < classWeights.Length) _classWeights = new Real[classWeights.Length];
            classWeights.CopyTo(_classWeights);
        }

        public override void Backward()
        {
            if (_weight <= 0) return;
            fixed (int* t = _targets)
            fixed (Real* x = _logits, w = _classWeights, sums = _logSums, dx = _logits.Data.GradientOrFresh(out var fresh))
            {
                var kernel = new CrossEntropyBackwardKernel
                {
                    X = x, ClassWeights = _weighted ? w : null, LogSums = sums, DX = dx, Targets = t, Columns = _logits.Columns,
                    Ignored = _ignored, Smoothing = _smoothing, WeightSum = _weightSum, Scale = _loss.Data.Gradient()[0] / _weight, Fresh = fresh,
                };
                ThreadTeam.Run(kernel, _logits.Rows, Ops.RowGrain(_logits.Columns));
            }
        }
    }
}
