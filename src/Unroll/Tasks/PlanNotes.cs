using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>What was planned for a training and why, as it stands in the notes of a model.</summary>
internal static class PlanNotes
{
    /// <summary>The plan for people, from what programs are told; nothing of a model without a plan.</summary>
    public static IEnumerable<(string Name, string Value)> Rows(JsonNode? plan)
    {
        if (plan is not JsonObject json) yield break;
        yield return ("plan", $"effort {json["effort"]}; about {(json["memory_bytes"]!.GetValue<long>() >> 20) + 1:N0} MB of memory");
        if (json["trials"] is not JsonArray trials) yield break;
        foreach (var trial in trials.OfType<JsonObject>())
            yield return ((bool)trial["taken"]! ? "  better" : "  tried", $"{trial["candidate"]}: held-out loss {(double)trial["loss"]!:F4}, accuracy {(double)trial["accuracy"]!:F4}");
    }
}
