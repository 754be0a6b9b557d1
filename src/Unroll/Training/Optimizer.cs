using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// Changes parameters so that the loss becomes smaller, from their gradients and what it remembers of earlier ones (moments).
/// </summary>
/// <remarks>
/// Formulas and defaults are PyTorch's, with one difference: weight decay spares parameters whose <see cref="Parameter.Decays"/> is
/// false, such as biases and the gains of normalisation. A step allocates nothing on the managed heap, but for the first one of a parameter that was
/// frozen when the optimizer was made.
/// <para>
/// A parameter may be frozen and thawed between steps (<see cref="Parameter.Trainable"/>): while it is frozen it makes no step and its moments stay; one that
/// was frozen from the start gets moments of 0 with its first step. Not safe for use by several threads.
/// </para>
/// </remarks>
public abstract class Optimizer
{
    /// <summary>Weights that make a hand-over to another thread worth it.</summary>
    internal const int Grain = 16384;

    readonly string[] _momentNames;
    readonly Tensor[] _moments;       // those of a parameter next to each other; none of one that was frozen so far
    readonly long[] _steps;
    readonly bool[] _held, _thawed;   // has moments; got them later than at the start

    /// <summary>An optimizer of the given parameters.</summary>
    /// <param name="parameters">A model's <see cref="Module.Parameters"/>; those that are frozen are passed over as long as they are.</param>
    /// <param name="learningRate">At least 0.</param>
    /// <param name="weightDecay">λ, at least 0.</param>
    /// <param name="momentNames">What is remembered for each weight, each starting from 0; names as PyTorch's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite.</exception>
    protected Optimizer(
        IReadOnlyList<NamedParameter> parameters, double learningRate, double weightDecay, params ReadOnlySpan<string> momentNames)
    {
        Check(weightDecay is >= 0 and < double.PositiveInfinity, nameof(weightDecay), weightDecay, "a number of at least 0");
        (Parameters, LearningRate, WeightDecay) = ([.. parameters], learningRate, weightDecay);
        _momentNames = momentNames.ToArray();
        _moments = new Tensor[parameters.Count * _momentNames.Length];
        _steps = new long[parameters.Count];
        (_held, _thawed) = (new bool[parameters.Count], new bool[parameters.Count]);
        for (var i = 0; i < _held.Length; i++)
            if (parameters[i].Parameter.Trainable) Hold(i);
    }

