using System.Diagnostics;

namespace Unroll.Data;

/// <summary>What the values of a column are.</summary>
public enum TimeSeriesColumnKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>One of a list of texts, by its place in the list.</summary>
    Category,
}

/// <summary>A column of a <see cref="TimeSeriesTable"/>.</summary>
/// <remarks>Immutable: safe for use by several threads.</remarks>
[DebuggerDisplay("{Name,nq} ({Kind,nq})")]
public sealed class TimeSeriesColumn
{
    /// <summary>A column of numbers.</summary>
    /// <param name="name">Its name; not empty.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public TimeSeriesColumn(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("A column needs a name.", nameof(name));
        (Name, Categories) = (name, []);
    }

    /// <summary>A column of categories.</summary>
    /// <param name="name">Its name; not empty.</param>
    /// <param name="categories">The texts; a value is the place of one, from 0.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public TimeSeriesColumn(string name, IReadOnlyList<string> categories) : this(name) => (Kind, Categories) = (TimeSeriesColumnKind.Category, categories);

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Numbers or categories.</summary>
    public TimeSeriesColumnKind Kind { get; }

    /// <summary>The texts of a column of categories; none for numbers.</summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Whether values are places in <see cref="Categories"/>.</summary>
    public bool IsCategory => Kind == TimeSeriesColumnKind.Category;

    /// <summary>The name and the kind.</summary>
    public override string ToString() => IsCategory ? $"{Name} ({Categories.Count} categories)" : Name;
}
