using System.Text.Encodings.Web;
using System.Text.Json;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>What a converted pipeline says of itself: for programs as JSON in the metadata, for people beside the graph and each of its inputs and outputs.</summary>
internal static class PipelineMetadata
{
    private static readonly JsonSerializerOptions json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(ModelProto file, OnnxConversion conversion)
    {
        Say("inputs", conversion.Inputs);
        Say("outputs", conversion.Outputs);
        Say("stepsInside", conversion.StepsInside);
        Say("stepsOutside", conversion.StepsOutside);
        foreach (var (info, column) in file.Graph.Input.Zip(conversion.Inputs).Concat(file.Graph.Output.Zip(conversion.Outputs)))
            info.DocString = column.Holds;
        file.Graph.DocString = $"An ML.NET pipeline. In the graph: {string.Join("; ", conversion.StepsInside)}."
            + (conversion.StepsOutside.Count == 0 ? "" : $" Outside: {string.Join("; ", conversion.StepsOutside.Select(step => $"{step.Name} makes {string.Join(", ", step.Makes)}"))}.");

        void Say<T>(string key, T value) => file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = JsonSerializer.Serialize(value, json) });
    }
}
