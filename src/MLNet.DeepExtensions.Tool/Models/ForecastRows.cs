using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tool.Models;

/// <summary>What follows the data: for each series the forecast from its last row.</summary>
internal sealed class ForecastRows(ModelFile model, IDataView data)
{
    private readonly ForecastTransformer forecaster = model.Forecaster!;

    public IReadOnlyList<string> Names => [.. forecaster.Options.SeriesColumn is { } series ? new[] { series } : [], "Step", .. forecaster.Targets];

    /// <exception cref="RefusedException">A series is shorter than the model looks back.</exception>
    public IEnumerable<object[]> Read()
    {
        var scored = model.Model.Transform(data);
        var last = new Dictionary<string, float[]>();
        var score = scored.Schema["Score"];
        var series = forecaster.Options.SeriesColumn is { } name ? scored.Schema[name] : (DataViewSchema.Column?)null;
        using (var cursor = scored.GetRowCursor(series is { } column ? [score, column] : [score]))
        {
            var values = cursor.GetGetter<VBuffer<float>>(score);
            var names = series is { } of ? cursor.GetGetter<ReadOnlyMemory<char>>(of) : null;
            VBuffer<float> forecast = default;
            ReadOnlyMemory<char> key = default;
            while (cursor.MoveNext())
            {
                values(ref forecast);
                names?.Invoke(ref key);
                last[key.ToString()] = [.. forecast.DenseValues()];
            }
        }
        foreach (var (key, values) in last)
        {
            if (values.All(float.IsNaN))
                throw new RefusedException($"{(key.Length > 0 ? $"Series '{key}'" : "The data")} has too few rows: the model looks back at the last {forecaster.Options.Window}, and none of them may be empty.");
            for (var step = 0; step < forecaster.Options.Horizon; step++)
                yield return [.. series is null ? [] : new object[] { key }, step + 1, .. Enumerable.Range(0, forecaster.Targets.Count).Select(target => (object)values[target * forecaster.Options.Horizon + step])];
        }
    }
}
