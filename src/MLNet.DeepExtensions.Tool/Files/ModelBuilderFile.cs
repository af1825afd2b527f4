using System.Text.Json;
using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary><c>X.mbconfig</c>: what was trained and how, as JSON with the fields of Model Builder's own.</summary>
internal static class ModelBuilderFile
{
    private static readonly JsonSerializerOptions indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Scenario scenario, IReadOnlyList<Figure> figures, TrainingHistory history)
    {
        var seconds = Math.Round(history.Run?.Duration.TotalSeconds ?? history.Epochs.Sum(epoch => epoch.Duration.TotalSeconds), 1);
        var device = history.Run?.Environment.GetValueOrDefault("device") ?? "cpu";
        return Template.Finish(JsonSerializer.Serialize(new
        {
            TrainingConfigurationVersion = 0,
            TrainingTime = (int)Math.Ceiling(seconds),
            Scenario = new { ScenarioType = scenario.ModelBuilderName },
            scenario.DataSource,
            Environment = new { EnvironmentType = device.StartsWith("cpu", StringComparison.Ordinal) ? "LocalCPU" : "LocalGPU" },
            Artifact = new { Type = "LocalArtifact", MLNetModelPath = $"{scenario.Name}.mlnet" },
            RunHistory = new
            {
                Version = 0, Type = "Result", scenario.Answer.MetricName,
                Trials = new[] { new { Version = 0, Type = "Trial", TrainerName = scenario.Network.GetType().Name, Score = Finite(figures[0].Value), RuntimeInSeconds = seconds } },
                EstimatedTrainingTime = (int)Math.Ceiling(seconds),
            },
            Type = "TrainingConfig",
            Version = 2,
            // what Model Builder does not know
            DeepExtensions = new
            {
                Version = ProjectFile.Version, scenario.Seed, Network = scenario.NetworkText, Epochs = history.Epochs.Count, history.BestEpoch, Stopped = history.Stopped.ToString(),
                Test = figures.ToDictionary(figure => figure.Name, figure => Finite(figure.Value)), Settings = history.Run?.Settings,
            },
        }, indented));
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
