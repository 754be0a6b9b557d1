namespace Unroll.Cli;

/// <summary>What the command is doing, for the message where memory runs out.</summary>
static class Work
{
    public static string OutOfMemory => $"Out of memory while {Terminal.Current.Work.Now}.{Terminal.Current.Work.Advice}";

    public static void Reading(IEnumerable<string> paths) => Begin($"reading {string.Join(", ", paths)}", "Use less data, or split it into several files.");

    public static void Building() => Begin("building the model", "Choose a smaller model or a smaller vocabulary.");

    public static void Training() => Begin("training", "Choose a smaller model, a smaller batch or fewer steps.");

    public static void Measuring() => Begin("measuring the model", "Choose a smaller batch.");

    public static void Answering() => Begin("running the model", "Give it shorter or fewer inputs.");

    static void Begin(string what, string advice) => Terminal.Current.Work = (what, $" {advice}");
}
