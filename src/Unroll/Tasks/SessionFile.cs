using Unroll.Layers;
using Unroll.Storage;

namespace Unroll.Tasks;

/// <summary>What a language model remembers, in a safetensors file: one tensor [1, H] for each cell's h (and c), the logits, and
/// as <c>tokens</c> how many were read and the last of them.</summary>
internal static class SessionFile
{
    /// <summary>Writes the state of a session.</summary>
    /// <exception cref="InvalidFileException">The file cannot be written; what stood there is unchanged.</exception>
    public static void Save(string path, LanguageModelSession session)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, index) in Names(session.Model.Layers)) writer.Add(name, session.State[index].Shape.ToArray(), () => session.State[index].Values);
        writer.Add("logits", [session.Logits.Length], () => session.Logits);
        writer.Add("tokens", [2], () => new[] { session.Count, session.Last });
        writer.Save(path);
    }

    /// <summary>A session in a state that was saved.</summary>
    /// <exception cref="InvalidFileException">The file cannot be read, or is of another model.</exception>
    public static LanguageModelSession Load(string path, LanguageModel model)
    {
        using var file = SafetensorsFile.Open(path);
        var session = new LanguageModelSession(model);
        var problems = new ProblemList();
        foreach (var (name, index) in Names(model.Layers)) Check(name, session.State[index].Shape.ToArray());
        Check("logits", [session.Logits.Length]);
        Check("tokens", [2]);
        problems.ThrowIfAny($"{path} is not a state of this model");
        foreach (var (name, index) in Names(model.Layers)) file.CopyTo(name, session.State[index].Values);
        var logits = new Real[session.Logits.Length];
        var tokens = new long[2];
        file.CopyTo("logits", logits);
        file.CopyTo("tokens", tokens.AsSpan());
        if (tokens is not [>= 0, >= -1] || tokens[1] >= logits.Length)
            Throw.Problems($"{path} is damaged", [$"tensor 'tokens' holds {ProblemList.Show(tokens)}; expected how many were read, and the last, below {logits.Length}"]);
        session.Restore(logits, tokens[0], (int)tokens[1]);
        return session;

        void Check(string name, int[] shape)
        {
            if (!file.TryGet(name, out var entry)) problems.Add($"there is no tensor '{name}'");
            else if (!entry.Shape.SequenceEqual(shape)) problems.Add($"tensor '{name}' is {ProblemList.Show(entry.Shape)}; expected {ProblemList.Show(shape)}");
        }
    }

    static IEnumerable<(string Name, int Index)> Names(RecurrentLayer layers)
    {
        var index = 0;
        foreach (var (cell, number) in layers.Cells.Select((c, n) => (c, n)))
            foreach (var name in cell.StateNames) yield return ($"cell{number}.{name}", index++);
    }
}
