using System.Runtime.CompilerServices;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Layers;

public static unsafe partial class Losses
{
    /// <summary>
    /// The mean of max(x, 0) − x·y + ln(1 + e^−|x|): binary cross-entropy of σ(x) with targets y from 0 to 1. dx = (σ(x) − y)/n.
    /// </summary>
    /// <param name="logits">Scores before the logistic function, any shape.</param>
    /// <param name="targets">As many numbers from 0 to 1.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor BinaryCrossEntropy(Tensor logits, Tensor targets) => Mean<BinaryCrossEntropyTerm>(logits, targets, 0, nameof(BinaryCrossEntropy));

    /// <summary>The mean of (x − y)². dx = 2(x − y)/n.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MeanSquared(Tensor predictions, Tensor targets) => Mean<SquaredTerm>(predictions, targets, 0, nameof(MeanSquared));

    /// <summary>The mean of |x − y|. dx = sign(x − y)/n, 0 where they are equal.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MeanAbsolute(Tensor predictions, Tensor targets) => Mean<AbsoluteTerm>(predictions, targets, 0, nameof(MeanAbsolute));

    /// <summary>
    /// The mean of d²/2 where |d| ≤ δ, else δ(|d| − δ/2), with d = x − y (Huber 1964). dx = d clamped to ±δ, over n.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">δ is not above 0.</exception>
    public static Tensor Huber(Tensor predictions, Tensor targets, double delta = 1)
    {
        if (!(delta > 0)) Throw.OutOfRange(nameof(delta), delta, "above 0");
        return Mean<HuberTerm>(predictions, targets, delta, nameof(Huber));
    }

    /// <summary>A loss l(x, y) of single numbers, with dl/dx beside it; p is its parameter.</summary>
    interface ILossTerm
    {
        static abstract V Loss<V>(V x, V y, V p) where V : unmanaged, ILanes<V>;
        static abstract V Derivative<V>(V x, V y, V p) where V : unmanaged, ILanes<V>;
    }

    readonly struct BinaryCrossEntropyTerm : ILossTerm
    {
        [MethodImpl(Jit.Inlined)]
        public static V Loss<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => VectorMath.Softplus(x) - x * y;   // softplus(x) = max(x, 0) + ln(1 + e^−|x|)

        [MethodImpl(Jit.Inlined)]
        public static V Derivative<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => VectorMath.Sigmoid(x) - y;
    }

    readonly struct SquaredTerm : ILossTerm
    {
        [MethodImpl(Jit.Inlined)]
        public static V Loss<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => (x - y) * (x - y);

        [MethodImpl(Jit.Inlined)]
        public static V Derivative<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => V.Of(2) * (x - y);
    }

    readonly struct AbsoluteTerm : ILossTerm
    {
        [MethodImpl(Jit.Inlined)]
        public static V Loss<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => V.Abs(x - y);

        [MethodImpl(Jit.Inlined)]
        public static V Derivative<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => (V.Of(1) & (x > y)) - (V.Of(1) & (x < y));
    }

    readonly struct HuberTerm : ILossTerm
    {
        [MethodImpl(Jit.Inlined)]
        public static V Loss<V>(V x, V y, V p) where V : unmanaged, ILanes<V>
        {
            var d = V.Abs(x - y);
            return V.Select(d <= p, V.Of((Real)0.5) * d * d, p * (d - V.Of((Real)0.5) * p));
        }

        [MethodImpl(Jit.Inlined)]
        public static V Derivative<V>(V x, V y, V p) where V : unmanaged, ILanes<V> => V.Max(-p, V.Min(x - y, p));
    }

    static Tensor Mean<T>(Tensor x, Tensor y, double parameter, string name) where T : unmanaged, ILossTerm
    {
        if (x.Shape != y.Shape) Throw.ShapesDiffer(name, x.Shape, y.Shape, "equal shapes");
        Tensor losses = Tensor.New(x.Shape), loss = Tensor.New(new());
        fixed (Real* px = x, py = y, l = losses) ThreadTeam.Run(new TermKernel<T> { X = px, Y = py, Loss = l, P = (Real)parameter }, x.Count, Grain);
        loss.Values[0] = (Real)(Reduce.Sum(losses.Values) / Math.Max(1, x.Count));
        if (Tape.Records(loss, x)) Tape.Push<TermNode<T>>().Set(x, y, loss, (Real)parameter);
        return loss;
    }

    const int Grain = 8192;

    struct TermKernel<T> : IKernel, IStep where T : unmanaged, ILossTerm
    {
        public Real* X, Y, Loss, DX;
        public Real P, Scale;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V> => Steps.Run<V, TermKernel<T>>(this, from, to);

        [MethodImpl(Jit.Inlined)]
        public readonly void Step<V>(int i) where V : unmanaged, ILanes<V>
        {
            V x = V.Load(X + i), y = V.Load(Y + i), p = V.Of(P);
            if (DX == null) T.Loss(x, y, p).Store(Loss + i);
            else V.Fma(V.Of(Scale), T.Derivative(x, y, p), V.Load(DX + i)).Store(DX + i);
        }
    }

    sealed class TermNode<T> : Node where T : unmanaged, ILossTerm
    {
        Tensor _x, _y, _loss;
        Real _parameter;

        public void Set(Tensor x, Tensor y, Tensor loss, Real parameter) => (_x, _y, _loss, _parameter) = (x, y, loss, parameter);

        public override void Backward()
        {
            var scale = _loss.Data.Gradient()[0] / Math.Max(1, _x.Count);
            fixed (Real* x = _x, y = _y, dx = _x.Data.Gradient())
                ThreadTeam.Run(new TermKernel<T> { X = x, Y = y, DX = dx, P = _parameter, Scale = scale }, _x.Count, Grain);
        }
    }
}
