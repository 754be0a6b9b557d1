using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// A running mean of the weights, which generalises better than the weights of any one moment (Polyak and Juditsky 1992):
/// w̄ ← w̄ + (1 − β)(w − w̄), with β = min(decay, (1 + t)/(10 + t)) in iteration t, so that early weights are soon forgotten.
/// </summary>
/// <remarks>What is frozen is its own mean. What is thawed has a mean from its first step on, which begins with the weights after that step.</remarks>
internal sealed unsafe class WeightAverage
{
    readonly IReadOnlyList<NamedParameter> _parameters;
    readonly double _decay;
    readonly Tensor[] _means;         // none of what was frozen so far
    readonly bool[] _late;            // begun when it was thawed

    public WeightAverage(IReadOnlyList<NamedParameter> parameters, double decay)
    {
        (_parameters, _decay) = ([.. parameters], decay);
        (_means, _late) = (new Tensor[_parameters.Count], new bool[_parameters.Count]);
        for (var i = 0; i < _means.Length; i++)
            if (_parameters[i].Parameter.Trainable) Begin(i, late: false);
    }

    void Begin(int i, bool late)
    {
        _late[i] = late;
        _means[i] = Tensor.Free(_parameters[i].Parameter.Shape);
        _parameters[i].Parameter.Values.CopyTo(_means[i].Values);
    }

    /// <summary>Whether the model has the means now, and the means' place its weights.</summary>
    public bool IsIn { get; private set; }

    /// <summary>Takes in the weights after iteration <paramref name="t"/>, counted from 1.</summary>
    public void Update(long t)
    {
        var rest = (Real)(1 - Math.Min(_decay, (1.0 + t) / (10 + t)));
        for (var i = 0; i < _means.Length; i++)
        {
            if (_means[i].IsNone && _parameters[i].Parameter.Trainable) Begin(i, late: true);
            if (_means[i].IsNone) continue;
            fixed (Real* w = _parameters[i].Parameter, mean = _means[i])
                ThreadTeam.Run(new BlendKernel(w, mean, rest), _means[i].Count, Optimizer.Grain);
        }
    }

    /// <summary>Gives the model the means, or its weights back.</summary>
    public void Exchange(bool putIn)
    {
        if (IsIn == putIn) return;
        IsIn = putIn;
        for (var i = 0; i < _means.Length; i++)
        {
            if (_means[i].IsNone) continue;
            var weights = _parameters[i].Parameter.Edit();
            var means = _means[i].Values;
            for (var j = 0; j < weights.Length; j++) (weights[j], means[j]) = (means[j], weights[j]);
        }
    }

    public void Capture(CheckpointState snapshot)
    {
        for (var i = 0; i < _means.Length; i++)
            if (!_means[i].IsNone) snapshot.Add(_parameters[i].Name, _means[i]);
    }

    /// <summary>Gets ready for the means that a snapshot has: of what was frozen at first, only those of what had been thawed by then.</summary>
    public void Expect(CheckpointState snapshot)
    {
        for (var i = 0; i < _means.Length; i++)
        {
            var has = snapshot.Has(_parameters[i].Name);
            if (has && _means[i].IsNone) Begin(i, late: true);
            else if (!has && _late[i]) (_means[i], _late[i]) = (default, false);
        }
    }

    public void Restore(CheckpointState snapshot)
    {
        for (var i = 0; i < _means.Length; i++)
            if (!_means[i].IsNone) snapshot.CopyTo(_parameters[i].Name, _means[i]);
    }
}
