using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

/// <summary>Each of ML.NET's steps that has a form gives the same numbers through ONNX Runtime, for what it was fitted on and for what it never saw.</summary>
public class StepParityTests
{
    private static readonly MLContext ml = new(seed: 1);
    private static readonly TransformsCatalog transforms = ml.Transforms;
    private static readonly TransformsCatalog.ConversionTransforms conversion = ml.Transforms.Conversion;

    private static readonly Dictionary<string, IEstimator<ITransformer>> steps = new()
    {
        ["min and max"] = transforms.NormalizeMinMax("Features", "Vector"),
        ["min and max, zero moved"] = transforms.NormalizeMinMax("Features", "Vector", fixZero: false),
        ["min and max of a number"] = transforms.NormalizeMinMax("Features", "Number", fixZero: false),
        ["min and max of doubles"] = transforms.NormalizeMinMax("Precise", fixZero: false).Append(conversion.ConvertType("Features", "Precise")),
        ["min and max of a double"] = transforms.NormalizeMinMax("Double").Append(conversion.ConvertType("Features", "Double")),
        ["mean and variance"] = transforms.NormalizeMeanVariance("Features", "Vector"),
        ["mean and variance, zero moved"] = transforms.NormalizeMeanVariance("Features", "Vector", fixZero: false),
        ["mean and variance, distribution"] = transforms.NormalizeMeanVariance("Features", "Vector", useCdf: true),
        ["mean and variance, distribution of a number"] = transforms.NormalizeMeanVariance("Features", "Number", useCdf: true),
        ["mean and variance, distribution of doubles"] = transforms.NormalizeMeanVariance("Precise", useCdf: true).Append(conversion.ConvertType("Features", "Precise")),
        ["log of mean and variance"] = transforms.NormalizeLogMeanVariance("Features", "Vector"),
        ["log of mean and variance of a number"] = transforms.NormalizeLogMeanVariance("Features", "Number"),
        ["log of mean and variance of a double"] = transforms.NormalizeLogMeanVariance("Double").Append(conversion.ConvertType("Features", "Double")),
        ["log of mean and variance, straight"] = transforms.NormalizeLogMeanVariance("Features", "Vector", useCdf: false),
        ["robust scaling"] = transforms.NormalizeRobustScaling("Features", "Vector"),
        ["robust scaling of a number"] = transforms.NormalizeRobustScaling("Features", "Number", centerData: true),
        ["bins"] = transforms.NormalizeBinning("Features", "Vector", maximumBinCount: 5),
        ["bins, zero moved"] = transforms.NormalizeBinning("Features", "Vector", fixZero: false, maximumBinCount: 7),
        ["bins of a number"] = transforms.NormalizeBinning("Features", "Number", maximumBinCount: 4),
        ["bins of a double"] = transforms.NormalizeBinning("Double", maximumBinCount: 4).Append(conversion.ConvertType("Features", "Double")),
        ["supervised bins"] = conversion.MapValueToKey("Kind").Append(transforms.NormalizeSupervisedBinning("Features", "Vector", labelColumnName: "Kind", mininimumExamplesPerBin: 2)),
        ["length of a row"] = transforms.NormalizeLpNorm("Features", "Vector"),
        ["length of a row, centred"] = transforms.NormalizeLpNorm("Features", "Vector", ensureZeroMean: true),
        ["sum of a row"] = transforms.NormalizeLpNorm("Features", "Vector", LpNormNormalizingEstimatorBase.NormFunction.L1),
        ["largest of a row, centred"] = transforms.NormalizeLpNorm("Features", "Vector", LpNormNormalizingEstimatorBase.NormFunction.Infinity, ensureZeroMean: true),
        ["spread of a row"] = transforms.NormalizeLpNorm("Features", "Vector", LpNormNormalizingEstimatorBase.NormFunction.StandardDeviation),
        ["contrast"] = transforms.NormalizeGlobalContrast("Features", "Vector", ensureUnitStandardDeviation: true, scale: 2),
        ["selected features"] = transforms.FeatureSelection.SelectFeaturesBasedOnCount("Features", "Sparse", count: 10),
        ["several columns at once"] = transforms.NormalizeMinMax([new InputOutputColumnPair("A", "Number"), new InputOutputColumnPair("B", "Other"), new InputOutputColumnPair("C", "Vector")]).Append(transforms.Concatenate("Features", "C", "B", "A")),
        ["concatenation"] = transforms.Concatenate("Features", "Other", "Vector", "Number", "Other"),
        ["concatenation of one"] = transforms.Concatenate("Features", "Number"),
        ["copies"] = transforms.CopyColumns("Copy", "Vector").Append(transforms.CopyColumns("Features", "Copy")),
        ["missing values, default"] = transforms.ReplaceMissingValues("Features", "Vector"),
        ["missing values, mean of each slot"] = transforms.ReplaceMissingValues("Features", "Vector", MissingValueReplacingEstimator.ReplacementMode.Mean),
        ["missing values, minimum of all slots"] = transforms.ReplaceMissingValues("Features", "Vector", MissingValueReplacingEstimator.ReplacementMode.Minimum, imputeBySlot: false),
        ["missing values, maximum of a number"] = transforms.ReplaceMissingValues("Features", "Number", MissingValueReplacingEstimator.ReplacementMode.Maximum),
        ["missing values, mode of a double"] = transforms.ReplaceMissingValues("Double", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mode).Append(conversion.ConvertType("Features", "Double")),
        ["missing doubles, mean"] = transforms.ReplaceMissingValues("Precise", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean).Append(conversion.ConvertType("Features", "Precise")),
        ["missing or not"] = transforms.IndicateMissingValues("Gone", "Vector").Append(conversion.ConvertType("Features", "Gone")),
        ["missing or not, a number"] = transforms.IndicateMissingValues("Features", "Number"),
        ["one hot"] = transforms.Categorical.OneHotEncoding("Features", "Kind"),
        ["one hot of a vector"] = transforms.Categorical.OneHotEncoding("Features", "Tags"),
        ["one hot of a vector, counted"] = transforms.Categorical.OneHotEncoding("Features", "Tags", OneHotEncodingEstimator.OutputKind.Bag),
        ["one hot, counted"] = transforms.Categorical.OneHotEncoding("Features", "Kind", OneHotEncodingEstimator.OutputKind.Bag),
        ["one hot, as keys"] = transforms.Categorical.OneHotEncoding("Features", "Kind", OneHotEncodingEstimator.OutputKind.Key),
        ["one hot, as bits"] = transforms.Categorical.OneHotEncoding("Features", "Kind", OneHotEncodingEstimator.OutputKind.Binary),
        ["one hot of a vector, as bits"] = transforms.Categorical.OneHotEncoding("Features", "Tags", OneHotEncodingEstimator.OutputKind.Binary),
        ["one hot of whole numbers"] = transforms.Categorical.OneHotEncoding("Features", "Whole"),
        ["keys of text"] = conversion.MapValueToKey("Features", "Kind"),
        ["keys of text, by value"] = conversion.MapValueToKey("Features", "Kind", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue),
        ["keys of texts"] = conversion.MapValueToKey("Features", "Tags"),
        ["keys of texts of any number"] = transforms.Text.TokenizeIntoWords("Words", "Sentence").Append(conversion.MapValueToKey("Keys", "Words")).Append(conversion.MapKeyToVector("Features", "Keys", outputCountVector: true)),
        ["keys of numbers"] = conversion.MapValueToKey("Features", "Number"),
        ["keys of doubles"] = conversion.MapValueToKey("Features", "Precise"),
        ["keys of bytes"] = conversion.MapValueToKey("Features", "Bytes"),
        ["keys of whole numbers"] = conversion.MapValueToKey("Features", "Whole"),
        ["keys of long numbers"] = conversion.MapValueToKey("Features", "Long"),
        ["keys of yes and no"] = conversion.MapValueToKey("Features", "Yes"),
        ["keys and back"] = conversion.MapValueToKey("Key", "Number").Append(conversion.MapKeyToValue("Features", "Key")),
        ["keys of bytes and back"] = conversion.MapValueToKey("Key", "Bytes").Append(conversion.MapKeyToValue("Back", "Key")).Append(conversion.ConvertType("Features", "Back")),
        ["keys to vectors"] = conversion.MapValueToKey("Key", "Tags").Append(conversion.MapKeyToVector("Features", "Key")),
        ["keys that the data has"] = conversion.MapKeyToVector("Features", "Weekday"),
        ["keys that the data has, as they are"] = transforms.CopyColumns("Features", "Weekday"),
        ["whole numbers to real ones"] = conversion.ConvertType("Features", "Whole"),
        ["bytes to real numbers"] = conversion.ConvertType("Features", "Bytes"),
        ["long numbers to real ones"] = conversion.ConvertType("Features", "Long"),
        ["yes and no to numbers"] = conversion.ConvertType("Features", "Yes"),
        ["numbers to yes and no"] = conversion.ConvertType("Bits", "Vector", DataKind.Boolean).Append(conversion.ConvertType("Features", "Bits")),
        ["doubles to real numbers"] = conversion.ConvertType("Features", "Precise"),
        ["whole numbers to longer ones"] = conversion.ConvertType("Long", "Whole", DataKind.Int64).Append(conversion.ConvertType("Features", "Long")),
        ["selected columns"] = transforms.NormalizeMinMax("Vector").Append(transforms.SelectColumns("Vector", "Number")).Append(transforms.Concatenate("Features", "Number", "Vector")),
        ["dropped columns"] = transforms.DropColumns("Kind", "Tags").Append(transforms.CopyColumns("Features", "Vector")),
        ["one column over another"] = transforms.NormalizeMinMax("Other").Append(transforms.CopyColumns("Number", "Other")).Append(transforms.Concatenate("Features", "Number", "Other")),
        ["all of it"] = transforms.ReplaceMissingValues("Filled", "Vector", MissingValueReplacingEstimator.ReplacementMode.Mean).Append(transforms.NormalizeMeanVariance("Filled"))
            .Append(transforms.Categorical.OneHotEncoding([new InputOutputColumnPair("Hot", "Kind"), new InputOutputColumnPair("Hotter", "Whole")])).Append(transforms.IndicateMissingValues("Gone", "Number"))
            .Append(conversion.ConvertType("Gone")).Append(transforms.ReplaceMissingValues("Number")).Append(transforms.Concatenate("Features", "Hot", "Filled", "Gone", "Number", "Hotter")),
    };

