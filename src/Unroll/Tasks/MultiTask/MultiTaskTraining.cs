using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Trains a <see cref="MultiTaskClassifier"/> in phases: language model, all tasks together, each task by itself.</summary>
/// <remarks>
/// What learns is no part of the model: networks that share layers while tasks learn together. The model keeps the weights of each task that had the best validation accuracy so far, and of equal
/// accuracies the lower loss; a task that learns by itself begins with them. What is kept has its temperature in the output layer (<see cref="TemperatureScaling"/>), and losses are those at that
/// temperature: without it answers become too sure on few examples, and the loss grows while the accuracy still does. What is validated is the mean of the losses of what is kept.
/// </remarks>
internal sealed class MultiTaskTraining : TrainingTask
{
    const int AverageEvery = 8;                   // iterations
    const int MostSteps = 100_000;                // between two of a task, which would else wait for long after the others have stopped

    readonly MultiTaskClassifier _model;
    readonly TaskNetwork[] _learning;
    readonly SharedLanguageModel? _language;
    readonly TaskPart[] _parts;
    readonly TrainingPhase[] _phases;
    readonly MultiTaskOptions _options;
    readonly double[] _drawn;                     // cumulative weights of the tasks
    readonly Rng _drawing;
    readonly SequenceBatch _batch = new();
    readonly string _trainData, _validData;
    int[] _targets = [];
    int _phase;
    long _done;                                   // iterations of the phase
    double _languageLoss = double.NaN;
    Schedule _schedule;
    WeightAverage? _average;                      // of what learns in the phase
    long _averaged;                               // iterations of the phase that it has
    long _lastTokens;

    /// <summary>What belongs to one task.</summary>
    sealed class TaskPart(SequenceInput[] train, IReadOnlyList<Example> valid, SequenceInput[] validInputs, LengthBuckets buckets)
    {
        public SequenceInput[] Train { get; } = train;
        public IReadOnlyList<Example> Valid { get; } = valid;
        public SequenceInput[] ValidInputs { get; } = validInputs;
        public LengthBuckets Buckets { get; } = buckets;
        public double BestLoss { get; set; } = double.PositiveInfinity;
        public double BestAccuracy { get; set; }
        public long BestAt { get; set; }                  // how many batches it had then, or when the phase began
        public bool Stopped { get; set; }
    }

    /// <summary>The model, and what learns besides it: named so that a checkpoint has it with the rest of the training.</summary>
    sealed class Whole : Module
    {
        public Whole(MultiTaskClassifier model, IEnumerable<TaskNetwork> learning, SharedLanguageModel? language)
        {
            Add("", model);
            foreach (var (network, m) in learning.Select((n, m) => (n, m))) Add($"{CheckpointState.TrainingPart}.task{m}", network);
            if (language is not null) Add($"{CheckpointState.TrainingPart}.language", language);
        }
    }

