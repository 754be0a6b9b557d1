using System.CommandLine;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The options of every training of a model that writes texts; none has a default that is shown where what is not given is chosen to fit the data.</summary>
sealed class WritingOptions
{
    readonly WritingSettings _fallback;
    readonly Option<string> _tokens = CommonOptions.Of<string>("--tokens", "KIND", $"What a token is: {string.Join(", ", WritingSettings.TokenKinds)}; auto takes char where a text to be written has hardly more than a word, as dates, names and scripts without spaces do, else bpe.").OneOf(WritingSettings.TokenKinds);
    readonly Option<int> _minCount = CommonOptions.Of<int>("--min-count", "N", "Words, characters and merges that occur less often are left out.").Within(1, int.MaxValue);
    readonly Option<int?> _vocabulary = CommonOptions.Of<int?>("--vocabulary", "N", "The most tokens of a side to keep (word, char), or to make (bpe).").Within(2, Data.Vocabulary.MaxSize);
    readonly Option<string> _normal = CommonOptions.Of("--normal", "FORM", $"Unicode's normal form that texts are brought to: {string.Join(", ", TextNormalizer.FormNames)}.", "nfc").OneOf(TextNormalizer.FormNames);
    readonly Option<bool> _lower = new("--lower") { Description = "All texts in small letters, and scored so." };
    readonly Option<int> _maxTokens = CommonOptions.Of("--max-tokens", "N", "Texts of more tokens, their end counted, are not learned from.", new WritingTaskOptions().MaxSteps).Within(1, int.MaxValue);
    readonly Option<string> _cell = CommonOptions.Of<string>("--cell", "KIND", $"The kind of cell: {string.Join(", ", CellCatalog.All.Select(k => k.Name))}.").OneOf(CellCatalog.All.Select(k => k.Name));
    readonly Option<int> _embedding = CommonOptions.Of<int>("--embedding", "N", "Size of a token's vector.").Within(1, DecoderConfig.MaxSize);
    readonly Option<int> _hidden = CommonOptions.Of<int>("--hidden", "N", "Size of each layer.").Within(1, DecoderConfig.MaxSize);
    readonly Option<int> _layers = CommonOptions.Of<int>("--layers", "N", "Recurrent layers.").Within(1, 64);
    readonly Option<string> _attention = CommonOptions.Of<string>("--attention", "KIND", $"How the writer looks back: {string.Join(", ", DecoderConfig.Attentions)}. With none it sees the last state alone.").OneOf(DecoderConfig.Attentions);
    readonly Option<int> _attentionSize = CommonOptions.Of("--attention-size", "N", "Size in which concat and additive compare; 0 for that of the layers.", 0).Within(0, DecoderConfig.MaxSize);
    readonly Option<bool> _scaled = new("--scaled") { Description = "Divide the scores of attention by the root of the size." };
    readonly Option<bool> _coverage = new("--coverage") { Description = "What was looked at before enters the scores of attention." };
    readonly Option<int> _window = CommonOptions.Of("--window", "N", "Steps to either side that local-p sees.", 10).Within(1, DecoderConfig.MaxSize);
    readonly Option<bool> _inputFeeding = new("--input-feeding") { Description = "What attention found joins the next input." };
    readonly Option<string> _bridge = CommonOptions.Of("--bridge", "KIND", $"How the reader's last state becomes the writer's first: {string.Join(", ", DecoderConfig.Bridges)}.", "dense").OneOf(DecoderConfig.Bridges);
    readonly Option<double> _dropout = CommonOptions.Of<double>("--dropout", "P", "Share dropped on links that are not recurrent.").Within(0, 0.999);
    readonly Option<bool> _variational = new("--variational") { Description = "The same dropout mask for all steps of a text." };
    readonly Option<bool> _tied = new("--tied") { Description = "The output shares the weights of the vectors of what is written." };
    readonly Option<double> _init = CommonOptions.Of("--init", "S", "All weights start from U(-S, S); 0 for each layer's default.", 0.0).Within(0, 10);
    readonly Option<double> _labelSmoothing = CommonOptions.Of<double>("--label-smoothing", "E", "Share of the target that is spread over all tokens.").Within(0, 0.999);
    readonly Option<double> _teacher = CommonOptions.Of("--teacher", "P", "How often the writer reads the right token rather than its own last one, at first.", 1.0).Within(0, 1);
    readonly Option<string> _teacherSchedule = CommonOptions.Of("--teacher-schedule", "KIND", $"How that changes: {string.Join(", ", TeacherForcing.Schedules)}.", "constant").OneOf(TeacherForcing.Schedules);
    readonly Option<double?> _teacherRate = CommonOptions.Of<double?>("--teacher-rate", "R", "What is lost a batch (linear), what remains of it (exponential), or the pace in batches (inverse-sigmoid). Needed for these.").Within(0, double.MaxValue);
    readonly Option<double> _teacherLeast = CommonOptions.Of("--teacher-least", "P", "Never less often than this.", 0.0).Within(0, 1);
    readonly Option<int?> _testBeam = CommonOptions.Of<int?>("--test-beam", "K", "Write the test with a beam of K too.").Within(1, 1000);

