using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class RnnCell
{
    /// <summary>The pointwise part of a step, forward and backward, with tanh.</summary>
    readonly unsafe struct TanhScan : IScanCell
    {
        public static int Gates => 1;
        public static bool HasMemory => false;
        public static bool SplitsProducts => false;

        public static void Forward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => new UnaryKernel<Tanh>(gates, h).Run<V>(0, count);

        public static void Backward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh,
            Real* dc, int stride, int count) where V : unmanaged, ILanes<V> => Steps.Run<V, BackwardStep<Tanh>>(new(gates, h, dy, dh), 0, count);
    }

    /// <summary>The same with ReLU.</summary>
    readonly unsafe struct ReluScan : IScanCell
    {
        public static int Gates => 1;
        public static bool HasMemory => false;
        public static bool SplitsProducts => false;

        public static void Forward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => new UnaryKernel<Relu>(gates, h).Run<V>(0, count);

        public static void Backward<V>(Real* gates, Real* recurrent, Real* peepholes, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh,
            Real* dc, int stride, int count) where V : unmanaged, ILanes<V> => Steps.Run<V, BackwardStep<Relu>>(new(gates, h, dy, dh), 0, count);
    }

    readonly unsafe struct BackwardStep<TOp>(Real* gates, Real* h, Real* dy, Real* dh) : IStep where TOp : struct, IUnary
    {
        [MethodImpl(Jit.Inlined)]
        public void Step<V>(int j) where V : unmanaged, ILanes<V>
        {
            ((V.Load(dy + j) + V.Load(dh + j)) * TOp.Derivative(V.Load(gates + j), V.Load(h + j))).Store(gates + j);
            V.Of(0).Store(dh + j);                                                   // all of it goes through the weights
        }
    }
}
