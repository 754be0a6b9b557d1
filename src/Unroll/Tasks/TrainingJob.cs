using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>A training that is ready to begin or to go on: a model, its data, and what there is to say of them.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public abstract class TrainingJob
{
    /// <summary>What decides the result, with everything chosen.</summary>
    public abstract TrainingOptions Options { get; }

    /// <summary>The model.</summary>
    public abstract SequenceModel Model { get; }

    /// <summary>Its data and its loss.</summary>
    public abstract TrainingTask Task { get; }

    /// <summary>A trainer of the model as the options say.</summary>
    /// <param name="store">Where checkpoints go; null for nowhere.</param>
    /// <param name="observers">Who is told.</param>
    internal Trainer CreateTrainer(ICheckpointStore? store, params IReadOnlyList<ITrainingObserver> observers)
    {
        var limits = Options.ToTrainerOptions(Task.HasValidation);
        return new(Task, Options.ToOptimizer(Task.Model.Parameters), CreateSchedule(Trainer.CountIterations(Task, limits)), limits, store, observers);
    }

    /// <summary>The learning rate's course.</summary>
    /// <param name="iterations">How many iterations there are.</param>
    internal virtual Schedule CreateSchedule(long iterations) => Options.ToSchedule(iterations);

    /// <summary>What the model is, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>What a batch is, in a few words.</summary>
    public abstract string Batch { get; }

    /// <summary>How the data is split, in a few words; null where the batch says it.</summary>
    public virtual string? Parts => null;

    /// <summary>What the training measures its speed in.</summary>
    public virtual string Unit => "tokens";

    /// <summary>What the validation loss is measured in.</summary>
    public virtual string LossUnit => "nats per token";

    /// <summary>What the best model is evaluated on when the training has ended, such as <c>test</c>; null for nothing.</summary>
    public virtual string? HeldOut => null;

    /// <summary>Settles what is left to settle in the best model when the training has ended.</summary>
    /// <returns>Whether the model has changed.</returns>
    internal virtual bool Finish(SequenceModel best) => false;

    /// <summary>Evaluates the best model on what is held out.</summary>
    public virtual EvaluationReport Evaluate(SequenceModel best, IProgress<double> progress) => throw new NotSupportedException();

    /// <summary>Some of what the best model can do, for people: rows of names and values, a group for each example.</summary>
    public virtual IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(SequenceModel best) => [];

    /// <summary>A command that uses the model, for people.</summary>
    /// <param name="run">The run's folder.</param>
    public abstract string NextCommand(string run);
}

/// <summary>A training job of a task.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <typeparam name="TModel">Its model.</typeparam>
/// <param name="options">The options, with everything chosen.</param>
/// <param name="model">The model.</param>
public abstract class TrainingJob<TOptions, TModel>(TOptions options, TModel model) : TrainingJob where TOptions : TrainingOptions where TModel : SequenceModel
{
    /// <inheritdoc/>
    public override TOptions Options => options;

    /// <inheritdoc/>
    public override TModel Model => model;

    internal sealed override bool Finish(SequenceModel best) => Finish((TModel)best);

    /// <summary>Settles what is left to settle in the best model when the training has ended, such as a calibration. It may be called again on a model that is settled.</summary>
    /// <returns>Whether the model has changed.</returns>
    protected virtual bool Finish(TModel best) => false;

    /// <inheritdoc/>
    public sealed override EvaluationReport Evaluate(SequenceModel best, IProgress<double> progress) => Evaluate((TModel)best, progress);

    /// <summary>Evaluates the best model on what is held out, where <see cref="TrainingJob.HeldOut"/> names it.</summary>
    protected virtual EvaluationReport Evaluate(TModel best, IProgress<double> progress) => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(SequenceModel best) => Samples((TModel)best);

    /// <summary>Some of what the best model can do, for people.</summary>
    protected virtual IEnumerable<IReadOnlyList<(string Name, string Value)>> Samples(TModel best) => [];
}
