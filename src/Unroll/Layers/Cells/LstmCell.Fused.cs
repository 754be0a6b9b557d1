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
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int size)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= size - V.Count; j += V.Count) Step<V>(gates + j, cPrevious + j, h + j, c + j, size);
            for (; j < size; j++) Step<Lane1>(gates + j, cPrevious + j, h + j, c + j, size);
        }

        [MethodImpl(Jit.Inlined)]
        static void Step<V>(Real* gates, Real* cPrevious, Real* h, Real* c, int size) where V : unmanaged, ILanes<V>
        {
            var i = VectorMath.Sigmoid(V.Load(gates));
            var f = VectorMath.Sigmoid(V.Load(gates + size));
            var g = VectorMath.Tanh(V.Load(gates + 2 * size));
            var o = VectorMath.Sigmoid(V.Load(gates + 3 * size));
            var memory = V.Fma(f, V.Load(cPrevious), i * g);
            i.Store(gates);
            f.Store(gates + size);
            g.Store(gates + 2 * size);
            o.Store(gates + 3 * size);
            memory.Store(c);
            (o * VectorMath.Tanh(memory)).Store(h);
        }

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int size)
            where V : unmanaged, ILanes<V>
        {
            var j = 0;
            for (; j <= size - V.Count; j += V.Count) StepBack<V>(gates + j, cPrevious + j, c + j, dy + j, dh + j, dc + j, size);
            for (; j < size; j++) StepBack<Lane1>(gates + j, cPrevious + j, c + j, dy + j, dh + j, dc + j, size);
        }

        [MethodImpl(Jit.Inlined)]
        static void StepBack<V>(Real* gates, Real* cPrevious, Real* c, Real* dy, Real* dh, Real* dc, int size) where V : unmanaged, ILanes<V>
        {
            var one = V.Of(1);
            V i = V.Load(gates), f = V.Load(gates + size), g = V.Load(gates + 2 * size), o = V.Load(gates + 3 * size);
            var tanh = VectorMath.Tanh(V.Load(c));
            var d = V.Load(dy) + V.Load(dh);                                     // the gradient of h′
            var memory = V.Fma(d * o, one - tanh * tanh, V.Load(dc));            // the gradient of c′
            (memory * g * (i * (one - i))).Store(gates);
            (memory * V.Load(cPrevious) * (f * (one - f))).Store(gates + size);
            (memory * i * (one - g * g)).Store(gates + 2 * size);
            (d * tanh * (o * (one - o))).Store(gates + 3 * size);
            (memory * f).Store(dc);
            V.Of(0).Store(dh);                                                   // all of it goes through the weights
        }
    }
}