    /// <summary>A training that begins at the first phase.</summary>
    /// <exception cref="UnrollException">An example has not one label, or one that its task lacks; all are listed.</exception>
    public MultiTaskTraining(MultiTaskClassifier model, DataSplit<TaskExample> data, MultiTaskOptions options, Rng rng)
    {
        (_model, _options, _drawing) = (model, options, rng.Fork("tasks"));
        var order = rng.Fork("order");
        _parts = [.. model.Tasks.Select((task, m) => PartOf(task, m, data, order.Fork(task.Name)))];
        _options = options.WithPasses(_parts.Length, _parts.Sum(p => p.Train.Length));
        (_trainData, _validData) = (Fingerprint(_parts.Select(p => p.Train)), Fingerprint(_parts.Select(p => p.ValidInputs)));
        var fresh = rng.Fork("together");
        var shared = model.Config.Shares ? model.CreateShared(fresh) : null;
        _learning = [.. model.Tasks.Select((_, m) => model.CreateNetwork(m, shared ?? model.CreateShared(fresh), fresh))];
        // What all begin from is what the model was made with; of what they share, that of the last.
        for (var m = 0; m < _learning.Length; m++) Copy(model.Networks[m], _learning[m]);
        if (options.PretrainLm && options.From is null)
            _language = new(shared!, _parts.SelectMany(p => p.Train).Select(i => i.Ids), _parts.SelectMany(p => p.ValidInputs).Select(i => i.Ids),
                model.Config.Dropout > 0 ? new Dropout(model.Config.Dropout / 2, model.DropoutRng) : null, rng.Fork("language"));
        Model = new Whole(model, _learning, _language);
        var weights = _parts.Select(p => options.Sampling == "size" ? p.Train.Length : 1.0).Zip(options.WeightsOf([.. model.Tasks.Select(t => t.Name)]), (s, w) => s * w).ToArray();
        if (weights.Sum() / weights.Min() is > MostSteps and var steps)
            throw new InvalidConfigurationException($"Task {model.Tasks[Array.IndexOf(weights, weights.Min())].Name} would be drawn once in {steps:G2} steps; expected once in {MostSteps:N0} at least. Give it a larger weight, or uniform sampling.");
        _drawn = [.. weights.Select((_, m) => weights[..(m + 1)].Sum())];
        _phases = [.. PhasesOf()];
        _schedule = Schedule.Constant;
        if (options.From is not null)
            for (var m = 0; m < _parts.Length; m++)                                   // what fine-tuning has to better
            {
                var (score, _) = ScoreOf(m, model.Networks[m]);
                (_parts[m].BestLoss, _parts[m].BestAccuracy) = (score.Loss, score.Accuracy);
            }
        BeginPhase();
    }

    /// <summary>Iterations between validations in a phase, at each of which it may end: as many as the task has batches, and of all together the mean of that.</summary>
    long Every => _options.ValidateEvery ?? (Phase.Kind == PhaseKind.Joint ? Math.Max(1, BatchesPerEpoch / _parts.Length) : BatchesOfPhase);

    /// <inheritdoc/>
    internal override bool? IsValidationDue => _done > 0 && (_done % Every == 0 || _done >= Phase.Iterations);

    /// <summary>How many iterations there are at most.</summary>
    public long Iterations => _phases.Sum(p => p.Iterations);

