namespace Unroll.Inspection;

/// <summary>What becomes of a gradient on its way back.</summary>
public enum FlowVerdict
{
    /// <summary>It stays within a factor of 100 of what it was.</summary>
    Healthy,

    /// <summary>It falls under 1 % of what it was before it reaches the first step.</summary>
    Vanishing,

    /// <summary>It grows beyond 100 times what it was.</summary>
    Exploding,
}

/// <summary>The gradient of a loss with respect to one state of a layer, step by step.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class StateFlow
{
    const double Least = 0.01, Most = 100;

    readonly bool _backward;

    internal StateFlow(string name, IReadOnlyList<double> norms, bool backward)
    {
        (Name, Norms, _backward) = (name, norms, backward);
        From = backward ? Find(0, 1) : Find(norms.Count - 1, -1);

        int Find(int at, int move)
        {
            while ((uint)at < (uint)norms.Count && norms[at] == 0) at += move;
            return (uint)at < (uint)norms.Count ? at : -1;
        }
    }

    /// <summary>The state: h, c, ….</summary>
    public string Name { get; }

    /// <summary>‖∂L/∂s_k‖ for every step k, over all rows of the batch.</summary>
    public IReadOnlyList<double> Norms { get; }

    /// <summary>The last step, in the order in which the layer reads, that the loss depends on: from there the gradient walks back. −1 where it depends on none.</summary>
    public int From { get; }

    /// <summary>How many steps the gradient walks back.</summary>
    public int Distance => From < 0 ? 0 : _backward ? Norms.Count - 1 - From : From;

    /// <summary>‖∂L/∂s‖ so many steps before <see cref="From"/>, divided by that at it.</summary>
    public double Ratio(int back) => From < 0 ? 0 : Norms[_backward ? From + back : From - back] / Norms[From];

    /// <summary>The ratio at the first step that the layer reads.</summary>
    public double Reaching => Ratio(Distance);

    /// <summary>The factor that a step changes the norm by, as a geometric mean over all steps to the furthest that a gradient reaches at all; 1 where there is none.</summary>
    public double Factor
    {
        get
        {
            var back = Distance;
            while (back > 0 && Ratio(back) == 0) back--;
            return back > 0 ? Math.Pow(Ratio(back), 1.0 / back) : Distance > 0 ? 0 : 1;
        }
    }

    /// <summary>The effective memory length: after how many steps back the norm is first under 1 % of what it was; one more than <see cref="Distance"/> where it never is.</summary>
    public int MemoryLength
    {
        get
        {
            for (var back = 1; back <= Distance; back++)
                if (Ratio(back) < Least) return back;
            return Distance + 1;
        }
    }

    /// <summary>What becomes of the gradient.</summary>
    public FlowVerdict Verdict
    {
        get
        {
            for (var back = 1; back <= Distance; back++)
                if (Ratio(back) > Most) return FlowVerdict.Exploding;
            return Distance > 0 && Reaching < Least ? FlowVerdict.Vanishing : FlowVerdict.Healthy;
        }
    }

    /// <summary>The verdict with its numbers, in English.</summary>
    public override string ToString() => Describe();

    /// <summary>The verdict with its numbers, for people.</summary>
    /// <param name="language"><c>en</c> or <c>ko</c>.</param>
    /// <exception cref="ArgumentException">It is another language.</exception>
    public string Describe(string language = "en")
    {
        if (language is not ("en" or "ko")) Throw.NoSuchLanguage(nameof(language), language);
        var korean = language == "ko";
        if (From < 0) return korean ? $"{Name}에 닿는 기울기가 없음" : $"no gradient reaches {Name}";
        var first = _backward ? Norms.Count - 1 : 0;
        var memory = MemoryLength > Distance
            ? korean ? $"{Distance}단계 동안 1 % 아래로 내려가지 않음" : $"never under 1 % in {Distance} steps"
            : korean ? $"{Distance}단계 가운데 {MemoryLength}단계 만에 1 % 아래로 내려감" : $"under 1 % after {MemoryLength} of {Distance} steps";
        return korean
            ? FormattableString.Invariant($"{VerdictIn(korean)}: ‖∂L/∂{Name}‖는 시점 {From}에서 {Norms[From]:G3}, 시점 {first}에서 {Norms[first]:G3}, 한 단계에 {Factor:F3}배, {memory}")
            : FormattableString.Invariant($"{VerdictIn(korean)}: ‖∂L/∂{Name}‖ is {Norms[From]:G3} at step {From} and {Norms[first]:G3} at step {first}, a factor of {Factor:F3} a step; {memory}");
    }

    /// <summary>The verdict in a word, in English or Korean.</summary>
    internal string VerdictIn(bool korean) => Verdict switch
    {
        FlowVerdict.Vanishing => korean ? "기울기 소실(vanishing)" : "vanishing",
        FlowVerdict.Exploding => korean ? "기울기 폭발(exploding)" : "exploding",
        _ => korean ? "정상(healthy)" : "healthy",
    };
}
