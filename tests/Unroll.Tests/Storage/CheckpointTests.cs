using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Storage;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;
using Unroll.Training;

namespace Unroll.Tests.Storage;

public sealed class CheckpointTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["checkpoint.safetensors"];

    public void Dispose() => _directory.Dispose();

    static Trainer Train(LanguageModel model, int iterations, bool sgd = false, int batch = 2)
    {
        var (train, valid) = TokenStream.Encode(model.Tokenizer, Tiny.Documents).Split(0.2);
        var task = new LanguageModelTask(model, train, valid, new() { Batch = batch, Steps = 5 }, new Rng(1));
        return new(task, sgd ? new Sgd(model.Parameters, 0.1) : new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = iterations });
    }

    [Fact]
    public void What_is_saved_is_loaded()
    {
        var model = Tiny.Model(dropout: 0.3);
        var trainer = Train(model, 3);
        trainer.Run();
        var snapshot = trainer.Capture();
        Checkpoint.Save(Path, model, snapshot, new JsonObject { ["data"] = "text.txt" });
        var loaded = Checkpoint.Load<LanguageModel>(Path);
        Tiny.SameWeights(model, loaded.Model);
        Assert.Equal("text.txt", (string?)loaded.Options["data"]);
        Assert.Equal(snapshot.Values.ToJsonString(), loaded.Snapshot.Part(CheckpointState.TrainingPart).Values.ToJsonString() is var v ? $"{{\"training\":{v}}}" : "");
        Assert.Equal(snapshot.Tensors.Keys.Order(), loaded.Snapshot.Tensors.Keys.Order());
        foreach (var (name, tensor) in snapshot.Tensors)
        {
            Assert.Equal(tensor.Shape, loaded.Snapshot.Tensors[name].Shape);
            Same.Bits(tensor.Values, loaded.Snapshot.Tensors[name].Values, name);
        }
        Tiny.SameWeights(model, ModelFile.Load<LanguageModel>(Path));                   // a checkpoint is a model too
    }

    [Fact]
    public void A_checkpoint_of_another_configuration_is_refused_with_every_difference()
    {
        var model = Tiny.Model();
        var trainer = Train(model, 2);
        trainer.Run();
        Checkpoint.Save(Path, model, trainer.Capture(), []);
        var snapshot = Checkpoint.Load<LanguageModel>(Path).Snapshot;

        var wider = Assert.ThrowsAny<UnrollException>(() => Train(Tiny.Model(hidden: 8), 2).Restore(snapshot));
        Assert.Contains("tensor 'rnn.weight_hh_l0' is [28, 7]; expected [32, 8]", wider.Problems);
        Assert.Contains("tensor 'training.optimizer.exp_avg.output.weight' is [16, 7]; expected [16, 8]", wider.Problems);
        var shallower = Assert.ThrowsAny<UnrollException>(() => Train(Tiny.Model(layers: 1), 2).Restore(snapshot));
        Assert.Contains("tensor 'rnn.weight_hh_l1' [28, 7] is unexpected", shallower.Problems);
        Assert.ThrowsAny<UnrollException>(() => Train(model, 2, sgd: true).Restore(snapshot));
        Assert.ThrowsAny<UnrollException>(() => Train(model, 2, batch: 3).Restore(snapshot));
    }

    [Fact]
    public void A_model_is_no_checkpoint()
    {
        ModelFile.Save(Path, Tiny.Model());
        Assert.Contains("no 'training'", Assert.ThrowsAny<UnrollException>(() => Checkpoint.Load<LanguageModel>(Path)).Message);
    }

    [Theory]
    [InlineData("training", "[]", "'training' in its metadata is Array; expected an object")]
    [InlineData("training", "{\"a\":1,\"a\":2}", "'training' in its metadata is not JSON")]
    [InlineData("options", "{", "'options' in its metadata is not JSON")]
    public void Damaged_metadata_is_named(string key, string text, string part)
    {
        var model = Tiny.Model();
        Checkpoint.Save(Path, model, Train(model, 1).Capture(), []);
        ModelEdit.Rewrite(Path, _directory["bad"], metadata => metadata[key] = text);
        Assert.Contains(part, Assert.ThrowsAny<UnrollException>(() => Checkpoint.Load<LanguageModel>(_directory["bad"])).Message);
    }

    [Theory]
    [InlineData(2147483647, 2, 0)]
    [InlineData(1, 0, 1, 1, 1)]
    public void A_shape_that_no_tensor_has_is_named(params int[] shape)
    {
        var model = Tiny.Model();
        var writer = new SafetensorsWriter();
        ModelFile.Describe(writer, model);
        writer.Metadata["training"] = writer.Metadata["options"] = "{}";
        foreach (var (name, parameter) in model.Parameters) writer.Add(name, parameter.Shape.ToArray(), () => parameter.Values);
        writer.Add("training.x", [0], () => (ReadOnlySpan<float>)[]);
        writer.Save(Path);
        var text = string.Join(',', shape);
        var bytes = File.ReadAllBytes(Path);
        var (length, header) = (BitConverter.ToInt32(bytes), System.Text.Encoding.UTF8.GetString(bytes.AsSpan(8, BitConverter.ToInt32(bytes))));
        var changed = System.Text.Encoding.UTF8.GetBytes(System.Text.RegularExpressions.Regex.Replace(header, "(\"training.x\":.*?\"shape\":)\\[0\\]", $"$1[{text}]"));
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes((long)changed.Length), .. changed, .. bytes.AsSpan(8 + length)]);
        Assert.Contains("'training.x' has shape [", Assert.ThrowsAny<UnrollException>(() => Checkpoint.Load<LanguageModel>(Path)).Message);
    }
}
