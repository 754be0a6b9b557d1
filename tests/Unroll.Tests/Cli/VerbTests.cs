using System.IO.Compression;

namespace Unroll.Tests.Cli;

[Collection(nameof(TinyRun))]
public class VerbTests(TinyRun tiny)
{
    [Theory]
    [InlineData("train", "lm")]
    [InlineData("eval")]
    [InlineData("generate")]
    [InlineData("info")]
    public void Every_verb_explains_itself_with_examples(params string[] verb)
    {
        var help = Command.Run([.. verb, "--help"]).Succeeds().Output;
        Assert.Contains($"Usage:\n  unroll {string.Join(' ', verb)}", help.ReplaceLineEndings("\n"));
        Assert.Contains("--json", help);
        Assert.Contains($"Examples:\n  unroll {string.Join(' ', verb)}", help.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_command_lists_its_verbs()
    {
        var help = Command.Run("--help").Succeeds().Output;
        Assert.All(["train", "eval", "generate", "info"], verb => Assert.Contains(verb, help));
    }

    [Fact]
    public void Training_ends_with_one_object()
    {
        var run = tiny.Fresh();
        var json = tiny.Train(run, "--iterations", "5").Succeeds().Json;
        Assert.Equal(run, json.GetProperty("run").GetString());
        Assert.Equal("finished", json.GetProperty("end").GetString());
        Assert.InRange(json.GetProperty("valid_loss").GetDouble(), 2, 4);
        Assert.Equal(5, json.GetProperty("iterations").GetInt64());
        Assert.True(json.GetProperty("tokens_per_s").GetDouble() > 0);
        Assert.True(json.GetProperty("seconds").GetDouble() > 0);
        Assert.Equal(["checkpoint.safetensors", "curve.svg", "log.jsonl", "model.safetensors"],
            Directory.EnumerateFileSystemEntries(run).Select(p => Path.GetFileName(p)).Order());
    }

    [Fact]
    public void Training_for_people_ends_with_samples_and_what_to_do_next()
    {
        var run = tiny.Fresh();
        var output = Command.Run(["train", "lm", "--data", tiny.DataPath, "--out", run, .. TinyRun.Sizes, "--iterations", "2"]).Succeeds().Output;
        Assert.All(["— sample 3 —", "nats per token", $"unroll generate {run}"], part => Assert.Contains(part, output));
    }

    [Fact]
    public void Without_data_the_sources_of_the_library_are_learned()
    {
        var run = tiny.Fresh();
        Command.Run(["train", "lm", "--out", run, .. TinyRun.Sizes, "--iterations", "2", "--valid", "0.001", "--json"]).Succeeds();
        Assert.True(Command.Run("info", run, "--json").Json.GetProperty("vocabulary").GetInt32() > 60);
    }

    [Fact]
    public void Without_a_name_runs_are_numbered()
    {
        var folder = Directory.CreateDirectory(tiny.Fresh("folder")).FullName;
        foreach (var name in new[] { "lm", "lm-2" })
        {
            var json = Command.RunIn(folder, ["train", "lm", "--data", tiny.DataPath, .. TinyRun.Sizes, "--iterations", "1", "--json"]).Json;
            Assert.Equal(Path.Combine("runs", name), json.GetProperty("run").GetString());
        }
    }

    [Theory]
    [InlineData("--tokens word --min-count 2 --cell gru --optimizer sgd --momentum 0.9 --schedule step --decay 2 --decay-after 1")]
    [InlineData("--tokens byte --cell rnn --optimizer nesterov --schedule exponential --clip 0 --clip-value 0.5")]
    [InlineData("--tokens bpe --vocabulary 260 --cell rnn-relu --optimizer adamw --weight-decay 0.1 --schedule cosine --warmup 2")]
    [InlineData("--cell lstm --optimizer rmsprop --schedule plateau --accumulate 2 --validate-every 1 --patience 2")]
    [InlineData("--optimizer adagrad --tied --hidden 4 --dropout 0.2 --variational --layers 2 --init 0.1")]
    [InlineData("--lines --embedding 0 --valid 0")]
    [InlineData("--lines --tokens word --dropout 0.5 --recurrent-dropout 0.3")]
    public void Every_option_trains_evaluates_and_writes(string options)
    {
        var run = tiny.Fresh();
        // The later of two options would not replace the earlier one.
        string[] given = options.Split(' '), sizes = [.. Pairs(TinyRun.Sizes).Where(p => !given.Contains(p[0]) && !(given.Contains("--lines") && p[0] == "--steps")).SelectMany(p => p)];
        var trained = Command.Run(["train", "lm", "--data", tiny.DataPath, "--out", run, .. sizes, .. given, "--iterations", "3", "--json"]).Succeeds();
        Assert.Equal(3, trained.Json.GetProperty("iterations").GetInt64());
        Assert.True(Command.Run("eval", run, "--data", tiny.DataPath, "--json").Succeeds().Json.GetProperty("loss").GetDouble() > 0);
        Assert.Equal(7, Command.Run("generate", run, "--length", "7", "--prompt", "the cat", "--json").Succeeds().Json.GetProperty("tokens").GetInt32());
        Assert.NotEmpty(Command.Run("generate", run, "--length", "7").Succeeds().Output);

        static IEnumerable<string[]> Pairs(string[] all) => all.Chunk(2);
    }

    [Fact]
    public void Epochs_are_passes_through_the_data()
    {
        // 936 tokens in 2 columns of 467 steps are 58 chunks of 8.
        var json = tiny.Train(tiny.Fresh(), "--epochs", "2", "--accumulate", "3").Json;
        Assert.Equal(39, json.GetProperty("iterations").GetInt64());
    }

    [Fact]
    public void A_cosine_ends_with_the_run_warmed_up_or_not()
    {
        var run = tiny.Fresh();
        tiny.Train(run, "--iterations", "20", "--lr", "0.01", "--schedule", "cosine", "--warmup", "10").Succeeds();
        using var log = File.OpenRead(Path.Combine(run, "log.jsonl"));
        var rates = Unroll.Training.RunLog.Read(log).Where(l => l.Loss is not null).Select(l => l.LearningRate!.Value);
        Assert.Equal([0.01 * (0.01 + 0.99 * 0.9) * (1 + Math.Cos(Math.PI * 9 / 20)) / 2, 0.01 * (1 + Math.Cos(Math.PI * 19 / 20)) / 2], rates, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Packed_text_is_the_text()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)) gzip.Write(File.ReadAllBytes(tiny.DataPath));
        var path = tiny.Write("text.txt.gz", packed.ToArray());
        Assert.Equal(Loss(tiny.DataPath), Loss(path));

        double Loss(string data) => Command.Run("eval", tiny.Path, "--data", data, "--json").Json.GetProperty("loss").GetDouble();
    }

    [Fact]
    public void A_folder_is_its_documents()
    {
        var folder = Directory.CreateDirectory(tiny.Fresh("folder")).FullName;
        for (var i = 0; i < 3; i++) File.WriteAllText(Path.Combine(folder, $"{i}.txt"), TinyRun.Text);
        Command.Run(["train", "lm", "--data", folder, "--valid", tiny.DataPath, "--out", tiny.Fresh(), .. TinyRun.Sizes, "--iterations", "3", "--json"]).Succeeds();
        // The first token of a document is only read.
        Assert.Equal(3 * (TinyRun.Text.Length - 1), Command.Run("eval", tiny.Path, "--data", folder, "--json").Json.GetProperty("tokens").GetInt64());
    }

    [Fact]
    public void Evaluation_gives_figures_that_agree()
    {
        var json = Command.Run("eval", tiny.Path, "--data", tiny.DataPath, "--json").Succeeds().Json;
        var loss = json.GetProperty("loss").GetDouble();
        Assert.InRange(loss, 1, 3);
        Assert.Equal(Math.Exp(loss), json.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.Equal(loss / Math.Log(2), json.GetProperty("bits_per_character").GetDouble(), 1e-9);
        Assert.Equal(20 * TinyRun.Text.Length - 1, json.GetProperty("tokens").GetInt64());
        Assert.True(json.GetProperty("tokens_per_s").GetDouble() > 0);
        Assert.Contains("nats per token", Command.Run("eval", tiny.Path, "--data", tiny.DataPath, "--batch", "4").Succeeds().Output);
    }

    [Fact]
    public void Info_shows_the_parts_of_a_model()
    {
        var json = Command.Run("info", tiny.Path, "--json").Succeeds().Json;
        Assert.Equal("lstm", json.GetProperty("config").GetProperty("cell").GetString());
        var vocabulary = TinyRun.Text.Distinct().Count();
        Assert.Equal(vocabulary, json.GetProperty("vocabulary").GetInt32());
        Assert.Equal(vocabulary * 4 + 4 * 8 * (4 + 8 + 2) + vocabulary * 9, json.GetProperty("parameters").GetInt32());
        Assert.Equal(7, json.GetProperty("tensors").GetArrayLength());
        Assert.Equal(2 * 8 * sizeof(float), json.GetProperty("state_bytes").GetInt32());
        Assert.True(json.GetProperty("generate_tokens_per_s").GetDouble() > 0);
        var text = Command.Run("info", tiny.CheckpointPath).Succeeds().Output;
        Assert.All(["1 × lstm of 8, embedding 4", "rnn.weight_hh_l0   [32, 8]", "output.bias"], part => Assert.Contains(part, text));
    }

    [Fact]
    public void A_process_shows_what_a_call_shows() => Command.IsTheSameInAProcess("", "info", tiny.Path, "--json");

    [Fact]
    public void Info_shows_the_tensors_of_a_foreign_file()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "golden", "sample.safetensors");
        var copy = tiny.Fresh("foreign.safetensors");
        Storage.ModelEdit.Rewrite(path, copy, metadata => metadata.Clear());
        var json = Command.Run("info", copy, "--json").Succeeds().Json;
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("config").ValueKind);
        Assert.Equal(8, json.GetProperty("tensors").GetArrayLength());
        var text = Command.Run("info", copy).Succeeds().Output;
        Assert.All(["none that Unroll can run", "rnn.weight_ih_l0", "F32 [2, 3]"], part => Assert.Contains(part, text));
    }

    [Theory]
    [InlineData("[suggest:27]", "train classify --pooling at", "attention")]
    [InlineData("[suggest:16]", "train lm --optim", "--optimizer")]
    [InlineData("[suggest:6]", "train ", "regress")]
    public void The_shell_is_told_what_may_follow(string directive, string line, string expected) =>
        Assert.Contains(expected, Command.Run(directive, line).Succeeds().Output.Split('\n', StringSplitOptions.TrimEntries));
}
