using Unroll.Kernels;

namespace Unroll.Tensors;

public static unsafe partial class Ops
{
    /// <summary>
    /// Sets each element to 0 with probability p and divides the others by 1 − p (Srivastava 2014, inverted), while a tape records with dropout; x itself
    /// otherwise. dx = dy ⊙ the same mask, which is computed again from the random numbers rather than kept.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="p">From 0 to below 1.</param>
    /// <param name="rng">Where the mask comes from; moves on by one number for each of its elements.</param>
    /// <param name="sameForAllSteps">One mask for every step of a sequence: the outermost dimension shares it (variational; Gal and Ghahramani 2016).</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of range.</exception>
    public static Tensor Dropout(Tensor x, double p, Rng rng, bool sameForAllSteps = false)
    {
        if (p is not (>= 0 and < 1)) Throw.OutOfRange(nameof(p), p, "from 0 to below 1");
        if (p == 0 || !Tape.Drops) return x;
        var y = Tensor.New(x.Shape);
        var places = sameForAllSteps && x.Shape.Rank > 1 ? x.Shape.WithoutFirst().Count : x.Count;
        var mask = rng.Skip(places);
        Drop(x.Values, y.Values, mask, places, (Real)p, add: false);
        if (Tape.Records(y, x)) Tape.Push<DropoutNode>().Set(x, y, mask, places, (Real)p);
        return y;
    }

    /// <summary>
    /// The mask of a dropout by itself: 0 with probability p and 1/(1 − p) otherwise, while a tape records with dropout; none otherwise.
    /// <paramref name="rng"/> moves on by one number for each element.
    /// </summary>
    internal static Tensor DropoutMask(Shape shape, double p, Rng rng)
    {
        if (p == 0 || !Tape.Drops) return default;
        var mask = Tensor.New(shape);
        fixed (Real* y = mask) ThreadTeam.Run(new DropoutMaskKernel { Y = y, Mask = rng.Skip(mask.Count), P = (Real)p }, mask.Count, PointwiseGrain);
        return mask;
    }

    static void Drop(ReadOnlySpan<Real> from, Span<Real> to, RngState mask, int places, Real p, bool add)
    {
        var repeats = places == 0 ? 0 : from.Length / places;
        fixed (Real* x = from, y = to)
        {
            var kernel = new DropoutKernel { X = x, Y = y, Mask = mask, Places = places, Repeats = repeats, P = p, Add = add };
            ThreadTeam.Run(kernel, places, PointwiseGrain / Math.Max(1, repeats));
        }
    }

    sealed class DropoutNode : Node
    {
        Tensor _x, _y;
        RngState _mask;
        int _places;
        Real _p;

        public void Set(Tensor x, Tensor y, RngState mask, int places, Real p) => (_x, _y, _mask, _places, _p) = (x, y, mask, places, p);

        public override void Backward()
        {
            var dx = _x.Data.GradientOrFresh(out var fresh);
            Drop(_y.Data.Gradient(), dx, _mask, _places, _p, add: !fresh);
        }
    }
}
