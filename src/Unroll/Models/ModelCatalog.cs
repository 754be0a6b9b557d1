namespace Unroll.Models;

/// <summary>A kind of model that a file may hold.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Description">What it is, for people: "a …".</param>
/// <param name="Type">Its class.</param>
/// <param name="Build">Makes a model, its weights not read yet, from what the file says of it.</param>
internal sealed record ModelKind(string Name, string Description, Type Type, Func<ModelDescription, SequenceModel> Build);

/// <summary>Every kind of model: one line each. Files are read by this list.</summary>
internal static class ModelCatalog
{
    public static IReadOnlyList<ModelKind> All { get; } =
    [
        new(LanguageModelConfig.ModelName, "a language model", typeof(LanguageModel), LanguageModel.FromFile),
        new(SequenceTaggerConfig.ModelName, "a sequence tagger", typeof(SequenceTagger), SequenceTagger.FromFile),
        new(SequenceClassifierConfig.ModelName, "a sequence classifier", typeof(SequenceClassifier), SequenceClassifier.FromFile),
        new(Seq2SeqConfig.ModelName, "a sequence-to-sequence model", typeof(Seq2Seq), Seq2Seq.FromFile),
        new(CaptionerConfig.ModelName, "a captioner", typeof(Captioner), Captioner.FromFile),
    ];

    /// <summary>The kinds that can be used where a model of this class is asked for.</summary>
    public static IReadOnlyList<ModelKind> For(Type type) => [.. All.Where(k => k.Type.IsAssignableTo(type))];
}
