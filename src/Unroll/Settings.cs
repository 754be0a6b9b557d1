using System.Diagnostics;
using Unroll.Kernels;

namespace Unroll;

/// <summary>What the environment variables say about how to compute, read once.</summary>
/// <remarks>
/// A mistake in one of them is kept and thrown where memory for numbers is first taken or a setting is asked for. Thrown while the fields are
/// set, it would reach the caller wrapped up by the runtime, as a failure of some type's initialisation.
/// </remarks>
internal static class Settings
{
    /// <summary>The environment variable that, as <c>composed</c>, switches all fused twins of cells off.</summary>
    public const string ForceVariable = "UNROLL_FORCE";

    static readonly List<string> Problems = [];

    public static readonly int RegisterBits = Read(Simd.Variable, Simd.Choose);
    public static readonly int Threads = Read(ThreadTeam.Variable, ThreadTeam.Choose);
    public static readonly bool Composed = Read(ForceVariable, IsComposed);

    /// <summary>What is wrong with the variables; null where nothing is.</summary>
    public static readonly string? Problem = Problems.Count == 0 ? null : string.Join('\n', Problems);

    static Settings()
    {
        if (SlowPath.Reason is { } reason) Trace.TraceWarning(reason);
    }

    /// <summary>Nothing is computed with settings that were not meant.</summary>
    /// <exception cref="InvalidConfigurationException">An environment variable has a value that cannot be.</exception>
    public static void Check()
    {
        if (Problem is not null) Throw.BadEnvironment(Problem);
    }

    internal static bool IsComposed(string? asked) => asked?.Trim().ToLowerInvariant() switch
    {
        null or "" => false,
        "composed" => true,
        _ => Throw.ForceUnknown<bool>(asked),
    };

    static T Read<T>(string variable, Func<string?, T> choose)
    {
        try
        {
            return choose(Environment.GetEnvironmentVariable(variable));
        }
        catch (UnrollException e)
        {
            Problems.Add(e.Message);
            return choose(null);
        }
    }
}
