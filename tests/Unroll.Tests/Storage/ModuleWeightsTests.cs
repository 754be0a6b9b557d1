using Unroll.Layers;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Models;

namespace Unroll.Tests.Storage;

public sealed class ModuleWeightsTests : IDisposable
{
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["weights.safetensors"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_saved_is_loaded()
    {
        var (saved, loaded) = (new Net(1), new Net(2));
        (saved.Head.Weight.Edit()[0], saved.Head.Weight.Edit()[1]) = (float.NaN, -0f);
        saved.SaveWeights(Path, metadata: new Dictionary<string, string> { ["epoch"] = "3" });
        using (var file = SafetensorsFile.Open(Path))
        {
            Assert.Equal(["head.bias", "head.weight", "rnn.bias_hh_l0", "rnn.bias_ih_l0", "rnn.weight_hh_l0", "rnn.weight_ih_l0"], file.Entries.Select(e => e.Name).Order(StringComparer.Ordinal));
            Assert.Equal(("3", "pt"), (file.Metadata["epoch"], file.Metadata["format"]));
        }
        var x = Tensor.Full(new(4, 1, 2), 0.5);
        using var scratch = Tape.Scratch();
        Assert.NotEqual(saved.Rnn.Forward(x).Output.ToArray(), loaded.Rnn.Forward(x).Output.ToArray());       // and packs its weights
        var report = loaded.LoadWeights(Path);
        Assert.Empty(report.Missing.Concat(report.Unexpected));
        foreach (var (e, a) in saved.Parameters.Zip(loaded.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        Assert.Equal(saved.Rnn.Forward(x).Output.ToArray(), loaded.Rnn.Forward(x).Output.ToArray());
    }

    [Fact]
    public void A_stream_and_other_names_do_too()
    {
        static string Theirs(string name) => "lstm" + name["rnn".Length..];
        var (saved, loaded) = (new Layer(1), new Layer(2));
        using var stream = new MemoryStream();
        saved.SaveWeights(stream, Theirs);
        Assert.StartsWith("The stream does not fit", Assert.ThrowsAny<UnrollException>(() => loaded.LoadWeights(stream)).Message);
        loaded.LoadWeights(stream, name: Theirs);
        foreach (var (e, a) in saved.Parameters.Zip(loaded.Parameters)) Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
        Assert.True(stream.CanRead);
        Assert.Contains("'one'", Assert.Throws<ArgumentException>(() => saved.SaveWeights(stream, _ => "one")).Message);
    }

    [Fact]
    public void All_that_does_not_fit_is_listed_and_nothing_is_changed()
    {
        var (saved, loaded) = (new Net(1), new Net(2));
        saved.SaveWeights(_directory["good"]);
        ModelEdit.Rewrite(_directory["good"], Path, rename: n => n == "head.bias" ? "head.beta" : n, reshape: (n, s) => n == "rnn.weight_ih_l0" ? [2, 12] : [.. s]);
        var before = loaded.Parameters.Select(p => p.Parameter.Values.ToArray()).ToArray();
        var e = Assert.ThrowsAny<UnrollException>(() => loaded.LoadWeights(Path));
        Assert.StartsWith(Path, e.Message);
        Assert.Equal(["tensor 'rnn.weight_ih_l0' is [2, 12]; expected [12, 2]", "there is no tensor 'head.bias'", "tensor 'head.beta' belongs to no part of the model"], e.Problems);
        Assert.Single(Assert.ThrowsAny<UnrollException>(() => loaded.LoadWeights(Path, strict: false)).Problems);      // a shape is never passed over
        Assert.Equal(before, loaded.Parameters.Select(p => p.Parameter.Values.ToArray()));
    }

    [Fact]
    public void What_is_missing_or_unexpected_is_passed_over_where_that_is_asked_for()
    {
        var (saved, loaded) = (new Net(1), new Net(2));
        saved.SaveWeights(_directory["good"]);
        ModelEdit.Rewrite(_directory["good"], Path, rename: n => n == "head.bias" ? "head.beta" : n == "head.weight" ? "training.x" : n);
        var bias = loaded.Head.Bias!.Values.ToArray();
        var report = loaded.LoadWeights(Path, strict: false);
        Assert.Equal(["head.weight", "head.bias"], report.Missing);
        Assert.Equal(["head.beta"], report.Unexpected);
        Assert.Equal(bias, loaded.Head.Bias!.Values);
        Same.Bits(saved.Rnn.Parameters[0].Parameter.Values, loaded.Rnn.Parameters[0].Parameter.Values, "rnn");

        var model = Tiny.Model(layers: 1, embedding: 2, hidden: 3);                     // the layer of a language model
        ModelFile.Save(Path, model);
        var layer = new Layer(5);
        Assert.Equal(["embedding.weight", "output.bias", "output.weight"], layer.LoadWeights(Path, strict: false).Unexpected.Order(StringComparer.Ordinal));
        Same.Bits(model.Parameters.Single(p => p.Name == "rnn.weight_hh_l0").Parameter.Values, layer.Parameters[1].Parameter.Values, "rnn");
        Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(_directory["good"]));        // weights alone are no model
    }

    /// <summary>From safetensors' own writer in Python.</summary>
    [Fact]
    public void Every_precision_is_read_and_integers_are_none()
    {
        var golden = System.IO.Path.Combine(AppContext.BaseDirectory, "golden", "sample.safetensors");
        Weights weights;
        using (var file = SafetensorsFile.Open(golden))
            weights = new([.. new[] { "half", "brain", "moments", "rnn.weight_ih_l0" }.Select(n => (n, file.Entries.Single(e => e.Name == n).Shape.ToArray()))]);
        weights.LoadWeights(golden, strict: false);
        Assert.Equal([1, -MathF.ScaleB(1, -24), 65504, float.NegativeInfinity], weights.Parameters[0].Parameter.Values);
        Assert.Equal([1, -1.0078125f, MathF.ScaleB(1, -133), float.PositiveInfinity], weights.Parameters[1].Parameter.Values);
        Assert.Equal([0.1f], weights.Parameters[2].Parameter.Values);
        Assert.True(float.IsNaN(weights.Parameters[3].Parameter.Values[5]));

        var e = Assert.ThrowsAny<UnrollException>(() => new Weights(("steps", [3]), ("ids", [2, 1, 2])).LoadWeights(golden, strict: false));
        Assert.Equal(["tensor 'steps' holds I64; expected F64, F32, F16 or BF16", "tensor 'ids' holds I32; expected F64, F32, F16 or BF16"], e.Problems);
    }

    [Fact]
    public void A_file_that_cannot_be_written_or_ends_early_changes_nothing()
    {
        var net = new Net(1);
        net.SaveWeights(Path);
        var bytes = File.ReadAllBytes(Path);
        Assert.ThrowsAny<UnrollException>(() => net.SaveWeights(_directory["no/such/folder"]));
        Assert.Throws<ArgumentException>(() => net.SaveWeights(Path, metadata: new Dictionary<string, string> { ["x"] = "\ud800" }));
        Assert.Equal(bytes, File.ReadAllBytes(Path));

        var other = new Net(2);
        var before = other.Parameters.Select(p => p.Parameter.Values.ToArray()).ToArray();
        var stream = new FailingStream(bytes, failAfter: bytes.Length - 8);
        Assert.ThrowsAny<UnrollException>(() => other.LoadWeights(stream));
        Assert.Equal(before, other.Parameters.Select(p => p.Parameter.Values.ToArray()));
    }

    sealed class FailingStream(byte[] bytes, int failAfter) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => Position + buffer.Length > failAfter ? throw new IOException("The disk is gone.") : base.Read(buffer);
    }

    sealed class Net : Module
    {
        public Net(ulong seed)
        {
            var rng = new Rng(seed);
            Rnn = Add("rnn", new Recurrent(new LstmCell(2, 3, rng)));
            Head = Add("head", new Linear(3, 2, rng));
        }

        public Recurrent Rnn { get; }
        public Linear Head { get; }
    }

    sealed class Layer : Module
    {
        public Layer(ulong seed) => Add("rnn", new Recurrent(new LstmCell(2, 3, new Rng(seed))));
    }

    sealed class Weights : Module
    {
        public Weights(params (string Name, int[] Shape)[] shapes)
        {
            foreach (var (name, shape) in shapes) Add(name, new Parameter(Shape.From(shape)));
        }
    }
}
