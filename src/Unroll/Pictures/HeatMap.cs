using System.Globalization;
using Unroll.Tensors;

namespace Unroll.Pictures;

/// <summary>A matrix to be shown as a heat-map: a cell for each number, orange where it is positive and blue where it is negative.</summary>
/// <remarks>Safe for use by several threads: it does not change.</remarks>
public sealed class HeatMap
{
    readonly Real[] _values;
    readonly int _height, _width;

    /// <summary>Copies a matrix.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="matrix">[R, C], finite numbers.</param>
    /// <param name="rows">What its R rows are; none for no names.</param>
    /// <param name="columns">What its C columns are; none for no names.</param>
    /// <param name="texts">What stands in the R·C cells, row by row, in the place of the number.</param>
    /// <exception cref="ArgumentException">The tensor is no matrix or has no numbers, one is not finite, or there are more or fewer names than rows, columns or cells.</exception>
    public HeatMap(string name, Tensor matrix, IReadOnlyList<string>? rows = null, IReadOnlyList<string>? columns = null, IReadOnlyList<string>? texts = null)
    {
        if (matrix.Shape.Rank != 2 || matrix.Count == 0) Throw.WrongShape(nameof(HeatMap), nameof(matrix), matrix.Shape, "[R, C] with at least one number");
        (Name, _values, _height, _width, Rows, Columns, Texts) = (name, matrix.ToArray(), matrix.Shape[0], matrix.Shape[1], rows ?? [], columns ?? [], texts ?? []);
        for (var i = 0; i < _values.Length; i++)
            if (!Real.IsFinite(_values[i])) Throw.WeightsNotFinite(nameof(matrix), i);
        Check(nameof(rows), Rows, "rows", _height);
        Check(nameof(columns), Columns, "columns", _width);
        Check(nameof(texts), Texts, "cells", _values.Length);

        static void Check(string parameter, IReadOnlyList<string> names, string of, int count)
        {
            if (names.Count > 0 && names.Count != count) Throw.CountsDiffer(parameter, names.Count, of, count);
        }
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>The names of its rows; may be none.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>The names of its columns; may be none.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What stands in its cells; none for the numbers.</summary>
    public IReadOnlyList<string> Texts { get; }

    const int Most = 48, Least = 38, Row = 26, Letter = 8, Gap = 8, Head = 24, ManyColumns = 16;
    const double Strongest = 0.6;        // where texts stand on it

    /// <summary>Whether a cell has room for a text.</summary>
    bool HasTexts(int paper) => (paper - Left) / _width >= Least;

    /// <summary>The largest size of a number.</summary>
    internal double Largest => _values.Max(v => Math.Abs((double)v));

    /// <summary>How wide and high it is on paper that is so wide.</summary>
    internal (int Width, int Height) Size(int paper) => (Math.Max(Left + _width * Cell(paper), Letter * Glyphs.WidthOf(Name)), Top(paper) + _height * Height(paper) + 2);

    int Left => Rows.Count == 0 ? 0 : Rows.Max(Glyphs.WidthOf) * Letter + Gap;

    int Cell(int paper) => HasTexts(paper) ? Math.Min((paper - Left) / _width, Math.Max(Most, Texts.Concat(Columns).Select(t => Letter * Glyphs.WidthOf(t) + Gap).DefaultIfEmpty(0).Max())) : Math.Max((paper - Left) / _width, 1);

    int Height(int paper) => HasTexts(paper) || Rows.Count > 0 ? Row : Math.Clamp(Cell(paper), 6, 16);

    bool Turned(int paper) => Columns.Any(c => Letter * Glyphs.WidthOf(c) > Cell(paper));

    int Top(int paper) => Head + (Columns.Count == 0 ? 0 : Turned(paper) ? Columns.Max(Glyphs.WidthOf) * Letter + Gap : Row - Gap);

    internal void Draw(MarkupText svg, int paper, double largest)
    {
        var (cell, height, top) = (Cell(paper), Height(paper), Top(paper));
        svg.Line($"""<text x="0" y="14">{Name}</text>""");
        for (var c = 0; c < Columns.Count; c++)
        {
            var x = Left + c * cell + cell / 2;
            if (Turned(paper)) svg.Line($"""<text class="tick" transform="translate({x + 5} {top - 5}) rotate(-90)">{Columns[c]}</text>""");
            else svg.Line($"""<text class="tick" x="{x}" y="{top - 5}" text-anchor="middle">{Columns[c]}</text>""");
        }
        for (var r = 0; r < _height; r++)
        {
            var y = top + r * height;
            if (Rows.Count > 0) svg.Line($"""<text class="tick" x="{Left - Gap}" y="{y + height / 2 + 5}" text-anchor="end">{Rows[r]}</text>""");
            for (var c = 0; c < _width; c++)
            {
                var value = (double)_values[r * _width + c];
                var strength = largest > 0 ? Math.Abs(value) / largest * (HasTexts(paper) ? Strongest : 1) : 0;
                if (strength >= 0.005) svg.Line($"""<rect class="{(value < 0 ? "cold" : "heat")}" x="{Left + c * cell}" y="{y}" width="{cell}" height="{height}" fill-opacity="{strength:F2}"/>""");
                if (HasTexts(paper)) svg.Line($"""<text x="{Left + c * cell + cell / 2}" y="{y + height / 2 + 5}" text-anchor="middle">{TextOf(r, c)}</text>""");
            }
        }
        svg.Line($"""<rect class="frame" x="{Left}" y="{top}" width="{_width * cell}" height="{_height * height}"/>""");
    }

    /// <summary>The numbers for those who do not see the picture; nothing where they are many.</summary>
    internal void AddTable(MarkupText body)
    {
        if (_width > ManyColumns) return;
        body.Line($"<table class=\"right\"><caption>{Name}</caption>");
        if (Columns.Count > 0) body.Add($"<tr><td></td>");
        foreach (var column in Columns) body.Add($"<th scope=\"col\">{column}</th>");
        if (Columns.Count > 0) body.Line($"</tr>");
        for (var r = 0; r < _height; r++)
        {
            body.Add($"<tr>");
            if (Rows.Count > 0) body.Add($"<th scope=\"row\">{Rows[r]}</th>");
            for (var c = 0; c < _width; c++) body.Add($"<td>{TextOf(r, c)}</td>");
            body.Line($"</tr>");
        }
        body.Line($"</table>");
    }

    string TextOf(int row, int column) => Texts.Count > 0 ? Texts[row * _width + column] : (Math.Round((double)_values[row * _width + column], 2) + 0.0).ToString("F2", CultureInfo.InvariantCulture);
}
