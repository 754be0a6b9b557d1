using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class RnnCell
{
    /// <summary>The pointwise part of <see cref="Step"/>, forward and backward, with tanh.</summary>
    readonly unsafe struct TanhScan : IScanCell
    {
        public static int Gates => 1;
        public static bool HasMemory => false;
        public static bool SplitsProducts => false;

        [MethodImpl(Jit.Hot)]
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => new UnaryKernel<Tanh>(gates, h).Run<V>(0, count);

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int stride, int count)
            where V : unmanaged, ILanes<V> => StepBack<Tanh, V>(gates, h, dy, dh, count);
    }

    /// <summary>The same with ReLU.</summary>
    readonly unsafe struct ReluScan : IScanCell
    {
        public static int Gates => 1;
        public static bool HasMemory => false;
        public static bool SplitsProducts => false;

        [MethodImpl(Jit.Hot)]
        public static void Forward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, int stride, int count)
            where V : unmanaged, ILanes<V> => new UnaryKernel<Relu>(gates, h).Run<V>(0, count);

        [MethodImpl(Jit.Hot)]
        public static void Backward<V>(Real* gates, Real* recurrent, Real* hPrevious, Real* cPrevious, Real* h, Real* c, Real* dy, Real* dh, Real* dc, int stride, int count)
            where V : unmanaged, ILanes<V> => StepBack<Relu, V>(gates, h, dy, dh, count);
    }

    [MethodImpl(Jit.Inlined)]
    static unsafe void StepBack<TOp, V>(Real* gates, Real* h, Real* dy, Real* dh, int count) where TOp : struct, IUnary where V : unmanaged, ILanes<V>
    {
        var j = 0;
        for (; j <= count - V.Count; j += V.Count) StepBackAt<TOp, V>(gates + j, h + j, dy + j, dh + j);
        for (; j < count; j++) StepBackAt<TOp, Lane1>(gates + j, h + j, dy + j, dh + j);
    }

    [MethodImpl(Jit.Inlined)]
    static unsafe void StepBackAt<TOp, V>(Real* gates, Real* h, Real* dy, Real* dh) where TOp : struct, IUnary where V : unmanaged, ILanes<V>
    {
        var y = V.Load(h);
        ((V.Load(dy) + V.Load(dh)) * TOp.Derivative(V.Load(gates), y)).Store(gates);
        V.Of(0).Store(dh);                                                       // all of it goes through the weights
    }
}
