using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Inspection;

/// <summary>Where a model looked as it wrote: for every token written, its attention to every token read.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed partial class AttentionMap
{
    readonly Real[] _weights;

    /// <summary>Names the rows and columns of weights.</summary>
    /// <param name="source">The S tokens that were read.</param>
    /// <param name="target">The T tokens that were written.</param>
    /// <param name="weights">[T, S], the weights of a token written side by side; from 0 to 1 as a rule. They are copied.</param>
    /// <exception cref="ArgumentException">There are not T·S weights, or one is not finite.</exception>
    public AttentionMap(IReadOnlyList<string> source, IReadOnlyList<string> target, ReadOnlySpan<Real> weights)
    {
        if (weights.Length != (long)source.Count * target.Count) Throw.CountsDiffer(nameof(weights), weights.Length, "cells", source.Count * target.Count);
        for (var i = 0; i < weights.Length; i++)
            if (!Real.IsFinite(weights[i])) Throw.WeightsNotFinite(nameof(weights), i);
        (Source, Target, _weights) = ([.. source], [.. target], weights.ToArray());
    }

    /// <summary>The S tokens that were read.</summary>
    public IReadOnlyList<string> Source { get; }

    /// <summary>The T tokens that were written.</summary>
    public IReadOnlyList<string> Target { get; }

    /// <summary>The attention of each token written to the tokens read: [S] of row <paramref name="target"/>.</summary>
    public ReadOnlySpan<Real> this[int target] => _weights.AsSpan(target * Source.Count, Source.Count);

    /// <summary><c>{"source": […], "target": […], "weights": [[…], …]}</c>, a list of weights for each token written.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            Write(json, "source", Source);
            Write(json, "target", Target);
            json.WriteStartArray("weights");
            for (var t = 0; t < Target.Count; t++)
            {
                json.WriteStartArray();
                foreach (var weight in this[t]) json.WriteNumberValue(weight);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> tokens)
    {
        json.WriteStartArray(name);
        foreach (var token in tokens) json.WriteStringValue(token);
        json.WriteEndArray();
    }

    /// <summary>How strongly a weight is drawn, from 0 to 1.</summary>
    static double Strength(Real weight) => Math.Clamp(weight, 0, 1);
}
