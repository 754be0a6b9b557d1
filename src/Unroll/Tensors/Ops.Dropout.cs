using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// Sets each element to 0 with probability p and divides the others by 1 − p (Srivastava 2014, inverted), while a tape records; x itself
    /// otherwise. dx = dy ⊙ the same mask, which is computed again from the random numbers rather than kept.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="p">From 0 to below 1.</param>
    /// <param name="rng">Where the mask comes from; moves on by one number for each of its elements.</param>
    /// <param name="sameForAllSteps">One mask for every step of a sequence: the outermost dimension shares it (variational; Gal and Ghahramani 2016).</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of range.</exception>
    public static Tensor Dropout(Tensor x, double p, Rng rng, bool sameForAllSteps = false)
    {
        if (p is not (>= 0 and < 1)) Throw.OutOfRange(nameof(p), p, "from 0 to below 1");
        if (p == 0 || !Tape.IsRecording) return x;
        var y = Tensor.New(x.Shape);
        var period = sameForAllSteps && x.Shape.Rank > 1 ? x.Shape.WithoutFirst().Count : x.Count;
        var mask = rng.Skip(period);
        Team.Run(new DropoutKernel { X = x.Pointer, Y = y.Pointer, Mask = mask, Period = period, P = (Real)p }, x.Count, PointwiseGrain);
        if (Tape.Records(y, x)) Tape.Push<DropoutNode>().Set(x, y, mask, period, (Real)p);
        return y;
    }

    struct DropoutKernel : IKernel
    {
        public Real* X, Y;
        public RngState Mask;
        public int Period;
        public Real P;
        public bool Add;

        public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
        {
            var scale = 1 / (1 - P);
            var at = from % Period;
            for (var i = from; i < to; i++)
            {
                var kept = Rng.ToReal(Rng.At(Mask.Key, Mask.Count + (ulong)at)) >= P ? scale : 0;
                Y[i] = Add ? RealMath.FusedMultiplyAdd(X[i], kept, Y[i]) : X[i] * kept;
                if (++at == Period) at = 0;
            }
        }
    }

    sealed class DropoutNode : Node
    {
        Tensor _x, _y;
        RngState _mask;
        int _period;
        Real _p;

        public void Set(Tensor x, Tensor y, RngState mask, int period, Real p) => (_x, _y, _mask, _period, _p) = (x, y, mask, period, p);

        public override void Backward() => Team.Run(
            new DropoutKernel { X = _y.Data.Gradient(), Y = _x.Data.Gradient(), Mask = _mask, Period = _period, P = _p, Add = true }, _x.Count, PointwiseGrain);
    }
}
