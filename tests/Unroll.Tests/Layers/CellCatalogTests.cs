using System.Reflection;
using Unroll.Data;
using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Models;
using Unroll.Tests.Storage;
using Unroll.Training;

namespace Unroll.Tests.Layers;

/// <summary>A cell of the user's own in the models of the library. Alone, because other tests go through all cells.</summary>
[Collection(nameof(ThreadTeam))]
public sealed class CellCatalogTests : IDisposable
{
    readonly List<CellKind> _registered = [];
    readonly TemporaryDirectory _directory = new();

    string Path => _directory["model.safetensors"];

    public void Dispose()
    {
        _registered.ForEach(CellCatalog.Unregister);
        _directory.Dispose();
    }

    CellKind Register(string name, Func<int, int, Rng, RecurrentCell>? create = null)
    {
        var kind = CellCatalog.Register(name, "a cell of the tests", create ?? ((i, h, rng) => new DiagonalCell(i, h, rng)));
        _registered.Add(kind);
        return kind;
    }

    [Fact]
    public void A_registered_cell_is_trained_saved_and_loaded_in_a_model()
    {
        var kind = Register("diagonal");
        Assert.Same(kind, CellCatalog.Get("diagonal"));
        Assert.Equal(kind, CellCatalog.All[^1]);
        var model = Tiny.Model("diagonal", hidden: 40, layers: 2);
        var before = model.Parameters.Select(p => p.Parameter.Values.ToArray()).ToArray();
        var (train, valid) = TokenStream.Encode(model.Tokenizer, Tiny.Documents).Split(0.2);
        var task = new LanguageModelTask(model, train, valid, new() { Batch = 2, Steps = 5 }, new Rng(1));
        new Trainer(task, new Adam(model.Parameters), Schedule.Constant, new() { Iterations = 1 }).Run();
        Assert.All(before.Zip(model.Parameters), p => Assert.False(p.Second.Parameter.Values.SequenceEqual(p.First), p.Second.Name));

        ModelFile.Save(Path, model);
        var loaded = ModelFile.Load<LanguageModel>(Path);
        Assert.Equal("diagonal", loaded.Config.Cell);
        Assert.Contains("rnn.weight_hh_l1", loaded.Parameters.Select(p => p.Name));
        Tiny.SameWeights(model, loaded);
        var ids = model.Tokenizer.Encode("the cat");
        Contracts.Same.Bits(new LanguageModelSession(model).Read(ids), new LanguageModelSession(loaded).Read(ids), "logits");

        Dispose(_registered);
        var e = Assert.ThrowsAny<UnrollException>(() => ModelFile.Load(Path));
        Assert.Contains("cell is 'diagonal'; expected one of lstm, gru, lstm-peephole, rnn, rnn-relu", e.Message);
        Assert.Contains("if 'diagonal' is a cell of your own, call CellCatalog.Register with this name before you load the file", e.Problems);
        Assert.Contains("CellCatalog.Register", Assert.ThrowsAny<UnrollException>(() => CellCatalog.Get("diagonal")).Message);

        static void Dispose(List<CellKind> registered)
        {
            registered.ForEach(CellCatalog.Unregister);
            registered.Clear();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mgu")]
    [InlineData("1lstm")]
    [InlineData("my cell")]
    [InlineData("zelle-ä")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void A_name_that_cannot_be_is_refused(string name) =>
        Assert.Contains("letters from a to z", Assert.Throws<ArgumentException>(() => Register(name)).Message);

    [Fact]
    public void A_name_that_is_taken_is_refused_and_so_are_other_mistakes()
    {
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => Register("lstm")).Message);
        Register("mine");
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => Register("mine")).Message);
        Assert.Throws<ArgumentException>(() => CellCatalog.Register("other", " ", (i, h, rng) => new DiagonalCell(i, h, rng)));
        Assert.Throws<ArgumentException>(() => CellCatalog.Register("other", "two\nlines", (i, h, rng) => new DiagonalCell(i, h, rng)));
        Assert.Throws<ArgumentNullException>(() => CellCatalog.Register("other", "x", null!));

        Register("fixed", (_, _, rng) => new DiagonalCell(2, 3, rng));
        Assert.Contains("input size 5 and hidden size 7 and gave one of 2 and 3", Assert.Throws<InvalidOperationException>(() => Tiny.Model("fixed")).Message);
        Register("nothing", (_, _, _) => null!);
        Assert.Contains("gave null", Assert.Throws<InvalidOperationException>(() => Tiny.Model("nothing")).Message);
    }

    [Fact]
    public void Threads_may_register_at_the_same_time()
    {
        var kinds = new CellKind?[64];
        Parallel.For(0, kinds.Length, i =>
        {
            if (Record.Exception(() => kinds[i] = CellCatalog.Register($"cell{i / 2}", "x", (n, h, rng) => new DiagonalCell(n, h, rng))) is { } e) Assert.IsType<ArgumentException>(e);
        });
        _registered.AddRange(kinds.OfType<CellKind>());
        Assert.Equal(32, _registered.Count);
        Assert.All(_registered, k => Assert.Same(k, CellCatalog.Get(k.Name)));
    }

    /// <summary>What a cell or module in another assembly has to override can be overridden there.</summary>
    [Theory]
    [InlineData(typeof(RecurrentCell))]
    [InlineData(typeof(Unroll.Layers.Module))]
    [InlineData(typeof(Optimizer))]
    [InlineData(typeof(Schedule))]
    [InlineData(typeof(TrainingTask))]
    public void A_base_class_can_be_derived_from_outside(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
        Assert.Contains(type.GetConstructors(All), c => c.IsPublic || c.IsFamily || c.IsFamilyOrAssembly);
        Assert.All(type.GetMethods(All).Where(m => m.IsAbstract), m => Assert.True(m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly, m.Name));
    }

    /// <summary>h′ = tanh(W x + u ⊙ h), with far fewer weights than H²; s counts the steps.</summary>
    sealed class DiagonalCell : RecurrentCell
    {
        readonly Parameter _weightIh, _weightHh;

        public DiagonalCell(int inputSize, int hiddenSize, Rng rng) : base(inputSize, hiddenSize)
        {
            _weightIh = Add("weight_ih", new Parameter(new(hiddenSize, inputSize)));
            _weightHh = Add("weight_hh", new Parameter(new(hiddenSize)));
            Init.Recurrent(this, hiddenSize, rng);
        }

        static readonly string[] Names = ["h", "s"];

        public override IReadOnlyList<string> StateNames => Names;
        public override int StateSize(int index) => index == 0 ? HiddenSize : 1;
        public override Tensor Project(Tensor x) => Ops.Linear(x, _weightIh, null);
        public override State Step(Tensor xg, State state) => State.Of(Ops.Tanh(xg + state.H * _weightHh), state["s"] + 1);
    }
}
