using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Models;

namespace Unroll.Tasks;

/// <summary>Parts of models in a few words.</summary>
internal static class TextOf
{
    /// <summary>A size in memory.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes:N0} bytes",
        < 10_000_000 => $"{bytes / 1e3:N1} KB",
        _ => $"{bytes / 1e6:N1} MB",
    };

    /// <summary>How many names there are, and the first of them.</summary>
    public static string Names(IReadOnlyList<string> names)
    {
        const int Most = 30;
        return $"{names.Count:N0}: {string.Join(", ", names.Take(Most))}{(names.Count > Most ? ", …" : "")}";
    }

    /// <summary>A decoder.</summary>
    public static string Decoder(DecoderConfig c)
    {
        var attention = c.HasAttention ? $"{(c.ScaledAttention ? "scaled " : "")}{c.Attention} attention{(c.Coverage ? " with coverage" : "")}{(c.InputFeeding ? ", input feeding" : "")}" : "no attention";
        return $"{c.Layers} × {c.Cell} of {c.HiddenSize} with {attention}";
    }

    /// <summary>The dropout of a decoder, and which weights are one.</summary>
    public static string Weights(DecoderConfig c) => $"{(c.TiedWeights ? "output tied to the target embedding; " : "")}dropout {c.Dropout}{(c.VariationalDropout ? ", variational" : "")}";

    /// <summary>An attention.</summary>
    public static string Attention(DecoderConfig c) => !c.HasAttention ? "none: only the last state is seen"
        : c.Attention + (c.ScaledAttention ? ", scaled" : "") + (c.Attention == "local-p" ? $", {c.Window} steps to either side" : "")
            + (c.Coverage ? ", coverage" : "") + (c.InputFeeding ? ", input feeding" : "");

    /// <summary>The symbols of a side, in a few words.</summary>
    public static string Tokens(TextCoder coder) => $"{coder.Size:N0} {coder.Tokenizer.Kind} tokens";

    /// <summary>The symbols of a side, in full.</summary>
    public static string Symbols(TextCoder coder) =>
        $"{coder.Tokenizer.Kind}, {coder.Size:N0} symbols with begin and end, normalization {coder.Normalizer.ToJson()["form"]}{(coder.Normalizer.Lower ? ", lowercased" : "")}";

    /// <summary>The same for programs.</summary>
    public static JsonObject SymbolsJson(TextCoder coder) => new() { ["tokens"] = coder.Tokenizer.Kind, ["vocabulary"] = coder.Size, ["lower"] = coder.Normalizer.Lower };
}