    public static TheoryData<string> Names => [.. steps.Keys];

    [Theory, MemberData(nameof(Names))]
    public void AStep_GivesTheSame_InTheGraph(string name)
    {
        var seen = ml.Data.LoadFromEnumerable(Row.Seen());
        using var model = (IDisposable)Echo.Behind(steps[name], seen);
        using var converted = new Converted(ml, (ITransformer)model, seen.Schema);
        Assert.DoesNotContain(converted.Conversion.StepsOutside, step => step.Name != "WordTokenizing");
        Assert.True(converted.AssertSame(seen) >= 24);
        Assert.True(converted.AssertSame(ml.Data.LoadFromEnumerable(Row.Unseen())) >= 5);
    }

    [Fact]
    public void AStepOfALoadedModel_GivesTheSame()
    {
        var seen = ml.Data.LoadFromEnumerable(Row.Seen());
        var fitted = steps["all of it"].Fit(seen);
        using var file = new MemoryStream();
        ml.Model.Save(fitted, seen.Schema, file);
        file.Position = 0;
        var loaded = ml.Model.Load(file, out var schema);
        using var model = (IDisposable)Echo.Behind(new Fitted(loaded), seen);
        using var converted = new Converted(ml, (ITransformer)model, schema);
        Assert.Empty(converted.Conversion.StepsOutside);
        converted.AssertSame(seen);
        converted.AssertSame(ml.Data.LoadFromEnumerable(Row.Unseen()));
    }

