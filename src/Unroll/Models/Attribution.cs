using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>One token or step of an example, and how much it counts.</summary>
/// <param name="Text">The piece of the text as it is written; the number of the step of a series.</param>
/// <param name="Place">Where it stands in the text, in UTF-16 units; the step of a series.</param>
/// <param name="Attention">
/// How much attention weighs it, all of an example summing up to 1 (of a document cut into sentences its weight times its sentence's); null where the pooling has no weights.
/// </param>
/// <param name="Connectivity">
/// ‖∂logit/∂x_t‖: how much the chosen logit moves with its input, whichever way. By n-grams, whose x is 1 for every run that is there: the size of its contribution.
/// </param>
/// <param name="Contribution">
/// x_t·∂logit/∂x_t: how much, to first order, it speaks for the class; against it where negative. By n-grams: the weights of the runs it is in, each
/// shared among the run's tokens.
/// </param>
public readonly record struct Significance(string Text, Range Place, double? Attention, double Connectivity, double Contribution);

/// <summary>What decided: the tokens or steps of an example and their significance for one class.</summary>
/// <param name="Class">The class, the likeliest where none was chosen.</param>
/// <param name="Probabilities">Of all classes.</param>
/// <param name="Steps">All that was read, in order; none of an empty example.</param>
public sealed record Attribution(string Class, IReadOnlyList<Real> Probabilities, IReadOnlyList<Significance> Steps)
{
    /// <summary>Looks at one example.</summary>
    /// <param name="model">The model.</param>
    /// <param name="example">A text or a series; labels do not matter.</param>
    /// <param name="chosen">The class to explain; the likeliest where null.</param>
    /// <exception cref="UnrollException">The example is not of the model's kind, or there is no such class.</exception>
    public static Attribution Of(SequenceClassifier model, Example example, string? chosen = null)
    {
        var number = chosen is null ? -1 : model.Config.Classes.ToList().IndexOf(chosen);
        if (chosen is not null && number < 0) Throw.NoSuchClass(chosen, model.Config.Classes);
        var input = model.Prepare(example);
        var batch = new SequenceBatch();
        model.Fill(batch, [input], [0]);
        using var tape = Tape.Inspect();
        var members = model.Networks.Select(n => n.Forward(batch)).ToArray();
        var probabilities = model.Vote([.. members.Select(m => m.Logits)], batch).Values.ToArray();
        if (number < 0)
            for (var c = number = 0; c < probabilities.Length; c++)
                if (probabilities[c] > probabilities[number]) number = c;
        if (input.Steps == 0) return new(model.Config.Classes[number], probabilities, []);
        if (members.Length > 0)
        {
            var score = Ops.Columns(members[0].Logits, number, 1);
            foreach (var (logits, _, _) in members.Skip(1)) score += Ops.Columns(logits, number, 1);
            tape.Backward(score);
        }
        var byNGrams = model.NGrams?.Shares(input.Ids, number);
        var places = model.Tokenizer?.Locate(example.Text);
        var steps = new Significance[input.Steps];
        for (var (t, sentence) = (0, 0); t < steps.Length; t++)
        {
            if (input.SentenceEnds.Length > 0 && t >= input.SentenceEnds[sentence]) sentence++;
            var start = sentence > 0 ? input.SentenceEnds[sentence - 1] : 0;
            // The only example is column 0; cut into sentences, each of them is a column.
            var at = input.SentenceEnds.Length > 0 ? (t - start) * input.SentenceEnds.Length + sentence : t;
            double? attention = null;
            double connectivity = 0, contribution = 0;
            foreach (var (_, inputs, encoded) in members)                            // the mean over all
            {
                var (norm, dot) = Measure(inputs, at);
                connectivity += norm / members.Length;
                contribution += dot / members.Length;
                if (encoded.Weights.IsNone) continue;
                double weight = encoded.Weights.Values[at];
                if (!encoded.SentenceWeights.IsNone) weight *= encoded.SentenceWeights.Values[sentence];
                attention = (attention ?? 0) + weight / members.Length;
            }
            if (byNGrams is not null)
            {
                var share = model.LinearShare;
                connectivity = (1 - share) * connectivity + share * Math.Abs(byNGrams[t]);
                contribution = (1 - share) * contribution + share * byNGrams[t];
            }
            var place = places is null ? t..(t + 1) : places[t];
            steps[t] = new(places is null ? $"{t + 1}" : example.Text![place], place, attention, connectivity, contribution);
        }
        return new(model.Config.Classes[number], probabilities, steps);
    }

    static (double Norm, double Dot) Measure(Tensor inputs, int row)
    {
        var x = inputs.Values.Slice(row * inputs.Columns, inputs.Columns);
        var dx = inputs.Gradient.Slice(row * inputs.Columns, inputs.Columns);
        double squares = 0, dot = 0;
        for (var i = 0; i < x.Length; i++)
        {
            squares += (double)dx[i] * dx[i];
            dot += (double)x[i] * dx[i];
        }
        return (Math.Sqrt(squares), dot);
    }
}
