using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll eval</c>: how well a model predicts a text.</summary>
static class EvalVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var data = new Option<string>("--data") { HelpName = "FILE|DIR", Description = "The text to predict; may be .gz.", Required = true }.NotEmpty();
        var batch = CommonOptions.Of("--batch", "N", "Cut the text into N columns, each begun with an empty memory: 1 is exact, more is faster.", 1).Within(1, 4096);
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("eval", "Measure how well a model predicts a text.") { run, data, batch, threads, json, CommonOptions.Debug() };
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Run(parsed.GetValue(run)!, parsed.GetValue(data)!, parsed.GetValue(batch), parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithExamples("unroll eval runs/lm --data test.txt", "unroll eval runs/lm/model.safetensors --data test.txt.gz --json");
    }

    static void Run(string run, string data, int batch, bool json)
    {
        var path = RunFolder.FindModel(run);
        var model = ModelFile.Load<LanguageModel>(path);
        var stream = TokenStream.Encode(model.Tokenizer, TextFile.ReadDocuments(data));
        var start = Stopwatch.GetTimestamp();
        using var progress = new ProgressLine("evaluating");
        var score = model.Evaluate(stream, batch, progress: progress);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        progress.Dispose();
        if (json)
        {
            Output.Json(new JsonObject
            {
                ["loss"] = score.Loss,
                ["perplexity"] = score.Perplexity,
                ["bits_per_token"] = score.BitsPerToken,
                ["bits_per_character"] = score.BitsPerCharacter,
                ["tokens"] = score.Tokens,
                ["tokens_per_s"] = score.Tokens / seconds,
                ["seconds"] = seconds,
            });
            return;
        }
        Output.Table($"{path} on {data}",
        [
            ("loss", $"{score.Loss:F4} nats per token"),
            ("", $"{score.BitsPerToken:F4} bits per token"),
            ("perplexity", $"{score.Perplexity:F3} per token"),
            ("", $"{score.BitsPerCharacter:F4} bits per character"),
            ("tokens", $"{score.Tokens:N0}"),
            ("speed", $"{score.Tokens / seconds:N0} tokens/s"),
        ]);
    }
}
