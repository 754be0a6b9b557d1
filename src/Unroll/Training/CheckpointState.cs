using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>A tensor's numbers, copied out.</summary>
/// <param name="Shape">The sizes of the dimensions.</param>
/// <param name="Values">The numbers, row-major.</param>
internal sealed record CheckpointTensor(Shape Shape, Real[] Values);

/// <summary>
/// All that a run is made of at one moment: named tensors and named values, which a store writes as one file. A <see cref="Part"/> looks
/// at those whose names begin with a prefix, so that whoever writes into it need not know of the others.
/// </summary>
/// <remarks>
/// The weights stand under their own names, as in the file of a model; everything else in the part <see cref="TrainingPart"/>: tensors as
/// <c>training.optimizer.exp_avg.rnn.weight_ih_l0</c>, values in nested objects.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class CheckpointState
{
    /// <summary>The part that holds all but the weights.</summary>
    public const string TrainingPart = "training";

    readonly Dictionary<string, CheckpointTensor> _tensors;
    readonly string _prefix;

    /// <summary>An empty snapshot, or one with values read from a file.</summary>
    public CheckpointState(JsonObject? values = null) : this([], "", values ?? []) { }

    CheckpointState(Dictionary<string, CheckpointTensor> tensors, string prefix, JsonObject values) =>
        (_tensors, _prefix, Values) = (tensors, prefix, values);

    /// <summary>Every tensor of the whole snapshot under its full name, in the order of writing.</summary>
    internal IReadOnlyDictionary<string, CheckpointTensor> Tensors => _tensors;

    /// <summary>The values of this part and, as nested objects, of the parts below it.</summary>
    public JsonObject Values { get; }

    /// <summary>The part of that name: its tensors' names begin with <c>name.</c>, its values are an object of that name.</summary>
    public CheckpointState Part(string name)
    {
        if (Values[name] is not JsonObject part) Values[name] = part = [];
        return new(_tensors, $"{_prefix}{name}.", part);
    }

    /// <summary>Adds a tensor's numbers.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Tensor tensor) => Add(name, new CheckpointTensor(tensor.Shape, tensor.Values.ToArray()));

    /// <summary>Adds numbers, which are not copied.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    internal void Add(string name, CheckpointTensor tensor) => _tensors.Add(_prefix + name, tensor);

    /// <summary>Adds the tensors of a state as <c>name.0</c>, <c>name.1</c>, ….</summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public void Add(string name, State state)
    {
        for (var i = 0; i < state.Count; i++) Add($"{name}.{i}", state[i]);
    }

    /// <summary>Copies the numbers of a tensor out.</summary>
    /// <exception cref="UnrollException">There is no such tensor, or it has another shape.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        if (!_tensors.TryGetValue(_prefix + name, out var found)) Throw.SnapshotTensorMissing(_prefix + name);
        if (found.Shape != destination.Shape) Throw.SnapshotTensorShape(_prefix + name, found.Shape, destination.Shape);
        found.Values.CopyTo(destination.Values);
    }

    /// <summary>Copies the tensors of a state out.</summary>
    /// <exception cref="UnrollException">There is no such tensor, or it has another shape.</exception>
    public void CopyTo(string name, State destination)
    {
        for (var i = 0; i < destination.Count; i++) CopyTo($"{name}.{i}", destination[i]);
    }

    /// <summary>Sets a value.</summary>
    public void Set(string name, long value) => Values[name] = value;

    /// <inheritdoc cref="Set(string, long)"/>
    public void Set(string name, string value) => Values[name] = value;

    /// <summary>Sets a value; it comes back to the bit, infinities and not-a-number included.</summary>
    public void Set(string name, double value) =>
        Values[name] = double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets the place in a stream of random numbers.</summary>
    public void Set(string name, RngState value) => Values[name] = new JsonArray(value.Key, value.Count);

    /// <summary>Sets a list of numbers.</summary>
    public void Set(string name, ReadOnlySpan<long> values)
    {
        var list = new JsonArray();
        foreach (var value in values) list.Add((JsonNode)value);
        Values[name] = list;
    }

    /// <summary>Sets a list of texts.</summary>
    internal void Set(string name, IEnumerable<string> values) => Values[name] = new JsonArray([.. values.Select(v => (JsonNode)v)]);

    /// <summary>A list of texts.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    internal IReadOnlyList<string> GetTexts(string name)
    {
        var list = Values[name] as JsonArray;
        var texts = new List<string>();
        foreach (var item in list ?? [])
            if (item is JsonValue value && value.TryGetValue<string>(out var text)) texts.Add(text);
        return list is not null && texts.Count == list.Count ? texts : Throw.SnapshotValue<IReadOnlyList<string>>(_prefix + name, Values[name], "a list of texts");
    }

    /// <summary>Whether there is a tensor of that name in this part.</summary>
    internal bool Has(string name) => _tensors.ContainsKey(_prefix + name);

    /// <summary>Writes what tells the data of a task from other data, and how far it was read.</summary>
    internal void SetData(string train, string valid, long position)
    {
        Set("data", train);
        Set("validation_data", valid);
        Set("position", position);
    }

    /// <summary>How far the data was read.</summary>
    /// <exception cref="UnrollException">The data is other data, or the place is none.</exception>
    internal long GetPosition(string train, int trainCount, string valid, int validCount)
    {
        if (GetText("data") != train) Throw.DataChanged("training", trainCount);
        if (GetText("validation_data") != valid) Throw.DataChanged("validation", validCount);
        var position = GetInt64("position");
        return position >= 0 ? position : Throw.SnapshotValue<long>("position", position, "0 or more");
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    public long GetInt64(string name) =>
        long.TryParse(Number(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : Throw.SnapshotValue<long>(_prefix + name, Values[name], "a whole number");

    /// <summary>A number.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    public double GetDouble(string name) =>
        double.TryParse(Number(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
        : Throw.SnapshotValue<double>(_prefix + name, Values[name], "a number");

    /// <summary>A text.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    public string GetText(string name) => Values[name] is JsonValue value && value.TryGetValue<string>(out var text)
        ? text : Throw.SnapshotValue<string>(_prefix + name, Values[name], "a text");

    /// <summary>The place in a stream of random numbers.</summary>
    /// <exception cref="UnrollException">There is none of that name.</exception>
    public RngState GetRng(string name) =>
        Values[name] is JsonArray { Count: 2 } pair
        && ulong.TryParse(pair[0]?.ToString(), CultureInfo.InvariantCulture, out var key) && ulong.TryParse(pair[1]?.ToString(), CultureInfo.InvariantCulture, out var count)
        ? new(key, count) : Throw.SnapshotValue<RngState>(_prefix + name, Values[name], "two whole numbers, a place in a random stream");

    /// <summary>Copies a list of numbers out.</summary>
    /// <exception cref="UnrollException">There is none of that name and length.</exception>
    public void CopyTo(string name, Span<long> destination)
    {
        var list = Values[name] as JsonArray;
        var good = list?.Count == destination.Length;
        for (var i = 0; good && i < destination.Length; i++) good = long.TryParse(list![i]?.ToString(), CultureInfo.InvariantCulture, out destination[i]);
        if (!good) Throw.SnapshotValue<long>(_prefix + name, Values[name], $"a list of {destination.Length} whole numbers");
    }

    /// <summary>What keeps this snapshot from being restored where <paramref name="expected"/> was taken; nothing if it fits.</summary>
    internal List<string> DifferencesFrom(CheckpointState expected)
    {
        var problems = new List<string>();
        foreach (var (name, tensor) in expected._tensors)
            if (!_tensors.TryGetValue(name, out var found)) problems.Add($"tensor '{name}' {tensor.Shape} is missing");
            else if (found.Shape != tensor.Shape) problems.Add($"tensor '{name}' is {found.Shape}; expected {tensor.Shape}");
        foreach (var (name, tensor) in _tensors)
            if (!expected._tensors.ContainsKey(name)) problems.Add($"tensor '{name}' {tensor.Shape} is unexpected");
        return problems;
    }

    /// <summary>A number as it is written, whether it was set or read from a file.</summary>
    string? Number(string name) => Values[name] is JsonValue value ? value.ToString() : null;
}
