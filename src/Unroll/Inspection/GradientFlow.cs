using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inspection;

/// <summary>
/// How far the gradient of a loss reaches back through a sequence: ‖∂L/∂h_k‖ for every step k of every recurrent layer, the same for each other state such as an LSTM's c, and
/// the Jacobians of single steps.
/// </summary>
/// <remarks>
/// <code>
/// ∂L_t/∂h_k = ∂L_t/∂h_t · Π_{i=k+1…t} ∂h_i/∂h_{i−1}
/// </code>
/// The derivatives are total and exact: layers run step by step, through the cell's own equations, and the tape walks back once. It works on any model and any cell. Dropout is off, and
/// parameters get no gradient. A gradient vanishes where the factors shrink it step by step (Hochreiter 1991; Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013).
/// Safe for use by several threads: it does not change.
/// </remarks>
public sealed class GradientFlow
{
    GradientFlow(IReadOnlyList<LayerFlow> layers) => Layers = layers;

    /// <summary>The recurrent layers, a direction each, in the order in which they ran.</summary>
    public IReadOnlyList<LayerFlow> Layers { get; }

    /// <summary>Runs a loss and walks back from it.</summary>
    /// <param name="loss">Runs the model and gives a scalar, such as the loss L_t at one step t of a sequence. Rows of a batch must have all steps: a ragged batch is not followed.</param>
    /// <param name="model">The model whose names layers get; without one they are numbered.</param>
    /// <param name="jacobians">At how many steps, spread evenly, the Jacobian of the step is computed too; for the first row of a batch.</param>
    /// <exception cref="ArgumentException">The loss is no scalar.</exception>
    /// <exception cref="InvalidOperationException">The loss does not depend on a recurrent layer.</exception>
    public static GradientFlow Measure(Func<Tensor> loss, Module? model = null, int jacobians = 0)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (jacobians < 0) Throw.OutOfRange(nameof(jacobians), jacobians, "at least 0");
        var recorder = new Recorder { Follows = true };
        using var tape = Tape.Inspect();
        using (new RecorderScope(recorder)) tape.Backward(loss());
        var layers = new List<LayerFlow>();
        foreach (var source in recorder.Sources)
            if (source.Module is Recurrent layer && source.States.Count > 0)
                layers.Add(new(Recorder.NameOf(layer, model) ?? $"layer{layers.Count}", layer.Direction, StatesOf(layer, source), JacobiansOf(layer.Cell, source, jacobians)));
        return new(layers);
    }

    static StateFlow[] StatesOf(Recurrent layer, RecordedSource source)
    {
        var steps = source.Runs.Sum(r => r.Steps);
        var flows = new StateFlow[layer.Cell.OwnStates];
        for (var i = 0; i < flows.Length; i++)
        {
            var norms = new double[steps];
            var offset = 0;
            var done = 0;
            foreach (var (step, _, state) in source.States)
            {
                if (step < 0) offset = done;                        // another run, which goes on where the one before ended
                else (norms[offset + step], done) = (Norm(state[i].Gradient), done + 1);
            }
            flows[i] = new(layer.Cell.StateNames[i], norms, layer.Direction == Direction.Backward);
        }
        return flows;
    }

    static double Norm(ReadOnlySpan<Real> x)
    {
        double sum = 0;
        foreach (var v in x) sum += (double)v * v;
        return Math.Sqrt(sum);
    }

    static StepJacobian[] JacobiansOf(RecurrentCell cell, RecordedSource source, int count)
    {
        if (cell.OwnStates < cell.StateNames.Count) return [];      // what is inside has its own
        var found = new List<StepJacobian>();
        var moves = source.States.Count - 1;
        count = Math.Min(count, moves);
        for (var i = 0; i < count; i++)
        {
            var at = 1 + (int)((i + 0.5) * moves / count);
            if (source.States[at].Step < 0) continue;
            var matrix = new SquareMatrix(JacobianOf(cell, source.States[at].Input, source.States[at - 1].State));
            found.Add(new(source.States[at].Step, matrix.SpectralNorm(), matrix.SpectralRadius()));
        }
        return [.. found];
    }

    /// <summary>The Jacobian of one step with respect to the state before it, ∂s′/∂s: of all state tensors, one after the other; of an LSTM [2H, 2H], h before c.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="x">The input of the step, [1, I].</param>
    /// <param name="state">The state before it, of one row; zeros where none is given.</param>
    /// <returns>At [i, j] the derivative of number i of the next state with respect to number j of this one.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public static double[,] Jacobian(RecurrentCell cell, Tensor x, State state = default)
    {
        if (x.Shape != new Shape(1, cell.InputSize)) Throw.WrongShape(nameof(Jacobian), nameof(x), x.Shape, $"[1, {cell.InputSize}]");
        using var tape = Tape.Inspect();
        return JacobianOf(cell, cell.Project(x.Reshape(new(1, 1, cell.InputSize)))[0], state.IsZero ? new Recurrent(cell).ZeroState(1) : state);
    }

    /// <summary>Every row of the Jacobian by one walk back: the step is made for as many equal rows, and each asks for the gradient of another number of its result.</summary>
    static double[,] JacobianOf(RecurrentCell cell, Tensor input, State before)
    {
        var count = cell.StateNames.Count;
        var size = Enumerable.Range(0, count).Sum(cell.StateSize);
        using var tape = Tape.Inspect();
        var rows = State.Room(count);
        for (var i = 0; i < count; i++) rows[i] = Repeat(before[i], size).WithGradient();
        var state = State.In(rows, names: cell.StateNames);
        var next = cell.Step(Repeat(input, size), state);
        var loss = Tensor.Zeros(new(1));
        for (var (i, at) = (0, 0); i < count; at += cell.StateSize(i++))
        {
            var chosen = Tensor.Zeros(next[i].Shape);
            for (var u = 0; u < chosen.Columns; u++) chosen.Values[(at + u) * chosen.Columns + u] = 1;
            loss += Ops.Sum(next[i] * chosen);
        }
        tape.Backward(loss);
        var jacobian = new double[size, size];
        for (var (i, at) = (0, 0); i < count; at += cell.StateSize(i++))
            for (var r = 0; r < size; r++)
                for (var u = 0; u < cell.StateSize(i); u++) jacobian[r, at + u] = state[i].Gradient[r * cell.StateSize(i) + u];
        return jacobian;
    }

    /// <summary>The first row so many times.</summary>
    static Tensor Repeat(Tensor row, int count)
    {
        var all = Tensor.Zeros(new(count, row.Columns));
        for (var r = 0; r < count; r++) row.Values[..row.Columns].CopyTo(all.Values[(r * row.Columns)..]);
        return all;
    }
}

/// <summary>The gradient flow of one recurrent layer in one direction.</summary>
/// <param name="Name">Its name in the model, such as <c>rnn.l0</c>; numbered where no model was given.</param>
/// <param name="Direction">The direction in which it reads.</param>
/// <param name="States">Each state, the output h first; of an LSTM h and c.</param>
/// <param name="Jacobians">Of the steps that were asked for.</param>
public sealed record LayerFlow(string Name, Direction Direction, IReadOnlyList<StateFlow> States, IReadOnlyList<StepJacobian> Jacobians);

/// <summary>The Jacobian ∂s_k/∂s_{k−1} of one step, of all states of a cell together.</summary>
/// <param name="Step">k.</param>
/// <param name="SpectralNorm">σ₁: by how much the step can enlarge a gradient at most.</param>
/// <param name="SpectralRadius">ρ, the largest |λ|: by how much a gradient changes a step, if all steps were as this one.</param>
public readonly record struct StepJacobian(int Step, double SpectralNorm, double SpectralRadius);
