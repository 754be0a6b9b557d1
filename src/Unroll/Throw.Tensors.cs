using System.Diagnostics.CodeAnalysis;
using Unroll.Tensors;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static T OutOfRange<T>(string parameter, object? value, string expected) =>
        throw new ArgumentOutOfRangeException(parameter, value, $"{parameter} must be {expected}.");

    [DoesNotReturn]
    public static void NegativeDimension(int d0, int d1, int d2, int d3) =>
        throw new ArgumentOutOfRangeException("shape", $"A dimension is negative in [{d0}, {d1}, {d2}, {d3}]; each must be 0 or more.");

    [DoesNotReturn]
    public static void TooManyElements(int d0, int d1, int d2, int d3) =>
        throw new ArgumentOutOfRangeException("shape", $"[{d0}, {d1}, {d2}, {d3}] holds more than {int.MaxValue} elements; use shorter sequences or a smaller batch.");

    [DoesNotReturn]
    public static void NoTensor(bool none) => throw (none
        ? new InvalidOperationException("This handle stands for no tensor (it is `default`).")
        : new ObjectDisposedException("Tensor", "This tensor belonged to a tape that has been closed. Copy it out with Detach() before the tape ends."));

    [DoesNotReturn]
    public static T NotOneElement<T>(Shape shape) =>
        throw new InvalidOperationException($"Scalar needs a tensor of one element; this one is {shape}.");

    [DoesNotReturn]
    public static void ValuesDoNotFit(int count, Shape shape) =>
        throw new ArgumentException($"{count} values were given for shape {shape}, which holds {shape.Count}.");

    [DoesNotReturn]
    public static void ReshapeDoesNotFit(Shape from, Shape to) =>
        throw new ArgumentException($"A tensor {from} of {from.Count} elements cannot be seen as {to} of {to.Count}.");

    [DoesNotReturn]
    public static void NoSuchPart(int index, Shape shape) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"There is no part {index} in the first dimension of {shape}.");

    [DoesNotReturn]
    public static void TapeNotInForce() => throw new InvalidOperationException(
        "This tape is not the one in force on this thread: it was closed, another was opened inside it, or it belongs to another thread.");

    [DoesNotReturn]
    public static void LossNotScalar(Shape shape) =>
        throw new ArgumentException($"Backward starts from a single number; the loss is {shape}. Take its Mean or Sum first.", "loss");

    [DoesNotReturn]
    public static void WalkedBefore() => throw new InvalidOperationException(
        "Backward works once for each tape: operations have used up what they kept. Add the losses first, or record again.");

    [DoesNotReturn]
    public static void NothingToDifferentiate() => throw new InvalidOperationException(
        "The loss depends on nothing that needs a gradient: compute it from parameters (or tensors with WithGradient()) while Tape.Record() is open.");

    [DoesNotReturn]
    public static void GradientWentToTable() => throw new InvalidOperationException(
        "These rows were looked up in a table, and their gradient was added to the table's, symbol by symbol. " +
        "Call WithGradient() on the looked-up tensor before a layer uses it, and it gets a gradient of its own.");

    [DoesNotReturn]
    public static void ShapesDiffer(string operation, Shape a, Shape b, string expected) =>
        throw new ArgumentException($"{operation}: shapes {a} and {b} do not go together; expected {expected}.");

    [DoesNotReturn]
    public static void WrongShape(string operation, string parameter, Shape found, string expected) =>
        throw new ArgumentException($"{operation}: {parameter} is {found}; expected {expected}.", parameter);

    [DoesNotReturn]
    public static void NoSuchId(int id, int position, int size) => throw new ArgumentOutOfRangeException(
        "ids", id, $"Id {id} at position {position} is outside the table of {size} rows. Was the text encoded with another vocabulary?");

    [DoesNotReturn]
    public static void NoParts(string operation) => throw new ArgumentException($"{operation} needs at least one tensor.");
}
