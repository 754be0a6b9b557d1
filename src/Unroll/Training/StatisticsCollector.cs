using Unroll.Kernels;
using Unroll.Layers;

namespace Unroll.Training;

/// <summary>Collects the statistics of one iteration: gates while the loss is computed, gradients and weights before and after the step.</summary>
internal sealed class StatisticsCollector(Module model, IReadOnlyList<NamedParameter> parameters)
{
    const double Low = 0.1, High = 0.9;

    readonly Recorder _recorder = new() { WantsGradients = true };
    readonly List<(NamedParameter Named, double Gradient, Real[] Before)> _weights = [];

    /// <summary>Records the layers until it is disposed of.</summary>
    public RecorderScope Record() => new(_recorder);

    /// <summary>Notes the gradients of states, while the tape that went back is there.</summary>
    public void AfterBackward()
    {
        foreach (var source in _recorder.Sources) source.TakeGradients();
    }

    /// <summary>Notes gradients and weights; the optimizer's step follows.</summary>
    public void BeforeStep()
    {
        foreach (var named in parameters)
        {
            if (named.Parameter.HasNoGradient) continue;
            ReadOnlySpan<Real> gradient = named.Parameter.GradientToUse(out var marks);
            _weights.Add((named, Math.Sqrt(Reduce.SumOfSquares(gradient, marks)), named.Parameter.Values.ToArray()));
        }
    }

    /// <summary>The statistics, after the step.</summary>
    public TrainingStatistics AfterStep(long iteration, double epoch) => new(iteration, epoch, [.. _weights.Select(w => Of(w.Named, w.Gradient, w.Before))], [.. Activations()]) { States = [.. Gradients()] };

    static WeightStatistics Of(NamedParameter named, double gradient, Real[] before)
    {
        double norm = 0, change = 0;
        var after = named.Parameter.Values;
        for (var i = 0; i < before.Length; i++)
        {
            var difference = (double)after[i] - before[i];
            norm += (double)before[i] * before[i];
            change += difference * difference;
        }
        return new(named.Name, gradient, Math.Sqrt(norm), Math.Sqrt(change) / Math.Sqrt(norm));
    }

    IEnumerable<ActivationStatistics> Activations() => Layers().SelectMany(l => Of(l.Source, l.Layer.Cell, l.Name));

    IEnumerable<StateGradients> Gradients() => Layers().Where(l => l.Source.GradientSquares.Count > 0).Select(l => StateGradients.Of(l.Name, l.Source.GradientSquares));

    IEnumerable<(RecordedSource Source, Recurrent Layer, string Name)> Layers()
    {
        var number = 0;
        foreach (var source in _recorder.Sources)
        {
            if (source.Module is not Recurrent layer || source.Runs.Count == 0) continue;
            yield return (source, layer, Recorder.NameOf(layer, model) ?? $"layer{number}");
            number++;
        }
    }

    /// <summary>Each gate of a layer, and its output h, over all that was recorded of it.</summary>
    public static IEnumerable<ActivationStatistics> Of(RecordedSource source, RecurrentCell cell, string name)
    {
        foreach (var gate in (IEnumerable<string>)[.. cell.GateNames, cell.StateNames[0]])
            if (source.Has(gate)) yield return Of(source, name, gate);
    }

    static ActivationStatistics Of(RecordedSource source, string layer, string gate)
    {
        long count = 0, low = 0, negativeLow = 0, high = 0;
        var negative = false;
        var alive = new bool[source.SizeOf(gate)];
        source.Visit(gate, row =>
        {
            for (var j = 0; j < row.Length; j++)
            {
                var value = row[j];
                if (value != 0) alive[j] = true;
                negative |= value < 0;
                if (value < Low) low++;
                if (value < -High) negativeLow++;
                if (value > High) high++;
            }
            count += row.Length;
        });
        var all = Math.Max(1, count);
        return new(layer, gate, (double)(negative ? negativeLow : low) / all, (double)high / all, count == 0 ? 0 : alive.Count(a => !a));
    }
}
