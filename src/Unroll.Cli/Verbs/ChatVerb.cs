using System.CommandLine;
using System.Text.Json.Nodes;
using Unroll.Cli.Predictions;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll chat</c>: a talk with a model that answers.</summary>
static class ChatVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var remember = CommonOptions.Of("--remember", "N", "Prepend the last N turns of both sides to each input; for models trained on such dialogues.", 0).Within(0, 1000);
        var search = DecodingChoice.ForOne();
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object a line for every answer."));
        var command = new Command("chat", "Chat with a sequence-to-sequence model, line by line; an empty line ends the chat.") { run };
        command.SetAction(parsed =>
        {
            CommonOptions.Check([.. search.Useless(parsed)]);
            var decoding = search.Read(parsed);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            var model = ModelFile.Load<Seq2Seq>(RunFolder.FindModel(parsed.GetValue(run)!));
            Talk(new Translator([model], decoding.ToOptions()), new Rng(decoding.Seed), parsed.GetValue(remember), parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [remember, threads, json, CommonOptions.Debug()]), new("Decoding", search.All)],
            "unroll chat runs/chat",
            "unroll chat runs/chat --beam 5 --block-ngrams 3",
            "unroll chat runs/chat --sample --temperature 0.7 --top-p 0.9",
            "unroll chat runs/chat --remember 1 --json < questions.txt");
    }

    static void Talk(Translator translator, Rng rng, int remember, bool json)
    {
        var prompts = !json && !Standard.IsInputRedirected && !Standard.IsOutputRedirected;
        using var output = Standard.Output();
        var said = new List<string>();
        Ask();
        foreach (var line in LineFeed.Read(encoding: null, most: 1).Select(lines => lines[0].Trim()))
        {
            if (line.Length == 0) return;
            var source = string.Join(' ', [.. said.TakeLast(2 * remember), line]);
            var answer = translator.Translate([source], rng, said.Count / 2)[0][0];
            said.AddRange([line, answer.Text]);
            if (answer.Unread > 0) Standard.Error.WriteLine($"warning: that has {answer.Unread:N0} tokens more than the {Translator.MaxSourceTokens:N0} that are read.");
            output.WriteLine(json
                ? Output.ToLine(new JsonObject { ["said"] = line, ["read"] = source, ["answer"] = answer.Text, ["log_probability"] = answer.Sequence.LogProbability })
                : answer.Text.ReplaceLineEndings(" "));
            Ask();
        }

        void Ask()
        {
            if (prompts) output.Write("> ");
        }
    }
}