    private sealed class Fitted(ITransformer loaded) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => loaded;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    internal sealed class Row
    {
        public float Number { get; set; }

        public float Other { get; set; }

        [VectorType(3)]
        public float[] Vector { get; set; } = [];

        [VectorType(4)]
        public float[] Sparse { get; set; } = [];

        public double Double { get; set; }

        [VectorType(2)]
        public double[] Precise { get; set; } = [];

        public string Kind { get; set; } = "";

        [VectorType(2)]
        public string[] Tags { get; set; } = [];

        public string Sentence { get; set; } = "";

        public int Whole { get; set; }

        public long Long { get; set; }

        [VectorType(2)]
        public byte[] Bytes { get; set; } = [];

        public bool Yes { get; set; }

        [KeyType(7)]
        public uint Weekday { get; set; }

        public static List<Row> Seen()
        {
            var dice = new Random(1);
            return [.. Enumerable.Range(0, 24).Select(i => new Row
            {
                Number = dice.Next(9), Other = 100 * dice.NextSingle() - 30, Vector = [dice.NextSingle(), i % 5 == 4 ? float.NaN : 20 + 3 * dice.NextSingle(), 7], Sparse = [i, i % 5 == 0 ? 1 : 0, -i, float.NaN], Double = 1e6 * dice.NextDouble(),
                Precise = [dice.Next(5) / 3.0, i % 4 == 3 ? double.NaN : -dice.NextDouble()], Kind = new[] { "red", "green", "Green", "blue é" }[i % 4], Tags = [$"t{dice.Next(3)}", $"t{dice.Next(5)}"],
                Sentence = string.Join(' ', Enumerable.Repeat($"word{dice.Next(4)} and", 1 + dice.Next(3))), Whole = dice.Next(-3, 4), Long = (1L << 40) + dice.Next(3), Bytes = [(byte)dice.Next(256), (byte)(i % 3)], Yes = i % 3 == 0, Weekday = (uint)dice.Next(8),
            })];
        }

