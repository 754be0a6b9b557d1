using System.Diagnostics.CodeAnalysis;
using Unroll.Tensors;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void StateDoesNotFit(int found, int expected) => throw new ArgumentException(
        $"The state has {found} tensors; this layer's has {expected}. Was it made by another model?", "state");

    [DoesNotReturn]
    public static void StateNames(int names, int tensors) =>
        throw new ArgumentException($"{names} names were given for {tensors} tensors of a state; expected one for each.", nameof(names));

    [DoesNotReturn]
    public static void LengthsDoNotFit(int rows, int steps, Shape x) => throw new ArgumentException(
        $"Lengths are for {rows} rows of {steps} steps; the input is {x}, that is {x[1]} rows of {x[0]} steps.", "lengths");

    [DoesNotReturn]
    public static void LengthsChanged() => throw new InvalidOperationException(
        "The lengths of a ragged batch were Set to another batch before Backward went through this one. Use two Lengths in turn, or Set them afterwards.");

    [DoesNotReturn]
    public static void InputSizesDiffer(int a, int b) => throw new ArgumentException(
        $"The two cells of a bidirectional layer read the same input; they take {a} and {b} features.");

    [DoesNotReturn]
    public static void SameCellTwice() => throw new ArgumentException("The two directions need a cell each; one was given for both.");

    [DoesNotReturn]
    public static void NoLayers() => throw new ArgumentException("A stack needs at least one layer.", "layers");

    [DoesNotReturn]
    public static void LayersDoNotFit(int layer, int takes, int given) => throw new ArgumentException(
        $"Layer {layer} takes {takes} features, but layer {layer - 1} gives {given}.", "layers");

    [DoesNotReturn]
    public static void RecordedShapesDiffer(string name, Shape first, Shape other) => throw new InvalidOperationException(
        $"'{name}' was recorded with parts of shape {first} and {other}, which do not make one tensor. Open a recording for each batch.");

    [DoesNotReturn]
    public static T NoRecurrentDropout<T>(string cell) => throw new InvalidConfigurationException(
        $"{cell} was asked for a step with recurrent dropout and does not say where h enters its gates. Override Step(xg, h, state) and give " +
        "Step(xg, state[0], state) as its other step, or run it without recurrent dropout.");

    [DoesNotReturn]
    public static T NoSuchCell<T>(string name, IEnumerable<string> known) => throw new InvalidConfigurationException(
        $"There is no cell '{name}'; expected one of {string.Join(", ", known)}, or one of your own after CellCatalog.Register.");

    [DoesNotReturn]
    public static void CellName(string parameter, string name, string reason) =>
        throw new ArgumentException($"A cell cannot be registered as {ProblemList.Quote(name)}: {reason}.", parameter);

    [DoesNotReturn]
    public static void CellSizes(string name, int inputSize, int hiddenSize, int? foundInput, int? foundHidden) => throw new InvalidOperationException(
        $"The registered cell '{name}' was asked for with input size {inputSize} and hidden size {hiddenSize} and gave "
        + $"{(foundInput is null ? "null" : $"one of {foundInput} and {foundHidden}")}. Its factory has to pass both sizes on.");

    [DoesNotReturn]
    public static void NoSuchStateName(string name, IReadOnlyList<string> names, bool isZero) => throw new ArgumentException(
        $"The state has no tensor '{name}'; "
        + (isZero ? "it is the zero state, which has none: ask the layer for ZeroState(batch)."
            : names.Count == 0 ? "its tensors have no names. Ask for them by number, or give names: State.Of(names, …)."
            : $"it has {string.Join(", ", names.Take(20))}{(names.Count > 20 ? ", …" : "")}."), nameof(name));

    [DoesNotReturn]
    public static T NoSuchPooling<T>(string name, IEnumerable<string> known) => throw new InvalidConfigurationException(
        $"There is no pooling '{name}'; expected one of {string.Join(", ", known)}.");
}
