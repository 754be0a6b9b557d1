using System.Diagnostics.CodeAnalysis;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void PictureSize(int rows, int features, int expectedRows, int expectedFeatures) => throw new DataMismatchException(
        $"A picture has {rows} rows of {features} numbers where {expectedRows} of {expectedFeatures} are expected. All pictures of a set need one size, that of training.");

    [DoesNotReturn]
    public static void PictureChannels(int channels, int expected) => throw new DataMismatchException(
        $"A picture has pixels of {channels} numbers where {expected} are expected. All pictures of a set need the same channels, those of training; a series in memory says its own.");

    [DoesNotReturn]
    public static void NoPictureOfSize(int rows, int features) => throw new DataMismatchException(
        $"None of the known pictures has {rows} rows of {features} numbers, so none is the nearest. All pictures of a set need one size.");

    [DoesNotReturn]
    public static void NoModels() => throw new ArgumentException("Decoding needs at least one model.", "models");

    [DoesNotReturn]
    public static void EnsembleSymbols(int model) => throw new InvalidConfigurationException(
        $"Model {model + 1} of the ensemble has other symbols than the first; their scores cannot be averaged. Train them with the same tokens (the same data and options).");

    [DoesNotReturn]
    public static void SamplingWithBeam() => throw new InvalidConfigurationException(
        "Sampling draws from one distribution a text; the beam has to be 1. Give --beam 1, or take the sampling out.");

    [DoesNotReturn]
    public static void UnknownForcing(string name, IEnumerable<string> known) => throw new InvalidConfigurationException(
        $"There is no schedule of teacher forcing '{name}'; expected one of {string.Join(", ", known)}.");
}
