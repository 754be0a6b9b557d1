using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Training;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train lm</c>: trains a language model on a text.</summary>
static class TrainLmVerb
{
    /// <summary>Without data of one's own: long enough for readable samples, short enough to watch.</summary>
    const long DemoIterations = 700, DefaultIterations = 2000, DefaultEvery = 500;

    public static Command Create()
    {
        var fallback = new LmSettings();
        var data = CommonOptions.Of<string?>("--data", "FILE|DIR", "Text to learn from; may be .gz. In a folder each file is a document. Default: the library's own source.").NotEmpty();
        var valid = CommonOptions.Of("--valid", "FILE|SHARE", "Text to validate on, or the share at the end of the data; 0 for none.", "0.1").NotEmpty();
        var tokens = CommonOptions.Of("--tokens", "KIND", $"What a token is: {string.Join(", ", Tokenizer.Kinds)}.", fallback.Tokens).OneOf(Tokenizer.Kinds);
        var minCount = CommonOptions.Of("--min-count", "N", "Symbols that occur less often become <unk> (char, word).", 1).Within(1, int.MaxValue);
        var vocabulary = CommonOptions.Of<int?>("--vocabulary", "N", "The most symbols to keep (char, word), or to make (bpe).").Within(2, Vocabulary.MaxSize);
        var lines = new Option<bool>("--lines") { Description = "Each line is a sequence of its own, learned in full; otherwise the text is one stream." };
        var cell = CommonOptions.Of("--cell", "KIND", $"The kind of cell: {string.Join(", ", CellCatalog.All.Select(k => k.Name))}.", fallback.Cell).OneOf(CellCatalog.All.Select(k => k.Name));
        var embedding = CommonOptions.Of("--embedding", "N", "Size of a token's vector; 0 for one-hot.", fallback.Embedding).Within(0, LanguageModelConfig.MaxSize);
        var hidden = CommonOptions.Of("--hidden", "N", "Size of each layer.", fallback.Hidden).Within(1, LanguageModelConfig.MaxSize);
        var layers = CommonOptions.Of("--layers", "N", "Recurrent layers.", fallback.Layers).Within(1, 64);
        var dropout = CommonOptions.Of("--dropout", "P", "Share dropped on links that are not recurrent.", 0.0).Within(0, 0.999);
        var variational = new Option<bool>("--variational") { Description = "The same dropout mask for all steps of a chunk." };
        var recurrentDropout = CommonOptions.Of("--recurrent-dropout", "P", "Share of a layer's state dropped where it enters the next step's gates; one mask for a chunk.", 0.0).Within(0, 0.999);
        var tied = new Option<bool>("--tied") { Description = "The output shares the embedding's weights; needs --embedding equal to --hidden." };
        var init = CommonOptions.Of("--init", "S", "All weights start from U(-S, S); 0 for each layer's default.", 0.0).Within(0, 10);
        var batch = CommonOptions.Of("--batch", "N", "Rows of a batch.", fallback.Batch).Within(1, LmSettings.MaxRows);
        var steps = CommonOptions.Of("--steps", "N", "Tokens that gradients flow back over.", fallback.Steps).Within(1, LmSettings.MaxRows);
        var iterations = CommonOptions.Of<long?>("--iterations", "N", $"Steps of the optimizer. Default {DefaultIterations:N0} ({DemoIterations} where no data is named).").Within(1, long.MaxValue);
        var epochs = CommonOptions.Of<int?>("--epochs", "N", "Passes through the data, in place of --iterations.").Within(1, int.MaxValue);
        var optimizer = CommonOptions.Of("--optimizer", "KIND", $"One of {string.Join(", ", LmSettings.Optimizers)}.", fallback.Optimizer).OneOf(LmSettings.Optimizers);
        var lr = CommonOptions.Of("--lr", "RATE", "Learning rate.", fallback.LearningRate).Within(0, 1000, exclusive: true);
        var momentum = CommonOptions.Of("--momentum", "M", "Momentum (sgd, nesterov, rmsprop).", 0.0).Within(0, 0.9999);
        var weightDecay = CommonOptions.Of("--weight-decay", "W", "Pull of weights towards 0; biases and norms are spared.", 0.0).Within(0, 1);
        var schedule = CommonOptions.Of("--schedule", "KIND", $"How the rate changes: {string.Join(", ", LmSettings.Schedules)}.", fallback.Schedule).OneOf(LmSettings.Schedules);
        var decay = CommonOptions.Of<double?>("--decay", "F", "The rate is divided by F each epoch (step, exponential) or on a plateau. Default 2; exponential 1.05.").Within(1, 1e6, exclusive: true);
        var decayAfter = CommonOptions.Of("--decay-after", "N", "Epochs before the first division (step), validations without progress (plateau).", 0).Within(0, int.MaxValue);
        var warmUp = CommonOptions.Of("--warmup", "N", "Iterations over which the rate rises from near 0.", 0L).Within(0, long.MaxValue);
        var clip = CommonOptions.Of("--clip", "NORM", "Largest norm of the gradient; 0 for any.", 1.0).Within(0, double.MaxValue);
        var clipValue = CommonOptions.Of("--clip-value", "V", "Largest element of the gradient; 0 for any.", 0.0).Within(0, double.MaxValue);
        var accumulate = CommonOptions.Of("--accumulate", "N", "Batches for each step of the optimizer.", 1).Within(1, LmSettings.MaxRows);
        var validateEvery = CommonOptions.Of<long?>("--validate-every", "N", $"Iterations between validations. Default {DefaultEvery}, with --epochs one epoch.").Within(1, long.MaxValue);
        var checkpointEvery = CommonOptions.Of<long?>("--checkpoint-every", "N", $"Iterations between checkpoints. Default as --validate-every.").Within(1, long.MaxValue);
        var patience = CommonOptions.Of("--patience", "N", "Stop after N validations without a new best; 0 for never.", 0).Within(0, int.MaxValue);
        var seed = CommonOptions.Of("--seed", "N", "The same seed gives the same bits, for any number of threads.", 1UL).Within(0, ulong.MaxValue);
        var output = CommonOptions.Of<string?>("--out", "RUN", "Folder for the run; must not exist. Default runs/lm, or the next free name.").NotEmpty();
        var resume = CommonOptions.Of<string?>("--resume", "RUN", "Go on with a run as if it had never been interrupted; options come from its checkpoint.").NotEmpty();
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        Option[] settings =
        [
            data, valid, tokens, minCount, vocabulary, lines, cell, embedding, hidden, layers, dropout, variational, recurrentDropout, tied, init, batch, steps, iterations, epochs,
            optimizer, lr, momentum, weightDecay, schedule, decay, decayAfter, warmUp, clip, clipValue, accumulate, validateEvery, checkpointEvery, patience, seed, output,
        ];
        var command = new Command("lm", "Train a language model: it reads a text and learns to write on.");
        foreach (var option in settings) command.Options.Add(option);
        foreach (var option in new Option[] { resume, threads, json, CommonOptions.Debug() }) command.Options.Add(option);

        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            if (parsed.GetValue(resume) is { } run)
            {
                var given = settings.Where(Given).Select(o => o.Name).ToArray();
                if (given.Length > 0)
                    throw new UsageException($"--resume takes all options from the run; {string.Join(", ", given)} cannot be given with it. Leave them out, or start another run.");
                return Resume(run, parsed.GetValue(json));
            }
            var share = double.TryParse(parsed.GetValue(valid), System.Globalization.CultureInfo.InvariantCulture, out var fraction);
            if (share && fraction is not (>= 0 and < 1)) throw new UsageException($"--valid is {fraction}; expected a share from 0 to below 1, or a file.");
            var (rule, kind, validates) = (parsed.GetValue(optimizer), parsed.GetValue(schedule), !share || fraction > 0);
            string[] contradictions =
            [
                .. Refuse(epochs, Given(iterations), "--iterations says how long to train already; give one of them"),
                .. Refuse(steps, parsed.GetValue(lines), "with --lines gradients flow over whole lines"),
                .. Refuse(variational, parsed.GetValue(dropout) == 0, "there is no --dropout"),
                .. Refuse(momentum, rule is not ("sgd" or "nesterov" or "rmsprop"), $"--optimizer {rule} has none"),
                .. Refuse(decay, kind is not ("step" or "exponential" or "plateau"), $"--schedule {kind} does not divide the rate"),
                .. Refuse(decayAfter, kind is not ("step" or "plateau"), $"--schedule {kind} has no such wait"),
                .. Refuse(schedule, kind == "plateau" && !validates, "plateau follows the validation, and --valid is 0"),
                .. Refuse(patience, parsed.GetValue(patience) > 0 && !validates, "it waits for validations, and --valid is 0"),
            ];
            if (contradictions.Length > 0) throw new UsageException(string.Join("\n  ", contradictions));
            var withEpochs = Given(epochs);
            return Start(new LmSettings
            {
                Data = parsed.GetValue(data) is { } path ? Path.GetFullPath(path) : null,
                ValidFile = share ? null : Path.GetFullPath(parsed.GetValue(valid)!),
                ValidFraction = share ? fraction : 0,
                Tokens = parsed.GetValue(tokens)!,
                MinCount = parsed.GetValue(minCount),
                Vocabulary = parsed.GetValue(vocabulary),
                Lines = parsed.GetValue(lines),
                Cell = parsed.GetValue(cell)!,
                Embedding = parsed.GetValue(embedding),
                Hidden = parsed.GetValue(hidden),
                Layers = parsed.GetValue(layers),
                Dropout = parsed.GetValue(dropout),
                Variational = parsed.GetValue(variational),
                RecurrentDropout = parsed.GetValue(recurrentDropout),
                Tied = parsed.GetValue(tied),
                Init = parsed.GetValue(init),
                Batch = parsed.GetValue(batch),
                Steps = parsed.GetValue(steps),
                Iterations = parsed.GetValue(iterations) ?? (withEpochs ? null : parsed.GetValue(data) is null ? DemoIterations : DefaultIterations),
                Epochs = parsed.GetValue(epochs),
                Optimizer = parsed.GetValue(optimizer)!,
                LearningRate = parsed.GetValue(lr),
                Momentum = parsed.GetValue(momentum),
                WeightDecay = parsed.GetValue(weightDecay),
                Schedule = parsed.GetValue(schedule)!,
                DecayFactor = parsed.GetValue(decay),
                DecayAfter = parsed.GetValue(decayAfter),
                WarmUp = parsed.GetValue(warmUp),
                Clip = parsed.GetValue(clip) > 0 ? parsed.GetValue(clip) : null,
                ClipValue = parsed.GetValue(clipValue) > 0 ? parsed.GetValue(clipValue) : null,
                Accumulate = parsed.GetValue(accumulate),
                ValidateEvery = parsed.GetValue(validateEvery) ?? (withEpochs ? null : DefaultEvery),
                CheckpointEvery = parsed.GetValue(checkpointEvery),
                Patience = parsed.GetValue(patience),
                Seed = parsed.GetValue(seed),
            }, parsed.GetValue(output), parsed.GetValue(json));

            bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };

