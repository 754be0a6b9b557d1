using System.Numerics;

namespace Unroll.Configuration;

/// <summary>Declares settings of a record: one line each.</summary>
/// <remarks>
/// Every method takes the setting's name in files (empty for none), what stands for its value in the help, its help, its range, its place in the record, and the option of the
/// command, which is <c>--name</c> where it is not said and none where it is empty. Safe for use by several threads.
/// </remarks>
/// <typeparam name="T">The record.</typeparam>
public static class SettingOf<T>
{
    /// <summary>The option of a setting of this name.</summary>
    static string OptionOf(string name) => name.Length == 0 ? "" : $"--{name.Replace('_', '-')}";

    /// <summary>A whole number from the least to the most.</summary>
    public static Setting<T> Whole<V>(string name, string value, string help, V least, V most, Func<T, V> get, Func<T, V, T> set, string? option = null) where V : struct, IBinaryInteger<V> =>
        new Setting<T, V>(name, option ?? OptionOf(name), value, help, new WholeKind<V>(least, most), get, set);

    /// <summary>The same where it may be missing.</summary>
    public static Setting<T> Whole<V>(string name, string value, string help, V least, V most, Func<T, V?> get, Func<T, V?, T> set, string? option = null) where V : struct, IBinaryInteger<V> =>
        new Setting<T, V?>(name, option ?? OptionOf(name), value, help, new OptionalKind<V>(new WholeKind<V>(least, most)), get, set);

    /// <summary>A number from the least to the most; an exclusive one is above the least.</summary>
    public static Setting<T> Number(string name, string value, string help, double least, double most, Func<T, double> get, Func<T, double, T> set, string? option = null, bool exclusive = false) =>
        new Setting<T, double>(name, option ?? OptionOf(name), value, help, new NumberKind(least, most, above: exclusive), get, set);

    /// <summary>The same where it may be missing.</summary>
    public static Setting<T> Number(string name, string value, string help, double least, double most, Func<T, double?> get, Func<T, double?, T> set, string? option = null, bool exclusive = false) =>
        new Setting<T, double?>(name, option ?? OptionOf(name), value, help, new OptionalKind<double>(new NumberKind(least, most, above: exclusive)), get, set);

    /// <summary>A probability or a share: from 0 to below 1.</summary>
    public static Setting<T> Share(string name, string value, string help, Func<T, double> get, Func<T, double, T> set, string? option = null) =>
        new Setting<T, double>(name, option ?? OptionOf(name), value, help, new NumberKind(0, 1, below: true), get, set);

    /// <summary>A name of a list.</summary>
    public static Setting<T> Choice(string name, string value, string help, Func<IReadOnlyList<string>> choices, Func<T, string> get, Func<T, string, T> set, string? option = null) =>
        new Setting<T, string>(name, option ?? OptionOf(name), value, help, new ChoiceKind(choices), get, set);

    /// <summary>The same where it may be missing.</summary>
    public static Setting<T> OptionalChoice(string name, string value, string help, Func<IReadOnlyList<string>> choices, Func<T, string?> get, Func<T, string?, T> set, string? option = null) =>
        new Setting<T, string?>(name, option ?? OptionOf(name), value, help, new OptionalTextKind(new ChoiceKind(choices)), get, set);

    /// <summary>A text that may be missing.</summary>
    public static Setting<T> OptionalText(string name, string value, string help, Func<T, string?> get, Func<T, string?, T> set, string? option = null) =>
        new Setting<T, string?>(name, option ?? OptionOf(name), value, help, new OptionalTextKind(new TextKind($"a {value}")), get, set);

    /// <summary>The path of a file that may be missing; it is made a full one.</summary>
    public static Setting<T> OptionalPath(string name, string value, string help, Func<T, string?> get, Func<T, string?, T> set, string? option = null) =>
        new Setting<T, string?>(name, option ?? OptionOf(name), value, help, new OptionalTextKind(new PathKind($"a {value}")), get, set);

    /// <summary>Paths of files, several of which may be given; they are made full ones.</summary>
    public static Setting<T> Paths(string name, string value, string help, Func<T, IReadOnlyList<string>> get, Func<T, IReadOnlyList<string>, T> set, string? option = null) =>
        new Setting<T, IReadOnlyList<string>>(name, option ?? OptionOf(name), value, help, new TextsKind(new PathKind($"a {value}")), get, set, (a, b) => [.. a, .. b]);

    /// <summary>Texts, several of which may be given.</summary>
    public static Setting<T> Texts(string name, string value, string help, Func<T, IReadOnlyList<string>> get, Func<T, IReadOnlyList<string>, T> set, string? option = null) =>
        new Setting<T, IReadOnlyList<string>>(name, option ?? OptionOf(name), value, help, new TextsKind(new TextKind($"a {value}")), get, set, (a, b) => [.. a, .. b]);

    /// <summary>Yes or no; where it is negated, its option says no.</summary>
    public static Setting<T> Flag(string name, string help, Func<T, bool> get, Func<T, bool, T> set, string? option = null, bool negated = false) =>
        new Setting<T, bool>(name, option ?? OptionOf(name), "", help, new FlagKind(negated), get, set);
}
