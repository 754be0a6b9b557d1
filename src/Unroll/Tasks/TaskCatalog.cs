
namespace Unroll.Tasks;

/// <summary>All tasks: one line each. The command trains, evaluates and answers by this list.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public static class TaskCatalog
{
    /// <summary>The tasks.</summary>
    public static IReadOnlyList<TaskDefinition> All { get; } =
    [
        LanguageModelDefinition.Instance,
        ClassificationDefinition.Instance,
        TaggingDefinition.Instance,
        TranslationDefinition.Instance,
        CaptionDefinition.Instance,
        RegressionDefinition.Instance,
    ];

    /// <summary>The task that a model was made for.</summary>
    /// <exception cref="UnrollException">There is none.</exception>
    public static TaskDefinition Of(SequenceModel model) => All.FirstOrDefault(t => t.ModelType.IsInstanceOfType(model))
        ?? throw new InvalidConfigurationException($"No task has models of kind '{model.Kind}'.");
}
