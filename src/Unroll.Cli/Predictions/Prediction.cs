namespace Unroll.Cli.Predictions;

/// <summary>What a model says of one sequence.</summary>
/// <param name="Json">For programs: one object, on a line.</param>
/// <param name="Answer">For people: the label or tags, in a few words.</param>
/// <param name="Choices">The names that could have been answered with their probabilities, best first; none where there is one for every word.</param>
/// <param name="Pieces">The text, piece after piece; together they are the whole of it. None of a series.</param>
/// <param name="Source">What the sequence is called where there is no text to show.</param>
sealed record Prediction(
    string Json, string Answer, IReadOnlyList<(string Name, double Probability)> Choices, IReadOnlyList<Piece> Pieces, string Source);

/// <summary>A part of a text.</summary>
/// <param name="Text">The part; between words it may be blanks.</param>
/// <param name="Weight">How much it mattered, from −1 (against the answer) to 1 (for it); the most significant part of the text has 1 or −1.</param>
/// <param name="Note">What stands beside it, such as its tag; empty for nothing.</param>
readonly record struct Piece(string Text, double Weight, string Note = "");
