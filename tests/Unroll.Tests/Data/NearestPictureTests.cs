using Unroll.Data;

namespace Unroll.Tests.Data;

public class NearestPictureTests
{
    static PictureCaption Known(string name, params float[] values) => new(new(values, 2, 2, channels: 1), name, null, name);

    [Fact]
    public void The_least_sum_of_squares_wins_and_the_first_of_equals()
    {
        PictureCaption[] known = [new(new([1, 1], 1, 2), "another size", null, ""), Known("far", 0, 0, 0, 9), Known("near", 0, 0, 4, 4), Known("as near", 0, 0, 4, 4)];
        Assert.Equal("near", NearestPicture.Of(new([0, 0, 3, 3], 2, 2), known).Caption);
        Assert.Equal("far", NearestPicture.Of(new([0, 0, 0, 8], 2, 2), known).Caption);
        Assert.Contains("3 rows of 1 numbers", Assert.ThrowsAny<UnrollException>(() => NearestPicture.Of(new([0, 0, 3], 3, 1), known)).Message);
    }

    [Fact]
    public void Pixels_have_one_scale_for_each_channel()
    {
        Series[] pictures = [new([0, 10, 4, 30], 1, 4, channels: 2), new([2, 20, 6, 40], 1, 4, channels: 2)];
        // Channel 0 has 0, 4, 2, 6: mean 3, deviation √5; channel 1 has 10, 30, 20, 40: mean 25, deviation √125.
        var scaled = FeatureScales.MeasurePictures(pictures).Apply(pictures[0], 1);
        Assert.Equal([-3 / Math.Sqrt(5), -15 / Math.Sqrt(125), 1 / Math.Sqrt(5), 5 / Math.Sqrt(125)], scaled.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.NotEqual(scaled, FeatureScales.Measure(pictures).Apply(pictures[0], 1));
    }
}
