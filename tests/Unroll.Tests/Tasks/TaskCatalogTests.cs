using System.Text.Json.Nodes;
using Unroll.Configuration;
using Unroll.Storage;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Tasks;

/// <summary>Registering tasks. What is refused leaves the catalog as it was; <c>examples/custom_task.cs</c> registers one and uses it.</summary>
public class TaskCatalogTests
{
    [Theory]
    [InlineData("classify", "own", typeof(OwnModel))]
    [InlineData("own", RegressorConfig.ModelName, typeof(OwnModel))]
    [InlineData("own", "own", typeof(SequenceRegressor))]
    public void A_task_with_the_name_or_models_of_another_is_refused(string name, string models, Type type)
    {
        var before = TaskCatalog.All;
        TaskDefinition own = type == typeof(OwnModel) ? new Own<OwnModel>(name, models) : new Own<SequenceRegressor>(name, models);
        Assert.Contains("cannot be registered", Assert.Throws<InvalidConfigurationException>(() => TaskCatalog.Register(own)).Message);
        Assert.Same(before, TaskCatalog.All);
    }

    [Fact]
    public void A_task_that_is_there_may_be_registered_again()
    {
        var before = TaskCatalog.All;
        TaskCatalog.Register(before[0]);
        Assert.Same(before, TaskCatalog.All);
    }

    [Fact]
    public void A_file_of_a_task_that_is_not_registered_says_so()
    {
        using var folder = new TemporaryDirectory();
        var path = folder["model.safetensors"];
        var writer = new SafetensorsWriter();
        writer.Metadata[SequenceModel.ConfigKey] = """{"model":"somebody-elses"}""";
        writer.Save(path);
        Assert.Contains("TaskCatalog.Register", Assert.Throws<InvalidFileException>(() => ModelFile.Load(path)).Message);
        Assert.Throws<InvalidConfigurationException>(() => TaskCatalog.Of(new OwnModel()));
    }

    sealed class OwnModel : SequenceModel
    {
        public override string Kind => "own";

        protected internal override IEnumerable<(string Key, JsonNode Value)> Describe() => [];
    }

    sealed record OwnOptions : TrainingOptions;

    sealed class Own<TModel>(string name, string models) : TaskDefinition<OwnOptions, TModel, int> where TModel : SequenceModel
    {
        public override string Name => name;

        public override string Description => "";

        public override IReadOnlyList<string> Examples => [];

        public override string ModelName => models;

        public override string ModelText => "";

        public override string EvaluationText => "";

        protected override IReadOnlyList<(string Title, SettingList<OwnOptions> Settings)> Settings => [];

        protected override TModel Read(ModelDescription file) => throw new NotSupportedException();

        protected override IEnumerable<string> ProblemsOf(OwnOptions options) => [];

        protected override DataSplit<int> Read(OwnOptions options, IDataFiles files, DataReports reports) => throw new NotSupportedException();

        protected override (OwnOptions Options, TModel Model) CreateModel(OwnOptions options, DataSplit<int> data, TaskObserver observer) => throw new NotSupportedException();

        protected override TrainingJob CreateJob(OwnOptions options, TModel model, DataSplit<int> data) => throw new NotSupportedException();

        protected override Func<Evaluation> PrepareEvaluation(TModel model, EvaluationOptions options, IDataFiles files, TaskObserver observer) => throw new NotSupportedException();

        protected override ModelFacts Describe(TModel model) => throw new NotSupportedException();

        protected override Predictor CreatePredictor(TModel model, PredictionOptions options, IDataFiles files, TaskObserver observer) => throw new NotSupportedException();
    }
}
