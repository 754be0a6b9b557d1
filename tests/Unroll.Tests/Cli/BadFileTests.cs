using System.Text;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Cli;

/// <summary>Texts and models that cannot be used: exit code 1, where and what, and nothing left behind.</summary>
[Collection(nameof(TinyRun))]
public class BadFileTests(TinyRun tiny)
{
    public static TheoryData<string, byte[], string[]> BadTexts => new()
    {
        { "empty.txt", [], ["the file is empty where text is expected"] },
        { "binary.txt", "text\0more"u8.ToArray(), ["looks binary (byte 00 at offset 4)", "iconv"] },
        { "latin.txt", [.. "one\ncaf"u8, 0xE9, (byte)'\n'], ["not UTF-8: byte E9 at offset 7, line 2", "iconv"] },
        { "utf16.txt", [0xFF, 0xFE, 97, 0], ["begins as UTF-16 does"] },
        { "cut.txt.gz", [0x1F, 0x8B, 8, 0], ["the gzip file is cut short", "Fetch or write it again"] },
        { "short.txt", "just 15 letters"u8.ToArray(), ["13 tokens", "2 rows", "8 steps", "at least 17"] },
        { "shortest.txt", "ab"u8.ToArray(), ["0.1 of 2 tokens", "leaves 1"] },
        { "one.txt", Encoding.UTF8.GetBytes(new string('a', 500)), ["the one token 'a'", "nothing to learn"] },
    };

