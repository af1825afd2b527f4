using Microsoft.ML.OnnxRuntime;

namespace MLNet.DeepExtensions.Tool.Diagnosis;

/// <summary>ONNX Runtime, which scores portable models.</summary>
internal static class OnnxFindings
{
    public static Finding Runtime()
    {
        try
        {
            return new(Health.Ok, "ONNX Runtime", $"{OrtEnv.Instance().GetVersionString()}, {string.Join(", ", OrtEnv.Instance().GetAvailableProviders())}");
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or OnnxRuntimeException)
        {
            return new(Health.Warning, "ONNX Runtime", $"it does not load: {(e.InnerException ?? e).Message}", "Only portable models (mlContext.Model.SavePortable) need it: install the tool again.");
        }
    }
}