        /// <summary>Nothing, everything, and what was never there.</summary>
        public static List<Row> Unseen() =>
        [
            new() { Vector = [0, 0, 0], Sparse = [0, 0, 0, 0], Precise = [0, 0], Tags = ["", ""], Bytes = [0, 0] },
            new() { Sparse = [1, 2, 3, 4], Number = float.NaN, Other = float.NaN, Vector = [float.NaN, float.NaN, float.NaN], Double = double.NaN, Precise = [double.NaN, double.NaN], Kind = "purple", Tags = ["t9", "t1"], Sentence = "unknown", Whole = int.MinValue, Long = long.MinValue, Bytes = [255, 255], Yes = true, Weekday = 7 },
            new() { Sparse = [float.NaN, 0, 1e30f, 0], Number = 1e30f, Other = 1e9f, Vector = [1e9f, -1e9f, 1e-30f], Double = 1e300, Precise = [1e30, -1e30], Kind = "GREEN", Tags = ["t0", "t0"], Sentence = "word1 word1 what", Whole = int.MaxValue, Long = long.MaxValue, Bytes = [1, 2], Weekday = 1 },
            new() { Sparse = [9, 9, 9, 9], Number = -1, Other = -5, Vector = [-0.5f, -20, -7], Double = -3, Precise = [-1 / 3.0, 0.5], Kind = " red", Tags = ["T1", "t2 "], Sentence = "and", Whole = 0, Long = 0, Bytes = [7, 0], Weekday = 3 },
            new() { Sparse = [0, 1, 0, 1], Number = 8, Other = 70, Vector = [float.PositiveInfinity, 22, 7], Double = 5e5, Precise = [2 / 3.0, -0.25], Kind = "red", Tags = ["t1", "t1"], Sentence = "word0", Whole = 3, Long = 1L << 40, Bytes = [128, 1], Yes = true, Weekday = 0 },
        ];
    }
}
