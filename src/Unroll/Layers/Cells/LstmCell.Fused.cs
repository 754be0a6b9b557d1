using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class LstmCell
{
    /// <summary>The pointwise part of a step, forward and backward.</summary>
    readonly unsafe struct Scan : IScanCell
    {
        public static int Gates => 4;
        public static bool HasMemory => true;
        public static bool SplitsProducts => false;

        public static void Forward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => Steps.Run<V, ForwardStep>(new(gates, cPrevious, h, c, stride), 0, count);

        public static void Backward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh,
            Real* dc, int stride, int count) where V : unmanaged, ILanes<V> => Steps.Run<V, BackwardStep>(new(gates, cPrevious, c, dy, dh, dc, stride), 0, count);

        readonly struct ForwardStep(Real* gates, Real* cPrevious, Real* h, Real* c, int stride) : IStep
        {
            [MethodImpl(Jit.Inlined)]
            public void Step<V>(int j) where V : unmanaged, ILanes<V>
            {
                var at = gates + j;
                var i = VectorMath.Sigmoid(V.Load(at));
                var f = VectorMath.Sigmoid(V.Load(at + stride));
                var g = VectorMath.Tanh(V.Load(at + 2 * stride));
                var o = VectorMath.Sigmoid(V.Load(at + 3 * stride));
                var memory = V.Fma(f, V.Load(cPrevious + j), i * g);
                i.Store(at);
                f.Store(at + stride);
                g.Store(at + 2 * stride);
                o.Store(at + 3 * stride);
                memory.Store(c + j);
                (o * VectorMath.Tanh(memory)).Store(h + j);
            }
        }

        readonly struct BackwardStep(Real* gates, Real* cPrevious, Real* c, Real* dy, Real* dh, Real* dc, int stride) : IStep
        {
            [MethodImpl(Jit.Inlined)]
            public void Step<V>(int j) where V : unmanaged, ILanes<V>
            {
                var at = gates + j;
                var one = V.Of(1);
                V i = V.Load(at), f = V.Load(at + stride), g = V.Load(at + 2 * stride), o = V.Load(at + 3 * stride);
                var tanh = VectorMath.Tanh(V.Load(c + j));
                var d = V.Load(dy + j) + V.Load(dh + j);                             // the gradient of h′
                var memory = V.Fma(d * o, one - tanh * tanh, V.Load(dc + j));        // the gradient of c′
                (memory * g * (i * (one - i))).Store(at);
                (memory * V.Load(cPrevious + j) * (f * (one - f))).Store(at + stride);
                (memory * i * (one - g * g)).Store(at + 2 * stride);
                (d * tanh * (o * (one - o))).Store(at + 3 * stride);
                (memory * f).Store(dc + j);
                V.Of(0).Store(dh + j);                                               // all of it goes through the weights
            }
        }
    }
}
