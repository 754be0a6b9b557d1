using System.Globalization;

namespace Unroll.Data;

/// <summary>
/// What a reader found out about data by itself: its format, its columns, its labels; which rows were left out and why; and what is doubtful
/// about it. Whoever reads data passes one in and shows it.
/// </summary>
/// <remarks>Not safe for use by several threads.</remarks>
public sealed class ReadingReport
{
    readonly List<(string Name, string Value)> _facts = [];
    readonly Dictionary<string, long> _counts = [];
    readonly List<string> _doubts = [];
    readonly List<(string Reason, int Count)> _leftOut = [];

    /// <summary>What was detected, in the order of detection: one fact for each name.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => _facts;

    /// <summary>The facts that are numbers.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>What is unlikely, as sentences for the user: what was found, and what to do if it was not meant.</summary>
    public IReadOnlyList<string> Doubts => _doubts;

    /// <summary>How many rows were left out, by reason.</summary>
    public IReadOnlyList<(string Reason, int Count)> LeftOut => _leftOut;

    /// <summary>Adds a fact; of several files the values are joined, each once.</summary>
    /// <param name="name">A word for programs and people, such as <c>format</c>, <c>text column</c>, <c>encoding</c>.</param>
    /// <param name="value">What was detected.</param>
    public void Add(string name, string value)
    {
        var i = _facts.FindIndex(f => f.Name == name);
        if (i < 0) _facts.Add((name, value));
        else if (!_facts[i].Value.Split(", ").Contains(value, StringComparer.Ordinal)) _facts[i] = (name, $"{_facts[i].Value}, {value}");
    }

    /// <summary>Adds to a fact that is a number, such as <c>rows</c>.</summary>
    /// <param name="name">What is counted.</param>
    /// <param name="count">How many; with 0 the fact stays as it is, or away.</param>
    public void Count(string name, long count)
    {
        if (count == 0) return;
        _counts[name] = count += _counts.GetValueOrDefault(name);
        var fact = (name, count.ToString("N0", CultureInfo.InvariantCulture));
        var i = _facts.FindIndex(f => f.Name == name);
        if (i < 0) _facts.Add(fact);
        else _facts[i] = fact;
    }

    /// <summary>Adds a doubt, once.</summary>
    public void Doubt(string sentence)
    {
        if (!_doubts.Contains(sentence)) _doubts.Add(sentence);
    }

    /// <summary>Counts rows that were left out for a reason.</summary>
    public void LeaveOut(string reason, int count = 1)
    {
        if (count == 0) return;
        var i = _leftOut.FindIndex(l => l.Reason == reason);
        if (i < 0) _leftOut.Add((reason, count));
        else _leftOut[i] = (reason, _leftOut[i].Count + count);
    }
}
