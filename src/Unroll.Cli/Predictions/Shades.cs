using Spectre.Console;
using Unroll.Tasks;

namespace Unroll.Cli.Predictions;

/// <summary>Shows predictions to people: words are shaded, the more the darker; without colours the most significant ones are named.</summary>
static class Shades
{
    const int Levels = 6, MostChoices = 5, MostWords = 10;

    public static void Show(IAnsiConsole console, Prediction prediction)
    {
        if (prediction.Answer.Length > 0)
        {
            console.Write(new Text(prediction.Answer, new Style(decoration: Decoration.Bold)));
            var others = prediction.Choices.Skip(1).Take(MostChoices - 1).Select(c => $"{c.Name} {c.Probability:F3}");
            console.WriteLine($"  {prediction.Choices.FirstOrDefault().Probability:F3}" + (others.Any() ? $"   ({string.Join(", ", others)})" : ""));
        }
        if (prediction.Pieces.Count == 0)
        {
            console.WriteLine(prediction.Source);
            return;
        }
        var line = new Paragraph();
        foreach (var piece in prediction.Pieces)
        {
            line.Append(piece.Text, StyleOf(piece.Weight));
            if (piece.Note.Length > 0) line.Append($"/{piece.Note}", new Style(Color.Grey));
        }
        console.Write(line);
        console.WriteLine();
        if (console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors && prediction.Pieces.Any(p => p.Weight != 0 && p.Note.Length == 0))
            console.WriteLine($"most significant: {string.Join(", ", prediction.Pieces.Where(p => p.Weight != 0).OrderByDescending(p => Math.Abs(p.Weight)).Take(MostWords).Select(p => $"{p.Text.Trim()} {p.Weight:F2}"))}");
        console.WriteLine();
    }

    /// <summary>Black on amber, or on blue what speaks against the answer, from pale to deep: it can be read on light and dark terminals alike.</summary>
    static Style StyleOf(double weight)
    {
        var level = (int)Math.Ceiling(Math.Abs(weight) * Levels) - 1;
        if (level <= 0) return Style.Plain;
        var depth = (double)level / (Levels - 1);
        var (strong, weak) = ((byte)(245 - 100 * depth), (byte)(215 - 200 * depth));
        return new(Color.Black, weight > 0 ? new Color(255, strong, weak) : new Color(weak, strong, 255));
    }
}
