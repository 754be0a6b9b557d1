using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Models;
using Unroll.Storage;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll caption</c>: says what pictures show, a line each.</summary>
static class CaptionVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files of pictures, or of features of them: .npy, .npz or IDX, packed with gzip or not; '-' is standard input.", Arity = ArgumentArity.OneOrMore };
        var picture = new Option<int[]>("--picture") { HelpName = "N", Description = "Only the pictures of these numbers, from 0; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var with = DataOptions.Paths("--with", "More runs with the same symbols: the probabilities of all are averaged (an ensemble).", "RUN");
        var search = new SearchOptions();
        var maps = new AttentionOptions(picture);
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object a line, in the order of the pictures, as soon as each is known."));
        var command = new Command("caption", "Say what pictures show: a line for each.") { run, files };
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetValue(picture);
            CommonOptions.Check([.. search.Problems(parsed), .. maps.Problems(parsed)]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            Captioner[] models = [.. new[] { parsed.GetValue(run)! }.Concat(parsed.GetValue(with) ?? []).Select(r => ModelFile.Load<Captioner>(RunFolder.FindModel(r)))];
            maps.Check(parsed, models[0].Config);
            var writer = new CaptionWriter(models, search.Read(parsed));
            var pictures = Choose([.. DataPath.OrStandardInput(parsed.GetValue(files)!).SelectMany(CaptionFile.ReadPictures)], chosen);
            using var teller = new TextTeller(parsed.GetValue(json), search.Best(parsed) > 1, maps.Read(parsed));
            var rng = search.Rng(parsed);
            var count = 0;
            foreach (var some in pictures.Chunk(Predictor.Together))
            {
                foreach (var found in writer.Describe(some, rng, count)) teller.Write(++count, null, found);
            }
            teller.Finish($"unroll caption {parsed.GetValue(run)}");
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [picture, with, threads, json, CommonOptions.Debug()]), new("How a text is chosen", search.All), new("Attention", maps.All)],
            "unroll caption runs/emoji images.npy",
            "unroll caption runs/emoji images.npy --picture 10 --beam 5 --best 3 --json",
            "unroll caption runs/emoji images.npy --with runs/emoji-2 runs/emoji-3 > names.txt",
            "unroll caption runs/emoji images.npy --picture 10 --svg where.svg");
    }

    static IReadOnlyList<Series> Choose(IReadOnlyList<Series> pictures, int[]? chosen)
    {
        if (chosen is not { Length: > 0 }) return pictures;
        CommonOptions.Check([.. chosen.Where(n => n < 0 || n >= pictures.Count).Select(n => $"--picture is {n}; there are pictures 0 to {pictures.Count - 1}.")]);
        return [.. chosen.Select(n => pictures[n])];
    }
}