    /// <param name="fallback">The settings where nothing is given.</param>
    public WritingOptions(WritingSettings fallback) => _fallback = fallback;

    /// <summary>What texts are made of.</summary>
    public IReadOnlyList<Option> Text => [_tokens, _minCount, _vocabulary, _normal, _lower, _maxTokens];

    /// <summary>What the model is made of that writes them.</summary>
    public IReadOnlyList<Option> Model =>
        [_cell, _embedding, _hidden, _layers, _attention, _attentionSize, _scaled, _coverage, _window, _inputFeeding, _bridge, _dropout, _variational, _tied, _init];

    /// <summary>What it is held to.</summary>
    public IReadOnlyList<Option> Loss => [_labelSmoothing, _teacher, _teacherSchedule, _teacherRate, _teacherLeast];

    /// <summary>Whether the test is written a second time.</summary>
    public Option TestBeam => _testBeam;

    /// <summary>Options that do nothing where these others stand beside them.</summary>
    public IEnumerable<string> Contradictions(ParseResult parsed)
    {
        var (tokens, attention, schedule) = (parsed.GetValue(_tokens), parsed.GetValue(_attention) ?? _fallback.Attention, parsed.GetValue(_teacherSchedule)!);
        return
        [
            .. parsed.Refuse(_minCount, tokens == "byte", "there are always 256 bytes"),
            .. parsed.Refuse(_vocabulary, tokens == "byte", "there are always 256 bytes"),
            .. parsed.Refuse(_attentionSize, attention is not ("concat" or "additive"), $"--attention {attention} compares as it is"),
            .. parsed.Refuse(_window, attention != "local-p", $"--attention {attention} sees all"),
            .. parsed.Refuse(_scaled, attention == "none", "there is no attention"),
            .. parsed.Refuse(_coverage, attention == "none", "there is no attention"),
            .. parsed.Refuse(_inputFeeding, attention == "none", "there is no attention"),
            .. parsed.Refuse(_variational, parsed.Given(_dropout) && parsed.GetValue(_dropout) == 0, "--dropout is 0"),
            .. parsed.Refuse(_teacherRate, schedule == "constant", "--teacher-schedule is constant"),
            .. parsed.Refuse(_teacherLeast, schedule == "constant", "--teacher-schedule is constant"),
            .. (schedule, parsed.GetValue(_teacherRate)) switch
            {
                ("constant", _) => Array.Empty<string>(),
                (_, null) => [$"--teacher-rate is missing: --teacher-schedule {schedule} needs it."],
                ("exponential", not (> 0 and <= 1)) => ["--teacher-rate is what remains of the ratio after a batch; expected above 0, at most 1."],
                ("inverse-sigmoid", < 1) => ["--teacher-rate is the pace in batches; expected 1 or more."],
                _ => [],
            },
        ];
    }

    /// <summary>The settings with what these options say.</summary>
    public TSettings Fill<TSettings>(ParseResult parsed, TSettings settings) where TSettings : WritingSettings
    {
        return settings with
        {
            Tokens = parsed.GetValue(_tokens) ?? settings.Tokens,
            MinCount = Get(_minCount, settings.MinCount),
            Vocabulary = parsed.GetValue(_vocabulary),
            Normal = parsed.GetValue(_normal)!,
            Lower = parsed.GetValue(_lower),
            MaxTokens = parsed.GetValue(_maxTokens),
            Cell = parsed.GetValue(_cell) ?? settings.Cell,
            Embedding = Get(_embedding, settings.Embedding),
            Hidden = Get(_hidden, settings.Hidden),
            Layers = Get(_layers, settings.Layers),
            Attention = parsed.GetValue(_attention) ?? settings.Attention,
            AttentionSize = parsed.GetValue(_attentionSize),
            ScaledAttention = parsed.GetValue(_scaled),
            Coverage = parsed.GetValue(_coverage),
            Window = parsed.GetValue(_window),
            InputFeeding = parsed.GetValue(_inputFeeding),
            Bridge = parsed.GetValue(_bridge)!,
            Dropout = Get(_dropout, settings.Dropout),
            Variational = parsed.GetValue(_variational),
            Tied = parsed.GetValue(_tied),
            Init = parsed.GetValue(_init),
            LabelSmoothing = Get(_labelSmoothing, settings.LabelSmoothing),
            TeacherSchedule = parsed.GetValue(_teacherSchedule)!,
            Teacher = parsed.GetValue(_teacher),
            TeacherRate = parsed.GetValue(_teacherRate) ?? settings.TeacherRate,
            TeacherLeast = parsed.GetValue(_teacherLeast),
            TestBeam = parsed.GetValue(_testBeam),
        };

        T Get<T>(Option<T> option, T fallback) => parsed.Given(option) ? parsed.GetValue(option)! : fallback;
    }
}