    TaskPart PartOf(TaskLabels task, int number, DataSplit<TaskExample> data, Rng order)
    {
        IReadOnlyList<Example> Of(IReadOnlyList<TaskExample> all) => [.. all.Where(e => e.Task == task.Name).Select(e => e.Example)];
        var (train, valid) = (Of(data.Train), Of(data.Valid));
        var problems = new ProblemList();
        var inputs = train.Select(e => _model.Prepare(number, e)).ToArray();
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i].Classes.Length != 1) problems.Add($"{train[i].Source} has {inputs[i].Classes.Length} labels; expected one");
            else if (inputs[i].Class < 0) problems.Add($"{train[i].Source}: {ProblemList.Quote(train[i].Labels[0])} is no class of task {task.Name}");
        problems.ThrowIfAny($"The examples of task {task.Name} cannot be learned from");
        return new(inputs, valid, [.. valid.Select(e => _model.Prepare(number, e))], new([.. inputs.Select(i => i.Steps)], _options.Batch, order));
    }

    IEnumerable<TrainingPhase> PhasesOf()
    {
        long epochs = _options.Epochs!.Value;
        if (_language is not null) yield return new(PhaseKind.LanguageModel, -1, (long)_options.PretrainEpochs * _language.BatchesPerEpoch, _options.PretrainRate);
        if (_model.Config.Shares && _options.From is null) yield return new(PhaseKind.Joint, -1, epochs * BatchesPerEpoch, 1);
        for (var m = 0; m < _parts.Length; m++)
            if (!_model.Config.Shares) yield return new(PhaseKind.Task, m, epochs * _parts[m].Buckets.BatchesPerEpoch, 1);
            else if (_options.FineTune) yield return new(PhaseKind.Task, m, (long)_options.TuneEpochs!.Value * _parts[m].Buckets.BatchesPerEpoch, _options.TuneRate);
    }

    TrainingPhase Phase => _phases[Math.Min(_phase, _phases.Length - 1)];

    /// <summary>What learns in the phase; the model itself never does.</summary>
    void Release()
    {
        foreach (var (_, parameter) in Model.Parameters) parameter.Trainable = false;
        if (IsComplete) return;
        Module[] learning = Phase.Kind switch
        {
            PhaseKind.LanguageModel => [_language!, _learning[0].Shared],
            PhaseKind.Joint => [.. _learning],
            _ => [_learning[Phase.Task]],
        };
        foreach (var (_, parameter) in learning.SelectMany(l => l.Parameters)) parameter.Trainable = true;
    }

    static void Copy(TaskNetwork from, TaskNetwork to)
    {
        for (var i = 0; i < from.Parameters.Count; i++) from.Parameters[i].Parameter.Values.CopyTo(to.Parameters[i].Parameter.Edit());
    }

    /// <inheritdoc/>
    public override Module Model { get; }

    /// <inheritdoc/>
    public override int BatchesPerEpoch => _parts.Sum(p => p.Buckets.BatchesPerEpoch);

    /// <inheritdoc/>
    public override long TokensInBatch => _lastTokens;

    /// <inheritdoc/>
    public override bool HasValidation => true;

    /// <inheritdoc/>
    public override bool KeepsBest => true;

    /// <inheritdoc/>
    public override bool IsComplete => _phase >= _phases.Length;

    /// <summary>Whether a phase begins: what the optimizer knows of the gradients of a language model is too large for those of a classifier.</summary>
    internal override bool BeginsAnew => _done == 0 && _phase > 0;

    /// <summary>The learning rate's course in the phase that the training is in.</summary>
    public double RateFactor => IsComplete ? 0 : Phase.Rate * _schedule.Factor(_done, BatchesOfPhase);

    /// <summary>How many batches make one pass through the data that the phase learns from.</summary>
    int BatchesOfPhase => Phase.Kind switch
    {
        PhaseKind.LanguageModel => _language!.BatchesPerEpoch,
        PhaseKind.Joint => BatchesPerEpoch,
        _ => _parts[Phase.Task].Buckets.BatchesPerEpoch,
    };

    /// <inheritdoc/>
    public override Tensor NextLoss()
    {
        TakeAverage();
        _done++;
        if (Phase.Kind == PhaseKind.LanguageModel)
        {
            var language = _language!.NextLoss();
            _lastTokens = _language.TokensInBatch;
            return language;
        }
        var task = Phase.Kind == PhaseKind.Task ? Phase.Task : Draw();
        var part = _parts[task];
        var chosen = part.Buckets.Next();
        _batch.Fill(part.Train, chosen, features: 0, sentences: false);
        _lastTokens = _batch.Lengths.Total;
        if (_targets.Length < chosen.Length) _targets = new int[chosen.Length];
        for (var b = 0; b < chosen.Length; b++) _targets[b] = part.Train[chosen[b]].Class;
        return Losses.CrossEntropy(_learning[task].Forward(_batch), _targets.AsSpan(0, chosen.Length), _options.LabelSmoothing);
    }

    /// <summary>A task by its weight, of those that still learn.</summary>
    int Draw()
    {
        while (true)
        {
            var at = _drawing.NextDouble() * _drawn[^1];
            var task = 0;
            while (task + 1 < _drawn.Length && _drawn[task] <= at) task++;
            if (!_parts[task].Stopped) return task;
        }
    }

    /// <summary>Takes the weights after every eighth iteration into their average: as often as it can tell apart.</summary>
    void TakeAverage()
    {
        if (_average is null || _done == _averaged || _done % AverageEvery != 0) return;
        _average.Update(_done / AverageEvery);
        _averaged = _done;
    }

    /// <summary>Measures the tasks that learn, keeps the best weights of each, and ends the phase where it is over.</summary>
    public override Validation Validate()
    {
        var metrics = new List<(string Name, double Value)>();
        bool? best = null;
        if (Phase.Kind == PhaseKind.LanguageModel) metrics.Add(("lm_loss", _languageLoss = _language!.Validate()));
        else
        {
            TakeAverage();
            var average = _averaged > 0 ? _average : null;                       // before its first update it is what the phase began with
            average?.Exchange(putIn: true);
            best = false;
            for (var m = 0; m < _parts.Length; m++)
                if (Phase.Kind == PhaseKind.Joint ? !_parts[m].Stopped : m == Phase.Task) best |= Validate(m, metrics);
            average?.Exchange(putIn: false);
        }
        _schedule.Observe(metrics.Where(m => m.Name.EndsWith("loss", StringComparison.Ordinal)).Average(m => m.Value));
        if (_done >= Phase.Iterations || Phase.Kind == PhaseKind.Joint && _parts.All(p => p.Stopped) || Phase.Kind == PhaseKind.Task && _parts[Phase.Task].Stopped) EndPhase();
        return new(_parts.Select((p, m) => double.IsFinite(p.BestLoss) ? p.BestLoss : Math.Log(_model.Tasks[m].Classes.Count)).Average(), [("accuracy", _parts.Average(p => p.BestAccuracy)), .. metrics]) { IsBest = best };
    }

    /// <summary>Measures a task, keeps its weights if they are the best so far, and says whether they are.</summary>
    bool Validate(int task, List<(string Name, double Value)> metrics)
    {
        var (part, labels) = (_parts[task], _model.Tasks[task]);
        var (score, factor) = ScoreOf(task, _learning[task]);
        metrics.Add(($"{labels.Name}.loss", score.Loss));
        metrics.Add(($"{labels.Name}.accuracy", score.Accuracy));
        if (score.Accuracy > part.BestAccuracy || score.Accuracy == part.BestAccuracy && score.Loss < part.BestLoss)
        {
            (part.BestLoss, part.BestAccuracy, part.BestAt) = (score.Loss, score.Accuracy, part.Buckets.Position);
            Copy(_learning[task], _model.Networks[task]);
            _model.Networks[task].ScaleScores(factor);
            return true;
        }
        part.Stopped = _options.StopAfter > 0 && part.Buckets.Position - part.BestAt >= (long)_options.StopAfter.Value * part.Buckets.BatchesPerEpoch;
        return false;
    }

    /// <summary>How well a network does on the validation part of a task at its best temperature, and the factor of its scores for that.</summary>
    (ClassificationScore Score, double Factor) ScoreOf(int task, TaskNetwork network)
    {
        var (part, classes) = (_parts[task], _model.Tasks[task].Classes);
        var probabilities = MultiTaskClassifier.Predict(network, part.ValidInputs);
        var factor = TemperatureScaling.FactorOf(probabilities, [.. part.ValidInputs.Select(i => i.Class)]);
        return (ClassificationScore.Of(classes, [.. probabilities.Select(p => TemperatureScaling.Apply(p, factor))], [.. part.Valid.Select(e => e.Labels[0])]), factor);
    }

    void EndPhase()
    {
        _phase++;
        _done = 0;
        BeginPhase();
    }

    void BeginPhase()
    {
        foreach (var part in _parts) (part.BestAt, part.Stopped) = (part.Buckets.Position, false);
        if (!IsComplete)
        {
            if (Phase.Kind == PhaseKind.Task) Copy(_model.Networks[Phase.Task], _learning[Phase.Task]);
            _schedule = ScheduleOf(Phase);
        }
        Release();
        BeginAverage();
    }

    void BeginAverage() => (_average, _averaged) =
        (_options.Average > 0 && !IsComplete && Phase.Kind != PhaseKind.LanguageModel ? new(Model.Parameters, Math.Pow(_options.Average, AverageEvery)) : null, 0);

    /// <summary>The course of the learning rate in a phase; a short one rises in a tenth of it.</summary>
    Schedule ScheduleOf(TrainingPhase phase) => (_options with { WarmUp = Math.Min(_options.WarmUp, phase.Iterations / 10 + 1) }).ToSchedule(phase.Iterations);

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(_trainData, _validData, _done);
        snapshot.Set("phase", _phase);
        snapshot.Set("language_loss", _languageLoss);
        snapshot.Set("positions", [.. _parts.Select(p => p.Buckets.Position)]);
        snapshot.Set("best_at", [.. _parts.Select(p => p.BestAt)]);
        snapshot.Set("stopped", [.. _parts.Select(p => p.Stopped ? 1L : 0)]);
        for (var m = 0; m < _parts.Length; m++)
        {
            snapshot.Set($"best_loss{m}", _parts[m].BestLoss);
            snapshot.Set($"best_accuracy{m}", _parts[m].BestAccuracy);
        }
        snapshot.Set("drawing", _drawing.State);
        snapshot.Set("dropout", _model.DropoutRng.State);
        if (_language is not null)
        {
            snapshot.Set("language_position", _language.Place.Position);
            snapshot.Set("language_drawing", _language.Place.Drawing);
        }
        _schedule.Capture(snapshot.Part("phase_schedule"));
        if (_average is null) return;
        snapshot.Set("averaged", _averaged);
        _average.Capture(snapshot.Part("phase_average"));
    }

    /// <summary>The phase says what has an average.</summary>
    internal override void Expect(CheckpointState snapshot)
    {
        if (snapshot.Values["phase"] is null) return;
        _phase = PhaseOf(snapshot);
        Release();
        BeginAverage();
    }

    int PhaseOf(CheckpointState snapshot) => (int)Math.Clamp(snapshot.GetInt64("phase"), 0, _phases.Length);

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        _done = snapshot.GetPosition(_trainData, _parts.Sum(p => p.Train.Length), _validData, _parts.Sum(p => p.ValidInputs.Length));
        _phase = PhaseOf(snapshot);
        _languageLoss = snapshot.GetDouble("language_loss");
        var (positions, bestAt, stopped) = (new long[_parts.Length], new long[_parts.Length], new long[_parts.Length]);
        snapshot.CopyTo("positions", positions);
        snapshot.CopyTo("best_at", bestAt);
        snapshot.CopyTo("stopped", stopped);
        for (var m = 0; m < _parts.Length; m++)
        {
            _parts[m].Buckets.Position = positions[m];
            (_parts[m].BestAt, _parts[m].Stopped) = (bestAt[m], stopped[m] != 0);
            (_parts[m].BestLoss, _parts[m].BestAccuracy) = (snapshot.GetDouble($"best_loss{m}"), snapshot.GetDouble($"best_accuracy{m}"));
        }
        _drawing.State = snapshot.GetRng("drawing");
        _model.DropoutRng.State = snapshot.GetRng("dropout");
        if (_language is not null) _language.Place = (snapshot.GetInt64("language_position"), snapshot.GetRng("language_drawing"));
        _schedule = ScheduleOf(Phase);
        _schedule.Restore(snapshot.Part("phase_schedule"));
        Release();
        if (_average is null) return;
        _averaged = snapshot.GetInt64("averaged");
        _average.Restore(snapshot.Part("phase_average"));
    }

    /// <summary>A hash of everything that is learned from.</summary>
    static string Fingerprint(IEnumerable<SequenceInput[]> tasks)
    {
        var hash = new Fnv();
        foreach (var inputs in tasks)
        {
            hash.Add((uint)inputs.Length);
            foreach (var input in inputs)
            {
                hash.Add((uint)input.Steps);
                foreach (var id in input.Ids) hash.Add((uint)id);
                foreach (var c in input.Classes) hash.Add((uint)c);
            }
        }
        return hash.ToString();
    }
}

/// <summary>The learning rate of a training in phases: in each the course that the options say, from its beginning.</summary>
internal sealed class PhaseSchedule(MultiTaskTraining training) : Schedule
{
    public override double Factor(long iteration, int iterationsPerEpoch) => training.RateFactor;
}
