using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Unroll.Tasks;

/// <summary>What is put in the place of a precision of 0, which would make the whole score 0; Chen and Cherry, WMT 2014.</summary>
internal enum BleuSmoothing
{
    /// <summary>The k-th order without a match has precision 1 / (2ᵏ · n-grams): their method 3, as NIST's program does. The default.</summary>
    Exponential,
    /// <summary>An order without a match has <see cref="BleuOptions.SmoothingValue"/> matches, 0.1 by default: their method 1.</summary>
    Floor,
    /// <summary>Matches and n-grams of the orders above 1 are more by <see cref="BleuOptions.SmoothingValue"/>, 1 by default: their method 2.</summary>
    AddK,
    /// <summary>Nothing.</summary>
    None,
}

/// <summary>How <see cref="Bleu"/> counts.</summary>
internal sealed record BleuOptions
{
    /// <summary>Whether texts are compared in small letters; false by default.</summary>
    public bool Lower { get; init; }

    /// <summary>What stands for a precision of 0.</summary>
    public BleuSmoothing Smoothing { get; init; }

    /// <summary>The value of <see cref="BleuSmoothing.Floor"/> or <see cref="BleuSmoothing.AddK"/>, above 0; null for its default.</summary>
    public double? SmoothingValue { get; init; }

    /// <summary>Whether orders with no n-gram at all are left out of the mean, as suits short texts; false by default.</summary>
    public bool EffectiveOrder { get; init; }
}

/// <summary>How like their references translations are, by n-grams of words; Papineni et al., "BLEU: a method for automatic evaluation of machine translation", ACL 2002.</summary>
/// <remarks>
/// BLEU = 100 · BP · exp(¼ Σₙ log pₙ), n = 1 … 4. pₙ = the n-grams of the outputs that are in a reference, each at most as often as in the reference
/// that has most of it, over all n-grams of the outputs. BP = min(1, exp(1 − r / c)) with c words of output and r of the references
/// closest to them in length, the shorter of two. Words are those of NIST's mteval-v13a. The numbers are sacreBLEU's
/// (Post, "A call for clarity in reporting BLEU scores", WMT 2018), except that letters become small one by one.
/// </remarks>
internal static partial class Bleu
{
    /// <summary>The longest n-grams.</summary>
    public const int MaxOrder = 4;

    /// <summary>The score of a set of outputs with one reference each.</summary>
    /// <exception cref="ArgumentException">There is no output, or there are not as many references.</exception>
    public static BleuScore Corpus(IReadOnlyList<string> outputs, IReadOnlyList<string> references, BleuOptions? options = null) =>
        Corpus(outputs, [.. references.Select(r => new[] { r })], options);

    /// <summary>The score of a set of outputs.</summary>
    /// <param name="outputs">The texts that were written.</param>
    /// <param name="references">For each output at least one text that would be right.</param>
    /// <param name="options">How it is counted.</param>
    /// <exception cref="ArgumentException">There is no output, not as many references, or one without any.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value of the smoothing is not above 0.</exception>
    public static BleuScore Corpus(IReadOnlyList<string> outputs, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null)
    {
        options ??= new();
        if (options.SmoothingValue is { } value && !(value > 0)) Throw.OutOfRange(nameof(BleuOptions.SmoothingValue), value, "above 0");
        ScoredTexts.Check(outputs, references);
        var counts = new BleuCounts(options);
        for (var i = 0; i < outputs.Count; i++) counts.Add(outputs[i], references[i]);
        return counts.Score(ScoredTexts.ReferencesOf(references));
    }

    /// <summary>The score of one output. <see cref="BleuOptions.EffectiveOrder"/> is for this.</summary>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static BleuScore Sentence(string output, IReadOnlyList<string> references, BleuOptions? options = null) => Corpus([output], [references], options);

    /// <summary>The words of a text as NIST's mteval-v13a tells them apart: signs stand alone, except between digits, and so does a dash behind a digit.</summary>
    public static string[] Words(string text)
    {
        text = text.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        text = Signs().Replace($" {text} ", " $0 ");
        text = PointBehindOther().Replace(text, "$1 $2 ");
        text = PointBeforeOther().Replace(text, " $1 $2");
        text = DashBehindDigit().Replace(text, "$1 $2 ");
        return ScoredTexts.Split(text);
    }

    /// <summary>All signs of ASCII but the apostrophe, the comma, the dash and the point, which may belong to a word or number.</summary>
    [GeneratedRegex(@"[!-&(-+/:-@\[-`{-~]")]
    private static partial Regex Signs();

    [GeneratedRegex("([^0-9])([.,])")]
    private static partial Regex PointBehindOther();

    [GeneratedRegex("([.,])([^0-9])")]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex("([0-9])(-)")]
    private static partial Regex DashBehindDigit();
}

