using System.Globalization;
using System.Text;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Vectors of words that were learned elsewhere, in the text formats of word2vec (a first line with the number of words and their size) and of GloVe (none).</summary>
/// <remarks>A line is a word, then its numbers, with one blank between them; a word may have blanks in it. Files may be packed with gzip.
/// Safe for use by several threads: it does not change.</remarks>
public sealed class WordVectors
{
    const int MostProblems = 20;

    readonly Dictionary<string, Real[]> _vectors;

    WordVectors(Dictionary<string, Real[]> vectors, int dimensions) => (_vectors, Dimensions) = (vectors, dimensions);

    /// <summary>E, the numbers of each vector.</summary>
    public int Dimensions { get; }

    /// <summary>The number of words.</summary>
    public int Count => _vectors.Count;

    /// <summary>The root of the mean square of all numbers; 0 without words.</summary>
    public double Deviation
    {
        get
        {
            double squares = 0;
            foreach (var vector in _vectors.Values)
                foreach (var x in vector) squares += (double)x * x;
            return Math.Sqrt(squares / Math.Max(1, (long)Count * Dimensions));
        }
    }

    /// <summary>The vector of a word; false if there is none.</summary>
    public bool TryGet(string word, out ReadOnlySpan<Real> vector)
    {
        var found = _vectors.TryGetValue(word, out var values);
        vector = values;
        return found;
    }

    /// <summary>Gives a table [V, E] the vectors of the tokens that they know; the others start from a normal distribution of the same spread.</summary>
    /// <returns>How many tokens were known.</returns>
    internal int CopyTo(Parameter table, Tokenizer tokenizer, Rng rng)
    {
        Init.Normal(table, Deviation, rng);
        var values = table.Edit();
        var found = 0;
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (!TryGet(tokenizer.Symbol(id), out var vector)) continue;
            vector.CopyTo(values[(id * Dimensions)..]);
            found++;
        }
        return found;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">The words to keep; all where null. The others are not stored, so a large file needs little memory.</param>
    /// <exception cref="UnrollException">The file cannot be read, or lines of it are not as said: each is named.</exception>
    public static WordVectors Read(string path, IReadOnlySet<string>? wanted = null)
    {
        using var stream = TextFile.OpenRead(path);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var vectors = new Dictionary<string, Real[]>(StringComparer.Ordinal);
        var problems = new List<string>();
        var dimensions = 0;
        for (var number = 1; problems.Count < MostProblems && reader.ReadLine() is { } line; number++)
        {
            var text = line.AsSpan().TrimEnd(" \r");
            if (text.IsEmpty) continue;
            if (number == 1 && IsHeader(text, out dimensions)) continue;
            if (dimensions == 0) dimensions = text.Count(' ');
            if (dimensions == 0) problems.Add($"line {number:N0} has no numbers; expected a word and its vector");
            else if (Split(text, dimensions) is not (> 0 and var end)) problems.Add($"line {number:N0} has fewer than {dimensions} numbers after the word");
            else if (wanted is null || wanted.Contains(text[..end].ToString())) Parse(text[(end + 1)..], text[..end].ToString(), number);
        }
        if (problems.Count == 0 && dimensions == 0) problems.Add("it has no line with a word and its vector");
        if (problems.Count > 0) Throw.BadVectors(path, problems);
        return new(vectors, dimensions);

        void Parse(ReadOnlySpan<char> numbers, string word, int number)
        {
            var vector = new Real[dimensions];
            var i = 0;
            foreach (var part in numbers.Split(' '))
            {
                if (!Real.TryParse(numbers[part], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]) || !Real.IsFinite(vector[i]))
                {
                    problems.Add($"line {number:N0}: number {i + 1} of '{word}' is '{numbers[part].ToString()}'");
                    return;
                }
                i++;
            }
            vectors[word] = vector;
        }
    }

    static bool IsHeader(ReadOnlySpan<char> line, out int dimensions)
    {
        dimensions = 0;
        var blank = line.IndexOf(' ');
        return blank > 0 && long.TryParse(line[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && int.TryParse(line[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out dimensions) && dimensions > 0;
    }

    /// <summary>Where the word of a line ends: before the last so many numbers. −1 where there are not as many.</summary>
    static int Split(ReadOnlySpan<char> line, int dimensions)
    {
        var end = line.Length;
        for (var i = 0; i < dimensions && end > 0; i++) end = line[..end].LastIndexOf(' ');
        return end;
    }
}
