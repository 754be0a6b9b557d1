
namespace Unroll.Tasks;

/// <summary>All tasks: one line each. The command trains, evaluates and answers by this list.</summary>
/// <remarks>Safe for use by several threads.</remarks>
public static class TaskCatalog
{
    static readonly Lock Registering = new();

    static volatile IReadOnlyList<TaskDefinition> _all =
    [
        LanguageModelDefinition.Instance,
        ClassificationDefinition.Instance,
        TaggingDefinition.Instance,
        TranslationDefinition.Instance,
        CaptionDefinition.Instance,
        RegressionDefinition.Instance,
        ForecastingDefinition.Instance,
        MultiTaskDefinition.Instance,
    ];

    /// <summary>The tasks: those of the library, then those that were registered.</summary>
    public static IReadOnlyList<TaskDefinition> All => _all;

    /// <summary>Adds a task of your own: its models are then saved, loaded, trained in runs and evaluated as those of the library.</summary>
    /// <param name="task">Its name, its model's name and its class of models must not be those of another one. The same object may be registered again.</param>
    /// <exception cref="InvalidConfigurationException">There is a task of that name or of such models.</exception>
    public static void Register(TaskDefinition task)
    {
        lock (Registering)
        {
            if (_all.Contains(task)) return;
            if (_all.FirstOrDefault(t => t.Name == task.Name || t.ModelName == task.ModelName || t.ModelType == task.ModelType) is { } other)
                throw new InvalidConfigurationException($"Task '{task.Name}' of models '{task.ModelName}' ({task.ModelType.Name}) cannot be registered: there is '{other.Name}' of '{other.ModelName}' ({other.ModelType.Name}). "
                    + "Give it a name, a model name and a class of models of its own.");
            _all = [.. _all, task];
        }
    }

    /// <summary>The task that a model was made for.</summary>
    /// <exception cref="UnrollException">There is none.</exception>
    public static TaskDefinition Of(SequenceModel model) => All.FirstOrDefault(t => t.ModelType.IsInstanceOfType(model))
        ?? throw new InvalidConfigurationException($"No task has models of kind '{model.Kind}'. If it is your own, call TaskCatalog.Register first.");
}
