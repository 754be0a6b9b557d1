namespace Unroll.Data;

/// <summary>
/// Finds the known picture that is most like another, number by number: argmin_k Σᵢ (xᵢ − kᵢ)². Its caption is what comes of memory alone, the least that
/// a model has to surpass.
/// </summary>
internal static class NearestPicture
{
    /// <summary>The nearest of known pictures, the first of several.</summary>
    /// <param name="picture">A picture.</param>
    /// <param name="known">At least one picture; those of another size are passed over.</param>
    /// <exception cref="UnrollException">None has the picture's size.</exception>
    public static PictureCaption Of(Series picture, IReadOnlyList<PictureCaption> known)
    {
        var (nearest, least) = (default(PictureCaption), double.PositiveInfinity);
        foreach (var candidate in known)
        {
            if (candidate.Picture.Steps != picture.Steps || candidate.Picture.Features != picture.Features) continue;
            var distance = 0.0;
            for (var row = 0; row < picture.Steps && distance < least; row++) distance += Distance(picture[row], candidate.Picture[row]);
            if (distance < least) (nearest, least) = (candidate, distance);
        }
        if (nearest is null) Throw.NoPictureOfSize(picture.Steps, picture.Features);
        return nearest!;
    }

    static double Distance(ReadOnlySpan<Real> a, ReadOnlySpan<Real> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }
}
