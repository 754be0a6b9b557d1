using Unroll.Cli;

Standard.SetUp();
return CommandRunner.Run(CommandTree.Create(), args);
