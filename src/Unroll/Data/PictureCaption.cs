namespace Unroll.Data;

/// <summary>A picture, or what is known of one as numbers, and the text that says what it shows.</summary>
/// <param name="Picture">Its rows as steps, or a single step of features.</param>
/// <param name="Caption">The text. It may be empty.</param>
/// <param name="Part">Which part of the set it belongs to, such as <c>train</c> or <c>test</c>; null where the set is not split.</param>
/// <param name="Place">Where the caption stands, as a message names it: the file and the line.</param>
public sealed record PictureCaption(Series Picture, string Caption, string? Part, string Place);
