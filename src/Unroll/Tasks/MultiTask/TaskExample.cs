using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>An example and the task that it belongs to.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Example">A text with its label.</param>
internal sealed record TaskExample(string Task, Example Example);
