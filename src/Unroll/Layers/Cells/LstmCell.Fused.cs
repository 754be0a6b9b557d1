using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class LstmCell
{
    /// <summary>The pointwise part of <see cref="Step"/>, forward and backward.</summary>
    readonly unsafe struct Scan : IScanCell
    {
        public static int Gates => 4;
        public static bool HasMemory => true;
        public static bool SplitsProducts => false;

        [MethodImpl(Jit.Hot)]
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= count - V.Count; j += V.Count) Step<V>(gates + j, cPrevious + j, h + j, c + j, stride);
            for (; j < count; j++) Step<Lane1>(gates + j, cPrevious + j, h + j, c + j, stride);
        }

        [MethodImpl(Jit.Inlined)]
        static void Step<V>(Real* gates, Real* cPrevious, Real* h, Real* c, int stride) where V : unmanaged, ILanes<V>
        {
            var i = VectorMath.Sigmoid(V.Load(gates));
            var f = VectorMath.Sigmoid(V.Load(gates + stride));
            var g = VectorMath.Tanh(V.Load(gates + 2 * stride));
            var o = VectorMath.Sigmoid(V.Load(gates + 3 * stride));
            var memory = V.Fma(f, V.Load(cPrevious), i * g);
            i.Store(gates);
            f.Store(gates + stride);
            g.Store(gates + 2 * stride);
            o.Store(gates + 3 * stride);
            memory.Store(c);
            (o * VectorMath.Tanh(memory)).Store(h);
        }

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int stride, int count)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= count - V.Count; j += V.Count) StepBack<V>(gates + j, cPrevious + j, c + j, dy + j, dh + j, dc + j, stride);
            for (; j < count; j++) StepBack<Lane1>(gates + j, cPrevious + j, c + j, dy + j, dh + j, dc + j, stride);
        }

        [MethodImpl(Jit.Inlined)]
        static void StepBack<V>(Real* gates, Real* cPrevious, Real* c, Real* dy, Real* dh, Real* dc, int stride) where V : unmanaged, ILanes<V>
        {
            var one = V.Of(1);
            V i = V.Load(gates), f = V.Load(gates + stride), g = V.Load(gates + 2 * stride), o = V.Load(gates + 3 * stride);
            var tanh = VectorMath.Tanh(V.Load(c));
            var d = V.Load(dy) + V.Load(dh);                                     // the gradient of h′
            var memory = V.Fma(d * o, one - tanh * tanh, V.Load(dc));            // the gradient of c′
            (memory * g * (i * (one - i))).Store(gates);
            (memory * V.Load(cPrevious) * (f * (one - f))).Store(gates + stride);
            (memory * i * (one - g * g)).Store(gates + 2 * stride);
            (d * tanh * (o * (one - o))).Store(gates + 3 * stride);
            (memory * f).Store(dc);
            V.Of(0).Store(dh);                                                   // all of it goes through the weights
        }
    }
}
