using Unroll.Pictures;

namespace Unroll.Tests.Pictures;

/// <summary>Colours are measured as people see them: with all cones, and without those for long, medium or short waves.</summary>
public class PaletteTests
{
    // G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A physiologically-based model for simulation of color vision deficiency (2009), severity 1, on linear RGB.
    static readonly double[][,] Eyes =
    [
        new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
        new[,] { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },      // protanopia
        new[,] { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },       // deuteranopia
        new[,] { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },      // tritanopia
    ];

    // B. Ottosson: A perceptual color space for image processing (2020).
    static readonly double[,] ToCones = { { 0.4122214708, 0.5363325363, 0.0514459929 }, { 0.2119034982, 0.6806995451, 0.1073969566 }, { 0.0883024619, 0.2817188376, 0.6299787005 } };
    static readonly double[,] ToLab = { { 0.2104542553, 0.7936177850, -0.0040720468 }, { 1.9779984951, -2.4285922050, 0.4505937099 }, { 0.0259040371, 0.7827717662, -0.8086757660 } };

    public static TheoryData<bool> Papers => [false, true];

    [Theory]
    [MemberData(nameof(Papers))]
    public void Lines_are_told_apart_by_every_eye(bool dark)
    {
        foreach (var eye in Eyes)
            for (var i = 0; i < Palette.Lines.Count; i++)
                for (var j = 0; j < i; j++)
                    Assert.True(Distance(Of(Palette.Lines[i], dark), Of(Palette.Lines[j], dark), eye) >= 0.1, $"{Of(Palette.Lines[i], dark)} and {Of(Palette.Lines[j], dark)}");
    }

    [Theory]
    [MemberData(nameof(Papers))]
    public void Lines_and_texts_stand_out_from_the_paper(bool dark)
    {
        // Web Content Accessibility Guidelines 2.2: 3 for graphics (1.4.11), 4.5 for text (1.4.3).
        Assert.All(Palette.Lines, line => Assert.True(Contrast(Of(line, dark), Of(Palette.Paper, dark)) >= 3, Of(line, dark)));
        Assert.All([Palette.Ink, Palette.Faint, Palette.Cold], text => Assert.True(Contrast(Of(text, dark), Of(Palette.Paper, dark)) >= 4.5, Of(text, dark)));
    }

    [Theory]
    [MemberData(nameof(Papers))]
    public void Weights_are_ordered_and_their_signs_told_apart_by_every_eye(bool dark)
    {
        foreach (var eye in Eyes)
            foreach (var strength in new[] { 0.25, 0.5, 1 })
            {
                var (warm, cold) = (Mixed(Palette.Warm, strength, dark), Mixed(Palette.Cold, strength, dark));
                Assert.True(Distance(warm, cold, eye) >= 0.1 * strength * 2, $"{strength}");
                foreach (var colour in new[] { Palette.Warm, Palette.Cold })
                    Assert.True(Distance(Mixed(colour, strength, dark), Linear(Of(Palette.Paper, dark)), eye) > Distance(Mixed(colour, strength / 2, dark), Linear(Of(Palette.Paper, dark)), eye) + 0.02);
            }
    }

    static string Of(Colour colour, bool dark) => dark ? colour.Dark : colour.Light;

    static double[] Linear(string colour) => [.. Bytes(colour).Select(FromByte)];

    static double FromByte(double value) => value / 255 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((value / 255 + 0.055) / 1.055, 2.4);

    static double[] Bytes(string colour) => [.. Enumerable.Range(0, 3).Select(i => (double)Convert.ToInt32(colour.Substring(1 + 2 * i, 2), 16))];

    /// <summary>A colour of some opacity on its paper, as browsers mix them: byte by byte.</summary>
    static double[] Mixed(Colour colour, double strength, bool dark) =>
        [.. Bytes(Of(colour, dark)).Zip(Bytes(Of(Palette.Paper, dark)), (c, p) => FromByte(strength * c + (1 - strength) * p))];

    static double Luminance(string colour) => Linear(colour) is var l ? 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2] : 0;

    static double Contrast(string a, string b) => (Math.Max(Luminance(a), Luminance(b)) + 0.05) / (Math.Min(Luminance(a), Luminance(b)) + 0.05);

    static double Distance(string a, string b, double[,] eye) => Distance(Linear(a), Linear(b), eye);

    static double Distance(double[] a, double[] b, double[,] eye) => Math.Sqrt(Lab(a, eye).Zip(Lab(b, eye), (x, y) => (x - y) * (x - y)).Sum());

    static double[] Lab(double[] colour, double[,] eye) =>
        Times(ToLab, [.. Times(ToCones, [.. Times(eye, colour).Select(c => Math.Clamp(c, 0, 1))]).Select(c => Math.Cbrt(c))]);

    static double[] Times(double[,] matrix, double[] v) => [.. Enumerable.Range(0, 3).Select(i => matrix[i, 0] * v[0] + matrix[i, 1] * v[1] + matrix[i, 2] * v[2])];
}
