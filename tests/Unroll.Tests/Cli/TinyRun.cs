namespace Unroll.Tests.Cli;

/// <summary>A small text and a small model that was trained on it, for tests that only read them; and a folder for what a test writes.</summary>
public sealed class TinyRun : TinyFiles
{
    public const string Text = "the cat sat on the mat. a dog ran to the red house.\n";

    /// <summary>A model and batches that train in no time.</summary>
    public static readonly string[] Sizes = ["--embedding", "4", "--hidden", "8", "--layers", "1", "--batch", "2", "--steps", "8"];

    public TinyRun()
    {
        DataPath = Write("text.txt", string.Concat(Enumerable.Repeat(Text, 20)));
        Path = PathOf("run");
        Command.RunProcess(Arguments(Path, "--iterations", "30", "--lr", "0.02")).Succeeds();
    }

    public string Path { get; }

    public string ModelPath => System.IO.Path.Combine(Path, "model.safetensors");

    public string CheckpointPath => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    public string DataPath { get; }

    internal CommandResult Train(string run, params string[] more) => Command.Run(Arguments(run, more));

    public string[] Arguments(string run, params string[] more) => ["train", "lm", "--data", DataPath, "--out", run, .. Sizes, "--json", .. more];
}

/// <summary>The tests of the command share a run, and run one after the other, so that a machine of few processors is not flooded.</summary>
[CollectionDefinition(nameof(TinyRun))]
public class TinyRunCollection : ICollectionFixture<TinyRun>;
