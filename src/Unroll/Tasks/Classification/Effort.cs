namespace Unroll.Tasks;

/// <summary>How much work a plan may take (<see cref="ClassifierPlan.For"/>), counted in operations, never in time, so that a plan is the same on every machine.</summary>
public enum Effort
{
    /// <summary>The least: of texts the linear member alone, chosen by validation; of series one small network. Seconds.</summary>
    Quick,

    /// <summary>The default: the linear member and up to two networks, as validation says. Up to some minutes.</summary>
    Balanced,

    /// <summary>Up to eight large networks beside the linear member: the most accurate, many times the work.</summary>
    Best,
}
