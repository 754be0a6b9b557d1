using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll translate</c>: reads texts, a line each, and writes what a model makes of them.</summary>
static class TranslateVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files with one text per line, gzipped or not; '-', or no file and no --text, is standard input, whose lines are answered as they come.", Arity = ArgumentArity.ZeroOrMore }.NoOptions();
        var text = new Option<string[]>("--text") { HelpName = "TEXT", Description = "A text to translate; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var with = CommonOptions.Paths("--with", "More runs with the same vocabulary, for an ensemble: their probabilities are averaged.", "RUN");
        var keepUnknown = new Option<bool>("--keep-unknown") { Description = "Keep unknown tokens in the output; otherwise each is replaced by the source word with the most attention." };
        var encoding = CommonOptions.Of<string?>("--encoding", "NAME", "Of the texts: utf-8 (default), latin-1, utf-16, euc-kr, cp949, ….").NotEmpty();
        var search = DecodingChoice.All();
        var maps = AttentionChoice.Options("--text");
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object a line, in the order of the texts, as soon as each is known."));
        var command = new Command("translate", "Translate texts with a sequence-to-sequence model: one line out for every line in, an empty one for an empty one.") { run, files };
        command.SetAction(parsed =>
        {
            var (texts, paths) = (parsed.GetValue(text) ?? [], parsed.GetValue(files) ?? []);
            CommonOptions.Check(
            [
                .. search.Useless(parsed), .. AttentionChoice.Problems(maps, parsed, text),
                .. texts.Length > 0 && paths.Length > 0 ? ["--text and FILE cannot be given together."] : Array.Empty<string>(),
                .. CommonOptions.ProblemOf(() => TextEncoding.Find(parsed.GetValue(encoding) ?? "utf-8")) is { } unknown ? [$"--encoding: {unknown}"] : Array.Empty<string>(),
            ]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            Seq2Seq[] models = [.. new[] { parsed.GetValue(run)! }.Concat(parsed.GetValue(with) ?? []).Select(r => ModelFile.Load<Seq2Seq>(RunFolder.FindModel(r)))];
            AttentionChoice.Check(maps, parsed, models[0].Config);
            var decoding = search.Read(parsed);
            var translator = new Translator(models, decoding.ToOptions()) { ReplacesUnknown = !parsed.GetValue(keepUnknown) };
            var read = parsed.GetValue(encoding) is { } name ? TextEncoding.Find(name) : null;
            var lines = texts.Length > 0 ? [texts] : paths.Length == 0 ? LineFeed.Read(read, Predictor.Together) : paths.SelectMany(path => LinesOf(path, read));
            using var teller = new TextTeller(parsed.GetValue(json), decoding.Search.Best > 1, maps.Read(parsed));
            var rng = new Rng(decoding.Seed);
            var count = 0;
            foreach (var some in lines)
            {
                foreach (var (line, found) in some.Zip(translator.Translate(some, rng, count))) teller.Write(++count, line, found);
            }
            teller.Finish($"unroll translate {parsed.GetValue(run)}");
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [text, with, keepUnknown, encoding, threads, json, CommonOptions.Debug()]), new("Decoding", search.All), new("Attention", maps.All)],
            "unroll translate runs/de-en test.de > test.en",
            "echo \"Ein Hund läuft über die Wiese.\" | unroll translate runs/de-en --beam 5",
            "unroll translate runs/de-en --text \"Ein Hund läuft.\" --attention",
            "unroll translate runs/de-en --text \"Ein Hund läuft.\" --beam 10 --best 5 --json",
            "unroll translate runs/de-en --with runs/de-en-2 runs/de-en-3 --beam 5 test.de",
            "unroll translate runs/chat --text \"How are you?\" --sample --temperature 0.7 --top-p 0.9 --seed 3");
    }

    static IEnumerable<string[]> LinesOf(string path, System.Text.Encoding? encoding) =>
        path == DataPath.StandardInput ? LineFeed.Read(encoding, Predictor.Together) : Predictor.LinesOf(path, encoding);
}
