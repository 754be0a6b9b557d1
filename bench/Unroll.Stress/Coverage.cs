using System.Reflection;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;
using Module = Unroll.Layers.Module;

namespace Unroll.Stress;

/// <summary>What has to have a case: so that nobody forgets one for what is new.</summary>
static class Coverage
{
    /// <summary>What no case's name begins with: public operations and losses by their names, modules and optimizers by their types'.</summary>
    public static IEnumerable<string> Missing(IEnumerable<string> cases)
    {
        var covered = cases.Select(name => name.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        return Wanted().Distinct().Where(name => !covered.Contains(name)).Order(StringComparer.Ordinal);
    }

    static IEnumerable<string> Wanted()
    {
        foreach (var type in new[] { typeof(Ops), typeof(Losses), typeof(Clip) })
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Static))
                if (method.Name is not nameof(Clip.Factor)) yield return $"{type.Name}.{method.Name}";          // which reads no memory
        foreach (var type in typeof(Module).Assembly.GetExportedTypes())
            if (!type.IsAbstract && (type.IsSubclassOf(typeof(Module)) || type.IsSubclassOf(typeof(Optimizer)))) yield return type.Name;
    }
}
