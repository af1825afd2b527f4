using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

[assembly: LoadableClass(typeof(ScoringTransformer), typeof(SavedTransformer), null, typeof(SignatureLoadModel),
    "Deep network", SavedTransformer.LoaderSignature)]

namespace MLNet.DeepExtensions.Interop;

/// <summary>
/// Our entry in ML.NET's model file: which engine scores it, a version, config.json and weights.safetensors.
/// ML.NET finds <see cref="Create"/> by the signature and this assembly's name, so loading needs no registration.
/// </summary>
internal static class SavedTransformer
{
    public const string LoaderSignature = "MLNetDeepExtensions";
    public const string ConfigName = "config.json";
    public const string TorchWeights = "weights.safetensors";
    public const string OnnxWeights = "network.onnx";

    // 1: engine name, config.json, weights.safetensors or network.onnx
    private const uint Version = 0x00010001;

    private static VersionInfo VersionInfo => new(modelSignature: "MLNTDEEP", verWrittenCur: Version, verReadableCur: Version, verWeCanReadBack: Version,
        loaderAssemblyName: typeof(SavedTransformer).Assembly.FullName, loaderSignature: LoaderSignature);

    public static void Save(ModelSaveContext context, ScoringEngine engine) => Save(context, engine, VersionInfo);

    public static void Save(ModelSaveContext context, ScoringEngine engine, VersionInfo version)
    {
        // weights may not be saveable (a one-off network): know it before anything is written
        var config = engine.WriteConfig();
        context.CheckAtModel();
        context.SetVersionInfo(version);
        context.SaveNonEmptyString(engine.Name);
        context.SaveBinaryStream(ConfigName, writer => writer.Write(config));
        context.SaveBinaryStream(engine.WeightsName, writer =>
        {
            writer.Flush();
            engine.WriteWeights(writer.BaseStream);
        });
    }

    // found by name through the attribute above
    private static ScoringTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        Open(context, VersionInfo, (loader, config, weights) => loader.Load(environment, config, weights));

    /// <summary>Reads an entry and lets its engine's loader make of it what it holds.</summary>
    public static T Open<T>(ModelLoadContext context, VersionInfo version, Func<IScoringEngineLoader, Stream, Stream, T> load) where T : class
    {
        context.CheckAtModel(version);
        var engine = ScoringEngines.Find(context.LoadNonEmptyString());
        T? transformer = null;
        var (configEntry, weightsEntry) = (Find(context, ConfigName), Find(context, engine.WeightsName));
        context.TryLoadBinaryStream(ConfigName, config =>
            context.TryLoadBinaryStream(engine.WeightsName, weights =>
                transformer = load(engine, Checked(config.BaseStream, configEntry), Checked(weights.BaseStream, weightsEntry))));
        return transformer ?? throw new InvalidModelFileException($"The model file has no complete deep network: {ConfigName} or {engine.WeightsName} is missing.");
    }

    // ML.NET unpacks an entry to disk or memory before anyone may look at it: its archive is asked first
    private static ZipArchiveEntry? Find(ModelLoadContext context, string name)
    {
        var entries = ArchiveEntries(context.Repository);
        var path = Path.Combine(context.Directory ?? "", name).Replace('\\', '/');
        if (entries is null || !entries.TryGetValue(path, out var entry) && !entries.TryGetValue(path.Replace('/', '\\'), out entry))
            return null;
        ModelEntryReader.CheckRatio(entry);
        return entry;
    }

    private static Stream Checked(Stream unpacked, ZipArchiveEntry? entry) => entry is null ? unpacked : new CheckedEntry(unpacked, entry);

    /// <summary>The files in ML.NET's archive; null in a version that keeps them elsewhere, which only loses these checks.</summary>
    internal static Dictionary<string, ZipArchiveEntry>? ArchiveEntries(RepositoryReader repository) =>
        typeof(RepositoryReader).GetField("_entries", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(repository) as Dictionary<string, ZipArchiveEntry>;
}
