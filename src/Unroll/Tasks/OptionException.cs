namespace Unroll.Tasks;

/// <summary>An option was given that a task or a model does not have.</summary>
/// <param name="message">Which option, and why.</param>
internal sealed class OptionException(string message) : UnrollException(message);
