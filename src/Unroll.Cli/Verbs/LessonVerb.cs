using System.CommandLine;
using Unroll.Pictures;
using Unroll.Storage;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll lesson</c>: the classic lessons on recurrent networks, as programs that run here.</summary>
static class LessonVerb
{
    static readonly string[] Languages = ["en", "ko"];

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "The lesson; without it all are listed.", Arity = ArgumentArity.ZeroOrOne };
        var language = CommonOptions.Of("--lang", "LANG", "Language: en, ko.", Languages[0]).OneOf(Languages);
        var output = CommonOptions.Of<string?>("--out", "FILE", "Write the lesson with its pictures as a self-contained HTML page.").NotEmpty();
        var threads = CommonOptions.Threads();
        var command = new Command("lesson", "Run a lesson on recurrent networks: seconds to a minute, explained, with numbers from the run.") { name };
        Option[] options = [output, language, threads, CommonOptions.Debug()];
        command.SetAction(parsed =>
        {
            CommonOptions.Check([.. parsed.Refuse(output, parsed.GetValue(name) is null, "there is no page without a lesson; name one, such as 'hello'")]);
            CommonOptions.UseThreads(parsed.GetValue(threads));
            return Run(parsed.GetValue(name), parsed.GetValue(language)!, parsed.GetValue(output));
        });
        return command.WithHelp([new("Options", options)], "unroll lesson", "unroll lesson vanishing", "unroll lesson vanishing --out vanishing.html", "unroll lesson hello --lang ko");
    }

    static int Run(string? name, string language, string? output)
    {
        if (name is null)
        {
            Output.Table("", LessonCatalog.All.Select(l => (l.Name, language == "ko" ? l.Korean : l.English)));
            return CommandRunner.Done;
        }
        var names = LessonCatalog.All.Select(l => l.Name).ToArray();
        var lesson = LessonCatalog.All.FirstOrDefault(l => l.Name == name)
            ?? throw new UsageException($"There is no lesson '{name}'; expected one of {string.Join(", ", names)}.{Nearest.Question(name, names)}");
        if (output is not null) AtomicFile.Check(output);
        var page = new PageWriter(Standard.Out, language);
        var good = lesson.Run(page);
        if (output is not null)
        {
            AtomicFile.Write(output, page.ToHtml());
            Standard.Out.WriteLine(language == "ko" ? $"\n저장: {output}" : $"\nWritten: {output}");
        }
        if (good) return CommandRunner.Done;
        Standard.Error.WriteLine($"error: The lesson '{name}' did not come out as it states. Its program is examples/lessons/{name}.cs; was it changed?");
        return CommandRunner.Failed;
    }
}
