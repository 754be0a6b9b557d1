using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A tagger in use on a sentence that is still coming: one word at a time, with its tag as far as the words up to it decide it. It keeps as much however long
/// the sentence is, and a word allocates nothing, unless it has more than 128 letters or is not in the model's normal form of Unicode.
/// </summary>
/// <remarks>
/// The model has to read forwards (<c>--one-way</c>, or <see cref="SequenceTaggerConfig.Bidirectional"/> false). With e_t the scores of the tags at word t and A those of
/// tags that follow each other, the field's start among them (0 without a field; −∞ for what the scheme of the tags does not allow),
/// <code>
/// δ_t[j] = e_t[j] + maxᵢ (δ_{t−1}[i] + A[i, j])              the tag of word t is the j with the largest δ_t: the best sequence of tags so far ends with it
/// α_t[j] ∝ e^e_t[j] Σᵢ α_{t−1}[i] e^A[i, j]                  P(y_t = j | the words so far)
/// </code>
/// Words that come later do not change a tag that was given, as they may in <see cref="SequenceTagger.Tag(string)"/>; without a field and a scheme both give the same.
/// Not safe for use by several threads at once: the second one gets an <see cref="InvalidOperationException"/>. Sessions of several threads may share a model.
/// </remarks>
public sealed class TaggerSession
{
    readonly State _state;
    readonly TokenMatrix _word = new(1, 1), _letters = new(SentenceVocabulary.MostLetters, 1);
    readonly Lengths _letterLength = new([0], 1);
    readonly int[] _spelling = new int[SentenceVocabulary.MostLetters];
    readonly Real[] _probabilities;
    double[] _best, _sums, _nextBest, _nextSums;
    SerialGuard _guard;

    /// <summary>A session that has read nothing.</summary>
    /// <exception cref="InvalidConfigurationException">The model reads sentences from both ends.</exception>
    public TaggerSession(SequenceTagger model)
    {
        if (!model.Layers.IsCausal) Throw.ModelNeedsWhole("tagger", "reads from both ends");
        Model = model;
        _state = model.Layers.ZeroState(1);
        var tags = model.Vocabulary.Tags.Size;
        (_probabilities, _best, _sums, _nextBest, _nextSums) = (new Real[tags], new double[tags], new double[tags], new double[tags], new double[tags]);
    }

    /// <summary>The model.</summary>
    public SequenceTagger Model { get; }

    /// <summary>How many words of the sentence were read.</summary>
    public long Count { get; private set; }

    /// <summary>The probability of each tag at the last word, given the words up to it; in the order of <see cref="SentenceVocabulary.Tags"/>. Zeros before the first.</summary>
    public ReadOnlySpan<Real> Probabilities => _probabilities;

    /// <summary>Reads one word.</summary>
    /// <returns>Its tag, and the probability of the tag, from 0 to 1.</returns>
    /// <exception cref="UnrollException">The scores are not numbers.</exception>
    public (string Tag, double Probability) Read(ReadOnlySpan<char> word)
    {
        using var alone = _guard.Enter(nameof(TaggerSession));
        _word[0, 0] = Model.Vocabulary.Encode(word, _spelling, out var count);
        _letters.Resize(Math.Max(1, count), 1);
        _letters.Ids.Clear();
        _spelling.AsSpan(0, count).CopyTo(_letters.Ids);
        _letterLength.Set([count], _letters.Steps);
        using var scratch = Tape.Scratch();
        var scores = Model.Step(_word, _letters, _letterLength, _state);
        var tag = Decide((Model.Crf is null ? Ops.LogSoftmax(scores) : scores).Values);
        Count++;
        return (Model.Vocabulary.Tags[tag], _probabilities[tag]);
    }

    int Decide(ReadOnlySpan<Real> scores)
    {
        var (crf, allowed, first) = (Model.Crf, Model.Constraints, Count == 0);
        ReadOnlySpan<Real> start = crf is null ? default : crf.Start.Values, transitions = crf is null ? default : crf.Transitions.Values;
        for (var j = 0; j < scores.Length; j++)
        {
            // Without a field tags are independent of each other, and their scores are logarithms of probabilities.
            double best = double.NegativeInfinity, sum = crf is null ? 0 : first ? start[j] : LogSumInto(j, transitions);
            if (first) best = allowed is null || allowed.Start[j] ? sum : best;
            else
                for (var i = 0; i < scores.Length; i++)
                    if (allowed is null || allowed.Transitions[i * scores.Length + j]) best = Math.Max(best, _best[i] + (crf is null ? 0 : transitions[i * scores.Length + j]));
            (_nextBest[j], _nextSums[j]) = (best + scores[j], sum + scores[j]);
        }
        // Where the scheme leaves nothing, it does not hold at this word, as for whole sentences.
        if (Most(_nextBest) == double.NegativeInfinity) _nextSums.CopyTo(_nextBest, 0);
        Normalize(_nextBest, Most(_nextBest));
        Normalize(_nextSums, LogSum(_nextSums));
        (_best, _nextBest, _sums, _nextSums) = (_nextBest, _best, _nextSums, _sums);
        for (var j = 0; j < scores.Length; j++) _probabilities[j] = (Real)Math.Exp(_sums[j]);
        var tag = Array.IndexOf(_best, 0.0);
        if (tag < 0) Throw.NoTagSequence($"word {Count + 1} of the sentence");
        return tag;
    }

    /// <summary>ln Σᵢ e^(ln αᵢ + A[i, j]).</summary>
    double LogSumInto(int j, ReadOnlySpan<Real> transitions)
    {
        double most = double.NegativeInfinity, sum = 0;
        for (var i = 0; i < _sums.Length; i++) most = Math.Max(most, _sums[i] + transitions[i * _sums.Length + j]);
        for (var i = 0; i < _sums.Length; i++) sum += Math.Exp(_sums[i] + transitions[i * _sums.Length + j] - most);
        return most + Math.Log(sum);
    }

    static double Most(double[] values)
    {
        var most = double.NegativeInfinity;
        foreach (var value in values) most = Math.Max(most, value);
        return most;
    }

    static double LogSum(double[] values)
    {
        var (most, sum) = (Most(values), 0.0);
        foreach (var value in values) sum += Math.Exp(value - most);
        return most + Math.Log(sum);
    }

    static void Normalize(double[] values, double by)
    {
        for (var i = 0; i < values.Length; i++) values[i] -= by;
    }

    /// <summary>Another session that has read the same, and goes its own way from here.</summary>
    public TaggerSession Fork()
    {
        using var alone = _guard.Enter(nameof(TaggerSession));
        var fork = new TaggerSession(Model) { Count = Count };
        fork._state.CopyFrom(_state);
        _best.CopyTo(fork._best, 0);
        _sums.CopyTo(fork._sums, 0);
        _probabilities.CopyTo(fork._probabilities, 0);
        return fork;
    }

    /// <summary>Forgets the sentence: another one begins.</summary>
    public void Reset()
    {
        using var alone = _guard.Enter(nameof(TaggerSession));
        _state.Reset();
        Array.Clear(_probabilities);
        Count = 0;
    }
}
