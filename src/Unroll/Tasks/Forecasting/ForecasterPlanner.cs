using System.Globalization;
using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>Chooses what is not given to fit the data: columns, season, context, scaling, and how long to train. Nothing behind the training and validation parts is seen.</summary>
/// <remarks>
/// The context is a long season where there is one, else four seasons up to 60 steps but at least two, without a season twice the horizon between 12 and 48; at most two thirds of the median
/// series less the horizon. Of scalings, by series and by window, with weights of the linear part for each phase or not, the one is taken with the least error of the linear
/// forecast on the validation part.
/// </remarks>
sealed class ForecasterPlanner(ForecasterOptions options, IReadOnlyList<ForecastPart> train, IReadOnlyList<ForecastPart> valid)
{
    const int LongestContext = 400, UsualSeasonal = 60, Passes = 20, FewestIterations = 300, MostIterations = 3000, Validations = 20, RowsOfPhase = 150;

    public (ForecasterOptions Options, Forecaster Model) Plan()
    {
        var config = Sized(ForecastColumns.Resolve(options, train[0].Table));
        (ForecasterConfig Config, ForecastSchema Schema, ForecastLinear Linear, double Error)? best = null;
        var tried = new JsonArray();
        foreach (var candidate in Candidates(config))
        {
            var schema = ForecastColumns.Measure(candidate, train);
            var frame = new ForecastFrame(candidate, schema, train[0].Table);
            if (frame.Windows(train, 1).Length == 0) throw Throw.NoForecastWindow(train.Max(p => p.To - p.From), candidate.Context, candidate.Horizon);
            var linear = new ForecastLinear(candidate, schema, frame.Calendar.Count);
            var fit = new ForecastLinearFit(linear, frame, train, valid);
            tried.Add(new JsonObject { ["candidate"] = $"{candidate.Scaling}{(candidate.ScaleWindow ? " by window" : "")}{(candidate.LinearByPhase ? ", by phase" : "")}", ["penalty"] = fit.Penalty, ["error"] = double.IsFinite(fit.Error) ? fit.Error : null });
            if (best is null || fit.Error < best.Value.Error) best = (candidate, schema, linear, fit.Error);
        }
        var (chosen, columns, fitted, _) = best!.Value;
        var model = new Forecaster(chosen, columns, new Rng(options.Seed));
        fitted.Weight.Values.CopyTo(model.Linear.Weight.Edit());
        fitted.Residuals.Values.CopyTo(model.Linear.Residuals.Edit());
        model.Notes[DataNotes.ForecastKey] = new JsonObject { ["columns"] = InWords(chosen), ["linear"] = tried };
        return (Timed(options with { Model = chosen }, model.Prepare(train[0].Table).Windows(train).Length), model);
    }

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
        if (IsGiven("--context")) return config;
        var usual = config.LongSeason is > 0 and <= LongestContext ? config.LongSeason
            : season > 1 ? Math.Max(2 * season, Math.Min(4 * season, UsualSeasonal)) : Math.Clamp(2 * config.Horizon, 12, 48);
        return config with { Context = Math.Max(1, Math.Min(Math.Min(usual, ForecasterConfig.MaxSteps), 2 * median / 3 - config.Horizon)) };
    }

    IEnumerable<ForecasterConfig> Candidates(ForecasterConfig config)
    {
        if (config.Head == "negative-binomial") config = config with { Scaling = "mean", ScaleWindow = false };
        var positive = config.Targets.All(name => train.All(p => Positive(p, p.Table.IndexOf(name))));
        string[] scalings = IsGiven("--scaling") || config.Head == "negative-binomial" ? [config.Scaling] : positive ? ["standard", "log"] : ["standard"];
        bool[] windows = IsGiven("--scale-window") || config.Head == "negative-binomial" ? [config.ScaleWindow] : [false, true];
        var rows = train.Sum(p => Math.Max(0L, p.To - p.From - config.Context - config.Horizon));
        bool[] phases = IsGiven("--linear-by-phase") ? [config.LinearByPhase]
            : config.Season is > 1 and <= ForecastLinear.MostPhases && rows / config.Season >= RowsOfPhase && valid.Count > 0 ? [false, true] : [false];
        if (valid.Count == 0) (scalings, windows) = (scalings[..1], windows[..1]);
        return from s in scalings from w in windows from p in phases select config with { Scaling = s, ScaleWindow = w, LinearByPhase = p };
    }

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
