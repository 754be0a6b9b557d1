using System.Text;
using Microsoft.Data.Analysis;
using Unroll.Data;
using Unroll.DataFrames;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Pictures;
using Unroll.Storage;
using Unroll.Tensors;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;
using Unroll.Training;

namespace Unroll.Tests.Readme;

/// <summary>The programs of the README and of <c>docs</c>, run. Each region stands there word for word, but for the usings: <see cref="ReadmeTests"/> sees to it.</summary>
public sealed class ExamplesTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_trained_saved_loaded_and_writes()
    {
        string textPath = _folder["text.txt"], modelPath = _folder["model.safetensors"], statePath = _folder["state.safetensors"];
        File.WriteAllText(textPath, string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog.\n", 60)));
        Train(textPath, modelPath);
        var (written, session) = Generate(modelPath, statePath);
        Assert.Contains("brown", written, StringComparison.Ordinal);
        Assert.Equal(session.Logits, LanguageModelSession.Load(statePath, session.Model).Logits);
        Assert.Contains("brown", await Stream(session.Model, default), StringComparison.Ordinal);
        Assert.Equal(await Stream(session.Model, default), ByHand(session.Model));
        var (correlation, layers) = LookInside(session.Model, "The quick brown fox jumps over the lazy dog.\n", _folder["page.html"]);
        Assert.Contains("<h1>Gradient flow</h1>", File.ReadAllText(_folder["page.html"]), StringComparison.Ordinal);
        Assert.InRange(Math.Abs(correlation), 0.5, 1);
        Assert.Equal(1, layers);
    }

    static (double Correlation, int Layers) LookInside(LanguageModel model, string text, string pagePath)
    {
        #region look-inside
        var ids = model.Tokenizer.Encode(text);
        var tokens = new TokenMatrix(ids.Length, 1);
        ids.CopyTo(tokens.Ids);

        using var recording = Recording.Start(model);
        model.Forward(tokens);
        var forget = recording.Layers[0]["f"];                               // [T, B, H]; LSTM: i, f, g, o, h, c
        var units = UnitSearch.Rank(recording, TextPatterns.Where(text, char.IsWhiteSpace));
        Console.WriteLine($"unit {units[0].Unit} of {units[0].Layer} follows the spaces: correlation {units[0].Correlation:F2}");

        var flow = GradientFlow.Measure(() => Losses.CrossEntropy(model.Forward(tokens).Logits[ids.Length - 2], [ids[^1]]), model);
        foreach (var state in flow.Layers[0].States) Console.WriteLine(state);            // vanishing, exploding or healthy, with the numbers
        #endregion

        #region own-page
        var page = new PageWriter(Console.Out) { Title = "Gradient flow" };
        foreach (var state in flow.Layers[0].States) page.WriteLine(state);
        page.Lines("‖∂L/∂s_k‖", "step k", [.. flow.Layers[0].States.Select(s => (s.Name, s.Norms))], logarithmic: true);
        var weights = model.Parameters.First(p => p.Name.EndsWith("weight_hh_l0", StringComparison.Ordinal)).Parameter;
        page.HeatMaps("Recurrent weights", new HeatMap("W_hh", Tensor.From(weights.Values, weights.Shape)));
        File.WriteAllText(pagePath, page.ToHtml());
        #endregion
        return (units[0].Correlation, flow.Layers.Count);
    }

    static void Train(string textPath, string modelPath)
    {
        #region train
        LanguageModelOptions options = new() { Iterations = 150, Batch = 16, Steps = 32, LearningRate = 0.01, Model = new() { HiddenSize = 64, Layers = 1 } };
        var model = LanguageModel.Train(TextFile.ReadDocuments(textPath), options);
        ModelFile.Save(modelPath, model);
        #endregion
    }

    static (string, LanguageModelSession) Generate(string modelPath, string statePath)
    {
        #region generate
        var session = new LanguageModelSession(ModelFile.Load<LanguageModel>(modelPath));
        var written = string.Concat(session.Generate("The ", length: 200, new() { Temperature = 0.5, TopP = 0.95 }, seed: 7));
        Console.WriteLine(written);
        var other = session.Fork();                          // the same state, another continuation
        other.Save(statePath);                               // LanguageModelSession.Load continues from here
        #endregion
        return (written, other);
    }

    static async Task<string> Stream(LanguageModel model, CancellationToken cancellation)
    {
        var output = new StringWriter();
        #region stream
        var session = new LanguageModelSession(model);
        await foreach (var piece in session.GenerateAsync("The ", length: 100, new() { Temperature = 0 }, cancellation: cancellation))
            await output.WriteAsync(piece);
        #endregion
        return output.ToString();
    }

    static string ByHand(LanguageModel model)
    {
        var output = new StringWriter();
        #region tokens
        var session = new LanguageModelSession(model);
        session.Read(model.Tokenizer.Encode("The "));
        var sampler = new Sampler(new() { Temperature = 0 }, new Rng(1));
        var decoder = new TokenDecoder(model.Tokenizer);
        for (var i = 0; i < 100; i++)
        {
            var id = sampler.Next(session.Logits);           // or any choice of your own
            session.Read(id);
            output.Write(decoder.Next(id));                  // often empty where tokens are bytes
        }
        output.Write(decoder.Finish());
        #endregion
        return output.ToString();
    }

    [Fact]
    public void A_spam_filter_is_trained_and_asked()
    {
        var path = WriteMessages();
        #region front
        var (train, test) = Split.EveryNth(new DataFiles().ReadExamples(path), 5);     // "spam You have won …", one message a line
        var model = SequenceClassifier.Train(train);                                   // chooses the model and its settings on held-out data
        Console.WriteLine($"accuracy {model.Evaluate(test)["accuracy"]:F3}");

        const string Text = "You have won a prize, call now!";
        var answer = model.Classify(Text);
        var why = Attribution.Of(model, new Example { Text = Text, Source = "console" });       // which words decided
        var words = why.Steps.OrderByDescending(s => s.Connectivity).Take(3).Select(s => s.Text);
        Console.WriteLine($"{answer.Label} {answer.Probability:F2}: {string.Join(", ", words)}");
        #endregion
        Assert.Equal("spam", answer.Label);
    }

    [Fact]
    public void A_table_is_read_and_a_text_is_classified()
    {
        string csvPath = _folder["reviews.csv"], modelPath = _folder["reviews.safetensors"];
        File.WriteAllLines(csvPath, ["text,stars", .. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? $"a lovely film number {i},5" : $"an awful film number {i},1")]);
        #region csv
        var examples = new DataFiles().ReadExamples(csvPath, new() { Text = "text", Label = "stars" });
        ModelFile.Save(modelPath, SequenceClassifier.Train(examples));

        var classifier = ModelFile.Load<SequenceClassifier>(modelPath);
        var answer = classifier.Classify("a lovely film");
        Console.WriteLine(string.Join(", ", answer.All.Select(c => $"{c.Label} {c.Probability:F2}")));     // the most probable first
        #endregion
        Assert.Equal(["1", "5"], classifier.Config.Classes);
        Assert.Equal("5", answer.Label);
        Assert.InRange(answer.Probability, 0.7, 1);
    }

    string WriteMessages()
    {
        var path = _folder["messages.txt"];
        string[] prizes = ["a prize", "gold", "money"], friends = ["anna", "tom", "mum"];
        File.WriteAllLines(path, Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? $"spam you have won {prizes[i / 2 % 3]} call now {i}" : $"ham see you {friends[i / 2 % 3]} at {i}"));
        return path;
    }

    [Fact]
    public void A_classifier_is_trained_measured_and_asked_why()
    {
        var path = WriteMessages();
        var (score, why) = Classify(path);
        Assert.Equal(40, score.Size.Count);
        Assert.InRange(score["accuracy"], 0.95, 1);
        Assert.Equal("spam", why.Class);
        Assert.Equal(4, why.Steps.Count);
    }

    static (EvaluationReport, Attribution) Classify(string path)
    {
        #region classify
        var (train, test) = Split.EveryNth(new DataFiles().ReadExamples(path), 5);     // "spam You have won …", one message a line
        var model = SequenceClassifier.Train(train);                                   // chooses the model and its settings on held-out data
        var report = model.Evaluate(test);
        Console.WriteLine($"accuracy {report["accuracy"]:F3}, macro F1 {report["macro_f1"]:F3}");
        Console.WriteLine(model.Classify("Win money now!"));                 // the label and its probability
        var why = Attribution.Of(model, new Example { Text = "Win money now!", Source = "mine" });
        Console.WriteLine(string.Join(", ", why.Steps.Select(s => $"{s.Text} {s.Connectivity:F2}")));
        #endregion
        return (report, why);
    }

    [Fact]
    public void A_tagger_is_trained_and_tags_a_new_sentence()
    {
        var path = _folder["train.conll"];
        string[] people = ["Anna", "Bela", "Carla"], places = ["Oslo", "Rome", "Lima"];
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 120).Select(i =>
            i % 2 == 0 ? $"I O\nsaw O\n{people[i / 2 % 3]} B-PER\nBell I-PER\n\n" : $"she O\nlives O\nin O\n{places[i / 2 % 3]} B-LOC\n\n")));
        Assert.Equal(["O", "O", "B-PER", "I-PER", "O", "B-LOC"], Tag(path).Tags);
    }

    static TaggedWords Tag(string path)
    {
        #region tag
        var sentences = new DataFiles().ReadSentences(path);                 // CoNLL-U, or one word and its tag a line
        var model = SequenceTagger.Train(sentences, new() { Epochs = 20, LearningRate = 0.01, Batch = 16, Model = new() { HiddenSize = 32, WordDropout = 0.2 } });
        foreach (var (word, tag) in model.Tag("I saw Carla Bell in Rome")) Console.WriteLine($"{word} {tag}");

        TaggedSentence words = new(["I", "saw", "Carla", "Bell", "in", "Rome"], Tags: [], Source: "mine");     // words that you cut yourself
        var tagged = model.Tag([words], best: 3)[0];
        Console.WriteLine($"{string.Join(' ', tagged.Tags)}: ln P {tagged.Best[0].LogProbability:F3}");
        #endregion
        return tagged;
    }

    [Fact]
    public void A_tagger_reads_words_as_they_come()
    {
        var sentences = TinySentences.Names(60, 1);
        #region tag-stream
        var session = new TaggerSession(SequenceTagger.Train(sentences, new() { Epochs = 20, LearningRate = 0.01, Model = new() { Bidirectional = false, HiddenSize = 32 } }));
        foreach (var word in "she lives in Lima".Split(' '))
        {
            var (tag, probability) = session.Read(word);
            Console.WriteLine($"{word} {tag} {probability:F2}");
        }
        #endregion
        Assert.Equal(4, session.Count);
    }

    [Fact]
    public void A_classifier_reads_steps_as_they_come()
    {
        // A fault is a high reading; it comes at step 30.
        Example[] series =
        [
            .. Enumerable.Range(0, 60).Select(i => new Example
            {
                Series = new([.. Enumerable.Range(0, 40).Select(t => (float)Math.Sin(i + t) + (i % 2 == 1 && t > i % 20 ? 4 : 0))], 40, 1), Labels = [i % 2 == 1 ? "fault" : "good"], Source = $"{i}",
            }),
        ];
        ClassifierOptions options = new() { Epochs = 20, LearningRate = 0.01, Given = ["--members", "--pooling"], Plan = new() { Config = new() { Classes = [], Bidirectional = false, Members = 1, Pooling = "max", HiddenSize = 16 } } };
        var sensor = Enumerable.Range(0, 100).Select(t => (float)Math.Sin(t) + (t > 30 ? 4 : 0));
        const int Fault = 0;
        #region classify-stream
        var session = new ClassifierSession(SequenceClassifier.Train(series, options));
        foreach (var reading in sensor)
            if (session.Read([reading])[Fault] > 0.9) break;                 // the probability of a class after each step
        Console.WriteLine($"{session.Label} after {session.Count} steps");
        #endregion
        Assert.Equal("fault", session.Label);
        Assert.InRange(session.Count, 31, 36);
    }

    [Fact]
    public void A_translator_is_trained_and_translates()
    {
        var pairsPath = _folder["pairs.tsv"];
        File.WriteAllLines(pairsPath, TinyPairs.Pairs(s => string.Concat(s.Reverse()), "abcd", 2, 4, 400).Select(p => $"{p.Source}\t{p.Target}"));
        #region translate
        var pairs = new DataFiles().ReadPairs(pairsPath);                    // a table of pairs
        var model = Seq2Seq.Train(pairs, new() { Iterations = 300, LearningRate = 0.01, Batch = 640, Model = new() { EmbeddingSize = 32, HiddenSize = 64 } });
        Console.WriteLine(model.Translate("abcd", beam: 5));

        var translator = new Translator([model], new() { Beam = 5 });        // many texts at once, several models, n-best lists
        foreach (var text in translator.Translate(["abcd", "cab"])) Console.WriteLine(text[0].Text);
        #endregion
        Assert.Equal(["dcba", "bac"], translator.Translate(["abcd", "cab"]).Select(t => t[0].Text));
    }

    [Fact]
    public void A_captioner_is_trained_and_names_pictures()
    {
        string imagesPath = _folder["images.npy"], tablePath = _folder["captions.tsv"];
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (24, 4, 4), }".PadRight(117) + "\n";
        File.WriteAllBytes(imagesPath, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. Enumerable.Range(0, 24 * 16).Select(i => (byte)(i / 16 % 2 * 200 + i % 7))]);
        File.WriteAllLines(tablePath, ["index\tcaption", .. Enumerable.Range(0, 24).Select(i => $"{i}\tthe {(i % 2 == 0 ? "night" : "noon")}")]);
        #region caption
        var examples = new DataFiles().ReadCaptions(tablePath, imagesPath);
        var model = Captioner.Train(examples, new() { Epochs = 60, LearningRate = 0.01, Batch = 64, Model = new() { Rows = 1, Features = 1, EncoderSize = 16, EmbeddingSize = 16, HiddenSize = 32 } });
        Console.WriteLine(model.Describe(examples[0].Picture, beam: 3));     // Rows and Features of the model are those of the images
        #endregion
        Assert.Equal(["the night", "the noon"], new CaptionWriter([model], new()).Describe([examples[0].Picture, examples[1].Picture]).Select(c => c[0].Text));
    }

    [Fact]
    public void A_regressor_is_trained_and_predicts()
    {
        var (trainPath, testPath) = (_folder["FloodModeling_TRAIN.ts"], _folder["FloodModeling_TEST.ts"]);
        foreach (var (path, first, count) in new[] { (trainPath, 0, 120), (testPath, 120, 20) })
            File.WriteAllText(path, "@problemName tiny\n@univariate true\n@equalLength true\n@seriesLength 4\n@targetLabel true\n@data\n"
                + string.Concat(Enumerable.Range(first, count).Select(i => FormattableString.Invariant($"{i % 7},{i % 5},{i % 3},{i % 2}:{0.5 * (i % 7) + i % 5}\n"))));
        #region regress
        var files = new DataFiles();
        var model = SequenceRegressor.Train(files.ReadExamples(trainPath, new() { LabelsAreNumbers = true }), new() { Epochs = 60, LearningRate = 0.01 });

        var test = files.ReadExamples(testPath, new() { LabelsAreNumbers = true });
        Console.WriteLine($"root mean squared error {model.Evaluate(test)["rmse"]:F3}");
        Console.WriteLine($"the first is predicted as {model.Predict(test)[0]:F3}");
        #endregion
        Assert.InRange(model.Evaluate(test)["rmse"], 0, 0.5);
    }

    [Fact]
    public void Several_tasks_are_learned_together()
    {
        var (reviewsPath, spamPath) = (_folder["reviews.csv"], _folder["spam.csv"]);
        File.WriteAllText(reviewsPath, "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"a lovely film {i},good\n" : $"an awful film {i},bad\n")));
        File.WriteAllText(spamPath, "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"you have won {i} pounds,spam\n" : $"see you at {i},ham\n")));
        #region multitask
        var files = new DataFiles();
        var model = MultiTaskClassifier.Train(
            new Dictionary<string, IReadOnlyList<Example>> { ["reviews"] = files.ReadExamples(reviewsPath), ["spam"] = files.ReadExamples(spamPath) },
            new() { Model = new() { Architecture = "uniform" }, Epochs = 2 });

        var answer = model.Classify("spam", "you have won a prize");
        Console.WriteLine($"{answer.Label} {answer.Probability:F2}");
        #endregion
        Assert.Contains(answer.Label, model.Tasks[1].Classes);
    }

    [Fact]
    public void A_forecaster_is_trained_and_forecasts()
    {
        var csvPath = _folder["sales.csv"];
        File.WriteAllText(csvPath, "day,sales\n" + string.Concat(Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{new DateTime(2020, 1, 1).AddDays(i):yyyy-MM-dd},{20 + 5 * Math.Sin(i * Math.PI / 3.5) + i % 3}\n"))));
        #region forecast
        var table = new DataFiles().ReadTimeSeries(csvPath);                       // or TimeSeriesTable.From("sales", values, start, TimeStep.Parse("D"))
        var model = Forecaster.Train(table, new() { Iterations = 60, Model = new() { Horizon = 7, Targets = ["sales"] } });

        var forecast = model.Forecast(table)[0];
        Console.WriteLine($"{forecast.Times[0]:yyyy-MM-dd}: {forecast.Median[0]:F1}, with 80 % from {forecast.Quantile(0.1)[0]:F1} to {forecast.Quantile(0.9)[0]:F1}");
        Console.WriteLine($"skill {model.Evaluate(table, windows: 3)["skill"]:F2}");
        #endregion
        #region observe
        var session = new ForecasterSession(model, table);                         // behind the history
        session.Forecast(1);
        Console.WriteLine($"next: {session.Quantile(1, 0.5):F1}");
        session.Observe([21.5]);                                                   // what came

        var detector = new AnomalyDetector(model, table, falseAlarms: 0.001);
        Console.WriteLine($"anomaly: {detector.Observe([500])[0].IsAnomaly}");
        #endregion
        Assert.Equal(new DateTime(2020, 7, 19), forecast.Times[0]);
    }

    [Fact]
    public void A_table_of_the_analysis_package_is_forecast()
    {
        #region dataframe
        var days = Enumerable.Range(0, 120).Select(t => new DateTime(2024, 1, 1).AddDays(t)).ToArray();
        var frame = new DataFrame(new PrimitiveDataFrameColumn<DateTime>("day", days), new DoubleDataFrameColumn("sales", days.Select(d => d.DayOfWeek == DayOfWeek.Sunday ? 5.0 : 20.0)));

        var model = Forecaster.Train(frame.ToTimeSeries(), new() { Model = new() { Horizon = 7 }, Iterations = 20 });
        Console.WriteLine($"{model.Forecast(frame.ToTimeSeries())[0].Times[0]:yyyy-MM-dd}");   // 2024-04-30
        #endregion
        Assert.Equal(new DateTime(2024, 4, 30), model.Forecast(frame.ToTimeSeries())[0].Times[0]);
    }

    [Fact]
    public void A_run_is_trained_in_a_folder_and_goes_on()
    {
        string csvPath = _folder["reviews.csv"], runPath = _folder["run"];
        File.WriteAllLines(csvPath, ["text,stars", .. Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? $"a lovely film number {i},5" : $"an awful film number {i},1")]);
        var cancellation = CancellationToken.None;
        #region run
        var task = TaskCatalog.All.Single(t => t.Name == "classify");
        var run = new TrainingRun(task, runPath, new DataFiles());                       // a folder that does not exist yet
        var result = run.Start(new ClassifierOptions { Data = new() { Files = [csvPath], TestEvery = 5 } }, cancellation);
        if (result.End == TrainingEnd.Cancelled) result = run.Resume();                  // to the same bits
        Console.WriteLine(string.Join(", ", result.Report!.Metrics.Select(m => $"{m.Name} {m.Value:F3}")));
        #endregion
        Assert.Contains(result.Report.Metrics, m => m.Name == "accuracy");
        Assert.True(File.Exists(new RunFolder(runPath).ModelPath));
    }

    [Fact]
    public void Weights_of_any_module_are_saved_and_loaded()
    {
        var weightsPath = _folder["lstm.safetensors"];
        #region weights
        var lstm = new Recurrent(new LstmCell(inputSize: 8, hiddenSize: 16, new Rng(1)));
        lstm.SaveWeights(weightsPath);

        var copy = new Recurrent(new LstmCell(inputSize: 8, hiddenSize: 16, new Rng(2)));
        copy.LoadWeights(weightsPath);                                       // checks every name and shape
        #endregion
        Assert.Equal(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"], lstm.Parameters.Select(p => p.Name));
        Assert.All(lstm.Parameters.Zip(copy.Parameters), p => Assert.Equal(p.First.Parameter.Values, p.Second.Parameter.Values));
    }

    [Fact]
    public void A_loop_written_out_learns_to_remember()
    {
        #region loop
        var rng = new Rng(1);
        var gru = new Recurrent(new GruCell(inputSize: 1, hiddenSize: 16, rng));
        var head = new Linear(16, 2, rng);
        NamedParameter[] parameters = [.. gru.Parameters, .. head.Parameters];
        var adam = new Adam(parameters, learningRate: 0.02);
        var (x, first) = (new float[10 * 32], new int[32]);
        var loss = 0f;
        for (var i = 0; i < 200; i++)
        {
            rng.FillUniform(x, -1, 1);                                       // 10 steps of 32 rows, time first
            for (var b = 0; b < 32; b++) first[b] = x[b] > 0 ? 1 : 0;        // was the first number of the row positive?
            using (var tape = Tape.Record())
            {
                var (_, final) = gru.Forward(Tensor.From(x, new(10, 32, 1)));
                var cost = Losses.CrossEntropy(head.Forward(final[0]), first);
                tape.Backward(cost);
                loss = cost.Scalar;
            }
            Clip.ByNorm(parameters, 1);
            adam.Step();
        }
        Console.WriteLine($"loss {loss:F3}");
        #endregion
        Assert.InRange(loss, 0, 0.3);
    }

    [Fact]
    public void A_slow_path_is_told()
    {
        var log = new StringWriter();
        #region slow
        if (Compute.SlowPath is { } why) log.WriteLine(why);
        #endregion
        Assert.Equal(Compute.SlowPath ?? "", log.ToString().TrimEnd());
    }

    [Fact]
    public void A_ragged_batch_ends_each_row_where_it_ends()
    {
        #region ragged
        var rng = new Rng(1);
        var layer = new Stacked([
            new Bidirectional(new LstmCell(8, 16, rng), new LstmCell(8, 16, rng)),
            new Recurrent(new GruCell(32, 24, rng)),
        ]);
        var x = Tensor.Full(new(5, 3, 8), 1);                                // [T, B, I]
        var (y, state) = layer.Forward(x, lengths: new Lengths([2, 5, 0], steps: 5));
        Console.WriteLine(y[4][1]);                                          // the last output of the longest row
        Console.WriteLine(y[2][0]);                                          // past the end of a row: zeros
        Console.WriteLine(state[4][0]);                                       // what the GRU remembers of row 0, after its 2 steps
        #endregion
        Assert.All(y[2][0].ToArray(), v => Assert.Equal(0, v));
        Assert.Equal(y[1][0].ToArray(), state[state.Count - 1][0].ToArray());
    }

    [Fact]
    public void A_cell_of_ones_own_runs_in_any_layer()
    {
        #region cell
        var layer = new Recurrent(new MguCell(inputSize: 3, hiddenSize: 4, new Rng(1)));
        var input = Tensor.Full(new(6, 2, 3), 0.5);
        var report = new GradientCheck().Run(
            () => Ops.Sum(Ops.Square(layer.Forward(input).Output)), layer.Parameters.Select(p => (p.Name, p.Parameter)));
        Console.WriteLine(report);                                           // All 64 derivatives agree.
        #endregion
        Assert.Equal("All 64 derivatives agree.", report.ToString());
    }

    /// <summary>Alone, because other tests go through all cells.</summary>
    [Collection(nameof(ThreadTeam))]
    public sealed class Registered : IDisposable
    {
        readonly TemporaryDirectory _folder = new();

        public void Dispose() => _folder.Dispose();

        [Fact]
        public void A_cell_of_ones_own_is_in_a_model_and_its_file()
        {
            var modelPath = _folder["mgu.safetensors"];
            File.WriteAllText(_folder["text.txt"], "the quick brown fox");
            var documents = TextFile.ReadDocuments(_folder["text.txt"]);
            try
            {
                #region register
                CellCatalog.Register("mgu", "minimal gated unit", (i, h, rng) => new MguCell(i, h, rng));
                var model = new LanguageModel(new() { Cell = "mgu", HiddenSize = 16 }, Tokenizer.Build("char", documents), new Rng(1));
                ModelFile.Save(modelPath, model);
                var loaded = ModelFile.Load<LanguageModel>(modelPath);               // a program that loads the file registers the cell first
                #endregion
                Assert.Equal("mgu", loaded.Config.Cell);
                Assert.All(model.Parameters.Zip(loaded.Parameters), p => Assert.Equal(p.First.Parameter.Values, p.Second.Parameter.Values));
            }
            finally
            {
                if (CellCatalog.Find("mgu") is { } kind) CellCatalog.Unregister(kind);
            }
        }
    }

    #region cell
    /// <summary>f = σ(W_f x + U_f h + b_f),  n = tanh(W_n x + b_n + f ⊙ U_n h),  h′ = (1 − f) ⊙ h + f ⊙ n</summary>
    sealed class MguCell : RecurrentCell
    {
        readonly Parameter _weightIh, _weightHh, _bias;

        public MguCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
        {
            _weightIh = Add("weight_ih", new Parameter(new(2 * hiddenSize, inputSize)));
            _weightHh = Add("weight_hh", new Parameter(new(2 * hiddenSize, hiddenSize)));
            _bias = Add("bias", new Parameter(new(2 * hiddenSize), decays: false));
            Init.Recurrent(this, hiddenSize, rng);
        }

        public override Tensor Project(Tensor x) => Ops.Linear(x, _weightIh, _bias);     // for all steps at once

        public override State Step(Tensor xg, State state)
        {
            var h = state[0];
            var hg = Ops.Linear(h, _weightHh, null);
            var f = Ops.Sigmoid(Ops.Part(xg, 0, 2) + Ops.Part(hg, 0, 2));
            var n = Ops.Tanh(Ops.Part(xg, 1, 2) + f * Ops.Part(hg, 1, 2));
            return State.Of((1 - f) * h + f * n);
        }
    }
    #endregion
}
