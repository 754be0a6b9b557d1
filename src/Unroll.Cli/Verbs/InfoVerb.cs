using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Storage;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll info</c>: what is in a model.</summary>
static class InfoVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN|FILE") { Description = "The folder of a run, or a .safetensors file." };
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("info", "Show a model: layers, shapes, parameters, memory, and how fast it runs here.") { run };
        Option[] options = [threads, json, CommonOptions.Debug()];
        command.SetAction(parsed =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            Run(parsed.GetValue(run)!, parsed.GetValue(json));
            return CommandRunner.Done;
        });
        return command.WithHelp([new("Options", options)], "unroll info runs/lm", "unroll info runs/lm/checkpoint.safetensors --json");
    }

    static void Run(string run, bool json)
    {
        var path = RunFolder.FindModel(run);
        using (var file = SafetensorsFile.Open(path))
        {
            if (!file.Metadata.ContainsKey(SequenceModel.ConfigKey))
            {
                ShowTensors(path, file, json);
                return;
            }
        }
        var model = ModelFile.Load(path);
        var facts = TaskCatalog.Of(model).Describe(model);
        if (json)
        {
            var result = new JsonObject
            {
                ["file"] = path,
                ["bytes"] = new FileInfo(path).Length,
                ["config"] = model.Describe().First(d => d.Key == SequenceModel.ConfigKey).Value,
                ["parameters"] = model.ParameterCount,
                ["parameter_bytes"] = model.ParameterCount * sizeof(float),
                ["tensors"] = new JsonArray([.. model.Parameters.Select(p => new JsonObject
                {
                    ["name"] = p.Name,
                    ["shape"] = new JsonArray([.. p.Parameter.Shape.ToArray().Select(d => JsonValue.Create(d))]),
                    ["parameters"] = p.Parameter.Count,
                })]),
            };
            foreach (var (name, value) in facts.Json) result[name] = value?.DeepClone();
            result["data"] = model.Notes[DataNotes.DataKey]?.DeepClone();
            Output.Json(result);
            return;
        }
        Output.Table(path,
        [
            .. facts.Rows,
            ("parameters", $"{model.ParameterCount:N0} in {model.Parameters.Count} tensors"),
            ("memory", $"{TextOf.Bytes(model.ParameterCount * sizeof(float))} of weights, {TextOf.Bytes(new FileInfo(path).Length)} on disk"),
            .. DataNotes.Rows(model.Notes[DataNotes.DataKey]),
        ]);
        Tensors(model.Parameters.Select(p => (p.Name, p.Parameter.Shape.ToString(), (long)p.Parameter.Count)));
    }

    /// <summary>What there is to say of a file that holds no model of ours.</summary>
    static void ShowTensors(string path, SafetensorsFile file, bool json)
    {
        var parameters = file.Entries.Sum(e => e.Count);
        if (json)
        {
            Output.Json(new JsonObject
            {
                ["file"] = path,
                ["bytes"] = new FileInfo(path).Length,
                ["config"] = null,
                ["parameters"] = parameters,
                ["tensors"] = new JsonArray([.. file.Entries.Select(e => new JsonObject
                {
                    ["name"] = e.Name,
                    ["type"] = e.TypeName,
                    ["shape"] = new JsonArray([.. e.Shape.Select(d => JsonValue.Create(d))]),
                    ["parameters"] = e.Count,
                })]),
            });
            return;
        }
        Output.Table(path,
        [
            ("model", "none that Unroll can run: the file has no settings and tokens of one, only tensors"),
            ("parameters", $"{parameters:N0} in {file.Entries.Count} tensors"),
            ("memory", $"{TextOf.Bytes(new FileInfo(path).Length)} on disk"),
        ]);
        Tensors(file.Entries.Select(e => (e.Name, $"{e.TypeName} [{string.Join(", ", e.Shape)}]", e.Count)));
    }

    static void Tensors(IEnumerable<(string Name, string Shape, long Count)> tensors)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("parameters").RightAligned());
        foreach (var (name, shape, count) in tensors) table.AddRow(new Text(name), new Text(shape), new Text($"{count:N0}"));
        Output.People.Write(table);
    }
}
