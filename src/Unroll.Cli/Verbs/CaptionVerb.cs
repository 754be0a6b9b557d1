using System.CommandLine;
using Unroll.Cli.Predictions;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll caption</c>: says what pictures show, a line each.</summary>
static class CaptionVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run, or a model's .safetensors file." };
        var files = new Argument<string[]>("FILE") { Description = "Files of images, or of features of them: .npy, .npz or IDX, gzipped or not; '-' is standard input.", Arity = ArgumentArity.OneOrMore };
        var picture = new Option<int[]>("--picture") { HelpName = "N", Description = "Only the images with these numbers, from 0; may be given several times.", Arity = ArgumentArity.OneOrMore };
        var with = CommonOptions.Paths("--with", "More runs with the same vocabulary, for an ensemble: their probabilities are averaged.", "RUN");
        var search = DecodingChoice.All();
        var maps = AttentionChoice.Options("--picture");
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json("Print one JSON object per line, in the order of the images, as soon as each is known."));
        var command = new Command("caption", "Caption images, one line each.") { run, files };
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetValue(picture);
            CommonOptions.Check([.. search.Useless(parsed), .. AttentionChoice.Problems(maps, parsed, picture)]);
            var decoding = search.Read(parsed);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Work.Answering();
            Captioner[] models = [.. new[] { parsed.GetValue(run)! }.Concat(parsed.GetValue(with) ?? []).Select(r => ModelFile.Load<Captioner>(RunFolder.FindModel(r)))];
            AttentionChoice.Check(maps, parsed, models[0].Config);
            var writer = new CaptionWriter(models, decoding.ToOptions());
            var pictures = Choose([.. DataPath.OrStandardInput(parsed.GetValue(files)!).SelectMany(new CommandFiles().ReadPictures)], chosen);
            using var teller = new TextTeller(parsed.GetValue(json), decoding.Search.Best > 1, maps.Read(parsed));
            var rng = new Rng(decoding.Seed);
            var count = 0;
            foreach (var some in pictures.Chunk(Predictor.Together))
            {
                foreach (var found in writer.Describe(some, rng, count)) teller.Write(++count, null, found);
            }
            teller.Finish($"unroll caption {parsed.GetValue(run)}");
            return CommandRunner.Done;
        });
        return command.WithHelp(
            [new("Options", [picture, with, threads, json, CommonOptions.Debug()]), new("Decoding", search.All), new("Attention", maps.All)],
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
