using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void CovariateLength(string series, string kind, int length, int expected) => throw new ArgumentException(
        $"Series {ProblemList.Quote(series)}: a {kind} column has {length:N0} values for the {expected:N0} time steps of the target.");

    [DoesNotReturn]
    public static void NoWindow(int count, int horizon, int windows, int step) => throw new ArgumentException(
        $"{windows:N0} windows of {horizon:N0} steps, {step:N0} apart, leave nothing of {count:N0} time steps to learn from; at least {horizon + (long)(windows - 1) * step + 1:N0} are needed. "
        + "Take fewer windows or a shorter horizon.");

    [DoesNotReturn]
    public static void NoSeriesToBacktest(int horizon) => throw new ArgumentException(
        $"No series is long enough for a window: at least {horizon + 1:N0} time steps are needed for a horizon of {horizon:N0}.");

    [DoesNotReturn]
    public static void LevelsDiffer(IReadOnlyList<double> given, IReadOnlyList<double> expected) => throw new ArgumentException(
        $"A forecast has quantiles of the levels {string.Join(", ", given.Select(l => $"{l}"))}; expected {string.Join(", ", expected.Select(l => $"{l}"))}.");

    [DoesNotReturn]
    public static void ForecastLength(string method, int length, int expected) => throw new ArgumentException(
        $"{method} forecasts {length:N0} steps; expected {expected:N0}.");

    [DoesNotReturn]
    public static int NoSuchFigure(string kind, string name, IReadOnlyList<string> names) =>
        throw new ArgumentException($"There is no {kind} {ProblemList.Quote(name)}; there are {string.Join(", ", names)}.");

    public static UnrollException NoForecastWindow(int length, int context, int horizon) => new DataMismatchException(
        $"No series is long enough: a window has {context:N0} steps of context and {horizon:N0} of horizon, and the part to learn from has at most {length:N0}. Give a shorter --context or --horizon.");

    [DoesNotReturn]
    public static void ForecastNotFinite(string series, string time, double loss) => throw new DataMismatchException(
        $"Training stopped: the loss is not finite ({loss}), with series {ProblemList.Quote(series)}, the window that forecasts from {time} on. "
        + "Look for extreme values there, lower the learning rate, or take --scaling robust or log.");
}
