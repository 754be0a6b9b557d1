using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A parameter and the name it is saved under.</summary>
/// <param name="Name">PyTorch's name, such as <c>rnn.weight_ih_l0</c>.</param>
/// <param name="Parameter">The weights.</param>
public readonly record struct NamedParameter(string Name, Parameter Parameter);

/// <summary>Something with weights: a layer, a cell, a model.</summary>
/// <remarks>Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public abstract class Module
{
    readonly List<NamedParameter> _own = [];
    readonly List<(string Name, Module Module)> _children = [];
    IReadOnlyList<NamedParameter>? _all;

    /// <summary>Every parameter below this module, once each, in the order in which they were added.</summary>
    public IReadOnlyList<NamedParameter> Parameters
    {
        get
        {
            if (_all is not null) return _all;
            var found = new List<NamedParameter>();
            Collect("", "", found);
            return _all = found.DistinctBy(p => p.Parameter).ToArray();      // tied weights count once, under their first name
        }
    }

    /// <summary>How many weights there are in all.</summary>
    public long ParameterCount => Parameters.Sum(p => (long)p.Parameter.Count);

    /// <summary>Forgets all gradients.</summary>
    public void ClearGradients()
    {
        var parameters = Parameters;
        for (var i = 0; i < parameters.Count; i++) parameters[i].Parameter.ClearGradient();
    }

    /// <summary>The parameters of this module alone.</summary>
    internal IReadOnlyList<NamedParameter> OwnParameters => _own;

    /// <summary>The modules it is made of.</summary>
    internal IReadOnlyList<(string Name, Module Module)> Children => _children;

    /// <summary>Adds a parameter of this module's own.</summary>
    protected Parameter Add(string name, Parameter parameter)
    {
        _own.Add(new(name, parameter));
        _all = null;
        return parameter;
    }

    /// <summary>Adds a module that this one is made of; its parameters are named <c>name.…</c>, or just as they are for an empty name.</summary>
    protected T Add<T>(string name, T child) where T : Module
    {
        _children.Add((name, child));
        _all = null;
        return child;
    }

    /// <summary>
    /// Names the parameters: <paramref name="prefix"/> + name + <paramref name="suffix"/>. Containers of recurrent layers pass the suffix on,
    /// which is how PyTorch's <c>_l1_reverse</c> comes about.
    /// </summary>
    internal virtual void Collect(string prefix, string suffix, List<NamedParameter> into)
    {
        foreach (var p in _own) into.Add(new(prefix + p.Name + suffix, p.Parameter));
        foreach (var (name, child) in _children) child.Collect(name.Length == 0 ? prefix : $"{prefix}{name}.", suffix, into);
    }
}
