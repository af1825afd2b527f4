using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.DeepExtensions;

/// <summary>What decides the numbers of a run, as JSON: a run that goes on must have the same.</summary>
internal static class RunSettings
{
    public const string Seed = "seed";

    public static JsonNode Describe(DeepTrainerOptions options, LossConfig? loss, ModelConfig model, DeepTask task, InputPlan input, Sampling? sampling, int seed, long? rows, long? validationRows,
        NegativeSampling? negatives) => new JsonObject
    {
        [Seed] = seed,
        ["model"] = Json(model),
        ["columns"] = Json(input.Columns),
        ["task"] = Json(task),
        ["augmentations"] = new JsonArray([.. input.Augmentations.Select(plan => JsonValue.Create(plan?.Description))]),
        ["rows"] = rows,
        ["validationRows"] = validationRows,
        ["batchSize"] = options.BatchSize,
        ["batchesPerStep"] = options.BatchesPerStep,
        ["shuffle"] = options.Shuffle,
        ["bucketByLength"] = options.BucketByLength,
        ["sampling"] = sampling is null ? null : Json(sampling),
        ["validationFraction"] = options.ValidationFraction,
        ["optimizer"] = Json(options.Optimizer),
        // most schedules reach as far as the run: with one, its length is part of the numbers
        ["schedule"] = options.Schedule is null ? null : Json(options.Schedule),
        ["epochs"] = options.Schedule is null ? null : options.Epochs,
        ["layerDecay"] = options.LayerDecay,
        ["adapter"] = options.Adapter is null ? null : Json(options.Adapter),
        ["adapterWeights"] = options.Adapter?.Weights?.Checksum,
        ["loss"] = loss is null ? null : Json(loss),
        ["precision"] = options.Precision.ToString(),
        ["freeze"] = new JsonArray([.. options.Freeze.Select(pattern => JsonValue.Create(pattern))]),
        ["clipGradientNorm"] = options.ClipGradientNorm,
        ["clipGradientValue"] = options.ClipGradientValue,
        ["negatives"] = negatives?.PerPositive,
        ["initialWeights"] = StartingWeights.Origin(model, options.InitialWeights),
    };

    // a config of the application's own that is not registered has no JSON: its type must do
    private static JsonNode? Json<T>(T config) where T : notnull
    {
        try
        {
            return ConfigJson.Brief(JsonSerializer.SerializeToNode(config, ConfigJson.Options));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException or JsonException)
        {
            return config.GetType().FullName;
        }
    }
}
