using System.CommandLine;
using Unroll.Cli;
using Unroll.Cli.Verbs;

var root = new RootCommand("Trains, measures and runs recurrent networks.");
var train = new Command("train", "Train a model.");
train.Subcommands.Add(new TrainLmVerb().Create());
train.Subcommands.Add(new TrainClassifyVerb().Create());
train.Subcommands.Add(new TrainTagVerb().Create());
train.Subcommands.Add(new TrainTranslateVerb().Create());
train.Subcommands.Add(new TrainCaptionVerb().Create());
root.Subcommands.Add(train);
root.Subcommands.Add(EvalVerb.Create());
root.Subcommands.Add(PredictVerb.Create());
root.Subcommands.Add(GenerateVerb.Create());
root.Subcommands.Add(TranslateVerb.Create());
root.Subcommands.Add(ChatVerb.Create());
root.Subcommands.Add(InfoVerb.Create());
return CommandRunner.Run(root, args);
