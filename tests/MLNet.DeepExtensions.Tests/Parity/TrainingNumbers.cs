using System.Text.Json;

namespace MLNet.DeepExtensions.Tests.Parity;

/// <summary>PyTorch 1.13's numbers for losses, optimizers and schedules (training.json). Fill(k) is sin(0.1 j + k).</summary>
internal static class TrainingNumbers
{
    private static readonly JsonElement root = Load();

    public static JsonElement Of(string part, string name) => root.GetProperty(part).GetProperty(name);

    public static JsonElement Root(string name) => root.GetProperty(name);

    public static double[][] Path(string optimizer) => [.. Of("optimizers", optimizer).EnumerateArray().Select(Row)];

    public static double[] LearningRates(string schedule) => Row(Of("schedules", schedule));

    public static double Loss(string name) => Of("losses", name).GetDouble();

    public static double[] Row(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static JsonElement Load()
    {
        using var stream = typeof(TrainingNumbers).Assembly.GetManifestResourceStream("MLNet.DeepExtensions.Tests.Parity.training.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }
}
