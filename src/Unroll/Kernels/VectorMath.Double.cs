#if REAL64
namespace Unroll.Kernels;

/// <summary>The functions of VectorMath.cs in double, through <see cref="Math"/>: for checking derivatives.</summary>
internal static unsafe class VectorMath
{
    public static V Exp<V>(V x) where V : unmanaged, ILanes<V> => Map(x, Math.Exp);
    public static V Log<V>(V x) where V : unmanaged, ILanes<V> => Map(x, Math.Log);
    public static V Tanh<V>(V x) where V : unmanaged, ILanes<V> => Map(x, Math.Tanh);
    public static V Sigmoid<V>(V x) where V : unmanaged, ILanes<V> => Map(x, static x => 1 / (1 + Math.Exp(-x)));

    public static V Softplus<V>(V x) where V : unmanaged, ILanes<V> => Map(x, static x =>
    {
        var u = Math.Exp(-Math.Abs(x));
        var v = 1 + u;                      // log(1+u) = log(v)·u/(v−1): the rounding of v cancels (W. Kahan)
        return Math.Max(x, 0) + (v == 1 ? u : Math.Log(v) * u / (v - 1));
    });

    static V Map<V>(V x, Func<double, double> function) where V : unmanaged, ILanes<V>
    {
        var lanes = stackalloc double[V.Count];
        x.Store(lanes);
        for (var i = 0; i < V.Count; i++) lanes[i] = function(lanes[i]);
        return V.Load(lanes);
    }
}
#endif
