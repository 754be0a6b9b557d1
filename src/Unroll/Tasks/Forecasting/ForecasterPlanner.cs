using System.Globalization;
using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>Chooses what is not given to fit the data: columns, season, context, scaling, and how long to train. Nothing behind the training and validation parts is seen.</summary>
/// <remarks>
/// The context is a long season where there is one, else four seasons up to 28 steps but at least two, without a season twice the horizon between 12 and 48; at most two thirds of the median
/// series less the horizon. Of scalings, by series and by window, then of weights of the linear part for all, for each phase or each series, then of numbers of lags, what is taken has the least error of the linear
/// forecast on the validation part (of smoothing logarithms, where no value is below or at 0), logarithms by a tenth and scales of the series by 3 % less than others; where windows are few, on four parts at the end. The linear part learns from the training part; when the network is trained, from the validation part too (<see cref="Forecaster.Finish"/>).
/// </remarks>
sealed class ForecasterPlanner(ForecasterOptions options, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid, TaskObserver observer)
{
    const int LongestContext = 400, UsualSeasonal = 28, Passes = 20, FewestIterations = 300, MostIterations = 8000, Validations = 24, RowsOfGroup = 150, MostSeries = 1000, FewWindows = 2000, MostFolds = 4;
    const double LogBurden = 1.1, SeriesBurden = 1.03;

    readonly JsonArray _tried = [];

    public (ForecasterOptions Options, Forecaster Model) Plan()
    {
        var config = Sized(ForecastColumns.Resolve(options, train[0].Table));
        var best = Try(config.Mode == "smoothing" ? Scalings(config).Last() : config);
        Func<ForecasterConfig, IEnumerable<ForecasterConfig>>[] ways = best.Windows < FewWindows ? [c => Scalings(c).SelectMany(s => Lags(s).Prepend(s)), Groups] : [Scalings, Groups, Lags];
        foreach (var alternatives in ways)
            foreach (var candidate in valid.Count > 0 && config.Mode != "smoothing" ? alternatives(best.Config).Where(c => c != best.Config).ToArray() : [])
                if (Try(candidate) is var tried && tried.Error * Burden(candidate) < best.Error * Burden(best.Config)) best = tried;
        var model = new Forecaster(best.Config, best.Schema, new Rng(options.Seed));
        best.Linear.Weight.Values.CopyTo(model.Linear.Weight.Edit());
        best.Linear.Residuals.Values.CopyTo(model.Linear.Residuals.Edit());
        model.Notes[DataNotes.ForecastKey] = new JsonObject { ["columns"] = InWords(best.Config), ["linear"] = _tried };
        return (Timed(options with { Model = best.Config }, model.Prepare(train[0].Table).Windows(train).Length), model);
    }

    (ForecasterConfig Config, ForecastSchema Schema, ForecastLinear Linear, double Error, int Windows) Try(ForecasterConfig config)
    {
        var name = $"{config.Scaling}{(config.ScaleWindow ? " by window" : "")}{(config.LinearBy == "all" ? "" : $", by {config.LinearBy}")}, {config.LinearLags} lags";
        observer.OnPlanning(name);
        var schema = ForecastColumns.Measure(config, train);
        var frame = new ForecastFrame(config, schema, train[0].Table, config.Horizon);
        var windows = frame.Windows(train).Length;
        if (windows == 0) throw Throw.NoForecastWindow(train.Max(p => p.To - p.From), config.Context, config.Horizon);
        var linear = new ForecastLinear(config, schema, frame.Calendar.Count);
        var (penalty, error) = new ForecastLinearFit(linear, frame).Choose(IsGiven("--linear-penalty") ? [config.LinearPenalty] : ForecastLinearFit.Penalties, windows >= FewWindows ? [new(train, valid)] : Folds(config), train);
        _tried.Add((JsonNode)new JsonObject
        {
            ["candidate"] = name, ["penalty"] = penalty, ["error"] = double.IsFinite(error) ? error : null,
        });
        return (config with { LinearPenalty = penalty }, schema, linear, error, windows);
    }

    /// <summary>Of little data: several cut-offs, half a validation part apart, with at least as many windows before as behind.</summary>
    List<ForecastFold> Folds(ForecasterConfig config)
    {
        var folds = new List<ForecastFold>();
        for (var back = 0; back < MostFolds; back++)
        {
            ForecastPart[] held = [.. valid.Select(v => v with { From = v.From - back * ((v.To - v.From + 1) / 2), To = v.To - back * ((v.To - v.From + 1) / 2) }).Where(v => v.From >= config.Context + 2 * config.Horizon)];
            if (held.Length == 0) break;
            folds.Add(new([.. train.Select(t => held.FirstOrDefault(h => h.Series == t.Series) is { } h ? t with { To = h.From } : t)], held));
        }
        return folds;
    }

