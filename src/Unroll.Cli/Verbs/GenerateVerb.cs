using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll generate</c>: writes text with a language model.</summary>
static class GenerateVerb
{
    sealed record Request(string Run, string Prompt, int Length, string? Stop, SamplingOptions Sampling, ulong Seed, string? LoadState, string? SaveState, bool Json);

    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var prompt = CommonOptions.Of("--prompt", "TEXT", "Prompt; '-' reads it from standard input.", "");
        var length = CommonOptions.Of("--length", "N", "Tokens to generate.", 500).Within(0, int.MaxValue);
        var stop = CommonOptions.Of<string?>("--stop", "TEXT", "End when this text has been written.").NotEmpty();
        var temperature = CommonOptions.Of("--temperature", "T", "Softmax temperature: below 1 likelier tokens, above 1 more variety; 0: greedy.", 0.8).Within(0, 100);
        var greedy = new Option<bool>("--greedy") { Description = "Greedy search: --temperature 0." };
        var topK = CommonOptions.Of("--top-k", "K", "Sample from the K most likely tokens; 0: all.", 0).Within(0, int.MaxValue);
        var topP = CommonOptions.Of("--top-p", "P", "Sample from the most likely tokens that together reach P (nucleus sampling).", 1.0).Within(0, 1, exclusive: true);
        var seed = CommonOptions.Of("--seed", "N", "The same seed writes the same text.", 1UL).Within(0, ulong.MaxValue);
        var load = CommonOptions.Of<string?>("--load-state", "FILE", "Continue from a state written by --save-state.").NotEmpty();
        var save = CommonOptions.Of<string?>("--save-state", "FILE", "Save the recurrent state at the end.").NotEmpty();
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("generate", "Generate text with a language model, as it comes.") { run };
        Option[] options = [prompt, length, stop, temperature, greedy, topK, topP, seed, load, save, threads, json, CommonOptions.Debug()];
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(greedy) && parsed.GetResult(temperature) is { Implicit: false })
                throw new UsageException("--greedy and --temperature contradict each other; give one of them.");
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            var text = parsed.GetValue(prompt)!;
            Run(new(parsed.GetValue(run)!, text == DataPath.StandardInput ? TextLines.Unify(Standard.Input().ReadToEnd()) : text, parsed.GetValue(length), parsed.GetValue(stop),
                new() { Temperature = parsed.GetValue(greedy) ? 0 : parsed.GetValue(temperature), TopK = parsed.GetValue(topK), TopP = parsed.GetValue(topP) },
                parsed.GetValue(seed), parsed.GetValue(load), parsed.GetValue(save), parsed.GetValue(json)));
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", options)],
            "unroll generate runs/lm --prompt \"ROMEO:\" --length 300",
            "unroll generate runs/lm --temperature 0.5 --top-p 0.9 --seed 7",
            "unroll generate runs/lm --greedy --stop $'\\n\\n' --json");
    }

    static void Run(Request request)
    {
        var model = ModelFile.Load<LanguageModel>(RunFolder.FindModel(request.Run));
        var session = request.LoadState is null ? new LanguageModelSession(model) : SessionFile.Load(request.LoadState, model);
        var pieces = session.Generate(request.Prompt, request.Length, request.Sampling, request.Seed);
        using var output = request.Json ? null : Standard.Output();
        var (written, count) = (new StringBuilder(), 0);
        output?.Write(request.Prompt);
        var start = Stopwatch.GetTimestamp();
        foreach (var text in pieces)
        {
            written.Append(text);
            output?.Write(text);
            if (count < request.Length) count++;                    // the last piece is what the tokens leave over
            if (request.Stop is not null && EndsIn(written, request.Stop, text.Length)) break;
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output?.WriteLine();
        if (request.SaveState is not null) SessionFile.Save(request.SaveState, session);
        if (request.Json)
            Output.Json(new JsonObject
            {
                ["prompt"] = request.Prompt,
                ["text"] = written.ToString(),
                ["tokens"] = count,
                ["tokens_per_s"] = count / seconds,
                ["seed"] = request.Seed,
            });
    }

    static bool EndsIn(StringBuilder text, string stop, int added)
    {
        var from = Math.Max(0, text.Length - added - stop.Length);
        return text.ToString(from, text.Length - from).Contains(stop, StringComparison.Ordinal);
    }
}
