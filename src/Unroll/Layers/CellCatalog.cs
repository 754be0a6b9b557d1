namespace Unroll.Layers;

/// <summary>A kind of cell that can be asked for by name.</summary>
/// <param name="Name">The name on the command line and in saved models.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Create">Makes a cell: (input size, hidden size, random numbers for its weights).</param>
public sealed record CellKind(string Name, string Description, Func<int, int, Rng, RecurrentCell> Create);

/// <summary>Every kind of cell: one line each. The command line and the contract tests go through this list.</summary>
public static class CellCatalog
{
    /// <summary>All kinds.</summary>
    public static IReadOnlyList<CellKind> All { get; } =
    [
        new("lstm", "long short-term memory", (i, h, rng) => new LstmCell(i, h, rng)),
        new("gru", "gated recurrent unit", (i, h, rng) => new GruCell(i, h, rng)),
        new("rnn", "Elman network with tanh", (i, h, rng) => new RnnCell(i, h, rng)),
        new("rnn-relu", "Elman network with ReLU", (i, h, rng) => new RnnCell(i, h, rng, RnnActivation.Relu)),
    ];

    /// <summary>The kind of that name.</summary>
    /// <exception cref="UnrollException">There is none.</exception>
    public static CellKind Get(string name) => All.FirstOrDefault(k => k.Name == name) ?? Throw.NoSuchCell<CellKind>(name, All.Select(k => k.Name));
}
