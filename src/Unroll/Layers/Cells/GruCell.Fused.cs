using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class GruCell
{
    /// <summary>The pointwise part of a step, forward and backward.</summary>
    internal readonly unsafe struct Scan : IScanCell
    {
        public static int Gates => 3;
        public static bool HasMemory => false;
        public static bool SplitsProducts => true;

        public static void Forward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => Steps.Run<V, ForwardStep>(new(gates, recurrent, hPrevious, h, stride), 0, count);

        public static void Backward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh,
            Real* dc, int stride, int count) where V : unmanaged, ILanes<V> => Steps.Run<V, BackwardStep>(new(gates, recurrent, hPrevious, dy, dh, stride), 0, count);

        readonly struct ForwardStep(Real* gates, Real* recurrent, Real* hPrevious, Real* h, int stride) : IStep
        {
            [MethodImpl(Jit.Inlined)]
            public void Step<V>(int j) where V : unmanaged, ILanes<V>
            {
                Real* at = gates + j, from = recurrent + j;
                var r = VectorMath.Sigmoid(V.Load(at) + V.Load(from));
                var z = VectorMath.Sigmoid(V.Load(at + stride) + V.Load(from + stride));
                var n = VectorMath.Tanh(V.Fma(r, V.Load(from + 2 * stride), V.Load(at + 2 * stride)));
                r.Store(at);
                z.Store(at + stride);
                n.Store(at + 2 * stride);
                V.Fma(z, V.Load(hPrevious + j) - n, n).Store(h + j);
            }
        }

        readonly struct BackwardStep(Real* gates, Real* recurrent, Real* hPrevious, Real* dy, Real* dh, int stride) : IStep
        {
            [MethodImpl(Jit.Inlined)]
            public void Step<V>(int j) where V : unmanaged, ILanes<V>
            {
                Real* at = gates + j, from = recurrent + j;
                var one = V.Of(1);
                V r = V.Load(at), z = V.Load(at + stride), n = V.Load(at + 2 * stride);
                var d = V.Load(dy + j) + V.Load(dh + j);                             // the gradient of h′
                var dn = d * (one - z) * (one - n * n);                              // of n's pre-activation
                var dr = dn * V.Load(from + 2 * stride) * (r * (one - r));
                var dz = d * (V.Load(hPrevious + j) - n) * (z * (one - z));
                dr.Store(at);
                dr.Store(from);
                dz.Store(at + stride);
                dz.Store(from + stride);
                dn.Store(at + 2 * stride);
                (dn * r).Store(from + 2 * stride);
                (d * z).Store(dh + j);                                               // the rest goes through the weights
            }
        }
    }
}
