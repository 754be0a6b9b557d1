using System.Numerics;
using Unroll.Data;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Finds the plan of a classifier of texts: tries candidates on held-out parts of the examples, the linear member first, then a network beside it.</summary>
/// <remarks>Work is counted in operations, so a plan depends on the examples, on what is settled and on the seed, and on no machine.</remarks>
internal sealed class ClassifierPlanner
{
    const int LeastExamples = 40;                        // of fewer nothing is held out: what came of it would be chance
    const int FewExamples = 1000;                        // are all held out in turn
    const int Folds = 5;
    const double Better = 0.99;                          // of a loss: a smaller gain is no reason for more
    const double WorthNetworks = 0.998;                  // of the linear member's loss: they are left out where they gain nothing
    const double AsGood = 1.005;                         // of a loss: a larger one would be a reason against half the size
    const double NearlyBest = 1.01;                      // of a loss, for the share of the vote

    /// <summary>What an effort may take.</summary>
    /// <param name="Operations">Of networks, trials included.</param>
    /// <param name="Characters">Of the texts that are tried on.</param>
    /// <param name="Members">Networks at most.</param>
    /// <param name="Memory">Bytes that a further network may not lead beyond.</param>
    sealed record Budget(double Operations, double Characters, int Members, long Memory)
    {
        public static Budget Of(Effort effort) => effort switch
        {
            Effort.Quick => new(0, 1e6, 0, 300L << 20),
            Effort.Balanced => new(4e12, 4e6, 2, 500L << 20),
            _ => new(2e13, 8e6, 8, 4L << 30),
        };

        /// <summary>What trials may take of the operations.</summary>
        public double ForTrials => 0.3 * Operations;
    }

    readonly IReadOnlyList<Example> _all;
    readonly Func<ClassifierPlan, ClassifierPlan> _settle;
    readonly bool _keepNetworks;
    readonly Rng _rng;
    readonly IProgress<string>? _progress;
    readonly CancellationToken _cancellation;
    readonly List<PlanTrial> _trials = [];
    readonly Dictionary<(int Fold, int MinCount), Tokenizer> _tokenizers = [];
    readonly double _characters;                         // of all examples
    (IReadOnlyList<Example> Train, IReadOnlyList<Example> Test)[] _folds = [];
    Example[] _held = [];                                // of all folds
    double _tokensOfCharacter, _spent;                   // the latter: operations of networks that were tried
    long _memory;                                        // the most that one of them took
    bool _aligned;                                       // whether all texts have as many tokens

    public ClassifierPlanner(
        IReadOnlyList<Example> train, Func<ClassifierPlan, ClassifierPlan> settle, bool keepNetworks, Rng rng, IProgress<string>? progress, CancellationToken cancellation)
    {
        (_all, _settle, _keepNetworks, _rng, _progress, _cancellation) = (train, settle, keepNetworks, rng, progress, cancellation);
        _characters = train.Sum(e => (double)(e.Text ?? Throw.ExampleKind<string>(e.Source, "a series", "a text")).Length);
    }

    /// <summary>A plan with its trials, operations and memory.</summary>
    /// <param name="start">What candidates differ from.</param>
    public ClassifierPlan Plan(ClassifierPlan start)
    {
        var budget = Budget.Of(start.Effort);
        _tokensOfCharacter = start.Tokens is "char" or "byte" ? 1 : 1 / ClassifierPlan.CharactersOfWord;
        var plan = _settle(start);
        if (start.Effort == Effort.Best) budget = budget with { Operations = Math.Max(budget.Operations, 2 * CostOf(plan, 1)) };        // its networks are never smaller
        plan = Shrink(plan, budget);
        var (hasLinear, hasNetworks) = (plan.Config.NGrams > 0, _keepNetworks || budget.Members > 0 && plan.Config.Members > 0);
        if (!hasLinear) hasNetworks = true;
        if (hasLinear && plan.Config.Encoder != "mlp" && Part(plan, budget))
        {
            (plan, var linear) = TryLinear(plan);
            if (hasNetworks && budget.Members > 0) (plan, hasNetworks) = TryNetworks(plan, linear, budget);
        }
        plan = Count(plan, hasNetworks, budget);
        return plan with { Trials = _trials, Operations = _spent + plan.Config.Members * CostOf(plan, 1), Memory = Math.Max(_memory, MemoryOf(plan)) };
    }

