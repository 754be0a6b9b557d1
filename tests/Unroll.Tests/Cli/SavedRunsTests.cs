using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Cli;

/// <summary>Runs that an earlier version made (<c>tests/golden/make_runs.py</c>): the same training has the same bits today, and its files still load and go on.</summary>
public sealed class SavedRunsTests : IDisposable
{
    const string Place = "/DATA";                   // what stands in the checkpoints for the folder of the data

    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "golden", "runs"), Data = Path.Combine(Folder, "data");

    readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Names => ["lm", "lm-lines", "classify", "classify-series", "multitask", "tag", "translate", "caption"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_training_has_the_bits_that_it_had(string name)
    {
        var (told, run) = (Told(name), _directory["run"]);
        string[] arguments = [.. told.GetProperty("arguments").EnumerateArray().Select(a => a.GetString()!).Select(Placed)];
        var result = Command.Run(["train", .. arguments, "--out", run, "--json"]).Succeeds().Json;
        AssertSame(told, result, run);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_old_checkpoint_goes_on_to_the_same_bits(string name)
    {
        var (told, run) = (Told(name), _directory["run"]);
        Directory.CreateDirectory(run);
        File.WriteAllBytes(Path.Combine(run, "checkpoint.safetensors"), WithHeader(File.ReadAllBytes(Path.Combine(Folder, name, "checkpoint.safetensors")),
            header => header.Replace(Place, JsonEncodedText.Encode(JsonEncodedText.Encode(Data).Value).Value, StringComparison.Ordinal)));
        var result = Command.Run("train", told.GetProperty("arguments")[0].GetString()!, "--resume", run, "--json").Succeeds().Json;
        AssertSame(told, result, run);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_old_model_loads(string name)
    {
        var json = Command.Run("info", Path.Combine(Folder, name, "model.safetensors"), "--json").Succeeds().Json;
        Assert.True(json.GetProperty("parameters").GetInt64() > 0);
    }

    static void AssertSame(JsonElement told, JsonElement result, string run)
    {
        Assert.Equal(told.GetProperty("iterations").GetInt64(), result.GetProperty("iterations").GetInt64());
        Assert.Equal(told.GetProperty("best_valid_loss").ToString(), result.GetProperty("best_valid_loss").ToString());
        if (told.GetProperty("test").ValueKind == JsonValueKind.Object) Assert.Equal(Figures(told.GetProperty("test")), Figures(result.GetProperty("test")));
        var model = File.ReadAllBytes(Path.Combine(run, "model.safetensors"));
        Assert.Equal(told.GetProperty("digest").GetString(), Convert.ToHexStringLower(SHA256.HashData(model.AsSpan(8 + HeaderSize(model)))));
    }

    /// <summary>An argument that names a file of the data, FILE or NAME=FILE, with its folder.</summary>
    static string Placed(string argument)
    {
        var at = argument.LastIndexOf('=') + 1;
        return File.Exists(Path.Combine(Data, argument[at..])) ? argument[..at] + Path.Combine(Data, argument[at..]) : argument;
    }

    static string Figures(JsonElement test) => string.Join(' ', test.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).Select(p => $"{p.Name}={p.Value}"));

    static JsonElement Told(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name, "run.json"))).RootElement;

    static int HeaderSize(byte[] file) => (int)BinaryPrimitives.ReadUInt64LittleEndian(file);

    static byte[] WithHeader(byte[] file, Func<string, string> change)
    {
        var size = HeaderSize(file);
        var header = change(Encoding.UTF8.GetString(file, 8, size));
        header = header.PadRight(header.Length + (8 - Encoding.UTF8.GetByteCount(header) % 8) % 8);
        var bytes = Encoding.UTF8.GetBytes(header);
        var changed = new byte[8 + bytes.Length + file.Length - 8 - size];
        BinaryPrimitives.WriteUInt64LittleEndian(changed, (ulong)bytes.Length);
        bytes.CopyTo(changed, 8);
        file.AsSpan(8 + size).CopyTo(changed.AsSpan(8 + bytes.Length));
        return changed;
    }

    public void Dispose() => _directory.Dispose();
}
