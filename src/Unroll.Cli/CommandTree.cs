using System.CommandLine;
using Unroll.Cli.Verbs;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>All verbs.</summary>
static class CommandTree
{
    public static RootCommand Create()
    {
        var train = new Command("train", "Train a model.");
        foreach (var task in TaskCatalog.All) train.Add(TrainVerb.Create(task));
        var root = new RootCommand("Train, evaluate and run recurrent networks.")
        {
            train, StudyVerb.Create(), EvalVerb.Create(), PredictVerb.Create(), ForecastVerb.Create(), BacktestVerb.Create(), DetectVerb.Create(), GenerateVerb.Create(), TranslateVerb.Create(), CaptionVerb.Create(), ChatVerb.Create(), InfoVerb.Create(), InspectVerb.Create(), LessonVerb.Create(),
        };
        train.WithHelp([]);
        root.WithHelp([]);
        return root;
    }
}