/// <summary>What <see cref="Bleu"/> counts, text after text.</summary>
sealed class BleuCounts(BleuOptions options)
{
    readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    readonly long[] _matches = new long[Bleu.MaxOrder], _totals = new long[Bleu.MaxOrder];
    long _length, _referenceLength;

    public void Add(string output, IReadOnlyList<string> references)
    {
        var words = Words(output);
        var most = new Dictionary<(int, int, int, int), int>();
        var closest = -1;
        foreach (var reference in references)
        {
            var other = Words(reference);
            var (distance, best) = (Math.Abs(other.Length - words.Length), Math.Abs(closest - words.Length));
            if (closest < 0 || distance < best || distance == best && other.Length < closest) closest = other.Length;
            foreach (var (ngram, count) in Count(other))
                if (most.GetValueOrDefault(ngram) < count) most[ngram] = count;
        }
        foreach (var (ngram, count) in Count(words)) _matches[OrderOf(ngram) - 1] += Math.Min(count, most.GetValueOrDefault(ngram));
        for (var n = 1; n <= Bleu.MaxOrder; n++) _totals[n - 1] += Math.Max(0, words.Length - n + 1);
        _length += words.Length;
        _referenceLength += closest;
    }

    public BleuScore Score(int? references)
    {
        var precisions = new double[Bleu.MaxOrder];
        var (value, order, without, sum) = (SmoothingValue(options) ?? 0, options.EffectiveOrder ? 0 : Bleu.MaxOrder, 1.0, 0.0);
        if (_matches.Any(m => m > 0))
            for (var n = 1; n <= Bleu.MaxOrder; n++)
            {
                var added = options.Smoothing == BleuSmoothing.AddK && n > 1 ? value : 0;
                var (matches, total) = (_matches[n - 1] + added, _totals[n - 1] + added);
                if (total == 0) break;
                if (options.EffectiveOrder) order = n;
                if (matches == 0 && options.Smoothing == BleuSmoothing.Exponential) matches = 1 / (without *= 2);
                if (matches == 0 && options.Smoothing == BleuSmoothing.Floor) matches = value;
                precisions[n - 1] = 100 * matches / total;
            }
        for (var n = 1; n <= order; n++) sum += Math.Log(precisions[n - 1]);
        var penalty = _length >= _referenceLength ? 1 : _length == 0 ? 0 : Math.Exp(1 - (double)_referenceLength / _length);
        return new()
        {
            Score = order == 0 || double.IsNegativeInfinity(sum) ? 0 : penalty * Math.Exp(sum / order),
            Precisions = precisions,
            Matches = [.. _matches],
            Totals = [.. _totals],
            BrevityPenalty = penalty,
            Length = _length,
            ReferenceLength = _referenceLength,
            Signature = Signature(options, references),
        };
    }

    /// <summary>The words of a text as numbers from 1.</summary>
    int[] Words(string text)
    {
        var words = Bleu.Words(ScoredTexts.TrimEnd(options.Lower ? text.ToLowerInvariant() : text));
        var ids = new int[words.Length];
        for (var i = 0; i < words.Length; i++)
            if (!_words.TryGetValue(words[i], out ids[i])) _words.Add(words[i], ids[i] = _words.Count + 1);
        return ids;
    }

    /// <summary>All n-grams as four words, 0 behind the last.</summary>
    static Dictionary<(int, int, int, int), int> Count(int[] words)
    {
        var counts = new Dictionary<(int, int, int, int), int>();
        for (var n = 1; n <= Bleu.MaxOrder; n++)
            for (var i = 0; i + n <= words.Length; i++)
            {
                var ngram = (words[i], n > 1 ? words[i + 1] : 0, n > 2 ? words[i + 2] : 0, n > 3 ? words[i + 3] : 0);
                CollectionsMarshal.GetValueRefOrAddDefault(counts, ngram, out _)++;
            }
        return counts;
    }

    static int OrderOf((int, int Second, int Third, int Fourth) ngram) => ngram.Fourth > 0 ? 4 : ngram.Third > 0 ? 3 : ngram.Second > 0 ? 2 : 1;

    static double? SmoothingValue(BleuOptions options) => options.Smoothing switch
    {
        BleuSmoothing.Floor => options.SmoothingValue ?? 0.1,
        BleuSmoothing.AddK => options.SmoothingValue ?? 1,
        _ => null,
    };

    static string Signature(BleuOptions options, int? references)
    {
        var smoothing = options.Smoothing switch
        {
            BleuSmoothing.Exponential => "exp",
            BleuSmoothing.Floor => "floor",
            BleuSmoothing.AddK => "add-k",
            _ => "none",
        };
        if (SmoothingValue(options) is { } value) smoothing += FormattableString.Invariant($"[{value:F2}]");
        return $"nrefs:{ScoredTexts.Show(references)}|case:{(options.Lower ? "lc" : "mixed")}|eff:{(options.EffectiveOrder ? "yes" : "no")}|tok:13a"
            + $"|smooth:{smoothing}|version:{ScoredTexts.Version}";
    }
}
