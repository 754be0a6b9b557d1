using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Layers;

public sealed partial class CoupledLstmCell
{
    /// <summary>The pointwise part of a step, forward and backward.</summary>
    internal readonly unsafe struct Unit : ICoupledUnit
    {
        public static bool HasMemory => true;
        public static int Kept => 4;                     // i, f, g, o
        public static int OwnParts => 3;                 // i, f, o
        public static (int Candidate, int Gate) InputParts => (2, 4);

        [MethodImpl(Jit.Inlined)]
        public static void Forward<V>(V candidate, in CoupledUnit at, int j) where V : unmanaged, ILanes<V>
        {
            Real* x = at.Input + j, own = at.Own + j, v = at.Peepholes + j, kept = at.Kept + j;
            int stride = at.Stride, size = at.Size;
            var before = V.Load(at.CPrevious + j);
            var i = VectorMath.Sigmoid(V.Fma(before, V.Load(v), V.Load(x) + V.Load(own)));
            var f = VectorMath.Sigmoid(V.Fma(before, V.Load(v + stride), V.Load(x + stride) + V.Load(own + size)));
            var g = VectorMath.Tanh(candidate);
            var memory = V.Fma(f, before, i * g);
            var o = VectorMath.Sigmoid(V.Fma(memory, V.Load(v + 2 * stride), V.Load(x + 3 * stride) + V.Load(own + 2 * size)));
            i.Store(kept);
            f.Store(kept + stride);
            g.Store(kept + 2 * stride);
            o.Store(kept + 3 * stride);
            memory.Store(at.C + j);
            (o * VectorMath.Tanh(memory)).Store(at.H + j);
        }

        [MethodImpl(Jit.Inlined)]
        public static V Backward<V>(in CoupledUnit at, int j) where V : unmanaged, ILanes<V>
        {
            Real* dx = at.DInput + j, own = at.Own + j, v = at.Peepholes + j, kept = at.Kept + j;
            int stride = at.Stride, size = at.Size;
            var one = V.Of(1);
            V i = V.Load(kept), f = V.Load(kept + stride), g = V.Load(kept + 2 * stride), o = V.Load(kept + 3 * stride);
            var tanh = VectorMath.Tanh(V.Load(at.C + j));
            var d = V.Load(at.DH + j);
            var dOut = d * tanh * (o * (one - o));
            var memory = V.Fma(dOut, V.Load(v + 2 * stride), V.Fma(d * o, one - tanh * tanh, V.Load(at.DC + j)));        // the gradient of c′
            var dIn = memory * g * (i * (one - i));
            var dForget = memory * V.Load(at.CPrevious + j) * (f * (one - f));
            dIn.Store(own);
            dForget.Store(own + size);
            dOut.Store(own + 2 * size);
            CoupledUnit.AddTo(dx, dIn);
            CoupledUnit.AddTo(dx + stride, dForget);
            CoupledUnit.AddTo(dx + 3 * stride, dOut);
            CoupledUnit.AddTo(at.DCPrevious + j, V.Fma(dIn, V.Load(v), V.Fma(dForget, V.Load(v + stride), memory * f)));
            return memory * i * (one - g * g);
        }
    }
}

public sealed partial class CoupledGruCell
{
    /// <summary>The pointwise part of a step, forward and backward.</summary>
    internal readonly unsafe struct Unit : ICoupledUnit
    {
        public static bool HasMemory => false;
        public static int Kept => 2;                     // z, n
        public static int OwnParts => 1;                 // z
        public static (int Candidate, int Gate) InputParts => (2, 0);

        [MethodImpl(Jit.Inlined)]
        public static void Forward<V>(V candidate, in CoupledUnit at, int j) where V : unmanaged, ILanes<V>
        {
            var z = VectorMath.Sigmoid(V.Load(at.Input + at.Stride + j) + V.Load(at.Own + j));
            var n = VectorMath.Tanh(candidate);
            z.Store(at.Kept + j);
            n.Store(at.Kept + at.Stride + j);
            V.Fma(z, V.Load(at.HPrevious + j) - n, n).Store(at.H + j);
        }

        [MethodImpl(Jit.Inlined)]
        public static V Backward<V>(in CoupledUnit at, int j) where V : unmanaged, ILanes<V>
        {
            var one = V.Of(1);
            V z = V.Load(at.Kept + j), n = V.Load(at.Kept + at.Stride + j), d = V.Load(at.DH + j);
            var dz = d * (V.Load(at.HPrevious + j) - n) * (z * (one - z));
            dz.Store(at.Own + j);
            CoupledUnit.AddTo(at.DInput + at.Stride + j, dz);
            CoupledUnit.AddTo(at.DHPrevious + j, d * z);
            return d * (one - z) * (one - n * n);
        }
    }
}