    /// <summary>Fewer units and passes, until one network takes no more than the budget has beside the trials; smaller batches, until it has the memory.</summary>
    ClassifierPlan Shrink(ClassifierPlan plan, Budget budget)
    {
        const int UsualUnits = 64, FewestUnits = 32, FewestPasses = 2, SmallestBatch = 8;
        while (budget.Operations > 0 && CostOf(plan, 1) > budget.Operations - budget.ForTrials)
        {
            var (units, passes) = (plan.Config.HiddenSize, plan.Epochs);
            var smaller = units > UsualUnits || passes <= FewestPasses && units > FewestUnits ? Sized(plan, units - 16)
                : passes > FewestPasses ? _settle(plan with { Epochs = passes - 1 }) : plan;
            if ((smaller.Config.HiddenSize, smaller.Epochs) == (units, passes)) break;           // so it is settled, or it cannot be smaller
            plan = smaller;
        }
        while (plan.Task.Batch > SmallestBatch && MemoryOf(plan) > budget.Memory)
        {
            var smaller = _settle(plan with { Task = plan.Task with { Batch = plan.Task.Batch / 2 } });
            if (smaller.Task.Batch == plan.Task.Batch) break;
            plan = smaller;
        }
        return plan;
    }

    ClassifierPlan Sized(ClassifierPlan plan, int units) =>
        _settle(plan with { Config = plan.Config with { HiddenSize = units, EmbeddingSize = Math.Min(plan.Config.EmbeddingSize, units) } });

    /// <summary>Chooses what is tried on, and what of it is held out; tells whether that is enough.</summary>
    bool Part(ClassifierPlan plan, Budget budget)
    {
        const int UsualClasses = 8;                      // more of them take more time, a run of tokens having a weight for each
        var share = budget.Characters / Math.Max(1, _characters * Math.Max(1, plan.Config.Classes.Count / UsualClasses));
        if (_all.Count * Math.Min(1, share) < LeastExamples) return false;
        var examples = share < 1 ? Split.ByFraction(_all, share, _rng.Fork("looked at")).Test : _all;
        var folds = Split.Folds(examples, Folds, _rng.Fork("folds"));
        _folds = examples.Count < FewExamples ? [.. folds] : [folds[0]];
        _held = [.. _folds.SelectMany(f => f.Test)];
        var lengths = _folds[0].Train.Select(e => TokenizerOf(plan, 0).Encode(e.Text!, e.Source).Length).ToArray();
        _tokensOfCharacter = Math.Max(1, lengths.Sum(n => (double)n)) / Math.Max(1, _folds[0].Train.Sum(e => (double)e.Text!.Length));
        _aligned = lengths[0] > 1 && !lengths.AsSpan().ContainsAnyExcept(lengths[0]);
        return true;
    }

    /// <summary>The best linear member, and what it says of all that is held out.</summary>
    (ClassifierPlan Plan, Trial Best) TryLinear(ClassifierPlan start)
    {
        var letters = start.Tokens is "char" or "byte";
        var best = Try(_settle(With(start, letters ? 3 : 1, 0)));
        for (var n = letters ? 4 : 2; n <= (letters ? 6 : 3); n++) Challenge(With(best.Plan, n, 0));
        if (_aligned)
            for (var p = 1; p <= 3; p++) Challenge(With(best.Plan, best.Plan.Config.NGrams, p));
        if (start.Tokens == "term") Challenge(best.Plan with { MinCount = 1 });
        var (epochs, task) = (best.Plan.Task.NGramEpochs, best.Plan.Task);
        foreach (var (passes, dropout) in new[] { (epochs, 0.5), (3 * epochs, 0.3), (3 * epochs, 0.5), (epochs / 2, 0.3) })
            Challenge(best.Plan with { Task = task with { NGramEpochs = Math.Max(1, passes), NGramDropout = dropout } });
        return (best.Plan, best);

        void Challenge(ClassifierPlan candidate)
        {
            candidate = _settle(candidate);
            if (candidate == best.Plan) return;
            var trial = Try(candidate);
            if (trial.Score.Loss > Better * best.Score.Loss) return;
            best = trial;
            _trials[^1] = _trials[^1] with { Taken = true };
        }

        Trial Try(ClassifierPlan plan)
        {
            var c = plan.Config;
            var ngrams = $"n-grams of 1 to {c.NGrams} tokens{(c.NGramPositions > 0 ? $", of 1 to {c.NGramPositions} by position" : "")}";
            var name = $"linear, {ngrams}{(plan.Tokens is "term" or "char" ? $", tokens seen {plan.MinCount} times" : "")}, {plan.Task.NGramEpochs} passes, dropout {plan.Task.NGramDropout}";
            _progress?.Report(name);
            return Measure(plan, name, Outputs(plan, c with { Members = 0, NGramRows = Rows(1 << 18, c.Classes.Count) }));
        }

        static ClassifierPlan With(ClassifierPlan plan, int runs, int placed) => plan with { Config = plan.Config with { NGrams = runs, NGramPositions = placed } };
    }

