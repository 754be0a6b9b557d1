using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;
using Unroll.Tensors;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll info</c>: what is in a model.</summary>
static class InfoVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN|FILE") { Description = "The folder of a run, or a .safetensors file." };
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("info", "Show a model: layers, shapes, parameters, memory, and how fast it runs here.") { run };
        Option[] options = [threads, json, CommonOptions.Debug()];
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Run(parsed.GetValue(run)!, parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", options)], "unroll info runs/lm", "unroll info runs/lm/checkpoint.safetensors --json");
    }

    static void Run(string run, bool json)
    {
        var path = RunFolder.FindModel(run);
        using (var file = SafetensorsFile.Open(path))
        {
            if (!file.Metadata.ContainsKey(SequenceModel.ConfigKey))
            {
                ShowTensors(path, file, json);
                return;
            }
        }
        var model = ModelFile.Load(path);
        var facts = FactsOf(model);
        if (json)
        {
            var result = new JsonObject
            {
                ["file"] = path,
                ["bytes"] = new FileInfo(path).Length,
                ["config"] = model.Describe().First(d => d.Key == SequenceModel.ConfigKey).Value,
                ["parameters"] = model.ParameterCount,
                ["parameter_bytes"] = model.ParameterCount * sizeof(float),
                ["tensors"] = new JsonArray([.. model.Parameters.Select(p => new JsonObject
                {
                    ["name"] = p.Name,
                    ["shape"] = new JsonArray([.. p.Parameter.Shape.ToArray().Select(d => JsonValue.Create(d))]),
                    ["parameters"] = p.Parameter.Count,
                })]),
            };
            foreach (var (name, value) in facts.Json) result[name] = value?.DeepClone();
            result["data"] = model.Notes[DataText.NoteKey]?.DeepClone();
            Output.Json(result);
            return;
        }
        Output.Table(path,
        [
            .. facts.Rows,
            ("parameters", $"{model.ParameterCount:N0} in {model.Parameters.Count} tensors"),
            ("memory", $"{Size(model.ParameterCount * sizeof(float))} of weights, {Size(new FileInfo(path).Length)} on disk"),
            .. DataText.Rows(model.Notes[DataText.NoteKey]),
        ]);
        Tensors(model.Parameters.Select(p => (p.Name, p.Parameter.Shape.ToString(), (long)p.Parameter.Count)));
    }

    /// <summary>What there is to say of one kind of model only, for programs and for people.</summary>
    sealed record Facts(JsonObject Json, IReadOnlyList<(string Name, string Value)> Rows);

    static Facts FactsOf(SequenceModel model) => model switch
    {
        LanguageModel language => FactsOf(language),
        SequenceClassifier classifier => FactsOf(classifier),
        SequenceTagger tagger => FactsOf(tagger),
        Seq2Seq translator => FactsOf(translator),
        Captioner captioner => FactsOf(captioner),
        _ => throw new UnreachableException(model.Kind),
    };

    static Facts FactsOf(LanguageModel model)
    {
        var (stepwise, batched) = (MeasureSteps(model), MeasureBatch(model));
        var state = model.ZeroState(1);
        var stateBytes = Enumerable.Range(0, state.Count).Sum(i => state[i].Count) * sizeof(float);
        var c = model.Config;
        return new(
            new()
            {
                ["tokens"] = model.Tokenizer.Kind,
                ["vocabulary"] = model.Tokenizer.VocabularySize,
                ["state_bytes"] = stateBytes,
                ["generate_tokens_per_s"] = stepwise,
                ["read_tokens_per_s"] = batched,
            },
            [
                ("model", $"{c.Layers} × {c.Cell} of {c.HiddenSize}, embedding {(c.EmbeddingSize == 0 ? "one-hot" : c.EmbeddingSize)}{(c.TiedWeights ? ", tied" : "")}{(c.Dropout > 0 ? $", dropout {c.Dropout}" : "")}{(c.RecurrentDropout > 0 ? $", recurrent dropout {c.RecurrentDropout}" : "")}"),
                ("tokens", $"{model.Tokenizer.Kind}, {model.Tokenizer.VocabularySize:N0} symbols"),
                ("state", $"{Size(stateBytes)} a stream"),
                ("speed here", $"writes {stepwise:N0} tokens/s, one stream; reads {batched:N0} tokens/s in batches"),
            ]);
    }

    static Facts FactsOf(SequenceClassifier model)
    {
        var json = new JsonObject { ["tokens"] = model.Tokenizer?.Kind, ["vocabulary"] = model.Tokenizer?.VocabularySize };
        return new(json,
        [
            ("model", ModelText.Of(model)),
            ("reads", model.Tokenizer is { } t ? $"texts: {t.Kind}, {t.VocabularySize:N0} symbols" : $"series: {model.Config.Features:N0} features a step"),
            ("classes", Names(model.Config.Classes)),
        ]);
    }

    static Facts FactsOf(SequenceTagger model)
    {
        var v = model.Vocabulary;
        var json = new JsonObject
        {
            ["vocabulary"] = v.Words.Size,
            ["letters"] = v.Letters.Size,
            ["tags"] = new JsonArray([.. v.Tags.Symbols.Select(t => JsonValue.Create(t))]),
            ["scheme"] = v.Scheme.ToString().ToLowerInvariant(),
        };
        return new(json, [("model", ModelText.Of(model)), ("words", $"{v.Words.Size:N0}, {v.Letters.Size:N0} letters"), ("tags", Names(v.Tags.Symbols))]);
    }

    static Facts FactsOf(Seq2Seq model) => new(
        new() { ["source"] = SymbolsJson(model.Source), ["target"] = SymbolsJson(model.Target) },
        [
            ("model", ModelText.Of(model)),
            ("attention", AttentionOf(model.Config)),
            ("reads", SymbolsText(model.Source)),
            ("writes", SymbolsText(model.Target)),
            ("weights", $"{(model.Config.SharedEmbedding ? "both sides share their vectors; " : "")}{WeightsOf(model.Config)}"),
        ]);

    static Facts FactsOf(Captioner model) => new(
        new() { ["target"] = SymbolsJson(model.Target) },
        [
            ("model", ModelText.Of(model)),
            ("attention", AttentionOf(model.Config)),
            ("sees", model.Config.Rows == 1 ? $"{model.Config.Features:N0} features" : $"pictures of {model.Config.Rows:N0} rows, {model.Config.Features:N0} numbers each" + (model.Config.Gradients is > 0 and var side ? $", as edges and colours of squares of {side:N0} pixels" : "")),
            ("writes", SymbolsText(model.Target)),
            ("weights", WeightsOf(model.Config)),
        ]);

    static string WeightsOf(DecoderConfig c) =>
        $"{(c.TiedWeights ? "output and vectors of what is written are one; " : "")}dropout {c.Dropout}{(c.VariationalDropout ? ", variational" : "")}";

    static string AttentionOf(DecoderConfig c) => !c.HasAttention ? "none: only the last state is seen"
        : c.Attention + (c.ScaledAttention ? ", scaled" : "") + (c.Attention == "local-p" ? $", {c.Window} steps to either side" : "")
            + (c.Coverage ? ", coverage" : "") + (c.InputFeeding ? ", input feeding" : "");

    static JsonObject SymbolsJson(TextCoder coder) => new() { ["tokens"] = coder.Tokenizer.Kind, ["vocabulary"] = coder.Size, ["lower"] = coder.Normalizer.Lower };

    static string SymbolsText(TextCoder coder) => $"{coder.Tokenizer.Kind}, {coder.Size:N0} symbols with the beginning and the end, form {coder.Normalizer.ToJson()["form"]}{(coder.Normalizer.Lower ? ", small letters" : "")}";

    static string Names(IReadOnlyList<string> names)
    {
        const int Most = 30;
        return $"{names.Count:N0}: {string.Join(", ", names.Take(Most))}{(names.Count > Most ? ", …" : "")}";
    }

    /// <summary>What there is to say of a file that holds no model of ours.</summary>
    static void ShowTensors(string path, SafetensorsFile file, bool json)
    {
        var parameters = file.Entries.Sum(e => e.Count);
        if (json)
        {
            Output.Json(new JsonObject
            {
                ["file"] = path,
                ["bytes"] = new FileInfo(path).Length,
                ["config"] = null,
                ["parameters"] = parameters,
                ["tensors"] = new JsonArray([.. file.Entries.Select(e => new JsonObject
                {
                    ["name"] = e.Name,
                    ["type"] = e.TypeName,
                    ["shape"] = new JsonArray([.. e.Shape.Select(d => JsonValue.Create(d))]),
                    ["parameters"] = e.Count,
                })]),
            });
            return;
        }
        Output.Table(path,
        [
            ("model", "none that Unroll can run: the file has no settings and tokens of one, only tensors"),
            ("parameters", $"{parameters:N0} in {file.Entries.Count} tensors"),
            ("memory", $"{Size(new FileInfo(path).Length)} on disk"),
        ]);
        Tensors(file.Entries.Select(e => (e.Name, $"{e.TypeName} [{string.Join(", ", e.Shape)}]", e.Count)));
    }

    static void Tensors(IEnumerable<(string Name, string Shape, long Count)> tensors)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("parameters").RightAligned());
        foreach (var (name, shape, count) in tensors) table.AddRow(new Text(name), new Text(shape), new Text($"{count:N0}"));
        Output.People.Write(table);
    }

    static string Size(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes:N0} bytes",
        < 10_000_000 => $"{bytes / 1e3:N1} KB",
        _ => $"{bytes / 1e6:N1} MB",
    };

    static double MeasureSteps(LanguageModel model)
    {
        var session = new LanguageModelSession(model);
        return Speed(() => session.Read(0), 1);
    }

    static double MeasureBatch(LanguageModel model)
    {
        var tokens = new Tokens(32, 16);
        return Speed(() =>
        {
            using var scratch = Tape.Scratch();
            model.Forward(tokens);
        }, tokens.Ids.Length);
    }

    /// <summary>Tokens a second, the best of some runs within a quarter of a second.</summary>
    static double Speed(Action run, int tokens)
    {
        run();
        var best = double.PositiveInfinity;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 0.25;)
        {
            var before = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        return tokens / best;
    }
}
