namespace Unroll.Data;

/// <summary>Describes pictures by their edges: how much of each direction there is in every square of pixels, and the square's mean colour.</summary>
/// <remarks>
/// Histograms of oriented gradients (Dalal and Triggs 2005, section 6), which tell shapes apart where pixels only tell places. With x the channel that changes most at a
/// pixel,
/// <code>
/// g = (x[u+1, v] − x[u−1, v], x[u, v+1] − x[u, v−1]) / 2        θ = the angle of g, as a line has it: from 0 to π
/// h[square, b] = √ Σ |g| · near(θ, b) · near(u, v, square)       b = 1 … 8, directions π/8 apart
/// </code>
/// where a pixel's share goes to the two nearest directions and the four nearest squares, the more the nearer; beyond a side the picture goes on as it ends. The root
/// takes the place of the paper's norm over blocks: a few strong edges do not drown the rest.
/// </remarks>
internal static class OrientedGradients
{
    /// <summary>B, how many directions are told apart.</summary>
    public const int Directions = 8;

    /// <summary>The squares along <paramref name="pixels"/> pixels; the last may reach beyond.</summary>
    /// <param name="pixels">At least 1.</param>
    /// <param name="side">The pixels along a square, at least 1.</param>
    public static int Squares(int pixels, int side) => (pixels + side - 1) / side;

    /// <summary>What is seen in a picture: rows of squares, of each its B directions and the mean of its C channels.</summary>
    /// <param name="picture">[H, W·C]; its numbers of a pixel are its <see cref="Series.Channels"/>.</param>
    /// <param name="side">The pixels along a square, at least 1.</param>
    /// <returns>[⌈H/side⌉, ⌈W/side⌉·(B + C)], with B + C channels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1.</exception>
    public static Series Of(Series picture, int side)
    {
        if (side < 1) Throw.OutOfRange(nameof(side), side, "at least 1");
        var (height, width, channels) = (picture.Steps, picture.Features / picture.Channels, picture.Channels);
        var (rows, columns, kinds) = (Squares(height, side), Squares(width, side), Directions + channels);
        var found = new Real[rows * columns * kinds];
        var weights = new Real[rows * columns];
        for (var y = 0; y < height; y++)
        {
            var (top, topShare) = Nearest(y, side, rows);
            var (above, below) = (Math.Max(y - 1, 0), Math.Min(y + 1, height - 1));
            for (var x = 0; x < width; x++)
            {
                var (left, leftShare) = Nearest(x, side, columns);
                var pixel = picture[y].Slice(x * channels, channels);
                var (across, down) = Steepest(picture[y], picture[above], picture[below], x, width, channels);
                var length = Real.Sqrt(across * across + down * down);
                var turn = (Real)(Math.Atan2(down, across) / Math.PI);                      // −1 … 1; a line has no sense, so 1 is 0
                var direction = (turn < 0 ? turn + 1 : turn) * Directions;
                var (first, share) = ((int)direction, direction - (int)direction);
                for (var square = 0; square < 4; square++)
                {
                    var (row, column) = (top + square / 2, left + square % 2);
                    if (row >= rows || column >= columns) continue;
                    var weight = (square / 2 == 0 ? topShare : 1 - topShare) * (square % 2 == 0 ? leftShare : 1 - leftShare);
                    var at = found.AsSpan((row * columns + column) * kinds, kinds);
                    at[first % Directions] += weight * length * (1 - share);
                    at[(first + 1) % Directions] += weight * length * share;
                    for (var c = 0; c < channels; c++) at[Directions + c] += weight * pixel[c];
                    weights[row * columns + column] += weight;
                }
            }
        }
        for (var i = 0; i < weights.Length; i++)
        {
            var square = found.AsSpan(i * kinds, kinds);
            for (var b = 0; b < Directions; b++) square[b] = Real.Sqrt(square[b]);
            for (var c = Directions; c < kinds; c++) square[c] /= weights[i];
        }
        return new(found, rows, columns * kinds, kinds);
    }

    /// <summary>The first of the two squares whose middles are nearest, and its share; the other's is what is left of 1.</summary>
    static (int Square, Real Share) Nearest(int pixel, int side, int squares)
    {
        var place = (pixel + (Real)0.5) / side - (Real)0.5;
        if (place <= 0) return (0, 1);
        return (int)place >= squares - 1 ? (squares - 1, 1) : ((int)place, 1 - (place - (int)place));
    }

    /// <summary>The gradient of the channel in which it is the longest.</summary>
    static (Real Across, Real Down) Steepest(ReadOnlySpan<Real> row, ReadOnlySpan<Real> above, ReadOnlySpan<Real> below, int x, int width, int channels)
    {
        var (across, down, most) = ((Real)0, (Real)0, (Real)0);
        var (before, at, after) = (Math.Max(x - 1, 0) * channels, x * channels, Math.Min(x + 1, width - 1) * channels);
        for (var c = 0; c < channels; c++)
        {
            var (dx, dy) = ((row[after + c] - row[before + c]) / 2, (below[at + c] - above[at + c]) / 2);
            var squared = dx * dx + dy * dy;
            if (squared > most) (across, down, most) = (dx, dy, squared);
        }
        return (across, down);
    }
}
