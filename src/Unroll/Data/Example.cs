namespace Unroll.Data;

/// <summary>A sequence and what it belongs to: a text or a series, with its labels.</summary>
public sealed record Example
{
    /// <summary>The text, or null where the sequence is a <see cref="Series"/>.</summary>
    public string? Text { get; init; }

    /// <summary>The numbers, or null where the sequence is a <see cref="Text"/>.</summary>
    public Series? Series { get; init; }

    /// <summary>Its labels: one as a rule, several where classes do not exclude each other, none where they are not known.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Where it stands, as a message names it: the file, and the line or the place within.</summary>
    public required string Source { get; init; }
}
