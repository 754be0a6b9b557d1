namespace Unroll.Cli;

/// <summary>What is doubtful, on standard error, each once a call: whoever reads only results may see it too.</summary>
static class Warnings
{
    public static void Tell(string warning)
    {
        if (Terminal.Current.Warnings.Add(warning)) Standard.Error.WriteLine($"warning: {warning}");
    }
}