    /// <summary>What is trained as far as it is not frozen.</summary>
    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>η, the size of the steps; at least 0. May be changed between steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set
        {
            Check(value is >= 0 and < double.PositiveInfinity, nameof(LearningRate), value, "a number of at least 0");
            field = value;
        }
    }

    /// <summary>λ, the pull of the weights towards 0.</summary>
    public double WeightDecay { get; }

    /// <summary>What is remembered of every parameter that was not frozen all the time, named <c>exp_avg.rnn.weight_ih_l0</c>.</summary>
    public IEnumerable<(string Name, Tensor Values)> Moments
    {
        get
        {
            for (var i = 0; i < _moments.Length; i++)
            {
                var (parameter, moment) = Math.DivRem(i, _momentNames.Length);
                if (_held[parameter]) yield return ($"{_momentNames[moment]}.{Parameters[parameter].Name}", _moments[i]);
            }
        }
    }

    /// <summary>Changes every trainable parameter that has a gradient, and forgets the gradients.</summary>
    /// <param name="scale">What gradients are multiplied by as they are read: 1, or <see cref="Clip.Factor"/>, so that clipping needs no
    /// pass of its own over them.</param>
    public void Step(double scale = 1)
    {
        for (var i = 0; i < _steps.Length; i++)
        {
            var parameter = Parameters[i].Parameter;
            if (parameter.Trainable && !parameter.HasNoGradient)
            {
                if (!_held[i]) Thaw(i);
                _steps[i]++;
                var moments = _moments.AsSpan(i * _momentNames.Length, _momentNames.Length);
                Update(parameter, moments, _steps[i], parameter.Decays ? WeightDecay : 0, scale);
            }
            parameter.ClearGradient();
        }
    }

    /// <summary>Forgets all earlier gradients, as a fresh optimizer has none: for a loss of another kind, whose gradients have another size.</summary>
    internal void Forget()
    {
        foreach (var (_, values) in Moments) values.Values.Clear();
        _steps.AsSpan().Clear();
    }

    void Hold(int parameter)
    {
        _held[parameter] = true;
        foreach (ref var moment in _moments.AsSpan(parameter * _momentNames.Length, _momentNames.Length))
        {
            moment = Tensor.Free(Parameters[parameter].Parameter.Shape);
            moment.Values.Clear();
        }
    }

    void Thaw(int parameter)
    {
        Hold(parameter);
        _thawed[parameter] = true;
    }

    /// <summary>Changes one parameter.</summary>
    /// <param name="parameter">A parameter with a gradient.</param>
    /// <param name="moments">What is remembered of it, in the order of the constructor's names; to be brought up to date.</param>
    /// <param name="step">How many steps it has made, this one included: parameters without a gradient make none.</param>
    /// <param name="decay">λ for this parameter: <see cref="WeightDecay"/> or 0.</param>
    /// <param name="scale">What the gradient is to be multiplied by first.</param>
    protected abstract void Update(Parameter parameter, ReadOnlySpan<Tensor> moments, long step, double decay, double scale);

    /// <summary>Runs a rule over all weights of a parameter.</summary>
    private protected static unsafe void Run<TRule>(TRule rule, Parameter parameter, double scale, Tensor m, Tensor v)
        where TRule : unmanaged, IUpdateRule
    {
        fixed (Real* g = parameter.GradientToUse(out var marks), w = parameter.Edit(), first = m, second = v)
        fixed (bool* marked = marks)
        {
            var kernel = new UpdateKernel<TRule>(rule, w, g, (Real)scale, first, second);
            if (marks.IsEmpty || !rule.LeavesZeros) ThreadTeam.Run(kernel, parameter.Count, Grain);
            else ThreadTeam.Run(new UpdateMarkedKernel<TRule>(kernel, marked, parameter.Count), marks.Length, Grain / Reduce.Chunk);
        }
    }

    private protected static void Check(bool good, string parameter, double value, string expected)
    {
        if (!good) Throw.OutOfRange(parameter, value, expected);
    }

    /// <summary>Writes the moments and the numbers of steps.</summary>
    public void Capture(CheckpointState snapshot)
    {
        foreach (var (name, values) in Moments) snapshot.Add(name, values);
        snapshot.Set("kind", GetType().Name);
        snapshot.Set("steps", [.. _steps.Where((_, i) => _held[i])]);
        var thawed = Parameters.Where((_, i) => _thawed[i]).Select(p => p.Name).ToArray();
        if (thawed.Length > 0) snapshot.Set(Thawed, thawed);
    }

    const string Thawed = "thawed";

    /// <summary>
    /// Gets ready for the moments that a snapshot has: of what was frozen when both optimizers were made, only that which had been thawed by then.
    /// </summary>
    /// <exception cref="UnrollException">The snapshot is damaged.</exception>
    internal void Expect(CheckpointState snapshot)
    {
        var names = snapshot.Values.ContainsKey(Thawed) ? snapshot.GetTexts(Thawed) : [];
        for (var i = 0; i < _held.Length; i++)
        {
            if (_held[i] && !_thawed[i] || names.Contains(Parameters[i].Name) == _held[i]) continue;
            if (!_held[i]) Thaw(i);
            else
            {
                (_held[i], _thawed[i], _steps[i]) = (false, false, 0);
                _moments.AsSpan(i * _momentNames.Length, _momentNames.Length).Clear();
            }
        }
    }

    /// <summary>Continues from what <see cref="Capture"/> wrote.</summary>
    /// <exception cref="UnrollException">It was written by an optimizer of another kind or for other parameters.</exception>
    public void Restore(CheckpointState snapshot)
    {
        var kind = snapshot.GetText("kind");
        if (kind != GetType().Name) Throw.SnapshotOptimizer(kind, GetType().Name);
        Expect(snapshot);
        var steps = new long[_held.Count(h => h)];
        snapshot.CopyTo("steps", steps);
        for (int i = 0, next = 0; i < _held.Length; i++)
            if (_held[i]) _steps[i] = steps[next++];
        foreach (var (name, values) in Moments) snapshot.CopyTo(name, values);
    }
}
