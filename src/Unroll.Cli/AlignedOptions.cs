using System.CommandLine;

namespace Unroll.Cli;

/// <summary>The options that name pairs of texts in two files of as many lines.</summary>
sealed class AlignedOptions
{
    readonly record struct Sides(Option<string[]> Source, Option<string[]> Target)
    {
        public string[] Sources(ParseResult parsed) => Paths(parsed, Source);

        public string[] Targets(ParseResult parsed) => Paths(parsed, Target);

        static string[] Paths(ParseResult parsed, Option<string[]> option) => parsed.Given(option) ? DataPath.Full(parsed.GetValue(option)) : [];
    }

    readonly Sides _data = new(
        DataOptions.Paths("--source", "What is read, a text a line, where what is to be written stands in a file of its own.", "FILE"),
        DataOptions.Paths("--target", "What is to be written for each line of --source.", "FILE"));
    readonly Sides _valid = new(
        DataOptions.Paths("--valid-source", "As --valid, of two files.", "FILE"), DataOptions.Paths("--valid-target", "What is to be written for each line of --valid-source.", "FILE"));
    readonly Sides _test = new(
        DataOptions.Paths("--test-source", "As --test, of two files.", "FILE"), DataOptions.Paths("--test-target", "What is to be written for each line of --test-source.", "FILE"));

    /// <summary>All, as a training has them.</summary>
    public IReadOnlyList<Option> All => [.. Data, _valid.Source, _valid.Target, _test.Source, _test.Target];

    /// <summary>Those that name the data alone.</summary>
    public IReadOnlyList<Option> Data => [_data.Source, _data.Target];

    /// <summary>The option that names data to validate on.</summary>
    public Option Valid => _valid.Source;

    /// <summary>The option that names data to test on.</summary>
    public Option Test => _test.Source;

    public string[] Sources(ParseResult parsed) => _data.Sources(parsed);

    public string[] ValidSources(ParseResult parsed) => _valid.Sources(parsed);

    public string[] TestSources(ParseResult parsed) => _test.Sources(parsed);

    /// <summary>What is missing, or cannot stand together.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="both">The option that names files with both sides, in the place of these.</param>
    public IEnumerable<string> Problems(ParseResult parsed, Option both)
    {
        foreach (var problem in parsed.Refuse(_data.Source, parsed.Given(both), $"{both.Name} names files with both sides; give one of them")) yield return problem;
        foreach (var sides in Parts)
        {
            var (sources, targets) = (sides.Sources(parsed).Length, sides.Targets(parsed).Length);
            if (sources != targets) yield return $"{sides.Source.Name} and {sides.Target.Name} name {sources} and {targets} files; each file of one belongs to one of the other.";
        }
        if (_valid.Sources(parsed).Length > 1) yield return $"{_valid.Source.Name} names {_valid.Sources(parsed).Length} files; expected one.";
        foreach (var twice in Parts.SelectMany(p => p.Sources(parsed)).GroupBy(p => p).Where(g => g.Count() > 1)) yield return $"{twice.Key} is given twice as a source.";
    }

    /// <summary>For each file of sources, the file of what belongs to its lines.</summary>
    public Dictionary<string, string> Targets(ParseResult parsed) =>
        Parts.SelectMany(p => p.Sources(parsed).Zip(p.Targets(parsed))).ToDictionary(f => f.First, f => f.Second);

    Sides[] Parts => [_data, _valid, _test];
}
