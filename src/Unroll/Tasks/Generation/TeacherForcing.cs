namespace Unroll.Tasks;

/// <summary>How often a decoder in training reads the right token rather than its own last choice (scheduled sampling, Bengio 2015).</summary>
/// <remarks>
/// The ratio at batch i:
/// <code>
/// constant           ε₀
/// linear             max(least, ε₀ − r·i)
/// exponential        max(least, ε₀·rⁱ)
/// inverse-sigmoid    max(least, ε₀·r/(r + e^(i/r)))
/// </code>
/// </remarks>
public sealed record TeacherForcing
{
    /// <summary>The schedules by name.</summary>
    public static IReadOnlyList<string> Schedules { get; } = ["constant", "linear", "exponential", "inverse-sigmoid"];

    /// <summary>One of <see cref="Schedules"/>. Default constant.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>ε₀, from 0 to 1; at 1 a constant schedule always reads the right token. Default 1.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>r: for linear what is lost a batch, at least 0; for exponential what remains, above 0 to 1; for inverse-sigmoid the pace, at least 1. Default 1.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>The least ratio, from 0 to 1; not for constant. Default 0.</summary>
    public double Least { get; init; }

    /// <summary>The probability of the right token after so many batches.</summary>
    public double RatioAt(long batch) => Schedule switch
    {
        "linear" => Math.Max(Least, Ratio - Rate * batch),
        "exponential" => Math.Max(Least, Ratio * Math.Pow(Rate, batch)),
        "inverse-sigmoid" => Math.Max(Least, Ratio * Rate / (Rate + Math.Exp(batch / Rate))),
        _ => Ratio,
    };

    /// <exception cref="UnrollException">The schedule is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    internal void Check()
    {
        if (!Schedules.Contains(Schedule)) Throw.UnknownForcing(Schedule, Schedules);
        if (Ratio is not (>= 0 and <= 1)) Throw.OutOfRange(nameof(Ratio), Ratio, "from 0 to 1");
        if (Least is not (>= 0 and <= 1)) Throw.OutOfRange(nameof(Least), Least, "from 0 to 1");
        if (Schedule == "linear" && !(Rate >= 0)) Throw.OutOfRange(nameof(Rate), Rate, "at least 0 for linear");
        if (Schedule == "exponential" && Rate is not (> 0 and <= 1)) Throw.OutOfRange(nameof(Rate), Rate, "above 0, at most 1 for exponential");
        if (Schedule == "inverse-sigmoid" && !(Rate >= 1)) Throw.OutOfRange(nameof(Rate), Rate, "at least 1 for inverse-sigmoid");
    }
}
