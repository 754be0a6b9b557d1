using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class GruCell
{
    /// <summary>The pointwise part of <see cref="Step"/>, forward and backward.</summary>
    readonly unsafe struct Scan : IScanCell
    {
        public static int Gates => 3;
        public static bool HasMemory => false;
        public static bool SplitsProducts => true;

        [MethodImpl(Jit.Hot)]
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= count - V.Count; j += V.Count) Step<V>(gates + j, recurrent + j, hPrevious + j, h + j, stride);
            for (; j < count; j++) Step<Lane1>(gates + j, recurrent + j, hPrevious + j, h + j, stride);
        }

        [MethodImpl(Jit.Inlined)]
        static void Step<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* h, int stride) where V : unmanaged, ILanes<V>
        {
            var r = VectorMath.Sigmoid(V.Load(gates) + V.Load(recurrent));
            var z = VectorMath.Sigmoid(V.Load(gates + stride) + V.Load(recurrent + stride));
            var n = VectorMath.Tanh(V.Fma(r, V.Load(recurrent + 2 * stride), V.Load(gates + 2 * stride)));
            r.Store(gates);
            z.Store(gates + stride);
            n.Store(gates + 2 * stride);
            V.Fma(z, V.Load(hPrevious) - n, n).Store(h);
        }

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int stride, int count)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= count - V.Count; j += V.Count) StepBack<V>(gates + j, recurrent + j, hPrevious + j, dy + j, dh + j, stride);
            for (; j < count; j++) StepBack<Lane1>(gates + j, recurrent + j, hPrevious + j, dy + j, dh + j, stride);
        }

        [MethodImpl(Jit.Inlined)]
        static void StepBack<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* dy, Real* dh, int stride) where V : unmanaged, ILanes<V>
        {
            var one = V.Of(1);
            V r = V.Load(gates), z = V.Load(gates + stride), n = V.Load(gates + 2 * stride);
            var d = V.Load(dy) + V.Load(dh);                                     // the gradient of h′
            var dn = d * (one - z) * (one - n * n);                              // of n's pre-activation
            var dr = dn * V.Load(recurrent + 2 * stride) * (r * (one - r));
            var dz = d * (V.Load(hPrevious) - n) * (z * (one - z));
            dr.Store(gates);
            dr.Store(recurrent);
            dz.Store(gates + stride);
            dz.Store(recurrent + stride);
            dn.Store(gates + 2 * stride);
            (dn * r).Store(recurrent + 2 * stride);
            (d * z).Store(dh);                                                   // the rest goes through the weights
        }
    }
}
