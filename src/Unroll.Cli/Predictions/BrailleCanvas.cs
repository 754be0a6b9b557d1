namespace Unroll.Cli.Predictions;

/// <summary>What a cell of a sketch shows; of several the last.</summary>
enum Ink
{
    None,
    Band,
    History,
    Truth,
    Median,
}

/// <summary>Draws lines with dots of Braille, two beside and four below each other in a character, over cells that are shaded.</summary>
/// <param name="columns">Its width in characters.</param>
/// <param name="rows">Its height in characters.</param>
sealed class BrailleCanvas(int columns, int rows)
{
    const char Blank = '\u2800', Shade = '░', Cross = '×';

    // The bit of the dot in a column and a row of a character.
    static readonly byte[] Bits = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80];

    readonly byte[] _dots = new byte[columns * rows];
    readonly Ink[] _inks = new Ink[columns * rows];

    /// <summary>The width in dots.</summary>
    public int Width => 2 * columns;

    /// <summary>The height in dots.</summary>
    public int Height => 4 * rows;

    /// <summary>Sets a dot; (0, 0) is above, at the left.</summary>
    public void Dot(int x, int y, Ink ink)
    {
        if (x < 0 || y < 0 || x >= Width || y >= Height) return;
        var cell = y / 4 * columns + x / 2;
        _dots[cell] |= Bits[x % 2 * 4 + y % 4];
        if (ink > _inks[cell]) _inks[cell] = ink;
    }

    /// <summary>A line of dots, the end included.</summary>
    public void Line(int fromX, int fromY, int toX, int toY, Ink ink)
    {
        var steps = Math.Max(Math.Abs(toX - fromX), Math.Abs(toY - fromY));
        for (var i = 0; i <= steps; i++)
            Dot(fromX + Part(toX - fromX, i), fromY + Part(toY - fromY, i), ink);

        int Part(int length, int i) => steps == 0 ? 0 : (int)Math.Round((double)length * i / steps, MidpointRounding.AwayFromZero);
    }

    /// <summary>Shades the cells of a column of dots, from a row of dots to another.</summary>
    public void Fill(int x, int top, int bottom)
    {
        if (x < 0 || x >= Width) return;
        for (var row = Math.Max(top, 0) / 4; row <= Math.Min(bottom, Height - 1) / 4; row++)
            if (_inks[row * columns + x / 2] == Ink.None) _inks[row * columns + x / 2] = Ink.Band;
    }

    /// <summary>Where a row ends: what follows is blank.</summary>
    public int EndOf(int row) => Array.FindLastIndex(_inks, (row + 1) * columns - 1, columns, ink => ink != Ink.None) is >= 0 and var last ? last - row * columns + 1 : 0;

    /// <summary>The character in a cell, and what it shows.</summary>
    public (char Character, Ink Ink) this[int column, int row] => _inks[row * columns + column] switch
    {
        Ink.None => (' ', Ink.None),
        Ink.Band => (Shade, Ink.Band),
        Ink.Truth => (Cross, Ink.Truth),
        var ink => ((char)(Blank + _dots[row * columns + column]), ink),
    };
}
