using System.IO.Compression;
using System.Text.Json;
using Unroll.Tests.Models;

namespace Unroll.Tests.Cli;

/// <summary>A small translator that spells words backwards, and the pairs that it learned from; a small language model too.</summary>
public sealed class TinyTranslator : TinyFiles
{
    /// <summary>Models and batches that train in no time.</summary>
    public static readonly string[] Sizes = ["--embedding", "8", "--hidden", "32", "--batch-tokens", "160", "--lr", "0.02", "--dropout", "0"];

    const string Letters = "abcd";

    public TinyTranslator()
    {
        Pairs = [.. TinyPairs.Pairs(s => string.Concat(s.Reverse()), Letters, 2, 4, 400).Select(p => (p.Source, p.Target))];
        Tsv = Write("pairs.tsv", string.Concat(Pairs.Select(p => $"{p.Source}\t{p.Target}\n")));
        Source = Write("pairs.src.gz", Packed(string.Concat(Pairs.Select(p => p.Source + "\n"))));
        Target = Write("pairs.tgt", string.Concat(Pairs.Select(p => p.Target + "\r\n")));
        Run = PathOf("translator");
        Result = Command.RunProcess(Arguments(Run, "--data", Tsv, "--test-every", "5", "--epochs", "40", "--test-beam", "3")).Succeeds().Json;
        LanguageModel = PathOf("model.safetensors");
        ModelFile.Save(LanguageModel, Tiny.Model());
    }

    public IReadOnlyList<(string Source, string Target)> Pairs { get; }

    public string Tsv { get; }

    public string Source { get; }

    public string Target { get; }

    public string Run { get; }

    public JsonElement Result { get; }

    public string LanguageModel { get; }

    internal CommandResult Train(string run, params string[] more) => Start(run, ["--data", Tsv, .. more]);

    internal static CommandResult Start(string run, params string[] more) => Command.Run(Arguments(run, more));

    public static string[] Arguments(string run, params string[] more) =>
        ["train", "translate", "--out", run, .. Sizes.Chunk(2).Where(p => !more.Contains(p[0])).SelectMany(p => p), "--json", .. more];

    static byte[] Packed(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)) gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}

/// <summary>As <see cref="TinyRunCollection"/>.</summary>
[CollectionDefinition(nameof(TinyTranslator))]
public class TinyTranslatorCollection : ICollectionFixture<TinyTranslator>;
