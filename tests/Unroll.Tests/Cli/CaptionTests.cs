using System.Text;
using System.Text.Json;

namespace Unroll.Tests.Cli;

/// <summary>A captioner that names bright and dark pictures, and the files that it learned from.</summary>
public sealed class TinyCaptioner : TinyFiles
{
    public const int Pictures = 24, Rows = 3, Columns = 4;

    static readonly string[] Names = ["night", "noon", "dawn"];

    public TinyCaptioner()
    {
        Images = Npy("images.npy", [.. Enumerable.Range(0, Pictures * Rows * Columns).Select(i => (byte)(i / (Rows * Columns) % 3 * 100 + i % 7))], Pictures, Rows, Columns);
        Table = Write("captions.tsv", "index\tsplit\tname\tother\n" + string.Concat(Enumerable.Range(0, Pictures).Select(i => $"{i}\t{(i % 4 == 0 ? "test" : "train")}\t{NameOf(i)}\tx{i % 3}\n")));
        Run = PathOf("captioner");
        Result = Command.RunProcess(Arguments(Run, Table, Images, "--epochs", "100", "--test-beam", "2")).Succeeds().Json;
    }

    public string Images { get; }

    public string Table { get; }

    public string Run { get; }

    public JsonElement Result { get; }

    public static string NameOf(int picture) => Names[picture % 3];

    /// <summary>An array of bytes as NumPy saves it.</summary>
    public string Npy(string name, byte[] data, params int[] shape)
    {
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}), }}".PadRight(117) + "\n";
        byte[] bytes = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. data];
        return Write(name, bytes);
    }

    internal static CommandResult Start(string run, string table, string images, params string[] more) => Command.Run(Arguments(run, table, images, more));

    static string[] Arguments(string run, string table, string images, params string[] more) =>
    [
        "train", "caption", "--data", table, "--pictures", images, "--out", run, "--embedding", "8", "--hidden", "16", "--encoder-size", "8", "--batch-tokens", "40",
        "--lr", "0.02", "--dropout", "0", "--label-smoothing", "0", "--warmup", "0", "--average", "0", "--json", .. more,
    ];
}

/// <summary>As <see cref="TinyRunCollection"/>.</summary>
[CollectionDefinition(nameof(TinyCaptioner))]
public class TinyCaptionerCollection : ICollectionFixture<TinyCaptioner>;

/// <summary>Training captioners, measuring them, and what they say.</summary>
[Collection(nameof(TinyCaptioner))]
public class CaptionTests(TinyCaptioner tiny)
{
    static readonly string[] Scores = ["bleu", "chrf", "exact_match", "token_accuracy", "loss", "loss_free_running", "nearest_chrf"];

