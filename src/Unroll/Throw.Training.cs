using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll;

internal static partial class Throw
{
    [DoesNotReturn]
    public static void SnapshotTensorMissing(string name) =>
        throw new InvalidFileException($"The checkpoint has no tensor '{name}'; it may be the checkpoint of another model or optimizer.");

    [DoesNotReturn]
    public static void SnapshotTensorShape(string name, Shape found, Shape expected) =>
        throw new InvalidFileException(
            $"The checkpoint's tensor '{name}' is {found}; expected {expected}. It may be the checkpoint of another model.");

    [DoesNotReturn]
    public static T SnapshotValue<T>(string name, JsonNode? found, string expected) => throw new InvalidFileException(
        $"The checkpoint's value '{name}' is {(found is null ? "missing" : found.ToJsonString())}; expected {expected}. "
        + "It may be the checkpoint of another configuration, or damaged.");

    [DoesNotReturn]
    public static void SnapshotDoesNotFit(IReadOnlyList<string> problems) => throw new InvalidConfigurationException(
        "The checkpoint does not fit this model, optimizer and data; resume with the settings that it was made with", problems);

    [DoesNotReturn]
    public static void SnapshotOptimizer(string found, string expected) => throw new InvalidConfigurationException(
        $"The checkpoint was made with the optimizer {found}, this run has {expected}; resume with the settings that it was made with.");

    [DoesNotReturn]
    public static T LogLine<T>(int line) => throw new InvalidFileException(
        $"Line {line} of the run log is not an object with an 'iteration'; the file is damaged or not a run log. "
        + "Remove the line, or start a new run.");

    [DoesNotReturn]
    public static void LogNotWritten(IOException reason) => throw new InvalidFileException(
        $"The run log cannot be written: {reason.Message.TrimEnd('.')}. Make room and resume from the last checkpoint.", reason);

    [DoesNotReturn]
    public static void NotFinite(
        long iteration, double loss, double rate, double gradientNorm, IEnumerable<(string Name, double Norm)> weights,
        TrainerOptions options)
    {
        var culture = CultureInfo.InvariantCulture;
        var what = double.IsFinite(loss) ? "gradient" : "loss";
        var norms = string.Join(", ", weights.Select(w => string.Create(culture, $"{w.Name} {w.Norm:G4}")));
        var clip = options.ClipNorm is null ? "clip the gradient's norm (1 to 5 is usual)"
            : string.Create(culture, $"clip below {options.ClipNorm}");
        var norm = double.IsNaN(gradientNorm) && what == "loss" ? "not computed" : gradientNorm.ToString("G4", culture);
        var values = string.Create(culture, $"loss {loss:G6}, learning rate {rate:G4}, gradient norm {norm}");
        throw new TrainingDivergedException(
            $"Training stopped in iteration {iteration + 1}: the {what} is not finite ({values}). Norms of the largest weights: {norms}. "
            + $"Lower the learning rate, {clip}, or look for extreme values in the data; the last checkpoint is as it was.",
            iteration + 1, loss, rate, gradientNorm);
    }

    [DoesNotReturn]
    public static void LabelCount(int labels, int examples) =>
        throw new ArgumentException($"There are {labels} labels for {examples} examples; expected one for each.", "labels");

    [DoesNotReturn]
    public static void NoExamples(string what) => throw new DataMismatchException(
        $"There is no example to {what}. Is the file empty, or the part that was split off?");

    [DoesNotReturn]
    public static void ExamplesNotLabelled(IReadOnlyList<string> problems) => throw new DataMismatchException(
        "Examples cannot be learned from; give each one label, or train with several labels", problems);

    [DoesNotReturn]
    public static void NoneKnown(string what, IEnumerable<string> found, IEnumerable<string> known) => throw new DataMismatchException(
        $"The model knows none of the {what} of the data, {FieldNames.Show(found)}; it knows {FieldNames.Show(known)}. Is this the data, and the column, that it is to be measured on?");

    [DoesNotReturn]
    public static void OneClass(string name) => throw new DataMismatchException(
        $"All examples have the label '{name}': there is nothing to tell apart. Is the label's column the right one, and is this the folder or file that has all labels?");
}