    /// <summary>How much more careful one is with a choice: errors of logarithms grow exponentially, and the scale of a series is no longer right when the series has moved on.</summary>
    static double Burden(ForecasterConfig config) => (config.Scaling == "log" ? LogBurden : 1) * (config.ScaleWindow ? 1 : SeriesBurden);

    bool IsGiven(string option) => options.Given.Contains(option);

    ForecasterConfig Sized(ForecasterConfig config)
    {
        var step = train[0].Series.Step;
        if (!IsGiven("--season")) config = config with { Season = Math.Min(ForecasterConfig.MaxSteps, step?.Season ?? 1) };
        int[] lengths = [.. train.Select(p => p.To - p.From).Order()];
        var (median, season) = (lengths[lengths.Length / 2], config.Season);
        if (!IsGiven("--long-season"))
        {
            var week = step?.Length < TimeSpan.FromDays(1) && season > 1 ? 7 * season : 0;
            config = config with { LongSeason = week <= ForecasterConfig.MaxSteps && 3 * week < median ? week : 0 };
        }
        if (config.Head == "negative-binomial") config = config with { Scaling = "mean", ScaleWindow = false };
        else if (config.Mode == "smoothing") config = config with { ScaleWindow = false };
        else if (!IsGiven("--scale-window")) config = config with { ScaleWindow = config.Scaling != "none" };
        if (!IsGiven("--context")) config = config with { Context = UsualContext(config, median) };
        return IsGiven("--linear-lags") ? config : config with { LinearLags = config.Context };
    }

    static int UsualContext(ForecasterConfig config, int median)
    {
        var season = config.Season;
        var usual = config.LongSeason is > 0 and <= LongestContext ? config.LongSeason
            : season > 1 ? Math.Max(2 * season, Math.Min(4 * season, UsualSeasonal)) : Math.Clamp(2 * config.Horizon, 12, 48);
        return Math.Max(1, Math.Min(Math.Min(usual, ForecasterConfig.MaxSteps), 2 * median / 3 - config.Horizon));
    }

    IEnumerable<ForecasterConfig> Scalings(ForecasterConfig config)
    {
        if (config.Head == "negative-binomial") return [];
        string[] scalings = IsGiven("--scaling") ? [config.Scaling] : config.Targets.All(name => train.All(p => Positive(p, p.Table.IndexOf(name)))) ? ["standard", "log"] : ["standard"];
        bool[] windows = IsGiven("--scale-window") || config.Mode == "smoothing" ? [config.ScaleWindow] : [true, false];
        return from s in scalings from w in windows select config with { Scaling = s, ScaleWindow = w };
    }

    IEnumerable<ForecasterConfig> Groups(ForecasterConfig config)
    {
        var rows = train.Sum(p => Math.Max(0L, p.To - p.From - config.Context - config.Horizon));
        if (IsGiven("--linear-by")) yield break;
        if (config.Season is > 1 and <= ForecastLinear.MostPhases && rows / config.Season >= RowsOfGroup) yield return config with { LinearBy = "phase" };
        if (train.Count is > 1 and <= MostSeries && rows / train.Count >= RowsOfGroup)
            foreach (var lags in new[] { config.LinearLags, 2 * config.Season + 1 }.Distinct()) yield return config with { LinearBy = "series", LinearLags = lags };
    }

    IEnumerable<ForecasterConfig> Lags(ForecasterConfig config) => IsGiven("--linear-lags") ? []
        : new[] { config.Season + 1, 2 * config.Season + 1, 3, 12 }.Where(l => l > 2 && l < config.Context).Distinct().Select(l => config with { LinearLags = l });

    static bool Positive(ForecastPart part, int column)
    {
        foreach (var value in part.Series[column][part.From..part.To])
            if (value <= 0) return false;
        return true;
    }

    static ForecasterOptions Timed(ForecasterOptions options, int windows)
    {
        if (options.Iterations is null && options.Epochs is null)
            options = options with { Iterations = Math.Clamp((long)Passes * windows / options.Batch, FewestIterations, MostIterations) };
        return options.ValidateEvery is null && options.Iterations is { } iterations ? options with { ValidateEvery = Math.Max(1, iterations / Validations) } : options;
    }

    public static string InWords(ForecasterConfig c) => string.Create(CultureInfo.InvariantCulture,
        $"forecasts {Join(c.Targets)}; known ahead: {Join(c.Future)}; known up to the present: {Join(c.Past)}; season {c.Season}{(c.LongSeason > 0 ? $" and {c.LongSeason}" : "")}");

    static string Join(IReadOnlyList<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);
}
