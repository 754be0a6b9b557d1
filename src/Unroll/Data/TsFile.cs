using System.Globalization;

namespace Unroll.Data;

/// <summary>Reads <c>.ts</c> files, the text format of the UCR and UEA archives of series to classify.</summary>
/// <remarks>
/// <para>
/// Lines that begin with <c>#</c> are comments, lines with <c>@</c> say what follows, and after <c>@data</c> each line is a series: its
/// dimensions with <c>:</c> between them, of each the values with <c>,</c> between, and the label last. A dimension is a feature, and the values
/// of all dimensions at one place are a step. Lines may differ in length. A missing value is <c>?</c> or <c>NaN</c>, and is read as NaN. The label
/// <c>?</c> is that of a series whose class is not known, unless the header lists it as a class.
/// </para>
/// <para>
/// What <c>@univariate</c>, <c>@dimensions</c>, <c>@equalLength</c>, <c>@seriesLength</c> and <c>@classLabel</c> say is compared with the data;
/// <c>@missing</c> is not, since files of the archive are wrong about it. A length or number of dimensions of 0, or none, says nothing. Numbers to predict (<c>@targetLabel</c>) are read as labels. Time stamps are refused,
/// other <c>@</c> lines passed over. The names of <c>@</c> lines may be in either case.
/// </para>
/// </remarks>
internal static class TsFile
{
    /// <summary>The series of a file with their labels, or without where the file says <c>@classLabel false</c>.</summary>
    /// <exception cref="UnrollException">The file cannot be read as text, or is not as described: every problem with its line and column.</exception>
    public static IReadOnlyList<Example> Read(string path) => new Reader(path).Read();

    sealed class Reader(string path)
    {
        const string Unknown = "?";

        readonly ProblemList _problems = new();
        readonly List<Example> _examples = [];
        readonly List<Real> _values = [];                    // of one line: dimension after dimension
        readonly HashSet<string> _classes = [];              // empty where the header lists none
        bool? _labelled;
        bool _univariate, _equalLength;
        int? _dimensions, _steps;
        int _line;

        public IReadOnlyList<Example> Read()
        {
            var (text, inData) = (TextFile.Read(path), false);
            foreach (var range in text.AsSpan().Split('\n'))
            {
                _line++;
                var line = text.AsSpan(range);
                if (line.IsWhiteSpace() || line[0] == '#') continue;
                if (inData) ReadSeries(line);
                else inData = ReadHeader(line);
                if (_problems.IsFull) break;
            }
            if (!inData && !_problems.IsFull) _problems.Add("there is no '@data' line; the file is cut short, or is no .ts file");
            if (_examples.Count == 0 && _problems.IsEmpty) _problems.Add("no series follows '@data'; the file is cut short");
            _problems.ThrowIfAny($"{path}: cannot be read as a .ts file");
            return _examples;
        }

        /// <summary>Reads a line before the data; true if the data begins after it.</summary>
        bool ReadHeader(ReadOnlySpan<char> line)
        {
            if (line[0] != '@')
            {
                Report(1, $"{ProblemList.Quote(line.ToString())} is neither a comment nor an '@' line, and '@data' has not come yet");
                return false;
            }
            var words = line.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var column = words.Length > 1 ? words[0].Length + line[words[0].Length..].IndexOf(words[1]) + 1 : line.Length + 1;
            switch (words[0].ToLowerInvariant())
            {
                case "@timestamps":
                    if (Truth()) Report(column, "series with time stamps are not read; sample them evenly and write the values only");
                    break;
                case "@targetlabel":
                    if (Truth()) _labelled = true;
                    break;
                case "@univariate": _univariate = Truth(); break;
                case "@equallength": _equalLength = Truth(); break;
                case "@dimension" or "@dimensions": _dimensions = Size(); break;
                case "@serieslength": _steps = Size(); break;
                case "@classlabel":
                    _labelled = Truth();
                    _classes.UnionWith(words.Skip(2));
                    break;
                case "@data":
                    if (_labelled is null) Report(1, "'@classLabel' is missing before it; write '@classLabel true' and the classes, or '@classLabel false'");
                    if (_univariate && _dimensions is > 1) Report(1, $"'@univariate true' and '@dimensions {_dimensions}' contradict each other");
                    if (_univariate) _dimensions = 1;
                    if (!_equalLength) _steps = null;
                    return true;
            }
            return false;

            bool Truth()
            {
                var word = words.Length > 1 ? words[1] : "";
                if (bool.TryParse(word, out var truth)) return truth;
                Report(column, $"{ProblemList.Quote(word)} after {words[0]}; expected true or false");
                return false;
            }

            int? Size()
            {
                if (words.Length < 2) return null;
                if (int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)) return size > 0 ? size : null;
                Report(column, $"{ProblemList.Quote(words[1])} after {words[0]}; expected a whole number, 0 where it is not known");
                return null;
            }
        }

