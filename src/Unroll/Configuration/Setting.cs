using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Configuration;

/// <summary>
/// A setting, declared once: its name in files, its option on the command line, its help, its range, and where it stands in a record of options. Reading and
/// writing JSON, checking, parsing and help follow from it.
/// </summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public abstract class Setting
{
    private protected Setting(string name, string option, string value, string help) => (Name, Option, Value, Help) = (name, option, value, help);

    /// <summary>The name in JSON: in the file of a model, in a checkpoint. Empty where the setting stands in no file.</summary>
    public string Name { get; private protected init; }

    /// <summary>The option of the command, such as <c>--lr</c>; empty where it has none.</summary>
    public string Option { get; private protected init; }

    /// <summary>What stands for the value in the help, such as N; empty for a flag, which has none.</summary>
    public string Value { get; private protected init; }

    /// <summary>What it decides, in a sentence.</summary>
    public string Help { get; private protected init; }

    /// <summary>Whether it is chosen to fit the data where it is not given, so that there is no default to show.</summary>
    public bool IsFitted { get; private protected init; }

    /// <summary>Whether several values may be given.</summary>
    public bool TakesSeveral { get; private protected init; }

    /// <summary>Whether it may be missing in a file: one that an older version wrote.</summary>
    internal bool IsOptional { get; private protected init; }

    /// <summary>Names that it had in files of older versions.</summary>
    internal IReadOnlyList<string> FormerNames { get; private protected init; } = [];

    /// <summary>The values it may have, where they are a list of names.</summary>
    public abstract IReadOnlyList<string> Choices { get; }

    /// <summary>What is expected, for messages: "a whole number, 1 to 64".</summary>
    public abstract string Expected { get; }

    /// <summary>What is wrong with a value as text; null where nothing is.</summary>
    public abstract string? ProblemOf(string text);
}

/// <summary>A setting of a record of options.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
/// <typeparam name="T">The record.</typeparam>
public abstract class Setting<T> : Setting
{
    private protected Setting(string name, string option, string value, string help) : base(name, option, value, help)
    {
    }

    /// <summary>Why it does nothing beside the other settings; null where it does.</summary>
    internal Func<T, string?> Useless { get; private protected init; } = _ => null;

    /// <summary>The options with the values that are given.</summary>
    /// <exception cref="FormatException">A value cannot be read: see <see cref="Setting.ProblemOf"/>.</exception>
    internal abstract T Parse(T options, IReadOnlyList<string> given);

    /// <summary>The options with the value that other options have.</summary>
    internal abstract T Copy(T options, T from);

    /// <summary>The value as it would be given.</summary>
    internal abstract string Show(T options);

    internal abstract JsonNode? ToJson(T options);

    /// <summary>Whether JSON is of the right type; then the options with its value.</summary>
    internal abstract bool TryRead(T options, JsonElement json, string name, out T read);

    /// <summary>What is wrong with the value; null where nothing is.</summary>
    internal abstract string? Problem(T options);

    /// <summary>The same setting of a record that holds this one.</summary>
    public abstract Setting<TOuter> In<TOuter>(Func<TOuter, T> get, Func<TOuter, T, TOuter> set);

    /// <summary>The same setting with something said otherwise; what is null stays.</summary>
    /// <param name="useless">Why it does nothing beside the other settings; gives null where it does.</param>
    /// <param name="fitted">Whether it is chosen to fit the data where it is not given.</param>
    /// <param name="inFiles">False: it stands in no file.</param>
    /// <param name="optional">Whether it may be missing in a file.</param>
    /// <param name="formerNames">Names that it had in files of older versions; one that begins with ! meant the opposite.</param>
    public abstract Setting<T> With(Func<T, string?>? useless = null, bool? fitted = null, bool? inFiles = null, bool? optional = null, params string[] formerNames);
}

/// <inheritdoc cref="Setting{T}"/>
/// <typeparam name="T">The record.</typeparam>
/// <typeparam name="V">What its values are.</typeparam>
internal sealed class Setting<T, V> : Setting<T>
{
    readonly SettingKind<V> _kind;
    readonly Func<T, V> _get;
    readonly Func<T, V, T> _set;
    readonly Func<V, V, V>? _join;

    /// <param name="name">As <see cref="Setting.Name"/>.</param>
    /// <param name="option">As <see cref="Setting.Option"/>.</param>
    /// <param name="value">As <see cref="Setting.Value"/>.</param>
    /// <param name="help">As <see cref="Setting.Help"/>.</param>
    /// <param name="kind">What values there are.</param>
    /// <param name="get">Its place in the record.</param>
    /// <param name="set">The record with another value.</param>
    /// <param name="join">Makes one value of two that are given; null where the last one counts.</param>
    public Setting(string name, string option, string value, string help, SettingKind<V> kind, Func<T, V> get, Func<T, V, T> set, Func<V, V, V>? join = null)
        : base(name, option, value, help)
    {
        (_kind, _get, _set, _join) = (kind, get, set, join);
        TakesSeveral = join is not null;
    }

    public override IReadOnlyList<string> Choices => _kind.Choices;

    public override string Expected => _kind.Expected;

    public override string? ProblemOf(string text) => _kind.TryParse(text, out _) ? null
        : string.IsNullOrWhiteSpace(text) ? $"{Option} is empty; expected {(Choices.Count > 0 ? Expected : $"a {Value}")}."
        : $"{Option} is '{text}'; expected {Expected}.";

    internal override T Parse(T options, IReadOnlyList<string> given)
    {
        if (Value.Length == 0) given = [""];
        V value = default!;
        for (var i = 0; i < given.Count; i++)
        {
            if (!_kind.TryParse(given[i], out var one)) throw new FormatException(ProblemOf(given[i]));
            value = i == 0 || _join is null ? one : _join(value, one);
        }
        return _set(options, value);
    }

    internal override T Copy(T options, T from) => _set(options, _get(from));

    internal override string Show(T options) => _kind.Show(_get(options));

    internal override JsonNode? ToJson(T options) => _kind.ToJson(_get(options));

    internal override bool TryRead(T options, JsonElement json, string name, out T read)
    {
        read = options;
        if (!_kind.TryRead(json, out var value)) return false;
        if (name is ['!', ..] && value is bool no) value = (V)(object)!no;
        read = _set(options, value);
        return true;
    }

    internal override string? Problem(T options) => _get(options) is var value && _kind.Accepts(value) ? null : $"{Name} is {(value is string ? $"'{value}'" : _kind.Show(value))}; expected {Expected}";

    public override Setting<TOuter> In<TOuter>(Func<TOuter, T> get, Func<TOuter, T, TOuter> set) =>
        new Setting<TOuter, V>(Name, Option, Value, Help, _kind, o => _get(get(o)), (o, v) => set(o, _set(get(o), v)), _join)
        {
            Useless = o => Useless(get(o)), IsFitted = IsFitted, IsOptional = IsOptional, FormerNames = FormerNames,
        };

    public override Setting<T> With(Func<T, string?>? useless = null, bool? fitted = null, bool? inFiles = null, bool? optional = null, params string[] formerNames) =>
        new Setting<T, V>(inFiles == false ? "" : Name, Option, Value, Help, _kind, _get, _set, _join)
        {
            Useless = useless ?? Useless, IsFitted = fitted ?? IsFitted, IsOptional = optional ?? IsOptional, FormerNames = formerNames.Length > 0 ? formerNames : FormerNames,
        };
}
