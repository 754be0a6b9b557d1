namespace Unroll.Cli.Predictions;

/// <summary>Says what a model thinks of texts and of what is in files.</summary>
abstract class Predictor
{
    /// <summary>How many sequences are worked on at once: so many make batches of like lengths, and some for every thread.</summary>
    public const int Together = 1024;

    /// <summary>Predictions for texts, in their order.</summary>
    /// <exception cref="UnrollException">The model reads no texts.</exception>
    public abstract IReadOnlyList<Prediction> OfTexts(IReadOnlyList<string> texts);

    /// <summary>Predictions for everything in files, in order, as they are made.</summary>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    public abstract IEnumerable<Prediction> OfFiles(IReadOnlyList<string> paths);
}
