using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

public class ShapeTests
{
    [Fact]
    public void Sizes_rows_and_columns()
    {
        Assert.Equal((0, 1, 1, 1), Of(new()));
        Assert.Equal((1, 5, 1, 5), Of(new(5)));
        Assert.Equal((2, 15, 3, 5), Of(new(3, 5)));
        Assert.Equal((3, 30, 6, 5), Of(new(2, 3, 5)));
        Assert.Equal((4, 210, 42, 5), Of(new(7, 2, 3, 5)));
        Assert.Equal((2, 0, 3, 0), Of(new(3, 0)));
        Assert.Equal((3, 0, 0, 5), Of(new(0, 3, 5)));

        static (int, int, int, int) Of(Shape s) => (s.Rank, s.Count, s.Rows, s.Columns);
    }

    [Fact]
    public void Dimensions_can_be_read_and_changed_from_both_ends()
    {
        var s = new Shape(7, 2, 3, 5);
        Assert.Equal((7, 5, 3), (s[0], s[^1], s[2]));
        Assert.Equal(new(7, 2, 3, 9), s.WithColumns(9));
        Assert.Equal(new(9, 2, 3, 5), s.WithFirst(9));
        Assert.Equal(new(2, 3, 5), s.WithoutFirst());
        Assert.Equal(new(7, 2, 3), s.WithoutLast());
        Assert.Equal(new(), new Shape(4).WithoutLast());
        Assert.Equal(s, Shape.From(s.ToArray()));
        Assert.Equal("[7, 2, 3, 5]", s.ToString());
        Assert.Equal("[]", new Shape().ToString());
        Assert.NotEqual(new Shape(1, 5), new Shape(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => s[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape()[0]);
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Assert.Contains("negative", Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(3, -1)).Message);
        Assert.Contains("elements", Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(65536, 65536)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(2048, 2048, 2048, 2048));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shape.From([1, 1, 1, 1, 1]));
    }
}
