using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

[assembly: LoadableClass(typeof(RowStepTransformer), typeof(SavedRowStep), null, typeof(SignatureLoadModel),
    "Step of a deep pipeline", SavedRowStep.LoaderSignature)]

namespace MLNet.DeepExtensions.Interop;

/// <summary>The entry of a <see cref="RowStep"/> in ML.NET's model file: a version and step.json.</summary>
internal static class SavedRowStep
{
    public const string LoaderSignature = "MLNetDeepExtensionsStep";
    public const string ConfigName = "step.json";

    // settings are text of some hundred bytes, but a tokenizer's have its vocabulary: a quarter of a million tokens are not more
    private const int MaxBytes = 16 << 20;

    // 1: step.json
    private const uint Version = 0x00010001;

    private static VersionInfo VersionInfo => new(modelSignature: "MLNTSTEP", verWrittenCur: Version, verReadableCur: Version, verWeCanReadBack: Version,
        loaderAssemblyName: typeof(SavedRowStep).Assembly.FullName, loaderSignature: LoaderSignature);

    public static void Save(ModelSaveContext context, RowStep step)
    {
        var config = ConfigJson.Write(step);
        context.CheckAtModel();
        context.SetVersionInfo(VersionInfo);
        context.SaveBinaryStream(ConfigName, writer => writer.Write(config));
    }

    // found by name through the attribute above
    private static RowStepTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        context.CheckAtModel(VersionInfo);
        RowStep? step = null;
        context.TryLoadBinaryStream(ConfigName, reader => step = Read(reader));
        return new RowStepTransformer(environment, step ?? throw new InvalidModelFileException($"The model file has a step without its settings: {ConfigName} is missing."));
    }

    private static RowStep Read(BinaryReader reader)
    {
        // in pieces: most steps are small, and need no buffer for the largest
        using var config = new MemoryStream();
        var piece = new byte[1 << 12];
        for (int read; (read = reader.Read(piece)) > 0;)
        {
            if (config.Length + read > MaxBytes)
                throw new InvalidModelFileException($"{ConfigName} is longer than {MaxBytes:N0} bytes.");
            config.Write(piece, 0, read);
        }
        return ConfigJson.Read<RowStep>(config.GetBuffer().AsSpan(0, (int)config.Length));
    }
}
