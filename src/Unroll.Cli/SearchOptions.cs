using System.CommandLine;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>The options that say how a text is chosen from the scores of its tokens.</summary>
sealed class SearchOptions
{
    /// <summary>α of the length penalty where there is a beam: without one, short texts win.</summary>
    public const double UsualLengthPenalty = 1;

    readonly Option<int> _beam = CommonOptions.Of("--beam", "K", "Keep the K likeliest beginnings at every step; 1 takes the likeliest token each time.", 1).Within(1, 1000);
    readonly Option<double> _lengthPenalty = CommonOptions.Of("--length-penalty", "A", "With a beam: above 0 favours longer texts.", UsualLengthPenalty).Within(0, 100);
    readonly Option<double> _coveragePenalty = CommonOptions.Of("--coverage-penalty", "B", "With a beam: above 0 favours texts that look at all they read.", 0.0).Within(0, 100);
    readonly Option<int> _block = CommonOptions.Of("--block-ngrams", "N", "No N tokens in a row twice; 0 for no such rule.", 0).Within(0, int.MaxValue);
    readonly Option<int> _minLength = CommonOptions.Of("--min-length", "N", "The fewest tokens of a text.", 0).Within(0, 10_000);
    readonly Option<int> _maxLength = CommonOptions.Of("--max-length", "N", "The most tokens of a text; of a text that is read also no more than three for each of its own, and ten.", new DecodingOptions().MaxLength).Within(1, 10_000);
    readonly Option<int> _best = CommonOptions.Of("--best", "N", "Give the N best texts, at most as many as the beam has; with --sample, N texts.", 1).Within(1, 1000);
    readonly Option<bool> _sample = new("--sample") { Description = "Draw tokens by their probabilities in place of searching." };
    readonly Option<double> _temperature = CommonOptions.Of("--temperature", "T", "With --sample: below 1 bolder, above 1 wilder.", 1.0).Within(0, 100);
    readonly Option<int> _topK = CommonOptions.Of("--top-k", "K", "With --sample: draw from the K likeliest tokens only; 0 for all.", 0).Within(0, int.MaxValue);
    readonly Option<double> _topP = CommonOptions.Of("--top-p", "P", "With --sample: draw from the likeliest tokens that together reach P only.", 1.0).Within(0, 1, exclusive: true);
    readonly Option<ulong> _seed = CommonOptions.Of("--seed", "N", "With --sample: the same seed draws the same texts.", 1UL).Within(0, ulong.MaxValue);

    /// <summary>All.</summary>
    public IReadOnlyList<Option> All => [_best, .. ForOne];

    /// <summary>Those that make sense where one text is wanted.</summary>
    public IReadOnlyList<Option> ForOne => [.. Beam, _coveragePenalty, _block, _minLength, _maxLength, _sample, _temperature, _topK, _topP, _seed];

    /// <summary>Those of a search that is measured.</summary>
    public IReadOnlyList<Option> Beam => [_beam, _lengthPenalty];

    /// <summary>How many texts are wanted of each input.</summary>
    public int Best(ParseResult parsed) => parsed.Given(_best) ? parsed.GetValue(_best) : 1;

    /// <summary>The random numbers to draw by.</summary>
    public Rng Rng(ParseResult parsed) => new(parsed.GetValue(_seed));

    /// <summary>What cannot stand together.</summary>
    public IEnumerable<string> Problems(ParseResult parsed)
    {
        var (beam, sample, max) = (parsed.GetValue(_beam), parsed.GetValue(_sample), parsed.GetValue(_maxLength));
        return
        [
            .. parsed.Refuse(_beam, sample, "--sample draws tokens and does not search"),
            .. parsed.Refuse(_lengthPenalty, beam == 1, "there is no --beam, so nothing to compare"),
            .. parsed.Refuse(_coveragePenalty, beam == 1, "there is no --beam, so nothing to compare"),
            .. new Option[] { _temperature, _topK, _topP, _seed }.SelectMany(o => parsed.Refuse(o, !sample, "there is no --sample")),
            .. parsed.Refuse(_best, !sample && Best(parsed) > beam, $"{Best(parsed)} are more than the beam of {beam} has"),
            .. parsed.Refuse(_minLength, parsed.GetValue(_minLength) > max, $"it is more than the most, {max}"),
        ];
    }

    public DecodingOptions Read(ParseResult parsed)
    {
        var beam = parsed.GetValue(_beam);
        return new()
        {
            Beam = beam,
            LengthPenalty = beam > 1 ? parsed.GetValue(_lengthPenalty) : 0,
            CoveragePenalty = parsed.GetValue(_coveragePenalty),
            BlockNGrams = parsed.GetValue(_block),
            MinLength = parsed.GetValue(_minLength),
            MaxLength = parsed.GetValue(_maxLength),
            Best = Best(parsed),
            Sampling = parsed.GetValue(_sample) ? new() { Temperature = parsed.GetValue(_temperature), TopK = parsed.GetValue(_topK), TopP = parsed.GetValue(_topP) } : null,
        };
    }

    /// <summary>As a measurement has them, which knows of <see cref="Beam"/> alone.</summary>
    public DecodingOptions ReadBeam(ParseResult parsed) => OfBeam(parsed.GetValue(_beam), parsed.GetValue(_lengthPenalty));

    /// <summary>A search with a beam; a beam of 1 is none.</summary>
    public static DecodingOptions OfBeam(int width, double lengthPenalty = UsualLengthPenalty) => new() { Beam = width, LengthPenalty = width > 1 ? lengthPenalty : 0 };
}
