using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Unroll.Tests.Cli;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Readme;

/// <summary>The commands in the blocks of the README and of the tasks' pages, run one after the other on small files of the names they have there, with small models.</summary>
public sealed partial class CommandsTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    /// <summary>What keeps a command small; each takes the place of what the page says.</summary>
    static readonly Dictionary<string, (string[] Without, string[] With)> Small = new()
    {
        ["train lm"] = (["--epochs"], ["--embedding", "4", "--hidden", "8", "--layers", "1", "--batch", "2", "--steps", "8", "--iterations", "3", "--vocabulary", "300"]),
        ["train classify"] = ([], ["--hidden", "8", "--embedding", "8", "--batch", "8", "--members", "1", "--epochs", "1"]),
        ["train tag"] = ([], ["--embedding", "8", "--letters", "4", "--letters-hidden", "4", "--hidden", "8", "--epochs", "1"]),
        ["train translate"] = ([], ["--embedding", "8", "--hidden", "16", "--batch-tokens", "160", "--epochs", "1"]),
        ["train caption"] = ([], ["--embedding", "8", "--hidden", "16", "--encoder-size", "8", "--batch-tokens", "40", "--epochs", "1"]),
        ["train regress"] = ([], ["--hidden", "8", "--layers", "1", "--epochs", "1"]),
        ["train multitask"] = ([], ["--hidden", "8", "--embedding", "8", "--epochs", "1"]),
        ["study multitask"] = ([], ["--hidden", "8", "--embedding", "8", "--epochs", "1"]),
        ["train forecast"] = ([], ["--hidden", "8", "--iterations", "3"]),
        ["generate"] = ([], ["--length", "5"]),
    };

    public static TheoryData<string> TaskPages => [.. Pages.OfTasks];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(TaskPages))]
    public void Every_command_runs(string page)
    {
        WriteData();
        var commands = Pages.Blocks(page, "sh").SelectMany(Pages.Commands).ToArray();
        Assert.NotEmpty(commands);
        foreach (var arguments in commands)
        {
            string[] small = [.. Shrink(arguments).Select(InFolder)];
            var result = Command.Run(small);
            Assert.True(result.Code == 0, $"{page}: unroll {string.Join(' ', small)}: exit code {result.Code}\n{result.Error}{result.Output}");
        }
    }

    /// <summary>The argument, or the path in this test's folder where it names a run or a file.</summary>
    string InFolder(string argument) => argument.StartsWith("runs/", StringComparison.Ordinal) || FileName().IsMatch(argument) || File.Exists(_folder[argument]) ? _folder[argument]
        : Task().Match(argument) is { Success: true } task ? task.Groups[1].Value + string.Join(',', task.Groups[2].Value.Split(',').Select(f => f.Length > 0 ? _folder[f] : f)) : argument;

    static string[] Shrink(string[] arguments)
    {
        if (arguments.Contains("--resume")) return arguments;
        if (arguments[0] == "train") Assert.Contains("--out", arguments);           // a run of this test's folder, not of the working folder
        var (without, with) = Small.GetValueOrDefault(string.Join(' ', arguments.Take(arguments[0] is "train" or "study" ? 2 : 1)), ([], []));
        if (!arguments.Contains("bpe")) with = Drop(with, ["--vocabulary"]);
        return [.. Drop(arguments, [.. without, .. with.Where(w => w.StartsWith("--", StringComparison.Ordinal))]), .. with];
    }

    /// <summary>The arguments without these options and the value behind each.</summary>
    static string[] Drop(string[] arguments, string[] options) => [.. arguments.Where((a, i) => !options.Contains(a) && !(i > 0 && options.Contains(arguments[i - 1])))];

    void WriteData()
    {
        string[] good = ["good", "fine", "lovely"], bad = ["bad", "awful", "poor"], letters = ["a", "b", "c", "d"];
        var text = string.Concat(Enumerable.Repeat("the cat sat on the mat. ROMEO: a dog ran to the red house.\n", 20));
        Write("input.txt", text);
        Write("other.txt", text);
        Write("SMSSpamCollection", Lines(60, i => i % 2 == 0 ? $"spam you have won {i} pounds" : $"ham see you at {i}"));
        Write("reviews.csv", "text,stars\n" + Lines(60, i => $"\"a {(i % 2 == 0 ? good : bad)[i % 3]} film, indeed\",{i % 2}"));
        Write("new.csv", "text,label\n" + Lines(10, i => i % 2 == 0 ? "you won 5 pounds,spam" : "see you at 7,ham"));
        foreach (var part in new[] { "train", "dev", "test" })
            Write($"{part}.conllu", Lines(12, i => $"1\tTime\ttime\tNOUN\tNN\t_\t2\tnsubj\t_\t_\n2\t{(i % 2 == 0 ? "flies" : "passes")}\tfly\tVERB\tVBZ\t_\t0\troot\t_\t_\n3\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_\n"));
        Write("train.conll", Lines(40, i => $"see O\n{(i % 2 == 0 ? "Anna B-PER\nBell I-PER" : "Oslo B-LOC")}\nnow O\n"));
        foreach (var part in new[] { "train", "val" })
        {
            Pack($"{part}.de.gz", Lines(40, i => $"Ein Hund läuft über {i % 7} Wiesen ."));
            Pack($"{part}.en.gz", Lines(40, i => $"A dog runs across {i % 7} meadows ."));
        }
        Write("test.de", Lines(3, i => $"Ein Hund läuft {i} ."));
        Write("test.en", Lines(3, i => $"A dog runs {i} ."));
        Write("dates.tsv", Lines(40, i => $"le {1 + i % 28} juillet 2019\t2019-07-{1 + i % 28:00}"));
        Write("ChatbotData.csv", "Q,A,label\n" + Lines(40, i => $"{letters[i % 4]} {letters[i / 4 % 4]}?,yes {letters[i % 4]}.,0"));
        foreach (var part in new[] { "TRAIN", "TEST" })
            Write($"{part}.ts", "@problemName tiny\n@univariate true\n@equalLength true\n@seriesLength 3\n@targetLabel true\n@data\n" + Lines(12, i => $"{i % 5},{i % 3},{i}:{i % 7}.5"));
        foreach (var (name, ahead) in new[] { ("sales", 0), ("ahead", 7) })
            Write($"{name}.csv", "day,sales,price\n" + Lines(150 + ahead, i => $"{new DateTime(2020, 1, 1).AddDays(i):yyyy-MM-dd},{(i < 150 ? $"{20 + i % 7 - i % 3}.{i % 10}" : "")},{i % 3}"));
        Write("captions.tsv", "index\tsplit\ten\n" + Lines(24, i => $"{i}\t{(i % 4 == 0 ? "test" : "train")}\t{good[i % 3]}"));
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (24, 8, 8), }".PadRight(117) + "\n";
        File.WriteAllBytes(_folder["images.npy"], [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. Enumerable.Range(0, 24 * 64).Select(i => (byte)(i / 64 % 3 * 100 + i % 7))]);
    }

    static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(i => line(i) + "\n"));

    void Write(string name, string text) => File.WriteAllText(_folder[name], text);

    void Pack(string name, string text)
    {
        using var packed = new GZipStream(File.Create(_folder[name]), CompressionLevel.Fastest);
        packed.Write(Encoding.UTF8.GetBytes(text));
    }

    [GeneratedRegex(@"^(\w+=)([\w.-]+(?:,[\w.-]*)*)$")]
    private static partial Regex Task();

    [GeneratedRegex(@"^[\w.-]+\.(?:txt|csv|tsv|ts|conllu?|gz|de|en|npy|html|svg|safetensors)$")]
    private static partial Regex FileName();
}
