using System.CommandLine;
using Unroll.Cli.Verbs;

namespace Unroll.Cli;

/// <summary>All verbs.</summary>
static class CommandTree
{
    public static RootCommand Create()
    {
        var train = new Command("train", "Train a model.")
        {
            new TrainLmVerb().Create(), new TrainClassifyVerb().Create(), new TrainTagVerb().Create(), new TrainTranslateVerb().Create(), new TrainCaptionVerb().Create(),
        };
        return new RootCommand("Trains, measures and runs recurrent networks.")
        {
            train, EvalVerb.Create(), PredictVerb.Create(), GenerateVerb.Create(), TranslateVerb.Create(), CaptionVerb.Create(), ChatVerb.Create(), InfoVerb.Create(),
        };
    }
}
