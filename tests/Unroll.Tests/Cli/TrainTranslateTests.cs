using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>Training translators and measuring them.</summary>
[Collection(nameof(TinyTranslator))]
public class TrainTranslateTests(TinyTranslator tiny)
{
    static readonly string[] Scores = ["bleu", "chrf", "exact_match", "token_accuracy", "loss", "loss_free_running"];

    [Theory]
    [InlineData("train", "translate")]
    [InlineData("translate")]
    [InlineData("chat")]
    public void Every_verb_explains_itself_with_examples(params string[] verb)
    {
        var help = Command.Run([.. verb, "--help"]).Succeeds().Output;
        Assert.All(["Usage:", "--json", $"Examples:\n  unroll {string.Join(' ', verb)}"], part => Assert.Contains(part, help.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void Training_ends_with_one_object()
    {
        Assert.Equal("finished", tiny.Result.GetProperty("end").GetString());
        var test = tiny.Result.GetProperty("test");
        Assert.Equal(80, test.GetProperty("pairs").GetInt32());
        Assert.InRange(test.GetProperty("exact_match").GetDouble(), 0.9, 1);
        Assert.InRange(test.GetProperty("beam_3_exact_match").GetDouble(), 0.9, 1);
        Assert.InRange(test.GetProperty("loss").GetDouble(), 0, test.GetProperty("loss_free_running").GetDouble());
        Assert.StartsWith("nrefs:1|case:mixed", test.GetProperty("bleu_signature").GetString());
        Assert.Equal(["checkpoint.safetensors", "curve.svg", "log.jsonl", "model.safetensors"], Directory.EnumerateFiles(tiny.Run).Select(Path.GetFileName).Order());
        var log = File.ReadLines(Path.Combine(tiny.Run, "log.jsonl")).ToArray();
        Assert.Contains("\"test\":{\"bleu\":", log[^1]);
        Assert.Contains(log, l => l.Contains("loss_free_running", StringComparison.Ordinal) && l.Contains("valid", StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluation_has_all_scores_and_needs_a_path_only()
    {
        var json = Command.Run("eval", tiny.Run, "--data", tiny.Tsv, "--json").Succeeds().Json;
        Assert.All(Scores, name => Assert.Equal(JsonValueKind.Number, json.GetProperty(name).ValueKind));
        Assert.Equal((400, 0), (json.GetProperty("pairs").GetInt32(), json.GetProperty("too_long").GetInt32()));
        Assert.Equal("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", json.GetProperty("bleu_signature").GetString());
        // The same of two files, and however many are worked on together.
        var aligned = Command.Run("eval", tiny.Run, "--source", tiny.Source, "--target", tiny.Target, "--batch", "7", "--json").Succeeds().Json;
        Assert.All(Scores, name => Assert.Equal(json.GetProperty(name).GetDouble(), aligned.GetProperty(name).GetDouble()));
        Assert.Contains("loss free running", Command.Run("eval", tiny.Run, "--data", tiny.Tsv, "--beam", "2", "--length-penalty", "0.5").Succeeds().Output);
    }

    [Fact]
    public void Two_files_train_the_same_model_as_one()
    {
        var (one, two) = (tiny.Fresh(), tiny.Fresh());
        tiny.Train(one, "--iterations", "5").Succeeds();
        TinyTranslator.Start(two, "--source", tiny.Source, "--target", tiny.Target, "--iterations", "5").Succeeds();
        // What the notes say of the data is another; all else is the same.
        Assert.Equal(Weights(one), Weights(two));

        static (string, float)[] Weights(string run) =>
            [.. ModelFile.Load<Seq2Seq>(Path.Combine(run, "model.safetensors")).Parameters.SelectMany(p => p.Parameter.Values.ToArray(), (p, value) => (p.Name, value))];
    }

    [Fact]
    public void Columns_say_the_direction_and_a_run_remembers_them()
    {
        var path = tiny.Write("three.csv", "id,de,en\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},eins {i % 5},one {i % 5}\n")));
        var run = tiny.Fresh();
        TinyTranslator.Start(run, "--data", path, "--source-column", "en", "--target-column", "de", "--tokens", "word", "--iterations", "2").Succeeds();
        Assert.Equal(40, Command.Run("eval", run, "--data", path, "--json").Succeeds().Json.GetProperty("pairs").GetInt32());
        TinyTranslator.Start(tiny.Fresh(), "--data", path, "--source-column", "fr", "--target-column", "de").Fails(1, "no column", "fr");
        TinyTranslator.Start(tiny.Fresh(), "--data", path).Fails(1, path);
    }

    [Theory]
    [InlineData("--tokens bpe --vocabulary 300 --joint --shared-embedding --tied --attention additive --coverage --scaled --attention-size 8 --cell gru")]
    [InlineData("--tokens byte --attention local-p --window 3 --input-feeding --layers 2 --dropout 0.2 --variational --encoder-size 8 --bridge dense --init 0.1")]
    [InlineData("--tokens word --min-count 1 --source-tokens char --source-vocabulary 50 --attention dot --normal nfkc --lower --label-smoothing 0.1 --one-way --bridge copy")]
    [InlineData("--attention none --teacher-schedule linear --teacher-rate 0.1 --teacher-least 0.2 --teacher 0.9 --max-words 1 --max-ratio 2 --max-tokens 4")]
    [InlineData("--attention concat --test-fraction 0.2 --valid 0.2 --average 0.9 --schedule constant --optimizer adamw --accumulate 2")]
    public void Every_option_trains_a_translator(string options)
    {
        var run = tiny.Fresh();
        tiny.Train(run, [.. options.Split(' '), "--iterations", "3"]).Succeeds();
        Assert.Equal(400, Command.Run("eval", run, "--data", tiny.Tsv, "--json").Succeeds().Json.GetProperty("pairs").GetInt32());
        Assert.Contains(options.Contains("none", StringComparison.Ordinal) ? "no attention" : "attention", Command.Run("info", run).Succeeds().Output);
    }

    [Fact]
    public void Empty_and_long_pairs_are_left_out_and_counted()
    {
        var path = tiny.Write("some.tsv", File.ReadAllText(tiny.Tsv) + "\tx\ny\t\n" + string.Concat(Enumerable.Repeat("a", 300)) + "\tb\n");
        var result = Command.Run(TinyTranslator.Arguments(tiny.Fresh(), "--data", path, "--iterations", "2", "--valid", "0").Where(a => a != "--json").ToArray());
        Assert.Equal(0, result.Code);
        Assert.Contains("one side of the pair is empty", result.Error);
        var output = result.Output;
        Assert.Contains("400 pairs to learn from, 0 to validate on, 0 to test on; 3 left out, being empty or too long", output);
        Assert.All(["source ", "target ", "output "], part => Assert.Contains(part, output));
        // A test is taken as it is: an empty text has an empty answer.
        var json = Command.Run("eval", tiny.Run, "--data", tiny.Write("empty.tsv", "\t\nab\tba\n"), "--json").Succeeds().Json;
        Assert.Equal((2, 1.0), (json.GetProperty("pairs").GetInt32(), json.GetProperty("exact_match").GetDouble()));
    }

    [Fact]
    public void Small_letters_are_scored_as_such()
    {
        var run = tiny.Fresh();
        var upper = tiny.Write("upper.tsv", File.ReadAllText(tiny.Tsv).ToUpperInvariant());
        var json = TinyTranslator.Start(run, "--data", upper, "--lower", "--epochs", "40", "--test-every", "5").Succeeds().Json.GetProperty("test");
        Assert.Equal(tiny.Result.GetProperty("test").GetProperty("exact_match").GetDouble(), json.GetProperty("exact_match").GetDouble());
        Assert.Contains("case:lc", json.GetProperty("bleu_signature").GetString());
        Assert.Equal("ba\n", Command.Run("translate", run, "--text", "AB").Succeeds().Output);
    }

    [Fact]
    public void A_resumed_run_has_the_same_bits()
    {
        var (whole, parts) = (tiny.Fresh(), tiny.Fresh());
        string[] options = ["--data", tiny.Tsv, "--dropout", "0.3", "--teacher", "0.7", "--iterations", "300", "--checkpoint-every", "5", "--validate-every", "150", "--test-every", "5"];
        TinyTranslator.Start(whole, options).Succeeds();
        using (var process = Command.Start(TinyTranslator.Arguments(parts, options)))
        {
            while (!File.Exists(Path.Combine(parts, "checkpoint.safetensors")) && !process.HasExited) process.WaitForExit(5);
            process.Kill();
            process.WaitForExit();
        }
        Command.Run("train", "translate", "--resume", parts, "--json").Succeeds();
        foreach (var file in new[] { "model.safetensors", "checkpoint.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(parts, file)));
    }

    [Theory]
    [InlineData("", "--data is missing", "--source and --target")]
    [InlineData("--source a", "--source and --target name 1 and 0 files")]
    [InlineData("--source a b --target c", "--source and --target name 2 and 1 files")]
    [InlineData("--data x --source a --target b", "--source cannot be given")]
    [InlineData("--data x --valid 0.1 --valid-source a --valid-target b", "--valid-source cannot be given")]
    [InlineData("--source a --target b --test-source a --test-target c", "is given twice as a source")]
    [InlineData("--data x --test-source a --test-target b --test-every 5", "--test-source, --test-every: there is one way")]
    [InlineData("--data x --tokens term", "--tokens is 'term'; expected one of auto, bpe, word, char, byte")]
    [InlineData("--data x --normal nfx", "--normal is 'nfx'; expected one of none, nfc")]
    [InlineData("--data x --attention self", "--attention is 'self'; expected one of none, dot, general")]
    [InlineData("--data x --bridge iron", "--bridge is 'iron'; expected one of dense, copy")]
    [InlineData("--data x --shared-embedding", "--shared-embedding cannot be given", "add --joint")]
    [InlineData("--data x --joint --source-tokens char --source-vocabulary 9", "--source-tokens cannot be given", "--source-vocabulary cannot be given")]
    [InlineData("--data x --tokens byte --vocabulary 300", "--vocabulary cannot be given")]
    [InlineData("--data x --attention none --coverage --input-feeding --scaled", "--coverage cannot be given", "--input-feeding cannot be given", "--scaled cannot be given")]
    [InlineData("--data x --attention general --window 3 --attention-size 4", "--window cannot be given", "--attention-size cannot be given")]
    [InlineData("--data x --attention dot --encoder-size 20 --hidden 20", "dot attention", "size 20", "40")]
    [InlineData("--data x --hidden 7", "hidden is 7; expected an even number")]
    [InlineData("--data x --teacher 2", "--teacher is '2'")]
    [InlineData("--data x --teacher-rate 0.5", "--teacher-rate cannot be given")]
    [InlineData("--data x --teacher-schedule linear", "--teacher-rate is missing")]
    [InlineData("--data x --teacher-schedule exponential --teacher-rate 2", "--teacher-rate is the factor")]
    [InlineData("--data x --teacher-schedule inverse-sigmoid --teacher-rate 0.5", "--teacher-rate is the pace")]
    [InlineData("--data x --batch 32", "Unknown option --batch. Did you mean --batch-tokens?", "unroll train translate --help")]
    [InlineData("--frobnicate --data x", "--frobnicate", "unroll train translate --help")]
    [InlineData("--data x --batch-tokens 0", "--batch-tokens is '0'")]
    [InlineData("--data x --max-words 0", "--max-words is '0'")]
    [InlineData("--data x --max-ratio 0.5", "--max-ratio is '0.5'")]
    [InlineData("--data x --test-beam 1001", "--test-beam is '1001'")]
    [InlineData("--resume there --joint", "--joint cannot be given with it")]
    public void A_mistake_in_training_a_translator_is_named(string options, params string[] parts) =>
        Command.IsRefused(["train", "translate", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], parts);

    [Fact]
    public void Data_that_cannot_be_learned_from_is_named()
    {
        var run = tiny.Fresh();
        var three = tiny.Write("three.txt", "a\nb\nc\n");
        TinyTranslator.Start(run, "--source", tiny.Source, "--target", three).Fails(1, tiny.Source, "400", three, "3");
        TinyTranslator.Start(run, "--data", tiny.Write("empty.tsv", "\t\n\tx\n")).Fails(1, "pair");
        TinyTranslator.Start(run, "--data", tiny.Tsv, "--max-tokens", "1").Fails(1, "pair");
        TinyTranslator.Start(run, "--data", tiny.Fresh("nothing.tsv")).Fails(1, "nothing.tsv");
        TinyTranslator.Start(run, "--data", tiny.Tsv, "--test-source", three, "--test-target", tiny.Target).Fails(1, three, tiny.Target);
        Assert.False(Directory.Exists(run));
        Command.Run("eval", tiny.Run, "--source", three, "--target", tiny.Target).Fails(1, three, tiny.Target);
        Command.Run("eval", tiny.Run).Fails(2, "--data is missing");
        Command.Run("eval", tiny.Run, "--data", tiny.Tsv, "--length-penalty", "1").Fails(2, "--length-penalty cannot be given: there is no --beam");
        Command.Run("eval", tiny.LanguageModel, "--source", three, "--target", three, "--beam", "2").Fails(2, "--source cannot be given", "--target cannot be given", "--beam cannot be given");
    }
}
