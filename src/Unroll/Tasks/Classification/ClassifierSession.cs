using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A classifier in use on a text or a series that is still coming: one token or step at a time, with the probabilities of the classes after each. It keeps as
/// much however long the sequence is, and a token or step allocates nothing.
/// </summary>
/// <remarks>
/// The model has to read forwards (<c>--one-way</c>, or <see cref="SequenceClassifierConfig.Bidirectional"/> false) and not sentence by sentence. After n
/// steps the probabilities are those that <see cref="SequenceClassifier.Predict(SequenceInput)"/> gives for these n steps, bit for bit; with attention or a linear n-gram
/// model they differ by rounding. <see cref="SequenceClassifierConfig.MaxSteps"/> does not end a session.
/// Not safe for use by several threads at once: the second one gets an <see cref="InvalidOperationException"/>. Sessions of several threads may share a model.
/// </remarks>
public sealed class ClassifierSession
{
    readonly State[] _states;
    readonly PooledSteps[] _steps;
    readonly NGramMember.Steps? _text;
    readonly Tensor[] _logits;
    readonly TokenMatrix _token = new(1, 1);
    readonly Real[] _scaled, _probabilities;
    SerialGuard _guard;

    /// <summary>A session that has read nothing.</summary>
    /// <exception cref="InvalidConfigurationException">The model needs the whole sequence before it can answer.</exception>
    public ClassifierSession(SequenceClassifier model)
    {
        if (model.Networks.Count > 0 && model.Networks[0].Encoder.NeedsWhole is { } reason) Throw.ModelNeedsWhole("classifier", reason, model.Config.Encoder == "rnn" ? "" : " and --encoder rnn");
        Model = model;
        _states = [.. model.Networks.Select(n => n.Encoder.ZeroState())];
        _steps = [.. model.Networks.Select(n => new PooledSteps(n.Encoder.PooledSize))];
        _text = model.NGrams is { } linear ? new(linear) : null;
        _logits = new Tensor[model.Networks.Count];
        _scaled = new Real[model.Config.Features];
        _probabilities = new Real[model.Config.Classes.Count];
        Decide();
    }

    /// <summary>The model.</summary>
    public SequenceClassifier Model { get; }

    /// <summary>How many tokens or steps were read.</summary>
    public long Count { get; private set; }

    /// <summary>The probability of each class after what was read, as if it ended here; in the order of <see cref="SequenceClassifierConfig.Classes"/>.</summary>
    public ReadOnlySpan<Real> Probabilities => _probabilities;

    /// <summary>The most probable class.</summary>
    public string Label
    {
        get
        {
            var best = 0;
            for (var c = 1; c < _probabilities.Length; c++)
                if (_probabilities[c] > _probabilities[best]) best = c;
            return Model.Config.Classes[best];
        }
    }

    /// <summary>What the model says of what was read.</summary>
    public Classification Classify() => new(Model.Config.Classes, _probabilities, Model.Config.MultiLabel);

    /// <summary>Reads one token of a text.</summary>
    /// <returns>The probabilities of the classes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    /// <exception cref="DataMismatchException">The model reads series.</exception>
    public ReadOnlySpan<Real> Read(int token)
    {
        if (Model.Tokenizer is not { } tokenizer) return Throw.SessionKind("a token", "steps of a series");
        if ((uint)token >= (uint)tokenizer.VocabularySize) Throw.OutOfRange(nameof(token), token, $"from 0 to {tokenizer.VocabularySize - 1}");
        using var alone = _guard.Enter(nameof(ClassifierSession));
        Add(token);
        return Decide();
    }

    /// <summary>Reads one step of a series.</summary>
    /// <param name="step">A number for each feature, not scaled; NaN where one is missing.</param>
    /// <returns>The probabilities of the classes.</returns>
    /// <exception cref="ArgumentException">There are more or fewer numbers than features.</exception>
    /// <exception cref="DataMismatchException">The model reads texts.</exception>
    public ReadOnlySpan<Real> Read(ReadOnlySpan<Real> step)
    {
        if (Model.Scales is not { } scales) return Throw.SessionKind("a step of a series", "tokens of a text");
        if (step.Length != scales.Features) Throw.ValuesDoNotFit(step.Length, new(scales.Features));
        using var alone = _guard.Enter(nameof(ClassifierSession));
        scales.Apply(step, _scaled);
        using var scratch = Tape.Scratch();
        for (var i = 0; i < _steps.Length; i++) Model.Networks[i].Add(_token, _scaled, _states[i], _steps[i]);
        Count++;
        return Decide();
    }

    /// <summary>Reads a piece of a text, which is cut into tokens by itself: whole words, where tokens are words. Cutting allocates.</summary>
    /// <returns>The probabilities of the classes.</returns>
    /// <exception cref="UnrollException">The text has what the tokenizer cannot read.</exception>
    /// <exception cref="DataMismatchException">The model reads series.</exception>
    public ReadOnlySpan<Real> Read(string text)
    {
        if (Model.Tokenizer is not { } tokenizer) return Throw.SessionKind("a text", "steps of a series");
        var tokens = tokenizer.Encode(text, "the text");
        using var alone = _guard.Enter(nameof(ClassifierSession));
        foreach (var token in tokens) Add(token);
        return Decide();
    }

    void Add(int token)
    {
        _token[0, 0] = token;
        using var scratch = Tape.Scratch();
        for (var i = 0; i < _steps.Length; i++) Model.Networks[i].Add(_token, [], _states[i], _steps[i]);
        _text?.Add(token);
        Count++;
    }

    ReadOnlySpan<Real> Decide()
    {
        using var scratch = Tape.Scratch();
        for (var i = 0; i < _logits.Length; i++) _logits[i] = Model.Networks[i].Score(_steps[i]);
        Model.Vote(_logits, _text?.Score() ?? default).Values.CopyTo(_probabilities);
        return _probabilities;
    }

    /// <summary>Another session that has read the same, and goes its own way from here.</summary>
    public ClassifierSession Fork()
    {
        using var alone = _guard.Enter(nameof(ClassifierSession));
        var fork = new ClassifierSession(Model) { Count = Count };
        for (var i = 0; i < _steps.Length; i++)
        {
            fork._states[i].CopyFrom(_states[i]);
            fork._steps[i].CopyFrom(_steps[i]);
        }
        if (_text is not null) fork._text!.CopyFrom(_text);
        _probabilities.CopyTo(fork._probabilities, 0);
        return fork;
    }

    /// <summary>Forgets all that was read: another sequence begins.</summary>
    public void Reset()
    {
        using var alone = _guard.Enter(nameof(ClassifierSession));
        foreach (var state in _states) state.Reset();
        foreach (var steps in _steps) steps.Reset();
        _text?.Reset();
        Count = 0;
        Decide();
    }
}
