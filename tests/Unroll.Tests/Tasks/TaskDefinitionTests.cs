using System.Text.Json;
using Unroll.Configuration;

namespace Unroll.Tests.Tasks;

/// <summary>What holds for every task of the catalog.</summary>
public class TaskDefinitionTests
{
    public static TheoryData<string> Names => [.. TaskCatalog.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_option_is_read_written_and_copied(string name)
    {
        var task = Find(name);
        foreach (var setting in task.Groups.SelectMany(g => g.Settings).Where(s => s.Name.Length > 0))
        {
            var value = ValueOf(setting);
            Assert.Null(value.Length == 0 ? null : setting.ProblemOf(value));
            var (options, _) = task.Parse(new Dictionary<Setting, IReadOnlyList<string>> { [setting] = [value] });
            var json = task.ToJson(options);
            Assert.True(json.ContainsKey(setting.Name), setting.Name);
            Assert.Equal(json.ToJsonString(), task.ToJson(task.FromJson(Parse(json.ToJsonString()))).ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_setting_is_declared_once(string name)
    {
        var settings = Find(name).Groups.SelectMany(g => g.Settings).ToArray();
        Assert.Equal(settings.Length, settings.Select(s => s.Option).Distinct().Count());
        Assert.Equal(settings.Count(s => s.Name.Length > 0), settings.Where(s => s.Name.Length > 0).Select(s => s.Name).Distinct().Count());
        Assert.All(settings, s => Assert.Matches("^[A-Z-].*[.)]$", s.Help));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Unknown_and_bad_settings_of_a_checkpoint_are_listed_together(string name)
    {
        var task = Find(name);
        var json = task.ToJson(task.Parse(new Dictionary<Setting, IReadOnlyList<string>>()).Options);
        json["speed"] = 3;
        json["batch"] = 0;
        json["optimizer"] = "magic";
        json.Remove("seed");
        var e = Assert.ThrowsAny<UnrollException>(() => task.FromJson(Parse(json.ToJsonString())));
        Assert.All(["'speed'", "batch is 0", "optimizer is 'magic'", "'seed' is missing"], part => Assert.Contains(part, e.Message));
        Assert.ThrowsAny<UnrollException>(() => task.FromJson(Parse("[]")));
    }

    [Fact]
    public void Names_of_tasks_and_models_are_different() => Assert.All([TaskCatalog.All.Select(t => t.Name), TaskCatalog.All.Select(t => t.ModelName)], names => Assert.Equal(names.Count(), names.Distinct().Count()));

    static TaskDefinition Find(string name) => TaskCatalog.All.Single(t => t.Name == name);

    static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>A value that the setting lets through.</summary>
    static string ValueOf(Setting setting) => setting.Value.Length == 0 ? "" : setting.Choices.Count > 0 ? setting.Choices[^1] : new[] { "0.25", "1", "2", "3", "utf-8", "x" }.First(v => setting.ProblemOf(v) is null);
}
