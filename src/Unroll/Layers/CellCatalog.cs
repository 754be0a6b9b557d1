namespace Unroll.Layers;

/// <summary>A kind of cell that can be asked for by name.</summary>
/// <param name="Name">The name on the command line and in saved models.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Create">Makes a cell: (input size, hidden size, random numbers for its weights).</param>
public sealed record CellKind(string Name, string Description, Func<int, int, Rng, RecurrentCell> Create);

/// <summary>
/// Every kind of cell: one line each, and those that a program registers. Models make their cells by this list; the command line and the contract tests go
/// through it.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
public static class CellCatalog
{
    const int LongestName = 64;

    static readonly IReadOnlyList<CellKind> Shipped =
    [
        new("lstm", "long short-term memory", (i, h, rng) => new LstmCell(i, h, rng)),
        new("gru", "gated recurrent unit", (i, h, rng) => new GruCell(i, h, rng)),
        new("lstm-peephole", "long short-term memory with peepholes", (i, h, rng) => new PeepholeLstmCell(i, h, rng)),
        new("rnn", "Elman network with tanh", (i, h, rng) => new RnnCell(i, h, rng)),
        new("rnn-relu", "Elman network with ReLU", (i, h, rng) => new RnnCell(i, h, rng, RnnActivation.Relu)),
    ];

    static readonly Lock Changing = new();
    static volatile IReadOnlyList<CellKind> _all = Shipped;            // replaced as a whole

    /// <summary>All kinds: those of the library, then those registered so far. The list does not change afterwards.</summary>
    public static IReadOnlyList<CellKind> All => _all;

    /// <summary>The kind of that name.</summary>
    /// <exception cref="InvalidConfigurationException">There is none.</exception>
    public static CellKind Get(string name) => Find(name) ?? Throw.NoSuchCell<CellKind>(name, All.Select(k => k.Name));

    /// <summary>
    /// Makes a cell of your own known by name, until the program ends: <c>new LanguageModelConfig { Cell = "mgu" }</c> and the other models then take it, and
    /// <c>ModelFile</c> saves and loads them. A program that loads such a file registers the cell first; a file has its name and weights, not its code.
    /// </summary>
    /// <param name="name">The name in settings and files: 1 to 64 letters from a to z, digits and <c>-</c> <c>_</c> <c>.</c>, the first a letter.</param>
    /// <param name="description">One line for people.</param>
    /// <param name="create">
    /// Makes a cell: (input size, hidden size, random numbers for its weights). It must give one of these sizes, whose weights depend on nothing else. May be
    /// called by several threads at the same time.
    /// </param>
    /// <returns>The kind, for <see cref="Stacked"/> and others that take one.</returns>
    /// <exception cref="ArgumentException">The name is taken or not allowed, or the description is empty or longer than a line.</exception>
    public static CellKind Register(string name, string description, Func<int, int, Rng, RecurrentCell> create)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(create);
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetterLower(name[0]) || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.'))
            Throw.CellName(nameof(name), name, $"expected are 1 to {LongestName} letters from a to z, digits, '-', '_' and '.', the first a letter");
        if (string.IsNullOrWhiteSpace(description) || description.Any(char.IsControl))
            Throw.CellName(nameof(description), name, "its description has to be one line of text");
        var kind = new CellKind(name, description, (inputSize, hiddenSize, rng) =>
        {
            var cell = create(inputSize, hiddenSize, rng);
            if (cell is null || cell.InputSize != inputSize || cell.HiddenSize != hiddenSize) Throw.CellSizes(name, inputSize, hiddenSize, cell?.InputSize, cell?.HiddenSize);
            return cell!;
        });
        lock (Changing)
        {
            if (Find(name) is not null) Throw.CellName(nameof(name), name, "there is a cell of this name already");
            _all = [.. _all, kind];
        }
        return kind;
    }

    /// <summary>Forgets a kind that was registered.</summary>
    internal static void Unregister(CellKind kind)
    {
        lock (Changing) _all = [.. _all.Where(k => k != kind)];
    }

    /// <summary>Whether a kind is one of the library's.</summary>
    internal static bool IsShipped(string name) => Shipped.Any(k => k.Name == name);

    /// <summary>The kind of that name, or null.</summary>
    internal static CellKind? Find(string name) => _all.FirstOrDefault(k => k.Name == name);
}
