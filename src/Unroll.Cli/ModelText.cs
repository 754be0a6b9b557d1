using Unroll.Data;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Models in a few words.</summary>
static class ModelText
{
    public static string Of(SequenceClassifier model)
    {
        var c = model.Config;
        var input = model.Tokenizer is { } t ? $"{t.VocabularySize:N0} {t.Kind} tokens" : $"{c.Features:N0} features";
        var layers = c.Encoder == "mlp"
            ? $"{c.Layers} × mlp of {c.HiddenSize}"
            : $"{c.Layers} × {c.Cell} of {c.HiddenSize}{(c.Bidirectional ? ", both ways" : "")}, {c.Pooling}{(c.Encoder == "rnn" ? "" : $", {c.Encoder}")}";
        var linear = $"linear model over n-grams of 1 to {c.NGrams} tokens{(c.NGramPositions > 0 ? $", of 1 to {c.NGramPositions} by position" : "")}";
        var parts = c.NGrams == 0 ? layers : c.Members == 0 ? linear : $"{layers}, {linear} (share {c.NGramShare:0.0#})";
        return $"{(c.Members > 1 ? $"{c.Members} networks of " : "")}{parts}; {input}, {c.Classes.Count:N0} classes{(c.MultiLabel ? ", several at once" : "")}";
    }

    public static string Of(SequenceTagger model)
    {
        var (c, v) = (model.Config, model.Vocabulary);
        var tags = v.Scheme == TagScheme.None ? $"{v.Tags.Size:N0} tags" : $"{v.Tags.Size:N0} {v.Scheme.ToString().ToLowerInvariant()} tags";
        return $"{c.Layers} × {c.Cell} of {c.HiddenSize}{(c.Bidirectional ? ", both ways" : "")}, {(c.Crf ? "crf" : "softmax")}, {v.Words.Size:N0} words, {tags}";
    }

    public static string Of(Seq2Seq model)
    {
        var c = model.Config;
        var encoder = $"{c.Layers} × {c.Cell} of {c.EncoderHidden}{(c.Bidirectional ? ", both ways" : "")}";
        return $"reads by {encoder}, writes by {OfDecoder(c)}; {Symbols(model.Source)} in, {Symbols(model.Target)} out";
    }

    public static string Of(Captioner model)
    {
        var c = model.Config;
        var encoder = c.Encoder == "mlp" ? $"mlp of {c.EncoderSize}" : $"{c.Layers} × {c.Cell} of {c.EncoderSize}{(c.Bidirectional ? ", both ways" : "")}";
        return $"sees {c.Rows:N0} × {c.Features:N0} numbers by {encoder}, writes by {OfDecoder(c)}; {Symbols(model.Target)}";
    }

    static string OfDecoder(DecoderConfig c)
    {
        var attention = c.HasAttention ? $"{(c.ScaledAttention ? "scaled " : "")}{c.Attention} attention{(c.Coverage ? " with coverage" : "")}{(c.InputFeeding ? ", input feeding" : "")}" : "no attention";
        return $"{c.Layers} × {c.Cell} of {c.HiddenSize} with {attention}";
    }

    static string Symbols(TextCoder coder) => $"{coder.Size:N0} {coder.Tokenizer.Kind} tokens";
}
