using System.Diagnostics;
using Unroll.Kernels;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Trains a model: batches, gradients, clipping, learning rate, steps, validation, checkpoints, early stopping.</summary>
/// <remarks>
/// Everything that decides the weights is in <see cref="Capture"/>: a run that was interrupted and resumed has the very bits of one that
/// was not. Time is measured for reports alone. Iterations allocate nothing on the managed heap after the first.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class Trainer
{
    const int WeightsNamed = 5;       // in the message of a failed run
    const double MostSeconds = 1e10;  // what a TimeSpan can hold, and some three hundred years

    readonly TrainingTask _task;
    readonly Optimizer _optimizer;
    readonly Schedule _schedule;
    readonly TrainerOptions _options;
    readonly ICheckpointStore? _store;
    readonly IReadOnlyList<ITrainingObserver> _observers;
    readonly double _baseRate;
    readonly int _iterationsPerEpoch;
    readonly long _iterations;
    readonly WeightAverage? _average;

    long _iteration, _validatedAt, _bestIteration, _badValidations;
    double _bestLoss = double.PositiveInfinity;
    Validation? _last;
    bool _saved;

    double _lossSum, _gradientNorm;                                  // since the last report, a resume in between included
    long _lossCount;
    long _tokens, _ticks, _timed, _tokensBefore, _ticksBefore, _timedBefore;     // of this run, and up to the last report

    /// <summary>Prepares a run from the beginning; <see cref="Restore"/> makes it go on from a checkpoint.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="optimizer">Made for the task's model; its learning rate is the one that the schedule's factor applies to.</param>
    /// <param name="schedule">How the learning rate changes; <see cref="Schedule.Constant"/> for not at all.</param>
    /// <param name="options">How long and how.</param>
    /// <param name="store">Where checkpoints go; null for nowhere.</param>
    /// <param name="observers">Who is told.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range, or asks for validation where the task has none.</exception>
    public Trainer(
        TrainingTask task, Optimizer optimizer, Schedule schedule, TrainerOptions options, ICheckpointStore? store = null,
        params IReadOnlyList<ITrainingObserver> observers)
    {
        options.Check();
        if (options.Patience > 0 && !task.HasValidation)
            Throw.OutOfRange(nameof(options.Patience), options.Patience, "0 where nothing is validated on");
        (_task, _optimizer, _schedule, _options, _store, _observers) = (task, optimizer, schedule, options, store, observers);
        _baseRate = optimizer.LearningRate;
        if (options.AverageDecay > 0) _average = new(task.Model.Parameters, options.AverageDecay);
        _iterationsPerEpoch = (int)CeilingOfRatio(task.BatchesPerEpoch, options.Accumulate);
        _iterations = CountIterations(task, options);
    }

    /// <summary>How many iterations the options mean for a task, for a schedule that must know.</summary>
    public static long CountIterations(TrainingTask task, TrainerOptions options) =>
        options.Iterations ?? CeilingOfRatio((long)options.Epochs * task.BatchesPerEpoch, options.Accumulate);

    static long CeilingOfRatio(long a, long b) => Math.Max(1, (a + b - 1) / b);

    /// <summary>How many iterations were made, those before a resume included.</summary>
    public long Iteration => _iteration;

    /// <summary>How many iterations the whole run has.</summary>
    public long Iterations => _iterations;

    /// <summary>How many passes through the data were made, with the fraction of the current one.</summary>
    public double Epoch => (double)_iteration * _options.Accumulate / _task.BatchesPerEpoch;

    /// <summary>Trains until the end, until there is no progress, or until it is cancelled; then saves.</summary>
    /// <param name="cancellation">Finishes the iteration and saves. A validation that is due then is made first thing after a
    /// resume.</param>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is not finite. The last checkpoint stays as it was.</exception>
    public TrainingResult Run(CancellationToken cancellation = default)
    {
        (_tokens, _ticks, _timed, _tokensBefore, _ticksBefore, _timedBefore) = (0, 0, 0, 0, 0, 0);
        _task.Model.ClearGradients();
        _average?.Exchange(putIn: false);
        var validateEvery = _options.ValidateEvery ?? _iterationsPerEpoch;
        var checkpointEvery = _options.CheckpointEvery ?? validateEvery;
        TrainingEnd end;
        while (true)
        {
            var due = _task.HasValidation && _validatedAt != _iteration && (_task.IsValidationDue ?? IsDue(validateEvery));
            if (due && !cancellation.IsCancellationRequested) Validate();
            if (HasEnded(cancellation, out end)) break;
            if (IsDue(checkpointEvery)) SaveLast();
            Iterate(_options.RecordGradients && IsReported(_iteration + 1) ? new(_task.Model, _optimizer.Parameters) : null);
            if (IsReported(_iteration)) Report();
        }
        SaveLast();
        _average?.Exchange(putIn: true);
        return new(end, _iteration, _last, _bestIteration > 0 ? _bestLoss : double.NaN, _bestIteration, _tokens, Seconds(_ticks));
    }

    bool HasEnded(CancellationToken cancellation, out TrainingEnd end)
    {
        end = cancellation.IsCancellationRequested ? TrainingEnd.Cancelled
            : _iteration >= _iterations ? TrainingEnd.Finished
            : TrainingEnd.NoProgress;
        return end != TrainingEnd.NoProgress || _task.IsComplete || _options.Patience > 0 && _badValidations >= _options.Patience;
    }

    bool IsDue(long every) => _iteration > 0 && (_iteration % every == 0 || _iteration == _iterations);

    bool IsReported(long iteration) => iteration % _options.ReportEvery == 0 || iteration == _iterations;

    void Iterate(StatisticsCollector? statistics)
    {
        var started = Stopwatch.GetTimestamp();
        var rate = _baseRate * _schedule.Factor(_iteration, _iterationsPerEpoch);
        if (_task.BeginsAnew) _optimizer.Forget();
        double loss = 0;
        for (var i = 0; i < _options.Accumulate; i++)
        {
            using var tape = Tape.Record();
            using var recording = statistics?.Record() ?? default;
            var part = _task.NextLoss();
            loss += part.Scalar / (double)_options.Accumulate;
            if (!double.IsFinite(loss)) Fail(loss, rate, double.NaN);
            tape.Backward(part, 1.0 / _options.Accumulate);
            statistics?.AfterBackward();
            _tokens += _task.TokensInBatch;
        }
        var parameters = _optimizer.Parameters;
        if (_options.ClipValue is { } limit) Clip.ByValue(parameters, limit);
        _gradientNorm = Clip.GradientNorm(parameters);
        if (!double.IsFinite(_gradientNorm)) Fail(loss, rate, _gradientNorm);
        _optimizer.LearningRate = rate;
        statistics?.BeforeStep();
        _optimizer.Step(_options.ClipNorm is { } max ? Clip.Factor(_gradientNorm, max) : 1);
        _iteration++;
        _average?.Update(_iteration);
        _saved = false;
        _lossSum += loss;
        _lossCount++;
        _timed++;
        _ticks += Stopwatch.GetTimestamp() - started;
        if (statistics?.AfterStep(_iteration, Epoch) is not { } found) return;
        for (var i = 0; i < _observers.Count; i++) _observers[i].OnStatistics(found);
    }

    void Report()
    {
        var seconds = Seconds(_ticks - _ticksBefore);
        var remaining = seconds / (_timed - _timedBefore) * (_iterations - _iteration);
        var report = new StepReport(
            _iteration, _iterations, Epoch, _lossSum / _lossCount, _optimizer.LearningRate, _gradientNorm,
            seconds > 0 ? (_tokens - _tokensBefore) / seconds : 0, TimeSpan.FromSeconds(Math.Min(remaining, MostSeconds)));
        for (var i = 0; i < _observers.Count; i++) _observers[i].OnStep(report);
        (_lossSum, _lossCount) = (0, 0);
        (_tokensBefore, _ticksBefore, _timedBefore) = (_tokens, _ticks, _timed);
    }

    static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    void Validate()
    {
        _average?.Exchange(putIn: true);
        _last = _task.Validate();
        _validatedAt = _iteration;
        _saved = false;
        _schedule.Observe(_last.Loss);
        var best = _last.IsBest ?? _last.Loss < _bestLoss;
        if (best) (_bestLoss, _bestIteration, _badValidations) = (_last.Loss, _iteration, 0);
        else _badValidations++;
        var report = new ValidationReport(_iteration, Epoch, _last, best);
        for (var i = 0; i < _observers.Count; i++) _observers[i].OnValidation(report);
        if (best && _store is not null)
        {
            _store.SaveBest(Capture());
            for (var i = 0; i < _observers.Count; i++) _observers[i].OnCheckpoint(_iteration, best: true);
        }
        _average?.Exchange(putIn: false);
    }

    void SaveLast()
    {
        if (_saved || _store is null) return;
        _average?.Exchange(putIn: true);
        _store.SaveLast(Capture());
        _average?.Exchange(putIn: false);
        _saved = true;
        for (var i = 0; i < _observers.Count; i++) _observers[i].OnCheckpoint(_iteration, best: false);
    }

    /// <summary>Copies out all that the rest of the run depends on.</summary>
    public CheckpointState Capture()
    {
        var averaged = _average?.IsIn ?? false;
        _average?.Exchange(putIn: false);
        var snapshot = new CheckpointState();
        foreach (var (name, parameter) in _task.Model.Parameters) snapshot.Add(name, parameter.Tensor);
        var training = snapshot.Part(CheckpointState.TrainingPart);
        training.Set("iteration", _iteration);
        training.Set("validated_at", _validatedAt);
        training.Set("best_loss", _bestLoss);
        training.Set("best_iteration", _bestIteration);
        training.Set("bad_validations", _badValidations);
        training.Set("loss_sum", _lossSum);
        training.Set("loss_count", _lossCount);
        if (_last is not null)
        {
            var last = training.Part("validation");
            last.Set("loss", _last.Loss);
            foreach (var (name, value) in _last.Metrics) last.Part("metrics").Set(name, value);
        }
        _optimizer.Capture(training.Part("optimizer"));
        _schedule.Capture(training.Part("schedule"));
        _task.Capture(training.Part("task"));
        _average?.Capture(training.Part("average"));
        _average?.Exchange(averaged);
        return snapshot;
    }

    /// <summary>Goes on from a snapshot of a run of the same configuration.</summary>
    /// <exception cref="InvalidConfigurationException">It is of another configuration: every tensor that is missing, unexpected or of another shape is
    /// named.</exception>
    public void Restore(CheckpointState snapshot)
    {
        var training = snapshot.Part(CheckpointState.TrainingPart);
        _optimizer.Expect(training.Part("optimizer"));
        _average?.Expect(training.Part("average"));
        _task.Expect(training.Part("task"));
        var problems = snapshot.DifferencesFrom(Capture());
        if (problems.Count > 0) Throw.SnapshotDoesNotFit(problems);
        _average?.Exchange(putIn: false);
        _average?.Restore(training.Part("average"));
        _task.Restore(training.Part("task"));
        _optimizer.Restore(training.Part("optimizer"));
        _schedule.Restore(training.Part("schedule"));
        foreach (var (name, parameter) in _task.Model.Parameters)
        {
            parameter.Edit();
            snapshot.CopyTo(name, parameter.Tensor);
        }
        _iteration = training.GetInt64("iteration");
        _validatedAt = training.GetInt64("validated_at");
        _bestLoss = training.GetDouble("best_loss");
        _bestIteration = training.GetInt64("best_iteration");
        _badValidations = training.GetInt64("bad_validations");
        _lossSum = training.GetDouble("loss_sum");
        _lossCount = training.GetInt64("loss_count");
        _last = null;
        if (training.Values.ContainsKey("validation"))
        {
            var last = training.Part("validation");
            var metrics = last.Part("metrics");
            _last = new(last.GetDouble("loss"), [.. metrics.Values.Select(m => (m.Key, metrics.GetDouble(m.Key)))]);
        }
        _saved = false;
    }

    void Fail(double loss, double rate, double gradientNorm)
    {
        var weights = new List<(string Name, double Norm)>();
        foreach (var (name, parameter) in _task.Model.Parameters)
            weights.Add((name, Math.Sqrt(Reduce.SumOfSquares(parameter.Values))));
        var largest = weights.OrderByDescending(w => double.IsFinite(w.Norm) ? w.Norm : double.PositiveInfinity).Take(WeightsNamed);
        Throw.NotFinite(_iteration, loss, rate, gradientNorm, largest, _options);
    }
}
