using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

[assembly: LoadableClass(typeof(ForecastTransformer), typeof(SavedForecaster), null, typeof(SignatureLoadModel),
    "Deep forecaster", SavedForecaster.LoaderSignature)]

namespace MLNet.DeepExtensions.Interop;

/// <summary>The entry of a forecaster in ML.NET's model file: that of a network, under a signature of its own, since ML.NET asks the signature for the type.</summary>
internal static class SavedForecaster
{
    // ML.NET has room for 24 letters
    public const string LoaderSignature = "MLNetDeepForecast";

    // 1: engine name, config.json, weights.safetensors or network.onnx
    private const uint Version = 0x00010001;

    private static VersionInfo VersionInfo => new(modelSignature: "MLNTFCST", verWrittenCur: Version, verReadableCur: Version, verWeCanReadBack: Version,
        loaderAssemblyName: typeof(SavedForecaster).Assembly.FullName, loaderSignature: LoaderSignature);

    public static void Save(ModelSaveContext context, ScoringEngine engine) => SavedTransformer.Save(context, engine, VersionInfo);

    // found by name through the attribute above
    private static ForecastTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        SavedTransformer.Open(context, VersionInfo, (loader, config, weights) => loader.LoadForecaster(environment, config, weights));
}
