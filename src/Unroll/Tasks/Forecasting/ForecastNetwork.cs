using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>What is said of the steps behind a cut-off of one target, still scaled.</summary>
/// <param name="Scale">What undoes it.</param>
/// <param name="Mean">By step.</param>
/// <param name="Quantiles">By step, of the levels of <see cref="ForecastHead.Levels"/>.</param>
/// <param name="Paths">[path][step]; none where the network has none.</param>
sealed record ScaledForecast(ValueScale Scale, double[] Mean, double[][] Quantiles, double[][] Paths);

/// <summary>From windows of series to what is said of their steps.</summary>
/// <param name="schema">The columns.</param>
/// <param name="linear">The linear part.</param>
/// <param name="calendar">How many features the calendar has.</param>
abstract class ForecastNetwork(ForecasterConfig config, ForecastSchema schema, ForecastLinear linear, int calendar) : Module
{
    protected ForecasterConfig Config => config;

    protected ForecastSchema Schema => schema;

    protected ForecastLinear Linear => linear;

    protected int Calendar => calendar;

    public ForecastHead Head { get; } = new(config.Head);

    /// <summary>A batch for this network.</summary>
    /// <param name="training">Whether it is to be learned from.</param>
    public abstract ForecastBatch NewBatch(bool training = false);

    /// <summary>What is said of each value, [N, C].</summary>
    public abstract Tensor Forward(ForecastBatch batch);

    /// <summary>What is said of the steps behind cut-offs, by window and target.</summary>
    /// <param name="batch">Room, of this network.</param>
    public abstract ScaledForecast[] Predict(ForecastFrame frame, ReadOnlySpan<ForecastWindow> windows, int horizon, ForecastBatch batch);

    /// <summary>The state before the first step, for one series.</summary>
    public abstract State ZeroState();

    /// <summary>Puts a state behind the context before a cut-off.</summary>
    public abstract void Begin(State state, ForecastFrame frame, ForecastWindow window, ForecastBatch batch);

    /// <summary>Carries a state on by the last step before a cut-off.</summary>
    public abstract void Read(State state, ForecastFrame frame, FrameSeries series, int cutoff, ForecastBatch batch);

    /// <summary>What is said of the first steps behind a cut-off, [steps·D, C]; the state stays. A network that goes step by step says one.</summary>
    public abstract Tensor Next(State state, ForecastFrame frame, FrameSeries series, int cutoff, int steps, ForecastBatch batch);

    /// <summary>The layer that gives o; training begins at the linear forecast.</summary>
    protected Linear NewOutput(Rng rng)
    {
        var output = new Linear(config.HiddenSize, schema.Targets.Count * Head.Count, rng);
        output.Weight.Edit().Clear();
        Head.Initialise(output.Bias!.Edit());
        return output;
    }

    /// <summary>What is said of each value, [N, C], from the outputs of the network, around the linear forecast.</summary>
    protected Tensor ParametersOf(Tensor o, ForecastBatch batch) => ParametersOf(o, Tensor.From(batch.Base, new(batch.Base.Length, 1)), batch);

    /// <summary>The same around another forecast b, [N, 1].</summary>
    protected Tensor ParametersOf(Tensor o, Tensor b, ForecastBatch batch) => Head.Parameters(o.Reshape(new(o.Count / Head.Count, Head.Count)), b, Tensor.From(batch.Spread, new(batch.Spread.Length)));

    /// <summary>What a row says: its quantiles; gives back the mean.</summary>
    public double Describe(Tensor p, ForecastBatch batch, int row, Span<double> quantiles) => Head.Describe(Of(p, row), Residuals(batch, row), ScaleOf(batch, row), quantiles);

    /// <summary>A value drawn from what a row says.</summary>
    protected double Sample(Tensor p, ForecastBatch batch, int row, Rng rng) => Head.Sample(Of(p, row), Residuals(batch, row), ScaleOf(batch, row), rng);

    ReadOnlySpan<Real> Of(Tensor p, int row) => p.Values.Slice(row * Head.Count, Head.Count);

    ReadOnlySpan<Real> Residuals(ForecastBatch batch, int row)
    {
        var levels = ForecastHead.Levels.Count;
        return linear.Residuals.Values.Slice(batch.OutputOf(row) * levels, levels);
    }

    ValueScale ScaleOf(ForecastBatch batch, int row) => batch.ScaleOf(row / schema.Targets.Count % batch.Count, row % schema.Targets.Count);
}
