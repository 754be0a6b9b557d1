using System.IO.Compression;
using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>Training, measuring and looking at classifiers and taggers.</summary>
[Collection(nameof(TinyLabels))]
public class LabelledTests(TinyLabels tiny)
{
    static readonly string[] RunFiles = ["checkpoint.safetensors", "curve.svg", "log.jsonl", "model.safetensors"];

    [Theory]
    [InlineData("train", "classify")]
    [InlineData("train", "tag")]
    [InlineData("predict")]
    public void Every_verb_explains_itself_with_examples(params string[] verb)
    {
        var help = Command.Run([.. verb, "--help"]).Succeeds().Output;
        Assert.All(["Usage:", "--json", $"Examples:\n  unroll {string.Join(' ', verb)}"], part => Assert.Contains(part, help.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void Training_a_classifier_ends_with_one_object()
    {
        var json = tiny.ClassifierResult;
        Assert.Equal(tiny.Classifier, json.GetProperty("run").GetString());
        Assert.Equal("finished", json.GetProperty("end").GetString());
        var test = json.GetProperty("test");
        Assert.Equal(12, test.GetProperty("count").GetInt32());
        Assert.Equal(1, test.GetProperty("accuracy").GetDouble());
        Assert.Equal(["neg", "pos"], test.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(12, test.GetProperty("confusion").EnumerateArray().Sum(r => r.EnumerateArray().Sum(n => n.GetInt32())));
        Assert.Equal(RunFiles, Directory.EnumerateFiles(tiny.Classifier).Select(Path.GetFileName).Order());
        Assert.Contains("\"test\":{\"loss\":", File.ReadLines(Path.Combine(tiny.Classifier, "log.jsonl")).Last());
    }

    [Fact]
    public void Training_a_tagger_ends_with_one_object()
    {
        var test = tiny.TaggerResult.GetProperty("test");
        Assert.Equal(28, test.GetProperty("tokens").GetInt32());
        Assert.Equal(1, test.GetProperty("span_f1").GetDouble());
        Assert.Equal(["LOC", "PER"], test.GetProperty("spans").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal(RunFiles, Directory.EnumerateFiles(tiny.Tagger).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Evaluation_needs_a_path_only()
    {
        var json = Command.Run("eval", tiny.Classifier, "--data", tiny.Tsv, "--json").Succeeds().Json;
        Assert.All(["loss", "accuracy", "macro_f1", "macro_precision", "macro_recall", "auc", "calibration_error", "seconds"], name => Assert.Equal(JsonValueKind.Number, json.GetProperty(name).ValueKind));
        Assert.Equal(60, json.GetProperty("count").GetInt32());
        Assert.Equal(json.ToString(), Unseconded(Command.Run("eval", tiny.Classifier, "--data", tiny.Tsv, "--batch", "7", "--json").Json, json));
        json = Command.Run("eval", tiny.Tagger, "--data", tiny.Conll, "--json").Succeeds().Json;
        Assert.All(["loss", "accuracy", "span_f1"], name => Assert.Equal(JsonValueKind.Number, json.GetProperty(name).ValueKind));
        Assert.Equal(140, json.GetProperty("tokens").GetInt32());
        Assert.Contains("macro f1", Command.Run("eval", tiny.Classifier, "--data", tiny.Tsv).Succeeds().Output);
        Assert.Contains("span f1", Command.Run("eval", tiny.Tagger, "--data", tiny.Conll).Succeeds().Output);

        // All but the time is the same.
        static string Unseconded(JsonElement a, JsonElement b) => a.EnumerateObject()
            .Aggregate(b.ToString(), (text, p) => p.Name is "seconds" or "examples_per_s" || text.Contains(p.ToString(), StringComparison.Ordinal) ? text : p.ToString());
    }

    [Fact]
    public void A_run_remembers_how_its_data_was_read()
    {
        var run = tiny.Fresh();
        var latin = tiny.Write("latin.csv", System.Text.Encoding.Latin1.GetBytes(File.ReadAllText(tiny.Csv).Replace("film", "café", StringComparison.Ordinal)));
        TinyLabels.Train("classify", latin, run, [.. TinyLabels.ClassSizes, "--text", "1", "--label", "stars", "--encoding", "latin-1", "--iterations", "2"]).Succeeds();
        Assert.Equal(60, Command.Run("eval", run, "--data", latin, "--json").Succeeds().Json.GetProperty("count").GetInt32());
        Command.Run("eval", run, "--data", latin, "--encoding", "utf-8").Fails(1, "not UTF-8");
        Command.Run("eval", run, "--data", latin, "--label", "mark").Fails(1, "no column", "mark");
    }

    [Fact]
    public void A_class_seen_in_evaluation_only_is_counted_as_wrong()
    {
        var path = tiny.Write("more.tsv", File.ReadAllText(tiny.Tsv) + "mixed\ta film\n");
        var json = Command.Run("eval", tiny.Classifier, "--data", path, "--json").Succeeds().Json;
        Assert.Equal(61, json.GetProperty("count").GetInt32());
        Assert.Equal("mixed", json.GetProperty("classes")[2].GetProperty("name").GetString());
    }

    [Fact]
    public void A_part_of_one_class_can_be_measured_and_foreign_classes_cannot()
    {
        var folder = Directory.CreateDirectory(Path.Combine(tiny.Fresh("part"), "pos")).FullName;
        File.WriteAllText(Path.Combine(folder, "1.txt"), "a lovely film");
        var part = Path.GetDirectoryName(folder)!;
        Assert.Equal(1, Command.Run("eval", tiny.Classifier, "--data", part, "--json").Succeeds().Json.GetProperty("count").GetInt32());
        TinyLabels.Train("classify", part, tiny.Fresh()).Fails(1, "'pos'", "nothing to tell apart");
        Command.Run("eval", tiny.Classifier, "--data", tiny.Write("foreign.tsv", "label\ttext\nham\tgood\nspam\tbad\n"), "--json").Fails(1, "'ham', 'spam'", "'neg', 'pos'");
        Command.Run("eval", tiny.Tagger, "--data", tiny.Write("foreign.conll", "see X\nOslo Y\n"), "--json").Fails(1, "'X', 'Y'", "'B-LOC'");
        TinyLabels.Train("tag", tiny.Write("one.conll", "see O\nOslo O\n"), tiny.Fresh()).Fails(1, "All words have the tag 'O'");
    }

    [Fact]
    public void Info_knows_classifiers_and_taggers()
    {
        var json = Command.Run("info", tiny.Classifier, "--json").Succeeds().Json;
        Assert.Equal("sequence-classifier", json.GetProperty("config").GetProperty("model").GetString());
        Assert.Equal(2, json.GetProperty("config").GetProperty("ngrams").GetInt32());
        Assert.Contains("ngrams.weight", Command.Run("info", tiny.Classifier).Succeeds().Output);
        Assert.Contains("neg, pos", Command.Run("info", tiny.Classifier).Succeeds().Output);
        Assert.Equal("bio", Command.Run("info", tiny.Tagger, "--json").Succeeds().Json.GetProperty("scheme").GetString());
        Assert.Contains("B-PER", Command.Run("info", tiny.Tagger).Succeeds().Output);
    }

    [Theory]
    [InlineData("--tokens char --pooling last --cell gru --one-way --layers 2 --dropout 0.2 --variational --test-fraction 0.2")]
    [InlineData("--tokens byte --pooling mean --ngrams 5 --label-smoothing 0.1 --class-weights 0.5")]
    [InlineData("--tokens bpe --vocabulary 270 --ngrams 3 --pooling max --max-steps 4 --valid 0 --optimizer adamw --weight-decay 0.01")]
    [InlineData("--encoder mlp --word-dropout 0.1 --embedding-dropout 0.1 --cased --schedule constant")]
    [InlineData("--encoder hierarchical --pooling attention --schedule plateau --valid 0.2")]
    public void Every_option_trains_a_classifier(string options)
    {
        var run = tiny.Fresh();
        string[] given = options.Split(' ');
        string[] sizes = [.. TinyLabels.ClassSizes.Chunk(2).Where(p => !given.Contains(p[0]) && !(given.Contains("byte") && p[0] == "--min-count")).SelectMany(p => p)];
        TinyLabels.Train("classify", tiny.Tsv, run, [.. sizes, .. given, "--iterations", "3"]).Succeeds();
        Assert.Equal(60, Command.Run("eval", run, "--data", tiny.Tsv, "--json").Succeeds().Json.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("--output softmax --one-way --cell gru --letters 0")]
    [InlineData("--valid 0.2 --scheme bioes --layers 2 --dropout 0.2 --variational --recurrent-dropout 0.2 --word-dropout 0.2 --cased")]
    public void Every_option_trains_a_tagger(string options)
    {
        var run = tiny.Fresh();
        string[] given = options.Split(' ');
        string[] sizes = [.. TinyLabels.TagSizes.Chunk(2).Where(p => !given.Contains(p[0]) && !(given.Contains("--letters") && p[0] == "--letters-hidden")).SelectMany(p => p)];
        TinyLabels.Train("tag", tiny.Conll, run, [.. sizes, .. given, "--iterations", "3"]).Succeeds();
        Assert.Equal(140, Command.Run("eval", run, "--data", tiny.Conll, "--json").Succeeds().Json.GetProperty("tokens").GetInt32());
    }

    [Fact]
    public void Vectors_of_words_are_taken_and_may_stay_as_they_are()
    {
        var vectors = tiny.Write("vectors.txt", "good 1 0 0\nbad 0 1 0\nfilm 0 0 1\n");
        var run = tiny.Fresh();
        string[] sizes = ["--hidden", "4", "--min-count", "1", "--iterations", "20", "--members", "1"];
        TinyLabels.Train("classify", tiny.Tsv, run, [.. sizes, "--embeddings", vectors, "--frozen"]).Succeeds();
        Assert.Equal(3, Command.Run("info", run, "--json").Json.GetProperty("config").GetProperty("embedding").GetInt32());
        var model = ModelFile.Load<SequenceClassifier>(Path.Combine(run, "model.safetensors"));
        var good = Enumerable.Range(0, model.Tokenizer!.VocabularySize).Single(id => model.Tokenizer.Symbol(id) == "good");
        Assert.Equal([1f, 0f, 0f], model.Parameters.First(p => p.Name == "embedding.weight").Parameter.Values.Slice(3 * good, 3).ToArray());
        var foreign = tiny.Write("foreign.txt", "gut 1 0 0\nschlecht 0 1 0\n");
        TinyLabels.Train("classify", tiny.Tsv, tiny.Fresh(), [.. sizes, "--embeddings", foreign]).Fails(1, foreign, "none of the");
    }

    [Fact]
    public void Folds_give_mean_and_spread_and_go_on_where_they_stopped()
    {
        var run = tiny.Fresh();
        var json = TinyLabels.Train("classify", tiny.Tsv, run, [.. TinyLabels.ClassSizes, "--folds", "3", "--epochs", "4"]).Succeeds().Json;
        var accuracies = json.GetProperty("folds").EnumerateArray().Select(f => f.GetProperty("test").GetProperty("accuracy").GetDouble()).ToArray();
        Assert.Equal(3, accuracies.Length);
        Assert.Equal(accuracies.Average(), json.GetProperty("mean").GetProperty("accuracy").GetDouble(), 1e-12);
        Assert.True(json.GetProperty("spread").GetProperty("loss").GetDouble() > 0);
        Directory.Delete(Path.Combine(run, "fold-3"), recursive: true);
        var again = Command.Run("train", "classify", "--resume", run, "--json").Succeeds().Json;
        Assert.Equal(json.GetProperty("mean").ToString(), again.GetProperty("mean").ToString());
        Assert.Equal(60, Enumerable.Range(1, 3).Sum(k => again.GetProperty("folds")[k - 1].GetProperty("test").GetProperty("count").GetInt32()));
        Assert.Single(File.ReadLines(Path.Combine(run, "fold-1", "log.jsonl")), l => l.Contains("\"test\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_is_told_with_what_was_tried_and_stays_after_a_resume()
    {
        var run = tiny.Fresh();
        var plan = TinyLabels.Train("classify", tiny.Tsv, run, "--effort", "quick", "--test-every", "5").Succeeds().Json.GetProperty("plan");
        Assert.Equal("quick", plan.GetProperty("effort").GetString());
        Assert.True(plan.GetProperty("memory_bytes").GetInt64() > 0);
        Assert.Contains(plan.GetProperty("trials").EnumerateArray(), t => t.GetProperty("taken").GetBoolean() && t.GetProperty("loss").GetDouble() > 0 && t.GetProperty("candidate").GetString()!.StartsWith("linear", StringComparison.Ordinal));
        Assert.Equal(0, Command.Run("info", run, "--json").Json.GetProperty("config").GetProperty("members").GetInt32());
        Assert.Contains("\"plan\":{\"effort\":\"quick\"", File.ReadLines(Path.Combine(run, "log.jsonl")).First());
        var again = Command.Run("train", "classify", "--resume", run, "--json").Succeeds().Json;
        Assert.Equal(plan.ToString(), again.GetProperty("plan").ToString());
        Assert.Contains("\"plan\":", File.ReadLines(Path.Combine(run, "log.jsonl")).First());
        var shown = Command.Run("train", "classify", "--data", tiny.Tsv, "--out", tiny.Fresh(), "--effort", "quick").Succeeds().Output;
        Assert.All(["effort quick; about", "MB of memory", "held-out loss", "linear model over n-grams of 1 to"], part => Assert.Contains(part, shown));
    }

    [Theory]
    [InlineData("--effort quick", 0, true)]
    [InlineData("--effort quick --members 3 --epochs 1", 3, true)]
    [InlineData("--effort quick --ngrams 0 --epochs 1", 1, false)]
    [InlineData("--effort best --members 0", 0, true)]
    [InlineData("--pooling attention --members 0 --ngrams 2", 0, true)]
    [InlineData("--members 1 --ngrams 3 --epochs 1", 1, true)]
    [InlineData("--encoder mlp --epochs 1", 2, false)]
    public void What_is_given_goes_before_the_plan(string options, int members, bool linear)
    {
        var run = tiny.Fresh();
        string[] given = options.Split(' ');
        TinyLabels.Train("classify", tiny.Tsv, run, given).Succeeds();
        var config = Command.Run("info", run, "--json").Json.GetProperty("config");
        Assert.Equal(members, config.GetProperty("members").GetInt32());
        Assert.Equal(linear, config.GetProperty("ngrams").GetInt32() > 0);
        Assert.Contains("\"weights\"", Command.Run("predict", run, "--text", "a good film", "--json").Succeeds().Output);
        if (given.Contains("3") && given.Contains("--ngrams")) Assert.Equal(3, config.GetProperty("ngrams").GetInt32());
    }

    [Fact]
    public void What_matches_is_held_out()
    {
        var folder = Directory.CreateDirectory(tiny.Fresh("names")).FullName;
        foreach (var (name, words) in new[] { ("Korean", "Kim Lee Park Choi"), ("Czech", "Novak Svoboda Dvorak Cerny") })
            File.WriteAllLines(Path.Combine(folder, $"{name}.txt"), words.Split(' '));
        var json = TinyLabels.Train("classify", folder, tiny.Fresh(), [.. TinyLabels.ClassSizes, "--test-match", "line [12]$", "--valid", "0", "--iterations", "2"]).Succeeds().Json;
        Assert.Equal(4, json.GetProperty("test").GetProperty("count").GetInt32());
        TinyLabels.Train("classify", folder, tiny.Fresh(), [.. TinyLabels.ClassSizes, "--test-match", "line 9"]).Fails(1, "'line 9' of --test-match is found in none of the 8 places");
    }

    [Fact]
    public void Few_examples_are_all_learned_from_unless_validation_is_asked_for()
    {
        foreach (var (options, validates) in new[] { (Array.Empty<string>(), false), (["--valid", "0.1"], true) })
        {
            var json = TinyLabels.Train("classify", tiny.Tsv, tiny.Fresh(), [.. TinyLabels.ClassSizes, "--iterations", "2", .. options]).Succeeds().Json;
            Assert.Equal(validates, json.TryGetProperty("validation", out _));
        }
    }

    [Fact]
    public void Several_files_and_packed_ones_are_one_set()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)) gzip.Write(File.ReadAllBytes(tiny.Tsv));
        var path = tiny.Write("data.tsv.gz", packed.ToArray());
        Assert.Equal(120, Command.Run("eval", tiny.Classifier, "--data", tiny.Tsv, path, "--json").Succeeds().Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public void Series_are_classified()
    {
        var path = tiny.Write("waves.ts", "@problemName waves\n@timeStamps false\n@univariate true\n@classLabel true up down\n@data\n"
            + string.Concat(Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? $"0,{i % 3},?,3,4:up\n" : $"4,3,{i % 3},1,0:down\n")));
        var run = tiny.Fresh();
        var json = TinyLabels.Train("classify", path, run, "--hidden", "8", "--lr", "0.02", "--epochs", "20", "--valid", "0.2").Succeeds().Json;
        Assert.Equal(1, json.GetProperty("validation").GetProperty("accuracy").GetDouble());
        Assert.Equal("up", JsonDocument.Parse(Command.Run("predict", run, path, "--json").Succeeds().Output.Split('\n')[0]).RootElement.GetProperty("label").GetString());
        Command.Run("predict", run, "--text", "up").Fails(1, "reads series, not texts");
    }

    [Fact]
    public void A_resumed_run_has_the_same_bits()
    {
        foreach (var (verb, data, sizes) in new[] { ("classify", tiny.Tsv, TinyLabels.ClassSizes), ("tag", tiny.Conll, TinyLabels.TagSizes) })
        {
            var (whole, parts) = (tiny.Fresh(), tiny.Fresh());
            string[] options = [.. sizes.Select(s => s == "0" ? "0.3" : s), "--iterations", "600", "--checkpoint-every", "5", "--validate-every", "300", "--valid", "0.1", "--test-every", "5"];
            TinyLabels.Train(verb, data, whole, options).Succeeds();
            var process = Command.Start(["train", verb, "--data", data, "--out", parts, "--json", .. options]);
            while (!File.Exists(Path.Combine(parts, "checkpoint.safetensors")) && !process.HasExited) process.WaitForExit(5);
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            Command.Run("train", verb, "--resume", parts, "--json").Succeeds();
            foreach (var file in new[] { "model.safetensors", "checkpoint.safetensors" })
                Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(parts, file)));
        }
    }
}
