namespace Unroll.Tests.Cli;

[Collection(nameof(TinyRun))]
public class GenerateTests(TinyRun tiny)
{
    string Text(params string[] options) => Command.Run(["generate", tiny.Path, "--json", .. options]).Succeeds().Json.GetProperty("text").GetString()!;

    [Fact]
    public void The_same_seed_writes_the_same_text()
    {
        var one = Text("--length", "80", "--seed", "1");
        Assert.Equal(80, one.Length);
        Assert.Equal(one, Text("--length", "80", "--seed", "1"));
        Assert.NotEqual(one, Text("--length", "80", "--seed", "2"));
    }

    [Fact]
    public void Greedy_is_temperature_0_and_top_k_1_whatever_the_seed()
    {
        var greedy = Text("--greedy", "--length", "40");
        Assert.Equal(greedy, Text("--temperature", "0", "--seed", "5", "--length", "40"));
        Assert.Equal(greedy, Text("--top-k", "1", "--seed", "7", "--length", "40"));
    }

    [Fact]
    public void Standard_output_is_the_prompt_and_the_text()
    {
        var text = Text("--prompt", "the cat", "--length", "30");
        Assert.Equal("the cat" + text + "\n", Command.Run("generate", tiny.Path, "--prompt", "the cat", "--length", "30").Succeeds().Output.ReplaceLineEndings("\n"));
        var piped = Command.Feed("the cat", "generate", tiny.Path, "--prompt", "-", "--length", "30").Succeeds();
        Assert.Equal("the cat" + text + "\n", piped.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_process_writes_what_a_call_writes() => Command.IsTheSameInAProcess("the cat", "generate", tiny.Path, "--prompt", "-", "--length", "30");

    [Fact]
    public void Length_0_writes_nothing()
    {
        Assert.Equal("", Text("--length", "0"));
        Assert.Equal("the\n", Command.Run("generate", tiny.Path, "--prompt", "the", "--length", "0").Succeeds().Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Writing_ends_with_the_stop_text_though_it_spans_tokens()
    {
        var whole = Text("--length", "200");
        var stop = whole.Substring(100, 3);
        Assert.Equal(whole[..(whole.IndexOf(stop, StringComparison.Ordinal) + 3)], Text("--length", "200", "--stop", stop));
    }

    [Theory]
    [InlineData("char")]
    [InlineData("word")]
    [InlineData("bpe")]
    public void A_saved_state_goes_on_with_the_very_text(string tokens)
    {
        var run = tiny.Fresh();
        tiny.Train(run, "--tokens", tokens, "--iterations", "5").Succeeds();
        var state = tiny.Fresh("state.safetensors");
        var whole = Write("--length", "60");
        var first = Write("--length", "25", "--save-state", state);
        Assert.Equal(whole, first + Write("--length", "35", "--load-state", state));

        string Write(params string[] options) =>
            Command.Run(["generate", run, "--json", "--seed", "3", .. options]).Succeeds().Json.GetProperty("text").GetString()!;
    }

    [Fact]
    public void A_state_of_another_model_is_refused()
    {
        var (other, state) = (tiny.Fresh(), tiny.Fresh("state.safetensors"));
        Command.Run(["train", "lm", "--data", tiny.DataPath, "--out", other, "--iterations", "1", "--hidden", "6", "--batch", "2", "--steps", "8", "--json"]).Succeeds();
        Command.Run("generate", other, "--length", "2", "--save-state", state).Succeeds();
        Command.Run("generate", tiny.Path, "--load-state", state).Fails(1, state, "not a state of this model", "tensor 'cell0.h' is [1, 6]; expected [1, 8]");
    }

    [Fact]
    public void Contradictions_and_unseen_characters_are_refused_before_anything_is_written()
    {
        Command.Run("generate", tiny.Path, "--greedy", "--temperature", "1").Fails(2, "--greedy and --temperature contradict");
        Command.Run("generate", tiny.Path, "--stop", "").Fails(2, "--stop is empty");
        Command.Run("generate", tiny.Path, "--prompt", "the Zebra").Fails(1, "the prompt has 2 characters", "'Z' at line 1, column 5", "'b'");
        Command.Run("generate", tiny.Fresh("none")).Fails(1, "There is no file or folder", "expected the folder of a run or a .safetensors file");
        Command.Run("generate", Directory.CreateDirectory(tiny.Fresh("empty")).FullName).Fails(1, "holds no model.safetensors");
        Command.Run("generate").Fails(2, "RUN", "unroll generate --help");
    }
}
