using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>How a model answers.</summary>
public sealed record PredictionOptions
{
    /// <summary>How files are read, where it is not as in the training.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>What the weights of words are; null for the model's best where they are shown, else none.</summary>
    public string? Explain { get; init; }

    /// <summary>Whether weights of words are wanted where nothing is said of them.</summary>
    public bool Explains { get; init; }

    /// <summary>The class that is explained; null for the likeliest.</summary>
    public string? Class { get; init; }

    /// <summary>The task that is answered, of a model of several; null where there is one.</summary>
    public string? Task { get; init; }

    /// <summary>How many sequences of tags to tell of each sentence; null for one.</summary>
    public int? Best { get; init; }
}

/// <summary>What a model says of one sequence.</summary>
/// <param name="Json">For programs.</param>
/// <param name="Answer">For people: the label or tags, in a few words.</param>
/// <param name="Choices">The names that could have been answered with their probabilities, best first; none where there is one for every word.</param>
/// <param name="Pieces">The text, piece after piece; together they are the whole of it. None of a series.</param>
/// <param name="Source">What the sequence is called where there is no text to show.</param>
public sealed record Prediction(
    JsonObject Json, string Answer, IReadOnlyList<(string Name, double Probability)> Choices, IReadOnlyList<Piece> Pieces, string Source);

/// <summary>A part of a text.</summary>
/// <param name="Text">The part; between words it may be blanks.</param>
/// <param name="Weight">How much it mattered, from −1 (against the answer) to 1 (for it); the most significant part of the text has 1 or −1.</param>
/// <param name="Note">What stands beside it, such as its tag; empty for nothing.</param>
public readonly record struct Piece(string Text, double Weight, string Note = "");

/// <summary>Says what a model thinks of texts and of what is in files.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public abstract class Predictor
{
    /// <summary>The format of texts, one a line.</summary>
    public const string Lines = "lines";

    /// <summary>How many sequences are worked on at once: so many make batches of like lengths, and some for every thread.</summary>
    public const int Together = 1024;

    /// <summary>How files and lines are read.</summary>
    public virtual ReadingOptions Reading { get; } = new();

    /// <summary>Predictions for texts, in their order.</summary>
    /// <exception cref="UnrollException">The model reads no texts.</exception>
    public abstract IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts);

    /// <summary>Predictions for everything in files, in order, as they are made.</summary>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    public abstract IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths);

    /// <summary>The lines of a file, so many at once; it is never in memory as a whole, unless it is packed or a pipe.</summary>
    /// <exception cref="UnrollException">The file cannot be read, is empty or is not of the encoding.</exception>
    public static IEnumerable<string[]> LinesOf(string path, System.Text.Encoding? encoding)
    {
        using var stream = TextFile.OpenRead(path);
        var empty = true;
        foreach (var some in TextLines.Read(new StrictReader(stream, encoding, path)).Chunk(Together))
        {
            empty = false;
            yield return some;
        }
        if (empty) Throw.FileEmpty(path);
    }
}
