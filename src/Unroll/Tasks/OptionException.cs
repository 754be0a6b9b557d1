namespace Unroll.Tasks;

/// <summary>An option was given that a task or a model does not have.</summary>
public sealed class OptionException(string message) : ArgumentException(message);
