namespace Unroll.Cli;

/// <summary>What is doubtful, on standard error, each once: whoever reads only results may see it too.</summary>
static class Warnings
{
    static readonly HashSet<string> Told = [];

    public static void Tell(string warning)
    {
        if (Told.Add(warning)) Console.Error.WriteLine($"warning: {warning}");
    }
}
