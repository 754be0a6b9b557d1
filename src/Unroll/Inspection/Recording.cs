using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inspection;

/// <summary>
/// What happens inside a model while it runs: every gate, candidate, state and cell value of each recurrent layer, attention weights, and logits.
/// </summary>
/// <remarks>
/// <code>
/// using var recording = Recording.Start(model);
/// model.Forward(tokens);
/// var forget = recording.Layers[0]["f"];           // [T, B, H], after activation
/// </code>
/// Recorded is what runs on the thread that opened the recording, until it is disposed of; what was recorded can be read afterwards. Results keep their bits. Where no recording is open,
/// none of this costs anything. A sequence that is run in chunks or step by step is recorded as one. Past the end of a row all values are 0.
/// A recording serves the thread that opened it.
/// </remarks>
public sealed class Recording : IDisposable
{
    readonly Recorder _recorder = new();
    readonly Recorder? _before;
    readonly Module? _model;
    bool _open = true;

    Recording(Module? model) => (_model, _before) = (model, Recorder.Exchange(_recorder));

    /// <summary>Opens a recording on this thread. Recordings nest: the innermost is in force.</summary>
    /// <param name="model">The model whose names layers get; without one they are numbered.</param>
    public static Recording Start(Module? model = null) => new(model);

    /// <summary>The recurrent layers that ran, a direction each, in the order in which they first did.</summary>
    public IReadOnlyList<RecordedLayer> Layers => RecordedLayer.Of(_recorder, _model);

    /// <summary>The weights of each attention that was used: [T, B, S] of a decoder, query by query; [T, B] where a sequence is pooled.</summary>
    public IReadOnlyList<Tensor> Attention => All(Recorder.Weights);

    /// <summary>The scores before the softmax, or the numbers, that each output of the model gave: [T, B, V] of a language model, [B, C] of a classifier, one for each of its networks.</summary>
    /// <remarks>A loss that never shows its scores, such as <c>LanguageModel.Loss</c>, has none to record.</remarks>
    public IReadOnlyList<Tensor> Logits => All(Recorder.Logits);

    Tensor[] All(string name) => [.. _recorder.Sources.Where(s => s.Has(name)).Select(s => s.All(name))];

    /// <summary>Ends the recording; the one around it, if any, goes on.</summary>
    public void Dispose()
    {
        if (!_open) return;
        if (Recorder.Current != _recorder) Throw.RecordingNotInForce();
        _open = false;
        Recorder.Exchange(_before);
    }
}
