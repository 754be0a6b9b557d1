namespace Unroll.Tests.Cli;

/// <summary>Mistakes in the options of training: exit code 2, what was found and expected, and no folder made.</summary>
[Collection(nameof(TinyRun))]
public class BadOptionTests(TinyRun tiny)
{
    [Theory]
    [InlineData("--hidden 0", "--hidden is '0'; expected a whole number, 1 to 16384")]
    [InlineData("--hidden 16385", "--hidden is '16385'")]
    [InlineData("--hidden 1e2", "--hidden is '1e2'; expected a whole number")]
    [InlineData("--embedding -1", "--embedding is '-1'")]
    [InlineData("--layers 65", "--layers is '65'; expected a whole number, 1 to 64")]
    [InlineData("--batch 0", "--batch is '0'")]
    [InlineData("--steps 65537", "--steps is '65537'")]
    [InlineData("--iterations 9223372036854775808", "--iterations is '9223372036854775808'; expected a whole number, 1 or more")]
    [InlineData("--epochs 0", "--epochs is '0'")]
    [InlineData("--lr NaN", "--lr is 'NaN'; expected a number, above 0, at most 1000")]
    [InlineData("--lr 0", "--lr is '0'")]
    [InlineData("--lr 0,002", "--lr is '0,002'")]
    [InlineData("--clip 1e400", "--clip is '1e400'; expected a number, 0 or more")]
    [InlineData("--dropout 1", "--dropout is '1'; expected a number, 0 to below 1")]
    [InlineData("--recurrent-dropout -0.1", "--recurrent-dropout is '-0.1'; expected a number, 0 to below 1")]
    [InlineData("--decay 1 --schedule step", "--decay is '1'; expected a number, above 1")]
    [InlineData("--seed -1", "--seed is '-1'; expected a whole number, 0 or more")]
    [InlineData("--seed 18446744073709551616", "--seed is '18446744073709551616'")]
    [InlineData("--threads 0", "--threads is '0'; expected a whole number, 1 to 256")]
    [InlineData("--threads -1", "--threads is '-1'; expected a whole number, 1 to 256")]
    [InlineData("--threads 257", "--threads is '257'")]
    [InlineData("--threads 99999999999999999999", "--threads is '99999999999999999999'")]
    [InlineData("--threads two", "--threads is 'two'")]
    [InlineData("--valid 1", "--valid is 1; expected a share from 0 to below 1, or a file")]
    [InlineData("--valid NaN", "--valid is NaN")]
    [InlineData("--cell foo", "--cell is 'foo'; expected one of lstm, gru, lstm-peephole, rnn")]
    [InlineData("--tokens syllable", "--tokens is 'syllable'; expected one of char, byte, word, term, bpe")]
    [InlineData("--frobnicate", "--frobnicate", "unroll train lm --help")]
    [InlineData("--iterations 5 --epochs 2", "--epochs cannot be given")]
    [InlineData("--tied", "tied", "64 and 256")]
    [InlineData("--tokens byte --min-count 2", "256 bytes")]
    [InlineData("--tokens bpe --vocabulary 100", "size", "100", "256")]
    [InlineData("--hidden 16384 --layers 64", "64 layers", "68.7 GB")]
    [InlineData("--lines --steps 8 --variational --momentum 0.5 --decay 3 --patience 2 --valid 0",
        "--steps cannot be given", "--variational cannot be given", "--momentum cannot be given", "--decay cannot be given", "--patience cannot be given")]
    [InlineData("--resume there --lr 1 --cell gru", "--resume", "--cell, --lr cannot be given")]
    public void A_mistake_is_named(string options, params string[] parts) => Command.IsRefused(["train", "lm", .. options.Split(' ')], parts);

    [Theory]
    [InlineData("--data")]
    [InlineData("--valid")]
    [InlineData("--out")]
    [InlineData("--resume")]
    public void An_empty_path_is_refused(string option) => Command.Run("train", "lm", option, "").Fails(2, $"{option} is empty");

    [Fact]
    public void A_command_without_verb_says_what_there_is()
    {
        Assert.Contains("Usage:\n  unroll", Command.Run().Succeeds().Output.ReplaceLineEndings("\n"));
        Assert.Matches("^[0-9]+[.][0-9]+", Command.RunProcess("--version").Succeeds().Output);
        Command.Run("train").Fails(2, "unroll train --help");
        Command.Run("eval", tiny.Path).Fails(2, "--data", "unroll eval --help");
    }

    [Theory]
    [InlineData("trian lm", "error: Unknown command trian. Did you mean train?\nRun 'unroll --help'")]
    [InlineData("train clasify", "error: Unknown command clasify. Did you mean classify?\nRun 'unroll train --help'")]
    [InlineData("train lm --hiden 64", "error: Unknown option --hiden. Did you mean --hidden?\nRun 'unroll train lm --help'")]
    [InlineData("train lm --hiden=64", "error: Unknown option --hiden. Did you mean --hidden?\nRun 'unroll train lm --help'")]
    [InlineData("train lm --cell lstmm", "error: --cell is 'lstmm'; expected one of lstm, gru, lstm-peephole, rnn, rnn-relu. Did you mean lstm?\nRun 'unroll train lm --help'")]
    [InlineData("predict run --jsn", "error: Unknown option --jsn. Did you mean --json? A file of that name is written ./--jsn.\nRun 'unroll predict --help'")]
    [InlineData("generate run --quux", "error: Unknown option --quux.\nRun 'unroll generate --help'")]
    public void What_was_probably_meant_is_named_in_one_line(string arguments, string expected)
    {
        var result = Command.Run(arguments.Split(' '));
        Assert.Equal((2, $"{expected} for what can be given.\n"), (result.Code, result.Error));
    }

    [Theory]
    [InlineData("UNROLL_SIMD", "wide", "UNROLL_SIMD is 'wide'; expected 512, 256, 128 or scalar")]
    [InlineData("UNROLL_SIMD", "1024", "UNROLL_SIMD is '1024'")]
    [InlineData("UNROLL_THREADS", "many", "The number of threads is 'many'; expected a whole number from 1 to 256")]
    [InlineData("UNROLL_THREADS", "0", "The number of threads is '0'")]
    [InlineData("UNROLL_THREADS", "-2", "The number of threads is '-2'")]
    [InlineData("UNROLL_THREADS", "99999999999", "The number of threads is '99999999999'")]
    [InlineData("UNROLL_FORCE", "fused", "UNROLL_FORCE is 'fused'; expected composed")]
    public void A_mistake_in_the_environment_is_named_before_a_folder_is_made(string variable, string value, string part)
    {
        var run = tiny.Fresh();
        Command.RunWith([(variable, value)], tiny.Arguments(run)).Fails(2, part);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void Every_mistake_in_the_environment_is_named_whatever_the_verb()
    {
        (string, string)[] environment = [("UNROLL_SIMD", "wide"), ("UNROLL_THREADS", "0"), ("UNROLL_FORCE", "speed")];
        foreach (var verb in new[] { "info", "generate" })
            Command.RunWith(environment, verb, tiny.Path).Fails(2, "UNROLL_SIMD is 'wide'", "The number of threads is '0'", "UNROLL_FORCE is 'speed'");
    }

    [Fact]
    public void Only_debug_shows_where_an_error_came_from()
    {
        var result = Command.Run("generate", tiny.Fresh("none"), "--debug");
        Assert.Equal(1, result.Code);
        Assert.Contains("There is no file or folder", result.Error);
        Assert.Contains("   at Unroll.", result.Error);
    }
}
