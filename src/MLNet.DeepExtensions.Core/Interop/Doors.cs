using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Interop;

/// <summary>
/// The members of ML.NET that we use although they are not public, each by name. They are looked for once, at first use, so that another version of ML.NET
/// is answered with a sentence and not with a MissingMethodException somewhere in a run. A test compares the list with what this room's code really uses.
/// </summary>
internal static class Doors
{
    private const string SupportedVersions = "5.0.1 up to, but not including, 5.1";

    /// <summary>Assembly, type, members.</summary>
    internal static readonly (string Assembly, string Type, string[] Members)[] All =
    [
        ("Microsoft.ML.Core", "Microsoft.ML.Runtime.IHostEnvironmentInternal", ["get_Seed", "get_GpuDeviceId", "get_FallbackToCpu"]),
        ("Microsoft.ML.Core", "Microsoft.ML.Runtime.HostExtensions", ["Info", "Warning"]),
        ("Microsoft.ML.Core", "Microsoft.ML.Runtime.Contracts", ["CheckAlive"]),
        ("Microsoft.ML.Core", "Microsoft.ML.TrainerInfo", [".ctor"]),
        ("Microsoft.ML.Core", "Microsoft.ML.SchemaShape", ["Create"]),
        ("Microsoft.ML.Core", "Microsoft.ML.SchemaShape+Column", [".ctor", "GetTypeString"]),
        ("Microsoft.ML.Core", "Microsoft.ML.Data.AnnotationUtils", ["get_ScoreColumnSetIdType", "GetTrainerOutputAnnotation"]),
        ("Microsoft.ML.Core", "Microsoft.ML.ModelSaveContext", ["CheckAtModel", "SetVersionInfo", "SaveNonEmptyString", "SaveBinaryStream"]),
        ("Microsoft.ML.Core", "Microsoft.ML.ModelLoadContext", ["CheckAtModel", "LoadNonEmptyString", "TryLoadBinaryStream", "Repository", "Directory"]),
        ("Microsoft.ML.Core", "Microsoft.ML.VersionInfo", [".ctor"]),
        ("Microsoft.ML.Core", "Microsoft.ML.RepositoryReader", ["_entries"]),
        ("Microsoft.ML.Core", "Microsoft.ML.ITransformerWithDifferentMappingAtTrainingTime", ["TransformForTrainingPipeline"]),
        ("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Data.MLImage", ["_image", ".ctor"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.CatalogUtils", ["GetEnvironment"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.CacheDataView", [".ctor"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.IDataTransform", ["get_Source"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.EmptyDataView", [".ctor"]),
        ("Microsoft.ML.Data", "Microsoft.ML.ISingleFeaturePredictionTransformer", ["get_FeatureColumnName"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.RowToRowMapperTransform", [".ctor", "GetOutputSchema"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.ConfusionMatrix", ["PredictedClassesIndicators"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.OneToOneTransformerBase", ["ColumnPairs"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.ColumnConcatenatingTransformer", ["get_Columns"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Transforms.ValueToKeyMappingTransformer", ["GetTermMap"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Transforms.ValueToKeyMappingTransformer+TermMap`1", ["GetTerms"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Transforms.KeyToVectorMappingTransformer", ["get_Columns"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Transforms.KeyToVectorMappingEstimator+ColumnOptions", ["OutputCountVector"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Transforms.SlotsDroppingTransformer", ["SlotsMin", "SlotsMax"]),
        ("Microsoft.ML.Transforms", "Microsoft.ML.Transforms.LpNormNormalizingTransformer", ["_columns"]),
        ("Microsoft.ML.Transforms", "Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase+ColumnOptionsBase", ["Norm", "EnsureZeroMean", "Scale"]),
        ("Microsoft.ML.Transforms", "Microsoft.ML.Transforms.MissingValueReplacingTransformer", ["_repValues"]),
        ("Microsoft.ML.Transforms", "Microsoft.ML.Transforms.OneHotEncodingTransformer", ["_transformer"]),
        ("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Transforms.Image.ImagePixelExtractingTransformer", ["_columns"]),
        ("Microsoft.ML.ImageAnalytics", "Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator+ColumnOptions",
            ["OrderOfExtraction", "ColorsToExtract", "InterleavePixelColors", "OffsetImage", "ScaleImage"]),
        ("Microsoft.ML.Data", "Microsoft.ML.Data.EstimatorChain`1", ["_host", "_estimators", "_scopes", "_needCacheAfter"]),
    ];

    private static readonly Lazy<string?> complaint = new(Look);

    /// <exception cref="NotSupportedException">A member is missing: this is another version of ML.NET.</exception>
    public static void Check()
    {
        if (complaint.Value is { } missing)
            throw new NotSupportedException(missing);
    }

    /// <summary>Whether a type still has a member, public or not.</summary>
    internal static bool Has(string assembly, string type, string member) =>
        AssemblyOf(assembly).GetType(type) is { } found && found.GetMember(member, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Length > 0;

    private static string? Look()
    {
        foreach (var (assembly, type, members) in All)
            foreach (var member in members)
                if (!Has(assembly, type, member))
                    return $"MLNet.DeepExtensions works with Microsoft.ML {SupportedVersions}, but the loaded {AssemblyOf(assembly).GetName().Name} " +
                        $"{AssemblyOf(assembly).GetName().Version} has no {type}.{member}. Reference Microsoft.ML 5.0.1, or a version of MLNet.DeepExtensions made for yours.";
        return null;
    }

    private static Assembly AssemblyOf(string name) => name switch
    {
        "Microsoft.ML.Data" => typeof(MLContext).Assembly,
        "Microsoft.ML.ImageAnalytics" => typeof(MLImage).Assembly,
        "Microsoft.ML.Transforms" => typeof(Microsoft.ML.Transforms.OneHotEncodingTransformer).Assembly,
        _ => typeof(SchemaShape).Assembly,
    };
}