    [Theory]
    [InlineData("train", "caption")]
    [InlineData("caption")]
    public void Every_verb_explains_itself_with_examples(params string[] verb)
    {
        var help = Command.Run([.. verb, "--help"]).Succeeds().Output;
        Assert.All(["Usage:", "--json", $"Examples:\n  unroll {string.Join(' ', verb)}"], part => Assert.Contains(part, help.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void The_table_says_what_is_tested_on()
    {
        var test = tiny.Result.GetProperty("test");
        Assert.Equal(6, test.GetProperty("pairs").GetInt32());
        Assert.All(Scores, name => Assert.Equal(JsonValueKind.Number, test.GetProperty(name).ValueKind));
        Assert.Equal((1, 1, 100), (test.GetProperty("exact_match").GetDouble(), test.GetProperty("beam_2_exact_match").GetDouble(), test.GetProperty("nearest_chrf").GetDouble()));
    }

    [Fact]
    public void Evaluation_chooses_a_part()
    {
        Assert.Equal(6, Eval().GetProperty("pairs").GetInt32());
        Assert.Equal(tiny.Result.GetProperty("test").GetProperty("loss").GetDouble(), Eval().GetProperty("loss").GetDouble());
        var train = Eval("--part", "train", "--beam", "2");
        Assert.Equal((18, 1), (train.GetProperty("pairs").GetInt32(), train.GetProperty("exact_match").GetDouble()));
        Assert.False(train.TryGetProperty("nearest_chrf", out _));               // a picture is its own nearest
        Assert.Equal(24, Eval("--part", "all").GetProperty("pairs").GetInt32());
        Command.Run("eval", tiny.Run, "--data", tiny.Table, "--pictures", tiny.Images, "--part", "valid").Fails(1, "no caption of the part valid");
        Command.Run("eval", tiny.Run, "--data", tiny.Table).Fails(2, "--pictures is missing");

        JsonElement Eval(params string[] more) => Command.Run(["eval", tiny.Run, "--data", tiny.Table, "--pictures", tiny.Images, "--json", .. more]).Succeeds().Json;
    }

    [Fact]
    public void Pictures_get_a_line_each()
    {
        var lines = Command.Run("caption", tiny.Run, tiny.Images).Succeeds().Output.ReplaceLineEndings("\n");
        Assert.Equal(string.Concat(Enumerable.Range(0, TinyCaptioner.Pictures).Select(i => TinyCaptioner.NameOf(i) + "\n")), lines);
        var json = Command.Run("caption", tiny.Run, tiny.Images, "--picture", "4", "--beam", "3", "--best", "2", "--attention", "--with", tiny.Run, "--json").Succeeds().Json;
        Assert.Equal(TinyCaptioner.NameOf(4), json.GetProperty("text").GetString());
        Assert.Equal(2, json.GetProperty("best").GetArrayLength());
        Assert.Equal(["row 1", "row 2", "row 3"], json.GetProperty("attention").GetProperty("source").EnumerateArray().Select(s => s.GetString()));
        var svg = tiny.Fresh("map.svg");
        Command.Run("caption", tiny.Run, tiny.Images, "--picture", "4", "--svg", svg).Succeeds();
        Assert.StartsWith("<svg", File.ReadAllText(svg));
    }

    [Fact]
    public void A_process_writes_what_a_call_writes() => Command.IsTheSameInAProcess("", "caption", tiny.Run, tiny.Images);

    [Fact]
    public void Info_knows_captioners() =>
        Assert.Contains("3 rows, 4 numbers each", Command.Run("info", tiny.Run).Succeeds().Output);

    [Fact]
    public void A_run_goes_on_with_the_captions_that_it_began_with()
    {
        var (run, data) = (tiny.Fresh(), tiny.Fresh("captions.tsv"));
        File.Copy(tiny.Table, data);
        TinyCaptioner.Start(run, data, tiny.Images, "--iterations", "6", "--shift", "1", "--valid", "0.2").Succeeds();
        Assert.Equal(6, Command.Run("train", "caption", "--resume", run, "--json").Succeeds().Json.GetProperty("iterations").GetInt32());
        File.AppendAllText(data, "1\ttrain\tnight\tx\n");
        Command.Run("train", "caption", "--resume", run).Fails(1, "The training text");
    }

    [Fact]
    public void Features_are_looked_at_all_at_once()
    {
        var features = tiny.Npy("features.npy", [.. Enumerable.Range(0, 12).Select(i => (byte)(i * 20))], 4, 3);
        var table = tiny.Write("texts.csv", "caption\none\ntwo\nthree\nfour\n");
        var run = tiny.Fresh();
        TinyCaptioner.Start(run, table, features, "--iterations", "2").Succeeds();
        Assert.Contains("mlp", Command.Run("info", run).Succeeds().Output);
        Assert.Equal(4, Command.Run("caption", run, features).Succeeds().Output.AsSpan().Count('\n'));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Refused(1, tiny.Table, tiny.Images, ["--caption", "en"], "no column", "en");
        Refused(1, tiny.Write("gap.tsv", "index\tname\n0\ta\n99\tb\n"), tiny.Images, [], "'99' is no picture; they are 0 to 23");
        Refused(1, tiny.Write("parts.tsv", "index\tsplit\tname\n0\ttrain\ta\n1\tthird\tb\n"), tiny.Images, [], "parts.tsv, line 3: 'third' is no part of a set; expected train, valid or test");
        Refused(1, tiny.Write("held.tsv", "index\tsplit\tname\n0\ttest\ta\n"), tiny.Images, [], "no caption to learn from");
        Refused(2, tiny.Table, tiny.Images, ["--encoder", "mlp", "--one-way"], "--one-way cannot be given");
        Refused(2, tiny.Table, tiny.Images, ["--test-pictures", tiny.Images], "--test-pictures cannot be given: there is no --test");
        Command.Run("train", "caption", "--data", tiny.Table).Fails(2, "--pictures is missing");
        var others = tiny.Npy("others.npy", new byte[8], 2, 2, 2);
        Command.Run("caption", tiny.Run, others).Fails(1, "2 rows of 2 numbers where 3 of 4 are expected");
        Command.Run("caption", tiny.Run, tiny.Images, "--picture", "24").Fails(2, "--picture is 24; there are pictures 0 to 23");
        Command.Run("translate", tiny.Run, "--text", "a").Fails(1, "captioner");

        void Refused(int code, string table, string images, string[] more, params string[] parts) => TinyCaptioner.Start(tiny.Fresh(), table, images, more).Fails(code, parts);
    }
}