            IEnumerable<string> Refuse(Option option, bool useless, string why) => useless && Given(option) ? [$"{option.Name} cannot be given: {why}."] : [];
        });
        return command.WithExamples(
            "unroll train lm",
            "unroll train lm --data input.txt --iterations 2000 --out runs/shakespeare",
            "unroll train lm --data train.txt --valid valid.txt --tokens word --min-count 3 --epochs 10 --out runs/words",
            "unroll train lm --resume runs/shakespeare");
    }

    static int Start(LmSettings settings, string? output, bool json)
    {
        var config = settings.ToConfig();
        string[] problems = [.. config.Problems, .. Tokenizer.OptionProblems(settings.Tokens, settings.MinCount, settings.Vocabulary)];
        if (problems.Length > 0) throw new UsageException(string.Join("; ", problems) + ".");
        var run = new RunFolder(output ?? FreeName());
        run.CheckFree();
        var texts = ReadTexts(settings);
        var tokenizer = Tokenizer.Build(settings.Tokens, texts.Train, settings.MinCount, settings.Vocabulary);
        var model = new LanguageModel(config, tokenizer, new Rng(settings.Seed));
        var task = MakeTask(model, settings, texts);
        return Train(run, settings, model, task, null, json);
    }

    static int Resume(string path, bool json)
    {
        var run = new RunFolder(path);
        if (!File.Exists(run.CheckpointPath))
            throw new UnrollException($"{path} holds no checkpoint.safetensors to go on from. Was the run ended before its first checkpoint?");
        var checkpoint = Checkpoint.Load<LanguageModel>(run.CheckpointPath);
        var settings = LmSettings.FromJson(checkpoint.Options);
        if (settings.Problems.Count > 0) throw new UnrollException($"{run.CheckpointPath} is damaged: its options cannot be used", settings.Problems);
        var task = MakeTask(checkpoint.Model, settings, ReadTexts(settings));
        return Train(run, settings, checkpoint.Model, task, checkpoint.Snapshot, json);
    }

    /// <summary>The texts that are named; the smaller one first, so that a mistake in its name shows at once.</summary>
    static (IReadOnlyList<TextDocument>? Valid, IReadOnlyList<TextDocument> Train) ReadTexts(LmSettings settings) => (
        settings.ValidFile is null ? null : TextFile.ReadDocuments(settings.ValidFile),
        settings.Data is null ? EmbeddedCorpus.Read() : TextFile.ReadDocuments(settings.Data));

    static LanguageModelTask MakeTask(
        LanguageModel model, LmSettings settings, (IReadOnlyList<TextDocument>? Valid, IReadOnlyList<TextDocument> Train) texts)
    {
        var train = TokenStream.Encode(model.Tokenizer, texts.Train);
        TokenStream? valid = null;
        if (texts.Valid is not null) valid = TokenStream.Encode(model.Tokenizer, texts.Valid);
        else if (settings.ValidFraction > 0) (train, valid) = train.Split(settings.ValidFraction);
        return new(model, train, valid, new() { Batch = settings.Batch, Steps = settings.Steps, Lines = settings.Lines }, new Rng(settings.Seed).Fork("order"));
    }

    static int Train(RunFolder run, LmSettings settings, LanguageModel model, LanguageModelTask task, Snapshot? from, bool json)
    {
        var options = settings.ToTrainerOptions(task.HasValidation);
        var iterations = Trainer.CountIterations(task, options);
        using var display = new TrainingDisplay();
        var observers = new List<ITrainingObserver> { display };
        var trainer = new Trainer(task, settings.ToOptimizer(model.Parameters), settings.ToSchedule(iterations), options,
            run.Store(model, settings.ToJson(), task.HasValidation), observers);
        if (from is not null) trainer.Restore(from);

        // Everything fits: only now is anything written.
        if (from is null) run.Create();
        using var file = new FileStream(run.LogPath, from is null ? FileMode.CreateNew : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        observers.Add(from is null ? new RunLog(file) : RunLog.Resume(file, trainer.Iteration));
        if (!json)
            Output.Table("", [
                ("model", $"{model.ParameterCount:N0} parameters: {settings.Layers} × {settings.Cell} of {settings.Hidden}, {model.Tokenizer.VocabularySize:N0} {settings.Tokens} tokens"),
                ("training", $"{iterations:N0} iterations of {settings.Batch} × {(settings.Lines ? "lines" : settings.Steps)}{(from is null ? "" : ", resumed")}"),
                ("run", run.Path),
            ]);
        using var cancel = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        TrainingResult result;
        try
        {
            result = trainer.Run(cancel.Token);
        }
        finally
        {
            display.Dispose();
        }
        WriteCurve(run);
        return Finish(run, model, result, json);

        void Stop(PosixSignalContext signal)
        {
            if (cancel.IsCancellationRequested) return;             // a second Ctrl-C ends the process at once
            signal.Cancel = true;
            cancel.Cancel();
        }
    }

    static void WriteCurve(RunFolder run)
    {
        using var log = new FileStream(run.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        AtomicFile.Write(run.CurvePath, LearningCurve.ToSvg(RunLog.Read(log)));
    }

    static int Finish(RunFolder run, LanguageModel model, TrainingResult result, bool json)
    {
        var interrupted = result.End == TrainingEnd.Cancelled;
        if (json)
        {
            Output.Json(new JsonObject
            {
                ["run"] = run.Path,
                ["end"] = result.End.ToString().ToLowerInvariant(),
                ["valid_loss"] = result.Last?.Loss,
                ["best_valid_loss"] = double.IsFinite(result.BestLoss) ? result.BestLoss : null,
                ["best_iteration"] = result.BestIteration,
                ["iterations"] = result.Iterations,
                ["tokens_per_s"] = result.TokensPerSecond,
                ["seconds"] = result.Seconds,
            });
            return interrupted ? CommandRunner.Interrupted : CommandRunner.Done;
        }
        if (interrupted)
        {
            Console.Error.WriteLine($"Interrupted after {result.Iterations:N0} iterations. Go on with: unroll train lm --resume {run.Path}");
            return CommandRunner.Interrupted;
        }
        var best = File.Exists(run.ModelPath) ? ModelFile.Load<LanguageModel>(run.ModelPath) : model;
        for (var i = 1; i <= 3; i++)
        {
            Console.Out.WriteLine($"— sample {i} —");
            Console.Out.WriteLine(Sample(best, (ulong)i));
        }
        Console.Out.WriteLine();
        Output.Table("", [
            ("validation", result.Last is null ? "none" : $"{result.Last.Loss:F4} nats per token at the end, {result.BestLoss:F4} at best (iteration {result.BestIteration:N0})"),
            ("speed", $"{result.TokensPerSecond:N0} tokens/s, {result.Seconds:N1} s of training"),
            ("model", run.ModelPath),
            ("curve", run.CurvePath),
            ("go on", $"unroll generate {run.Path} --length 1000"),
        ]);
        return CommandRunner.Done;
    }

    static string Sample(LanguageModel model, ulong seed)
    {
        var session = new LanguageModelSession(model);
        var sampler = new Sampler(new() { Temperature = 0.7 }, new Rng(seed));
        session.Read(model.Tokenizer.EndOfLineId ?? 0);
        var ids = new int[model.Tokenizer.Kind == "word" ? 60 : 240];
        for (var i = 0; i < ids.Length; i++) session.Read(ids[i] = sampler.Next(session.Logits));
        return model.Tokenizer.Decode(ids).Trim('\n');
    }

    static string FreeName()
    {
        for (var i = 1; ; i++)
        {
            var name = Path.Combine("runs", i == 1 ? "lm" : $"lm-{i}");
            if (!Directory.Exists(name) && !File.Exists(name)) return name;
        }
    }
}
