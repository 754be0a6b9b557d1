using Unroll.Models;
using Unroll.Storage;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;

namespace Unroll.Tests.Storage;

public sealed class ModelFileTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["model.safetensors"];

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, int, bool, string> Models => new()
    {
        { "lstm", 5, false, "char" }, { "gru", 7, true, "word" }, { "rnn", 0, false, "byte" }, { "rnn-relu", 3, false, "bpe" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_saved_is_loaded(string cell, int embedding, bool tied, string tokens)
    {
        var model = Tiny.Model(cell, embedding, tied: tied, dropout: 0.25, tokens: tokens, recurrentDropout: 0.125);
        ModelFile.Save(Path, model);
        var loaded = ModelFile.Load<LanguageModel>(Path);
        Assert.Equal(model.Config, loaded.Config);
        Tiny.SameWeights(model, loaded);
        var ids = model.Tokenizer.Encode("the cat\nran ");
        Assert.Equal(ids, loaded.Tokenizer.Encode("the cat\nran "));
        Same.Bits(new LanguageModelSession(model).Read(ids), new LanguageModelSession(loaded).Read(ids), "logits");
        var bytes = File.ReadAllBytes(Path);
        ModelFile.Save(Path, loaded);
        Assert.Equal(bytes, File.ReadAllBytes(Path));
    }

    [Fact]
    public void A_file_from_before_recurrent_dropout_has_none()
    {
        ModelFile.Save(Path, Tiny.Model(recurrentDropout: 0.5));
        ModelEdit.Rewrite(Path, Path, metadata => metadata["config"] = metadata["config"].Replace("\"recurrent_dropout\":0.5,", "", StringComparison.Ordinal));
        Assert.Equal(Tiny.Model().Config, ModelFile.Load<LanguageModel>(Path).Config);
    }

    [Fact]
    public void Names_and_shapes_are_those_of_PyTorch()
    {
        ModelFile.Save(Path, Tiny.Model());
        using var file = SafetensorsFile.Open(Path);
        Assert.Equal("pt", file.Metadata["format"]);
        var vocabulary = Tiny.Model().Tokenizer.VocabularySize;
        string[] expected =
        [
            $"embedding.weight [{vocabulary}, 5]", "output.bias " + $"[{vocabulary}]", $"output.weight [{vocabulary}, 7]",
            "rnn.bias_hh_l0 [28]", "rnn.bias_hh_l1 [28]", "rnn.bias_ih_l0 [28]", "rnn.bias_ih_l1 [28]",
            "rnn.weight_hh_l0 [28, 7]", "rnn.weight_hh_l1 [28, 7]", "rnn.weight_ih_l0 [28, 5]", "rnn.weight_ih_l1 [28, 7]",
        ];
        Assert.Equal(expected, file.Entries.Select(e => $"{e.Name} [{string.Join(", ", e.Shape)}]").Order(StringComparer.Ordinal));
        Assert.All(file.Entries, e => Assert.Equal(SafetensorsType.F32, e.Type));
    }

    [Fact]
    public void Every_tensor_that_does_not_fit_is_named_at_once()
    {
        ModelFile.Save(Path, Tiny.Model());
        ModelEdit.Rewrite(Path, _directory["bad"], rename: n => n == "output.bias" ? "output.beta" : n,
            reshape: (n, s) => n == "rnn.weight_hh_l1" ? [7, 28] : [.. s]);
        var e = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(_directory["bad"]));
        Assert.StartsWith(_directory["bad"], e.Message);
        Assert.Equal(["there is no tensor 'output.bias'", "tensor 'rnn.weight_hh_l1' is [7, 28]; expected [28, 7]", "tensor 'output.beta' belongs to no part of the model"],
            e.Problems.OrderBy(p => p.IndexOf('\'', StringComparison.Ordinal) + (p.Contains("belongs", StringComparison.Ordinal) ? 1000 : p.StartsWith("there", StringComparison.Ordinal) ? 0 : 100)));
    }

    [Fact]
    public void Problems_of_settings_and_tokens_are_named_at_once()
    {
        ModelFile.Save(Path, Tiny.Model());
        ModelEdit.Rewrite(Path, _directory["bad"], metadata =>
        {
            metadata[SequenceModel.ConfigKey] = metadata[SequenceModel.ConfigKey].Replace("\"hidden\":7", "\"hidden\":\"7\"").Replace("\"layers\":2", "\"layers\":0");
            metadata[SequenceModel.TokenizerKey] = "{\"kind\":\"char\"}";
        });
        var e = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(_directory["bad"]));
        Assert.StartsWith(_directory["bad"], e.Message);
        Assert.All(["'hidden' is ", "expected a whole number", "layers is 0", "symbols is missing"], part => Assert.Contains(part, e.Message));
    }

    [Fact]
    public void Integers_are_no_weights()
    {
        var writer = new SafetensorsWriter();
        var model = Tiny.Model();
        ModelFile.Describe(writer, model);
        foreach (var (name, parameter) in model.Parameters)
            if (name == "output.bias") writer.Add(name, parameter.Shape.ToArray(), () => new int[parameter.Count]);
            else writer.Add(name, parameter.Shape.ToArray(), () => parameter.Values);
        writer.Save(Path);
        Assert.Contains("'output.bias' holds I32", Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(Path)).Message);
    }
}
