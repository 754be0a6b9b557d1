using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Golden;

/// <summary>Ten training steps of a small language model are PyTorch's: forward, backward, clipping, Adam and the state carried between steps.</summary>
public class CharLmTests
{
    sealed class Model : Module
    {
        public Model(int vocabulary, int embedding, int hidden, Rng rng)
        {
            Embedding = Add("embedding", new Embedding(vocabulary, embedding, rng));
            Lstm = Add("lstm", new Stacked([new Recurrent(new LstmCell(embedding, hidden, rng)), new Recurrent(new LstmCell(hidden, hidden, rng))]));
            Head = Add("head", new Linear(hidden, vocabulary, rng));
        }

        public Embedding Embedding { get; }
        public Stacked Lstm { get; }
        public Linear Head { get; }
    }

    [Fact]
    public void Ten_training_steps_match()
    {
        var golden = GoldenFile.Load("char_lm");
        int steps = golden["steps"].Integer, batch = golden["batch"].Integer;
        var model = new Model(golden["vocabulary"].Integer, golden["embedding"].Integer, golden["hidden"].Integer, new Rng(1));
        foreach (var (name, parameter) in model.Parameters) golden["start"][name].Floats.CopyTo(parameter.Edit());
        var adam = new Adam(model.Parameters, golden["lr"].Number);
        var ids = golden["ids"].Integers;
        var inputs = new TokenMatrix(steps, batch);
        var state = model.Lstm.ZeroState(batch);
        for (var k = 0; k < golden["losses"].Count; k++)
        {
            var from = k * steps * batch;
            ids.AsSpan(from, steps * batch).CopyTo(inputs.Ids);
            using var tape = Tape.Record();
            var (h, final) = model.Lstm.Forward(model.Embedding.Forward(inputs), state);
            var loss = Losses.CrossEntropy(model.Head.Forward(h), ids.AsSpan(from + batch, steps * batch));
            tape.Backward(loss);
            state.CopyFrom(final);
            var norm = Clip.ByNorm(model.Parameters, golden["clip"].Number);
            adam.Step();
            Same.Near([(float)golden["losses"][k].Number], [loss.Scalar], Tolerance.Single, $"loss of step {k}");
            Same.Near([(float)golden["norms"][k].Number], [(float)norm], Tolerance.Single, $"norm of step {k}");
        }
        foreach (var (name, parameter) in model.Parameters) Same.Near(golden["final"][name].Floats, parameter.Values, Tolerance.TenSteps, name);
        for (var layer = 0; layer < 2; layer++)
        {
            var size = state[0].Count;
            Same.Near(golden["hn"].Floats.AsSpan(layer * size, size), state[2 * layer].Values, Tolerance.TenSteps, "h");
            Same.Near(golden["cn"].Floats.AsSpan(layer * size, size), state[2 * layer + 1].Values, Tolerance.TenSteps, "c");
        }
    }
}
