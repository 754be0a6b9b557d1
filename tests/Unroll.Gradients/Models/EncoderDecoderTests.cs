using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tensors;

namespace Unroll.Gradients.Models;

/// <summary>The derivatives of whole models that write texts, by central differences in double.</summary>
public class EncoderDecoderTests
{
    public static TheoryData<string, bool> Attentions()
    {
        var data = new TheoryData<string, bool>();
        foreach (var attention in DecoderConfig.Attentions)
            foreach (var much in new[] { false, true }) data.Add(attention, much);
        return data;
    }

    [Theory, MemberData(nameof(Attentions))]
    public void Sequence_to_sequence(string attention, bool much)
    {
        var coder = TextCoder.Build(["abc"], new() { Tokens = "char" });
        var model = new Seq2Seq(
            new()
            {
                Attention = attention, EmbeddingSize = 4, HiddenSize = 4, Layers = much ? 2 : 1, Cell = much ? "gru" : "lstm", Window = 1, ScaledAttention = much,
                Coverage = much && attention != "none", InputFeeding = much && attention != "none", TiedWeights = much, SharedEmbedding = much, Bidirectional = !much,
                Bridge = much ? "copy" : "dense", InitScale = 0.9, Dropout = much ? 0.2 : 0,
            },
            coder, coder, new Rng(5));
        var batch = new PairBatches([new("ab", "cba", ""), new("", "a", ""), new("bcab", "", "")], coder, coder, 100, 10);
        batch.Next();
        var dropout = model.DropoutRng.State;
        Check(model, () =>
        {
            model.DropoutRng.State = dropout;
            return model.Loss(model.Read(batch.Source, batch.SourceLengths), batch.Inputs, batch.Targets, batch.TargetLengths, 0.1);
        });
        // Reading its own choices: the same ones, as long as a weight moves by little.
        Check(model, () =>
        {
            model.DropoutRng.State = dropout;
            var start = model.Read(batch.Source, batch.SourceLengths);
            return model.SelfFedLoss(start, batch.Inputs, batch.Targets, batch.TargetLengths, 0.5, new Rng(9), new TokenMatrix(1, 1), 0.1);
        });
    }

    [Theory]
    [InlineData("mlp", "none")]
    [InlineData("mlp", "general")]
    [InlineData("rnn", "additive")]
    public void Captions(string encoder, string attention)
    {
        var coder = TextCoder.Build(["abc"], new() { Tokens = "char" });
        var model = new Captioner(
            new() { Features = 3, Rows = 2, Encoder = encoder, Attention = attention, EmbeddingSize = 4, HiddenSize = 5, EncoderSize = 4, InitScale = 0.9 },
            new FeatureScales([0, 0, 0], [1, 1, 1]), coder, new Rng(5));
        var batch = new PairBatches([new("", "cba", ""), new("", "a", "")], coder, coder, 100, 10);
        batch.Next();
        var pictures = new double[12];
        new Rng(3).FillUniform(pictures, -1, 1);
        Check(model, () => model.Loss(model.Look(Tensor.From(pictures, new(2, 6))), batch.Inputs, batch.Targets, batch.TargetLengths));
    }

    static void Check(EncoderDecoder model, Func<Tensor> loss)
    {
        var report = new GradientCheck { Samples = 10 }.Run(loss, model.Parameters.Select(p => (p.Name, p.Parameter)));
        Assert.True(report.IsRight, report.ToString());
    }
}
