using Unroll.Kernels;

namespace Unroll.Bench;

/// <summary>Twelve sums of products of what is in registers: as many multiply-adds a second as a core does, at the width that kernels run with.</summary>
unsafe struct PeakKernel : IKernel
{
    const int Sums = 12;

    public float* To;               // 12 registers

    /// <summary>Operations of a run of so many steps.</summary>
    public static double Operations(int steps) => 2.0 * Sums * Simd.Lanes * steps;

    public readonly void Run<V>(int from, int to) where V : unmanaged, ILanes<V>
    {
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        V c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
        V x = V.Of(0.5f), y = V.Of(1);
        for (var i = from; i < to; i++)
        {
            c0.AddProduct(x, y); c1.AddProduct(x, y); c2.AddProduct(x, y); c3.AddProduct(x, y); c4.AddProduct(x, y); c5.AddProduct(x, y);
            c6.AddProduct(x, y); c7.AddProduct(x, y); c8.AddProduct(x, y); c9.AddProduct(x, y); c10.AddProduct(x, y); c11.AddProduct(x, y);
        }
        c0 = c0 + c1 + (c2 + c3) + (c4 + c5) + (c6 + c7) + (c8 + c9) + (c10 + c11);
        c0.Store(To);
    }
}
