using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Models;
using Unroll.Storage;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll translate</c>: reads texts, a line each, and writes what a model makes of them.</summary>
static class TranslateVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files with a text a line, packed with gzip or not; '-', and no file at all without --text, is standard input, whose lines are answered as they come.", Arity = ArgumentArity.ZeroOrMore }.NoOptions();
        var text = new Option<string[]>("--text") { HelpName = "TEXT", Description = "A text to translate; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var with = DataOptions.Paths("--with", "More runs with the same symbols: the probabilities of all are averaged (an ensemble).", "RUN");
        var keepUnknown = new Option<bool>("--keep-unknown") { Description = "Leave the unknown token where it was written; otherwise the word of the source that got most attention takes its place." };
        var encoding = CommonOptions.Of<string?>("--encoding", "NAME", "Of the texts: utf-8 (default), latin-1, utf-16, euc-kr, cp949, ….").NotEmpty();
        var search = new SearchOptions();
        var maps = new AttentionOptions(text);
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object a line, in the order of the texts, as soon as each is known."));
        var command = new Command("translate", "Translate texts, or whatever else a model of pairs has learned to write: a line out for every line in, an empty one for an empty one.") { run, files };
        command.SetAction(parsed =>
        {
            var (texts, paths) = (parsed.GetValue(text) ?? [], parsed.GetValue(files) ?? []);
            CommonOptions.Check(
            [
                .. search.Problems(parsed), .. maps.Problems(parsed),
                .. texts.Length > 0 && paths.Length > 0 ? ["--text and FILE cannot be given together."] : Array.Empty<string>(),
                .. CommonOptions.ProblemOf(() => TextEncoding.Find(parsed.GetValue(encoding) ?? "utf-8")) is { } unknown ? [$"--encoding: {unknown}"] : Array.Empty<string>(),
            ]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            Seq2Seq[] models = [.. new[] { parsed.GetValue(run)! }.Concat(parsed.GetValue(with) ?? []).Select(r => ModelFile.Load<Seq2Seq>(RunFolder.FindModel(r)))];
            maps.Check(parsed, models[0].Config);
            var translator = new Translator(models, search.Read(parsed)) { ReplacesUnknown = !parsed.GetValue(keepUnknown) };
            var read = parsed.GetValue(encoding) is { } name ? TextEncoding.Find(name) : null;
            var lines = texts.Length > 0 ? [texts] : paths.Length == 0 ? LineFeed.Read(read, Predictor.Together) : paths.SelectMany(path => LinesOf(path, read));
            using var teller = new TextTeller(parsed.GetValue(json), search.Best(parsed) > 1, maps.Read(parsed));
            var rng = search.Rng(parsed);
            var count = 0;
            foreach (var some in lines)
            {
                foreach (var (line, found) in some.Zip(translator.Translate(some, rng, count))) teller.Write(++count, line, found);
            }
            teller.Finish($"unroll translate {parsed.GetValue(run)}");
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [text, with, keepUnknown, encoding, threads, json, CommonOptions.Debug()]), new("How a text is chosen", search.All), new("Attention", maps.All)],
            "unroll translate runs/de-en test.de > test.en",
            "echo \"Ein Hund läuft über die Wiese.\" | unroll translate runs/de-en --beam 5",
            "unroll translate runs/de-en --text \"Ein Hund läuft.\" --attention",
            "unroll translate runs/de-en --text \"Ein Hund läuft.\" --beam 10 --best 5 --json",
            "unroll translate runs/de-en --with runs/de-en-2 runs/de-en-3 --beam 5 test.de",
            "unroll translate runs/chat --text \"How are you?\" --sample --temperature 0.7 --top-p 0.9 --seed 3");
    }

    static IEnumerable<string[]> LinesOf(string path, System.Text.Encoding? encoding) =>
        path == DataPath.StandardInput ? LineFeed.Read(encoding, Predictor.Together) : LineFeed.Read(path, encoding, Predictor.Together);
}
