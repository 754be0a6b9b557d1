using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a sequence of outputs became: one vector, and, where it is a weighted mean, the weights.</summary>
/// <param name="Vector">[B, P].</param>
/// <param name="Weights">[T, B], each row's summing up to 1; no tensor where the pooling has no weights.</param>
public readonly record struct Pooled(Tensor Vector, Tensor Weights);

/// <summary>Makes one vector of the outputs of a recurrent layer. A row without steps gives zeros.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public abstract class Pooling : Module
{
    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["last", "mean", "max", "attention"];

    /// <summary>P, the size of the vector.</summary>
    public abstract int OutputSize { get; }

    /// <summary>Pools a batch.</summary>
    /// <param name="outputs">[T, B, O], the layer's outputs.</param>
    /// <param name="final">The layer's state after each row's last step.</param>
    /// <param name="lengths">How many steps of each row count.</param>
    public abstract Pooled Forward(Tensor outputs, State final, Lengths lengths);

    /// <summary>Takes one step more of a sequence that is read forwards, as <see cref="Forward"/> would have pooled all of its steps.</summary>
    /// <param name="output">[1, 1, O], the layer's output.</param>
    /// <param name="state">The layer's state after the step.</param>
    /// <param name="steps">What is known of the steps so far.</param>
    internal abstract void Add(Tensor output, State state, PooledSteps steps);

    /// <summary>A pooling by name.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="layer">The layer whose outputs it pools.</param>
    /// <param name="rng">Where its weights come from.</param>
    /// <exception cref="UnrollException">There is no such pooling.</exception>
    public static Pooling Create(string kind, RecurrentLayer layer, Rng rng) => kind switch
    {
        "last" => new LastPooling(layer),
        "mean" => new MeanPooling(layer.OutputSize),
        "max" => new MaxPooling(layer.OutputSize),
        "attention" => new AttentionPooling(layer.OutputSize, layer.OutputSize, rng),
        _ => Throw.NoSuchPooling<Pooling>(kind, Kinds),
    };
}

/// <summary>The state h that each direction of the last layer ends with: [h→_T ; h←_1].</summary>
internal sealed class LastPooling : Pooling
{
    readonly int[] _indices;

    /// <summary>Takes the final states of <paramref name="layer"/>.</summary>
    public LastPooling(RecurrentLayer layer)
    {
        OutputSize = layer.OutputSize;
        // The cells at the end of the list whose outputs, side by side, are the layer's.
        var found = new List<int>();
        var (index, rest) = (layer.StateCount, layer.OutputSize);
        foreach (var cell in layer.Cells.Reverse())
        {
            if (rest == 0) break;
            index -= cell.StateNames.Count;
            rest -= cell.HiddenSize;
            found.Insert(0, index);
        }
        _indices = [.. found];
    }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override Pooled Forward(Tensor outputs, State final, Lengths lengths)
    {
        if (_indices.Length == 1) return new(final[_indices[0]], default);
        var parts = State.Room(_indices.Length);
        for (var i = 0; i < _indices.Length; i++) parts[i] = final[_indices[i]];
        return new(Ops.ConcatColumns(parts.Items), default);                         // [B, H→ + H←]
    }

    internal override void Add(Tensor output, State state, PooledSteps steps) => state[_indices[0]].Values.CopyTo(steps.Vector);
}

/// <summary>The mean over the steps: (1/n) Σ_t h_t.</summary>
/// <param name="size">O, the size of an output.</param>
internal sealed class MeanPooling(int size) : Pooling
{
    /// <inheritdoc/>
    public override int OutputSize => size;

    /// <inheritdoc/>
    public override Pooled Forward(Tensor outputs, State final, Lengths lengths) => new(Ops.MeanOverTime(outputs, lengths), default);

    internal override void Add(Tensor output, State state, PooledSteps steps)
    {
        var x = output.Values;
        var share = (Real)1 / ++steps.Count;
        for (var i = 0; i < x.Length; i++) steps.Vector[i] = (steps.Sum[i] += x[i]) * share;
    }
}

/// <summary>The largest number over the steps, element by element: max_t h_t.</summary>
/// <param name="size">O, the size of an output.</param>
internal sealed class MaxPooling(int size) : Pooling
{
    /// <inheritdoc/>
    public override int OutputSize => size;

    /// <inheritdoc/>
    public override Pooled Forward(Tensor outputs, State final, Lengths lengths) => new(Ops.MaxOverTime(outputs, lengths), default);

    internal override void Add(Tensor output, State state, PooledSteps steps)
    {
        var x = output.Values;
        var first = steps.Count++ == 0;
        for (var i = 0; i < x.Length; i++)
            if (first || x[i] > steps.Vector[i]) steps.Vector[i] = x[i];
    }
}

/// <summary>
/// A mean weighted by what a learned context vector finds important (Yang 2016):
/// u_t = tanh(W h_t + b), α = softmax_t(u_tᵀ v), s = Σ_t α_t h_t.
/// </summary>
/// <remarks><c>weight</c> [A, O], <c>bias</c> [A] and <c>context</c> [1, A], all with the default of <see cref="Linear"/>.</remarks>
internal sealed class AttentionPooling : Pooling
{
    readonly Linear _projection;
    readonly Parameter _context;

    /// <summary>Attention with fresh weights.</summary>
    /// <param name="size">O, the size of an output.</param>
    /// <param name="attentionSize">A, the size of u.</param>
    /// <param name="rng">Where weights come from.</param>
    public AttentionPooling(int size, int attentionSize, Rng rng)
    {
        OutputSize = size;
        _projection = Add("", new Linear(size, attentionSize, rng));
        _context = Add("context", new Parameter(new(1, attentionSize)));
        Init.Uniform(_context, 1 / Math.Sqrt(attentionSize), rng);
    }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override Pooled Forward(Tensor outputs, State final, Lengths lengths)
    {
        var (s, weights) = Ops.AttentionOverTime(outputs, Score(outputs), lengths);
        return new(s, Recorder.Report(this, Recorder.Weights, weights));                                                // [B, O], [T, B]
    }

    Tensor Score(Tensor outputs) => Ops.Linear(Ops.Tanh(_projection.Forward(outputs)), _context, null);          // [T, B, 1]

    /// <remarks>
    /// The softmax over the steps so far (Milakov and Gimelshein 2018): with m the largest score, Σ e^(score − m) h and Σ e^(score − m) are carried on, and scaled
    /// anew where m grows. It differs from <see cref="Forward"/> by rounding.
    /// </remarks>
    internal override void Add(Tensor output, State state, PooledSteps steps)
    {
        var h = output.Values;
        var score = Score(output).Values[0];
        var most = Math.Max(steps.Scores.Most, score);
        var factors = Ops.Exp(Tensor.From([steps.Scores.Most - most, score - most], new(2))).Values;
        var (before, now) = (factors[0], factors[1]);
        var total = steps.Scores.Total * before + now;
        for (var i = 0; i < h.Length; i++) steps.Vector[i] = (steps.Sum[i] = steps.Sum[i] * before + now * h[i]) / total;
        (steps.Scores, steps.Count) = ((most, total), steps.Count + 1);
    }
}