        void ReadSeries(ReadOnlySpan<char> line)
        {
            _values.Clear();
            var label = "";
            if (_labelled == true)
            {
                var colon = line.LastIndexOf(':');
                label = line[(colon + 1)..].Trim().ToString();
                if (colon < 0 || label.Length == 0)
                {
                    Report(line.Length + 1, "the label is missing; expected ':' and the class after the last value");
                    return;
                }
                if (label == Unknown && !_classes.Contains(Unknown)) label = "";
                else if (_classes.Count > 0 && !_classes.Contains(label))
                    Report(colon + 2, $"the label {ProblemList.Quote(label)} is not one of the classes that '@classLabel' lists");
                line = line[..colon];
            }
            var (dimensions, steps, good) = (0, 0, true);
            foreach (var range in line.Split(':'))
            {
                var (column, before) = (range.Start.Value + 1, _values.Count);
                good &= ReadDimension(line[range], column);
                var count = _values.Count - before;
                if (dimensions++ == 0) steps = count;
                else if (good && count != steps)
                    good = Report(column, $"dimension {dimensions} has {count:N0} values, those before have {steps:N0}");
                if (!good) return;
            }
            if (_dimensions is { } expected && dimensions != expected)
                good = Report(1, $"{dimensions:N0} dimensions; expected {expected:N0}, as {(_examples.Count > 0 ? "before" : "the header says")}");
            if (_equalLength && _steps is { } length && steps != length)
                good = Report(1, $"{steps:N0} steps; expected {length:N0}, since all lengths are equal by '@equalLength'");
            if (!good) return;
            (_dimensions, _steps) = (dimensions, steps);
            _examples.Add(new Example
            {
                Series = new Series(ByStep(dimensions, steps), steps, dimensions),
                Labels = label.Length > 0 ? [label] : [],
                Source = $"{path}, line {_line}",
            });
        }

        bool ReadDimension(ReadOnlySpan<char> text, int column)
        {
            if (text.IsWhiteSpace()) return true;                            // a series without steps
            foreach (var range in text.Split(','))
            {
                var word = text[range].Trim();
                Real value = 0;
                if (word is "?") value = Real.NaN;
                else if (!Real.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || Real.IsInfinity(value))
                    return Report(column + range.Start.Value, word switch
                    {
                        "" => "a value is empty; write '?' for one that is missing",
                        ['(', ..] => "a time stamp; sample the series evenly and write the values only",
                        _ => $"{ProblemList.Quote(word.ToString())} is not a number that single precision holds; write '?' for a missing one",
                    });
                _values.Add(value);
            }
            return true;
        }

        /// <summary>The values of the line, from [F, T] to [T, F].</summary>
        Real[] ByStep(int dimensions, int steps)
        {
            var values = new Real[_values.Count];
            for (var f = 0; f < dimensions; f++)
                for (var t = 0; t < steps; t++) values[t * dimensions + f] = _values[f * steps + t];
            return values;
        }

        bool Report(int column, string problem)
        {
            _problems.Add($"line {_line:N0}, column {column:N0}: {problem}");
            return false;
        }
    }
}
