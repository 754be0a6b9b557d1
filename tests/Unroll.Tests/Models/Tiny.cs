using Unroll.Data;
using Unroll.Layers;

namespace Unroll.Tests.Models;

/// <summary>Small language models of a small text.</summary>
static class Tiny
{
    public const string Text = "the cat sat on the mat. a dog ran to the red house.\n";

    public static readonly TextDocument[] Documents = [new("the text", string.Concat(Enumerable.Repeat(Text, 20)))];

    public static TheoryData<string> Cells => [.. CellCatalog.All.Select(k => k.Name)];

    public static LanguageModel Model(
        string cell = "lstm", int embedding = 5, int hidden = 7, int layers = 2, double dropout = 0, bool tied = false, ulong seed = 1, string tokens = "char",
        double recurrentDropout = 0) =>
        new(new() { Cell = cell, EmbeddingSize = embedding, HiddenSize = hidden, Layers = layers, Dropout = dropout, RecurrentDropout = recurrentDropout, TiedWeights = tied },
            Tokenizer.Build(tokens, Documents), new Rng(seed));

    public static int[] Ids(LanguageModel model, int count, ulong seed = 1)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, count).Select(_ => rng.Next(model.Tokenizer.VocabularySize))];
    }

    public static void SameWeights(LanguageModel expected, LanguageModel actual)
    {
        Assert.Equal(expected.Parameters.Select(p => p.Name), actual.Parameters.Select(p => p.Name));
        foreach (var (e, a) in expected.Parameters.Zip(actual.Parameters)) Contracts.Same.Bits(e.Parameter.Values, a.Parameter.Values, e.Name);
    }
}
