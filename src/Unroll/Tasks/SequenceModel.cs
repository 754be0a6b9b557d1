using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Tasks;

/// <summary>A model with a file of its own: besides its weights, a few JSON values say what it is made of.</summary>
/// <remarks>A kind of your own is a class that derives from this one, and a task that is registered: <see cref="TaskCatalog.Register"/>.
/// Safe for use by several threads, as long as none of them trains or changes it.</remarks>
public abstract class SequenceModel : Module
{
    /// <summary>The metadata entry with the model's settings, in which <c>model</c> is its <see cref="Kind"/>.</summary>
    public const string ConfigKey = "config";

    /// <summary>The metadata entry with the tokenizer, of a model that has one.</summary>
    public const string TokenizerKey = "tokenizer";

    /// <summary>The metadata entry with <see cref="Notes"/>.</summary>
    public const string NotesKey = "notes";

    /// <summary>The name of its kind in files, such as <c>language-model</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What the program that trained it wants to find in its file again, such as how its data was read; empty where nothing was noted.</summary>
    public JsonObject Notes { get; set; } = [];

    /// <summary>What its file says of it besides the weights, by the names of the metadata entries.</summary>
    protected internal abstract IEnumerable<(string Key, JsonNode Value)> Describe();
}