    /// <summary>
    /// The best network beside the linear member, and its share of the vote; whether it is worth having. Nothing is tried where the budget has no room for
    /// half of the examples: networks gain from more of them, and what a small part says does not hold for all.
    /// </summary>
    (ClassifierPlan Plan, bool Worth) TryNetworks(ClassifierPlan start, Trial linear, Budget budget)
    {
        var part = _folds.Sum(f => (double)f.Train.Count) / _all.Count;
        if (part < 0.4) return (start, true);
        Trial? best = null;
        var least = double.PositiveInfinity;             // the loss of the best by the share that suits it best
        var tried = new HashSet<(string, int)>();
        Challenge(start, Better);
        if (best is null) return (start, true);
        if (best.Plan.Config.NGramShare < 1)
        {
            foreach (var pooling in new[] { "max", "attention", "last" })
                if (pooling != "last" || start.Tokens is "char" or "byte") Challenge(best.Plan with { Config = best.Plan.Config with { Pooling = pooling } }, Better);
            if (start.Effort != Effort.Best && best.Plan.Config.HiddenSize > 32) Challenge(Sized(best.Plan, best.Plan.Config.HiddenSize / 2), AsGood);
        }
        var share = best.Plan.Config.NGramShare;
        var withoutLinear = _settle(best.Plan with { Config = best.Plan.Config with { NGrams = 0, NGramPositions = 0 } });
        if (share == 0 && withoutLinear.Config.NGrams == 0) return (withoutLinear, true);
        var worth = _keepNetworks || start.Effort == Effort.Best || least <= WorthNetworks * linear.Score.Loss;
        return (_settle(best.Plan with { Config = best.Plan.Config with { NGramShare = Math.Clamp(share, 0.1, 0.9) } }), worth);

        void Challenge(ClassifierPlan candidate, double limit)
        {
            candidate = _settle(candidate);
            var c = candidate.Config;
            var cost = CostOf(candidate, part);
            // As the vote will have, where there is room; one only where each is trained for every fold.
            var members = _folds.Length > 1 ? 1 : (int)Math.Clamp((budget.ForTrials - _spent) / 3 / cost, 1, budget.Members);
            cost *= members;
            candidate = candidate with { Config = c with { Members = members } };
            if (_spent + cost > budget.ForTrials || !tried.Add((c.Pooling, c.HiddenSize))) return;
            _progress?.Report(Name(candidate.Config));
            _spent += cost;
            _memory = Math.Max(_memory, MemoryOf(candidate));
            var outputs = Outputs(candidate, candidate.Config with { NGrams = 0, NGramPositions = 0 });
            var trials = Enumerable.Range(0, 11).Select(tenths => Vote(candidate, tenths / 10.0, outputs)).ToArray();
            var (trial, loss) = (NearestToHalf(trials), trials.Min(t => t.Score.Loss));
            GC.Collect();                                // what a trial took is to be free for the next one, or the bound of the memory would not hold
            var taken = loss <= limit * least;
            if (taken) (best, least) = (trial, loss);
            _trials.Add(new($"{Name(candidate.Config)}, share {1 - trial.Plan.Config.NGramShare:0.0}", trial.Score.Loss, trial.Score.Accuracy, taken));
        }

        // What is held out tells a share roughly; of those that are nearly as good, the one nearest to a half errs least elsewhere.
        static Trial NearestToHalf(Trial[] trials)
        {
            var least = trials.Min(t => t.Score.Loss);
            if (trials[^1].Score.Loss == least) return trials[^1];                  // networks gain nothing
            return trials.Where(t => t.Score.Loss <= NearlyBest * least && t.Plan.Config.NGramShare < 1).MinBy(t => Math.Abs(t.Plan.Config.NGramShare - 0.5))!;
        }

        static string Name(SequenceClassifierConfig c) => $"{c.Members} × network, {c.Cell} of {c.HiddenSize}, {c.Pooling}";

        Trial Vote(ClassifierPlan plan, double share, Real[][] outputs)
        {
            var vote = outputs.Zip(linear.Outputs, (n, l) => n.Zip(l, (x, y) => (Real)((1 - share) * x + share * y)).ToArray()).ToArray();
            return new(plan with { Config = plan.Config with { NGramShare = share } }, ScoreOf(plan, vote), vote);
        }
    }

