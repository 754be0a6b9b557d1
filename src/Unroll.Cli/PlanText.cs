using System.Text.Json.Nodes;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What was planned for a training and why, for programs, for people, and for the notes of a model.</summary>
static class PlanText
{
    /// <summary>The name that it has in the notes of a model.</summary>
    public const string NoteKey = "plan";

    /// <summary>The plan for programs.</summary>
    public static JsonObject ToJson(ClassifierPlan plan) => new()
    {
        ["effort"] = plan.Effort.ToString().ToLowerInvariant(),
        ["memory_bytes"] = plan.Memory,
        ["operations"] = plan.Operations,
        ["trials"] = new JsonArray([.. plan.Trials.Select(t => new JsonObject
        {
            ["candidate"] = t.Candidate,
            ["loss"] = t.Loss,
            ["accuracy"] = t.Accuracy,
            ["taken"] = t.Taken,
        })]),
    };

    /// <summary>The same for people, from what programs are told; nothing of a model without a plan.</summary>
    public static IEnumerable<(string Name, string Value)> Rows(JsonNode? plan)
    {
        if (plan is not JsonObject json) yield break;
        yield return ("plan", $"effort {json["effort"]}; about {(json["memory_bytes"]!.GetValue<long>() >> 20) + 1:N0} MB of memory");
        if (json["trials"] is not JsonArray trials) yield break;
        foreach (var trial in trials.OfType<JsonObject>())
            yield return ((bool)trial["taken"]! ? "  better" : "  tried", $"{trial["candidate"]}: held-out loss {(double)trial["loss"]!:F4}, accuracy {(double)trial["accuracy"]!:F4}");
    }
}