    [Theory]
    [MemberData(nameof(BadTexts))]
    public void A_text_that_cannot_be_learned_is_refused(string name, byte[] bytes, string[] parts)
    {
        var (path, run) = (tiny.Write(name, bytes), tiny.Fresh());
        Command.Run(["train", "lm", "--data", path, "--out", run, .. TinyRun.Sizes]).Fails(1, parts);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_text_that_is_not_there_is_refused()
    {
        var (none, folder, run) = (tiny.Fresh("none.txt"), Directory.CreateDirectory(tiny.Fresh("empty")).FullName, tiny.Fresh());
        Train("--data", none).Fails(1, none, "there is no such file");
        Train("--data", tiny.DataPath, "--valid", none).Fails(1, none, "there is no such file");
        Train("--data", folder).Fails(1, folder, "no file below this folder is named as text");
        Command.Run("eval", tiny.Path, "--data", none).Fails(1, none, "there is no such file");
        Assert.False(Directory.Exists(run));

        CommandResult Train(params string[] options) => Command.Run(["train", "lm", "--out", run, .. TinyRun.Sizes, .. options]);
    }

    [SkippableFact]
    public void A_text_that_may_not_be_read_is_refused()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.UserName == "root", "permissions do not bind this user");
        var path = tiny.Write("secret.txt", "secret");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.None);
        Command.Run("eval", tiny.Path, "--data", path).Fails(1, path, "cannot be read", "permissions");
    }

    [Fact]
    public void A_vocabulary_of_one_symbol_is_refused_by_lines_too()
    {
        var path = tiny.Write("blank.txt", new string('\n', 100));
        Command.Run("train", "lm", "--data", path, "--lines", "--out", tiny.Fresh()).Fails(1, "All lines of the text are empty");
    }

    [Fact]
    public void A_batch_that_no_memory_holds_is_refused()
    {
        var (path, run) = (tiny.Write("long.txt", string.Concat(Enumerable.Repeat(TinyRun.Text[..^1], 60)) + "\n" + TinyRun.Text), tiny.Fresh());
        Command.Run("train", "lm", "--data", path, "--lines", "--batch", "65536", "--valid", "0", "--out", run)
            .Fails(1, "A batch of 65,536 rows with 3,061 steps", "Give a smaller batch");
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void Characters_unseen_in_training_are_named_with_their_places()
    {
        var path = tiny.Write("other.txt", "the cat\nsaw 한국\n");
        Command.Run("eval", tiny.Path, "--data", path).Fails(1, path, "3 characters that the vocabulary", "'w' at line 2, column 3", "'한' at line 2, column 5", "byte or bpe");
    }

    [Fact]
    public void A_run_that_exists_is_kept()
    {
        var before = File.ReadAllBytes(tiny.ModelPath);
        tiny.Train(tiny.Path).Fails(1, "exists already", $"--resume {tiny.Path}", "--out");
        tiny.Train(tiny.DataPath).Fails(1, "exists already");
        Assert.Equal(before, File.ReadAllBytes(tiny.ModelPath));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named() =>
        tiny.Train(Path.Combine(tiny.DataPath, "run")).Fails(1, "Cannot save", tiny.DataPath);

    [Fact]
    public void A_model_that_is_none_is_refused_by_every_verb()
    {
        var cut = tiny.Write("cut.safetensors", File.ReadAllBytes(tiny.ModelPath)[..^10]);
        var text = tiny.Write("text.safetensors", "this is no model at all");
        var huge = tiny.Write("huge.safetensors", [0, 0, 0, 0, 0, 0, 0, 64, (byte)'{']);
        foreach (var (path, part) in new[] { (cut, "bytes of data"), (text, "header claims"), (huge, "header claims") })
        {
            Command.Run("eval", path, "--data", tiny.DataPath).Fails(1, path, part);
            Command.Run("generate", path).Fails(1, path, part);
            Command.Run("info", path).Fails(1, path, part);
            Resume(path).Fails(1, part);
        }
        Resume(tiny.ModelPath).Fails(1, "its metadata has no 'training'");
        var foreign = Path.Combine(AppContext.BaseDirectory, "golden", "sample.safetensors");
        Command.Run("generate", foreign).Fails(1, foreign, "is not a model of Unroll", "this is a model of kind ''; expected 'language-model'");
    }

    /// <summary>Far more than it takes to read the file, and far less than the file claims to need.</summary>
    const long MostBytes = 64 << 20;

    public static TheoryData<string, string, string> DamagedMetadata => new()
    {
        { "config", "{\"model\":\"vision\"}", "this is a model of kind 'vision'; expected 'language-model'" },
        { "config", "{", "'config' in its metadata is not JSON" },
        { "config", "7", "expected an object" },
        { "config", "{\"model\":\"language-model\",\"model\":\"language-model\"}", "'config' in its metadata is not JSON" },
        { "config", Config("\"cell\":\"\\ud800\""), "expected one of lstm" },
        { "config", Config("\"hidden\":3000"), "it holds" },
        { "config", Config("\"hidden\":65536"), "hidden is 65536; expected a whole number, 1 to 16384" },
        { "config", Config("\"layers\":1e99"), "'layers' is '1e99'; expected a whole number, 1 to 64" },
        { "config", Config("\"cell\":\"gru\""), "tensor 'rnn.weight_ih_l0' is [32, 4]; expected [24, 4]" },
        { "config", Config("\"layers\":2"), "there is no tensor 'rnn.weight_ih_l1'" },
        { "tokenizer", "{\"kind\":\"char\",\"symbols\":[\"a\",\"a\"],\"counts\":[1,1],\"unknown\":false}", "symbol 1 is the same as symbol 0" },
        { "tokenizer", "{\"kind\":\"runes\"}", "kind is 'runes'; it must be one of" },
        { "tokenizer", "{\"kind\":\"byte\"}", "it holds" },
        { "tokenizer", "[]", "a JSON object is expected" },
    };

    static string Config(string changed)
    {
        var name = changed[..changed.IndexOf(':')];
        string[] all = ["\"cell\":\"lstm\"", "\"embedding\":4", "\"hidden\":8", "\"layers\":1", "\"dropout\":0", "\"variational_dropout\":false", "\"tied_weights\":false", "\"init_scale\":0"];
        return $"{{\"model\":\"language-model\",{string.Join(',', all.Select(a => a.StartsWith(name, StringComparison.Ordinal) ? changed : a))}}}";
    }

    [Theory]
    [MemberData(nameof(DamagedMetadata))]
    public void A_hostile_model_is_refused_before_memory_is_taken(string key, string text, string part)
    {
        var path = tiny.Fresh("hostile.safetensors");
        ModelEdit.Rewrite(tiny.ModelPath, path, metadata => metadata[key] = text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Command.Run("info", path, "--json").Fails(1, path, part);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }

    [Fact]
    public void A_model_that_the_memory_cannot_hold_is_refused()
    {
        var path = tiny.Fresh("large.safetensors");
        ModelEdit.Rewrite(tiny.ModelPath, path, metadata => metadata["config"] = Config("\"hidden\":16384"));
        Command.RunWith([("DOTNET_GCHeapHardLimit", "4000000")], "info", path, "--json").Fails(1, path, "GB of memory");
    }

    public static TheoryData<string, string, string> DamagedCheckpoints => new()
    {
        { "options", "\"batch\":2", "\"batch\":0" },
        { "options", "\"batch\":2", "\"batch\":\"two\"" },
        { "options", "\"batch\":2", "\"batch\":3" },
        { "options", "\"batch\":2", "\"surprise\":2" },
        { "options", "\"steps\":8", "\"steps\":2147483647" },
        { "options", "\"learning_rate\":0.02", "\"learning_rate\":-1" },
        { "options", "\"optimizer\":\"adam\"", "\"optimizer\":\"sgd\"" },
        { "training", "\"iteration\":30", "\"iteration\":\"many\"" },
        { "training", "\"position\":30", "\"position\":-30" },
        { "training", "\"kind\":\"Adam\"", "\"kind\":\"Sgd\"" },
        { "training", "\"optimizer\":{", "\"optimizer\":7,\"other\":{" },
        { "training", "\"iteration\":30", "\"iteration\":30,\"iteration\":30" },
    };

    [Theory]
    [MemberData(nameof(DamagedCheckpoints))]
    public void A_damaged_checkpoint_is_refused_and_kept(string key, string from, string to)
    {
        var run = Directory.CreateDirectory(tiny.Fresh()).FullName;
        var path = Path.Combine(run, "checkpoint.safetensors");
        ModelEdit.Rewrite(tiny.CheckpointPath, path, metadata =>
        {
            Assert.Contains(from, metadata[key]);
            metadata[key] = metadata[key].Replace(from, to, StringComparison.Ordinal);
        });
        File.Copy(Path.Combine(tiny.Path, "log.jsonl"), Path.Combine(run, "log.jsonl"));
        var before = Contents();
        Command.Run("train", "lm", "--resume", run).Fails(1);
        Assert.Equal(before, Contents());

        byte[][] Contents() => [.. Directory.EnumerateFiles(run).Order().Select(File.ReadAllBytes)];
    }

    [Fact]
    public void A_run_without_checkpoint_cannot_go_on() =>
        Command.Run("train", "lm", "--resume", tiny.Fresh()).Fails(1, "holds no checkpoint.safetensors");

    CommandResult Resume(string checkpoint)
    {
        var run = Directory.CreateDirectory(tiny.Fresh()).FullName;
        File.Copy(checkpoint, Path.Combine(run, "checkpoint.safetensors"));
        return Command.Run("train", "lm", "--resume", run);
    }
}