    /// <summary>A plan that was tried.</summary>
    sealed record Trial(ClassifierPlan Plan, ClassificationScore Score, Real[][] Outputs);

    Trial Measure(ClassifierPlan plan, string name, Real[][] outputs)
    {
        var score = ScoreOf(plan, outputs);
        _trials.Add(new(name, score.Loss, score.Accuracy, _trials.Count == 0));
        return new(plan, score, outputs);
    }

    ClassificationScore ScoreOf(ClassifierPlan plan, Real[][] outputs) => SequenceClassifierTask.Score(plan.Config, _held, outputs);

    /// <summary>The probabilities of all that is held out, by models that learned from the rest.</summary>
    Real[][] Outputs(ClassifierPlan plan, SequenceClassifierConfig config)
    {
        var outputs = new List<Real[]>();
        for (var f = 0; f < _folds.Length; f++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var model = new SequenceClassifier(config, TokenizerOf(plan, f), null, _rng.Fork("weights"));
            var task = new SequenceClassifierTask(model, _folds[f].Train, [], plan.Task, _rng.Fork("order"));
            if (config.Members > 0)
            {
                var options = plan.CreateTrainerOptions();
                new Trainer(task, plan.CreateOptimizer(model), ClassifierPlan.CreateSchedule(Trainer.CountIterations(task, options)), options).Run(_cancellation);
            }
            outputs.AddRange(model.Predict(model.Prepare(_folds[f].Test)));
        }
        return [.. outputs];
    }

    Tokenizer TokenizerOf(ClassifierPlan plan, int fold)
    {
        if (!_tokenizers.TryGetValue((fold, plan.MinCount), out var tokenizer)) _tokenizers.Add((fold, plan.MinCount), tokenizer = plan.CreateTokenizer(_folds[fold].Train));
        return tokenizer;
    }

    /// <summary>How many networks, and how many rows the linear member has.</summary>
    ClassifierPlan Count(ClassifierPlan plan, bool hasNetworks, Budget budget)
    {
        const int Sparse = 4;                            // rows for each run: one in eight or fewer shares its row
        plan = WithMembers(hasNetworks ? 1 : 0);
        if (plan.Config.NGrams > 0) plan = plan with { Config = plan.Config with { NGramRows = Rows(Sparse * CountRuns(plan), plan.Config.Classes.Count) } };
        if (!hasNetworks) return WithMembers(0) with { Epochs = _settle(plan with { Epochs = 1 }).Epochs };
        var members = (int)Math.Clamp((budget.Operations - _spent) / CostOf(plan, 1), 1, Math.Max(1, budget.Members));
        while (members > 1 && MemoryOf(WithMembers(members)) > budget.Memory) members--;
        return WithMembers(members);

        ClassifierPlan WithMembers(int members) => _settle(plan with { Config = plan.Config with { Members = members } });
    }

    /// <summary>About how many different runs there are in all texts.</summary>
    double CountRuns(ClassifierPlan plan)
    {
        const int Bits = 24;
        const double Growth = 0.7;                       // of the number of different runs with that of texts, as a power (Heaps 1978)
        var c = plan.Config;
        if (_folds.Length == 0) return _characters * _tokensOfCharacter * c.NGrams;
        int[] room = [];
        var (seen, count) = (new ulong[1 << Bits - 6], 0);
        foreach (var example in _folds[0].Train)
            foreach (var row in NGramMember.Rows(TokenizerOf(plan, 0).Encode(example.Text!, example.Source), c.NGrams, c.NGramPositions, 64 - Bits, ref room))
            {
                if ((seen[row >> 6] >> row & 1) == 0) count++;
                seen[row >> 6] |= 1UL << row;
            }
        return count * Math.Pow((double)_all.Count / _folds[0].Train.Count, Growth);
    }

