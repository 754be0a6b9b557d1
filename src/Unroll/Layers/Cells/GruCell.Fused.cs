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
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int size)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= size - V.Count; j += V.Count) Step<V>(gates + j, recurrent + j, hPrevious + j, h + j, size);
            for (; j < size; j++) Step<Lane1>(gates + j, recurrent + j, hPrevious + j, h + j, size);
        }

        [MethodImpl(Jit.Inlined)]
        static void Step<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* h, int size) where V : unmanaged, ILanes<V>
        {
            var r = VectorMath.Sigmoid(V.Load(gates) + V.Load(recurrent));
            var z = VectorMath.Sigmoid(V.Load(gates + size) + V.Load(recurrent + size));
            var n = VectorMath.Tanh(V.Fma(r, V.Load(recurrent + 2 * size), V.Load(gates + 2 * size)));
            r.Store(gates);
            z.Store(gates + size);
            n.Store(gates + 2 * size);
            V.Fma(z, V.Load(hPrevious) - n, n).Store(h);
        }

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int size)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= size - V.Count; j += V.Count) StepBack<V>(gates + j, recurrent + j, hPrevious + j, dy + j, dh + j, size);
            for (; j < size; j++) StepBack<Lane1>(gates + j, recurrent + j, hPrevious + j, dy + j, dh + j, size);
        }

        [MethodImpl(Jit.Inlined)]
        static void StepBack<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* dy, Real* dh, int size) where V : unmanaged, ILanes<V>
        {
            var one = V.Of(1);
            V r = V.Load(gates), z = V.Load(gates + size), n = V.Load(gates + 2 * size);
            var d = V.Load(dy) + V.Load(dh);                                     // the gradient of h′
            var dn = d * (one - z) * (one - n * n);                              // of n's pre-activation
            var dr = dn * V.Load(recurrent + 2 * size) * (r * (one - r));
            var dz = d * (V.Load(hPrevious) - n) * (z * (one - z));
            dr.Store(gates);
            dr.Store(recurrent);
            dz.Store(gates + size);
            dz.Store(recurrent + size);
            dn.Store(gates + 2 * size);
            (dn * r).Store(recurrent + 2 * size);
            (d * z).Store(dh);                                                   // the rest goes through the weights
        }
    }
}
