using System.CommandLine;
using Unroll.Configuration;

namespace Unroll.Cli;

/// <summary>Settings as options of a verb.</summary>
static class SettingOptions
{
    /// <summary>The option of a setting: it refuses what the setting does.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="fallback">The default to show; empty for none.</param>
    public static Option ToOption(this Setting setting, string fallback = "")
    {
        if (setting.Value.Length == 0) return new Option<bool>(setting.Option) { Description = setting.Help };
        var option = new Option<string[]>(setting.Option) { HelpName = setting.Value, Description = setting.Help, AllowMultipleArgumentsPerToken = setting.TakesSeveral, Arity = ArgumentArity.OneOrMore };
        if (fallback.Length > 0) option.DefaultValueFactory = _ => [fallback];
        option.CompletionSources.Add([.. setting.Choices]);
        option.Validators.Add(result =>
        {
            var given = setting.TakesSeveral ? result.Tokens : result.Tokens.TakeLast(1);
            foreach (var problem in given.Select(t => setting.ProblemOf(t.Value)).OfType<string>().Distinct())
                result.AddError(problem + (setting.Choices.Count > 0 ? Nearest.Question(result.Tokens[^1].Value, setting.Choices) : ""));
            if (!setting.TakesSeveral) return;
            foreach (var problem in CommonOptions.OptionsAmong(result)) result.AddError(problem);
        });
        return option;
    }

    /// <summary>The values of those that stand on the command line.</summary>
    public static Dictionary<Setting, IReadOnlyList<string>> ReadGiven(this ParseResult parsed, IEnumerable<(Setting Setting, Option Option)> options) =>
        options.Where(o => parsed.Given(o.Option)).ToDictionary(o => o.Setting, o => (IReadOnlyList<string>)[.. parsed.GetResult(o.Option)!.Tokens.Select(t => t.Value)]);
}

/// <summary>The options of a verb that are the settings of a record.</summary>
sealed class SettingsOf<T>
{
    readonly (Setting<T> Setting, Option Option)[] _options;
    readonly T _defaults;

    /// <param name="settings">The settings.</param>
    /// <param name="defaults">The record where nothing is given.</param>
    public SettingsOf(IEnumerable<Setting<T>> settings, T defaults)
    {
        _defaults = defaults;
        _options = [.. settings.Select(s => (s, s.ToOption(s.IsFitted ? "" : s.Show(defaults))))];
    }

    public IReadOnlyList<Option> All => [.. _options.Select(o => o.Option)];

    /// <summary>The option of that name.</summary>
    public Option this[string name] => _options.First(o => o.Option.Name == name).Option;

    /// <summary>The record, with what was given.</summary>
    public T Read(ParseResult parsed) => _options.Where(o => parsed.Given(o.Option))
        .Aggregate(_defaults, (options, o) => o.Setting.Parse(options, [.. parsed.GetResult(o.Option)!.Tokens.Select(t => t.Value)]));

    /// <summary>What was given and does nothing beside the rest.</summary>
    public IEnumerable<string> Useless(ParseResult parsed)
    {
        var options = Read(parsed);
        return _options.Where(o => parsed.Given(o.Option)).Select(o => (o.Option.Name, Why: o.Setting.Useless(options))).Where(u => u.Why is not null).Select(u => $"{u.Name} cannot be given: {u.Why}.");
    }
}