    /// <summary>Rows for so many runs, so that few share one, as far as a file of some 16 MB allows.</summary>
    static int Rows(double runs, int classes)
    {
        const int Fewest = 1 << 10, Most = 1 << 21, MostWeights = 1 << 22;
        var rows = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(runs, Fewest, Most));
        while (rows > 2 && rows * classes > MostWeights) rows /= 2;
        return (int)rows;
    }

    /// <summary>About how many tokens the vocabulary will have.</summary>
    double VocabularyOf(ClassifierPlan plan)
    {
        const double Growth = 0.6;
        if (plan.Tokens == "bpe") return plan.Vocabulary ?? BpeTokenizer.DefaultSize;
        if (plan.Tokens == "byte") return ByteTokenizer.ByteCount;
        var size = _folds.Length > 0
            ? TokenizerOf(plan, 0).VocabularySize * Math.Pow((double)_all.Count / _folds[0].Train.Count, Growth)
            : plan.Tokens == "char" ? 1000 : Math.Sqrt(_characters * _tokensOfCharacter) * 20;
        return Math.Min(size, plan.Vocabulary ?? Vocabulary.MaxSize);
    }

    /// <summary>Weights of one network: of its embedding, and of its recurrent layers.</summary>
    (double Embedding, double Recurrent) WeightsOf(ClassifierPlan plan) => (VocabularyOf(plan) * plan.Config.EmbeddingSize, RecurrentWeights(plan.Config));

    public static double RecurrentWeights(SequenceClassifierConfig c)
    {
        var gates = c.Cell switch { "rnn" => 1, "gru" => 3, _ => 4 };
        var (ways, input, weights) = (c.Bidirectional ? 2 : 1, c.Features > 0 ? c.Features : c.EmbeddingSize, 0.0);
        for (var l = 0; l < c.Layers; l++, input = ways * c.HiddenSize)
            weights += c.Encoder == "mlp" ? (double)c.HiddenSize * input : (double)ways * gates * c.HiddenSize * (input + c.HiddenSize);
        return weights;
    }

    /// <summary>About how many operations the training of one network takes on a part of all examples.</summary>
    double CostOf(ClassifierPlan plan, double part)
    {
        const double OfWeight = 6;                       // multiply and add, forwards and twice backwards, for each token
        const double OfStep = 100;                       // for each weight and step of the optimizer; they wait for memory
        var (embedding, recurrent) = WeightsOf(plan);
        var tokens = _characters * _tokensOfCharacter;
        if (plan.Config.MaxSteps > 0) tokens = Math.Min(tokens, (double)plan.Config.MaxSteps * _all.Count);
        return part * plan.Epochs * (OfWeight * recurrent * tokens + OfStep * (embedding + recurrent) * _all.Count / plan.Task.Batch);
    }

    long MemoryOf(ClassifierPlan plan)
    {
        const double OfCharacter = 20, OfExample = 1500;
        var (embedding, recurrent) = WeightsOf(plan);
        return MemoryOf(plan, embedding + recurrent, _all.Max(e => e.Text!.Length) * _tokensOfCharacter, _characters * OfCharacter + _all.Count * OfExample);
    }

    /// <summary>About how many bytes a training takes: the process, the data, the weights with what the optimizer keeps of them, and the steps of the longest batch.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="weights">Of one network.</param>
    /// <param name="longest">The most tokens or steps of an example.</param>
    /// <param name="data">Bytes of all examples.</param>
    public static long MemoryOf(ClassifierPlan plan, double weights, double longest, double data)
    {
        const double Process = 110e6;
        const int Threads = 2, Predicted = 64, MostPredicted = 1 << 14;         // texts, or tokens, that each thread predicts at once
        const int Copies = 40;                           // weights, gradients, two moments, means, the best model; what checkpoints hold of them, until it is collected
        const int LinearCopies = 3;                      // weights, sums of squares; the best model
        var c = plan.Config;
        if (c.MaxSteps > 0) longest = Math.Min(longest, c.MaxSteps);
        var ofStep = 2.0 * (c.Features > 0 ? c.Features : c.EmbeddingSize) + c.Layers * (c.Bidirectional ? 2 : 1) * 10.0 * c.HiddenSize;
        var numbers = c.Members * (Copies * weights + ofStep * (longest * plan.Task.Batch + Threads * Math.Min(longest * Predicted, Math.Max(longest, MostPredicted)))) + (c.NGrams > 0 ? (double)LinearCopies * c.NGramRows * c.Classes.Count : 0);
        return (long)(Process + data + 4 * numbers);
    }
}
