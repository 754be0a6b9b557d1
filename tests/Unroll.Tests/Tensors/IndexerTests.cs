using System.Reflection;
using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tests.Tensors;

/// <summary>An index from the end counts the parts of the outermost dimension, not the elements.</summary>
public class IndexerTests
{
    static readonly Tensor Sequence = Tensor.From([.. Enumerable.Range(0, 12).Select(i => (float)i)], new(3, 2, 2));

    [Fact]
    public void The_last_part_is_that_of_the_outermost_dimension()
    {
        Assert.Equal(new Shape(2, 2), Sequence[^1].Shape);
        Assert.Equal([8f, 9, 10, 11], Sequence[^1].ToArray());
        Assert.Equal([0f, 1, 2, 3], Sequence[^3].ToArray());
        Assert.Equal(Sequence[1].ToArray(), Sequence[new Index(1)].ToArray());
    }

    [Fact]
    public void A_part_that_is_not_there_is_refused()
    {
        foreach (var index in new[] { ^0, ^4, new Index(3) }) Assert.Contains("[3, 2, 2]", Assert.Throws<ArgumentOutOfRangeException>(() => Sequence[index]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros(default)[^1]);
    }

    /// <summary>Where a type has an indexer by int alone, C# counts an index from the end from its Count or Length: that must be the number of what is indexed.</summary>
    [Fact]
    public void No_type_counts_one_thing_and_indexes_another()
    {
        string[] counted = ["State", "TensorList"];                                 // their Count is that of the tensors, which they index
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var found = typeof(Tensor).Assembly.GetTypes().Where(t =>
            Has(t, typeof(int)) && !Has(t, typeof(Index)) && (t.GetProperty("Count", Own) ?? t.GetProperty("Length", Own)) is not null && !t.GetInterfaces().Any(i => i.Name.StartsWith("IReadOnlyList", StringComparison.Ordinal)));
        Assert.Equal(counted, found.Select(t => t.Name).Order(StringComparer.Ordinal));

        static bool Has(Type type, Type parameter) => type.GetProperties(Own).Any(p => p.GetIndexParameters() is [var only] && only.ParameterType == parameter);
    }

    [Fact]
    public void The_last_column_of_a_series_is_the_last()
    {
        var series = new TimeSeries("s", [[1.0, 2, 3], [4, 5, 6]], null, null);
        Assert.Equal([4.0, 5, 6], series[^1].ToArray());
    }
}
