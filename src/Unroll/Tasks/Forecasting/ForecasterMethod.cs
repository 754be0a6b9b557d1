namespace Unroll.Tasks;

/// <summary>Forecasts of a trained model as a method of a backtest: made beforehand, from the same cut-offs, with what is known at each.</summary>
/// <param name="forecasts">By series and cut-off.</param>
internal sealed class ForecasterMethod(IReadOnlyDictionary<(string Series, int Cutoff), QuantileForecast> forecasts) : IForecastMethod
{
    public string Name => ForecastReport.ModelName;

    public void Fit(IReadOnlyList<SeriesWindow> training, int horizon)
    {
    }

    public QuantileForecast Forecast(SeriesWindow history, int horizon) => forecasts[(history.Name, history.End)];
}
