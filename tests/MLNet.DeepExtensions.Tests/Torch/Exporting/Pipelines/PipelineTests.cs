using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Transforms;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

/// <summary>Whole pipelines as one ONNX graph.</summary>
[Collection(nameof(Alone))]
public class PipelineTests
{
    private static readonly DeepTrainerOptions options = new() { Epochs = 2, BatchSize = 8, Seed = 1, Optimizer = new Adam { LearningRate = 0.02 } };
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void AllMnistTestDigits_FromBytesToTheDigit()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
        var digits = ml.Data.LoadIdx(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.AugmentImages("Features", new RandomCrop(28, 28) { Padding = 2 }))
            .Append(ml.MulticlassClassification.Trainers.Deep(new LeNet5(), new DeepTrainerOptions { Epochs = 1, Seed = 1, BatchSize = 128 }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        using var trained = pipeline.Fit(digits);
        using var converted = new Converted(ml, trained, digits.Schema);
        var input = Assert.Single(converted.Conversion.Inputs);
        Assert.Equal(("Features", "uint8", "bytes from 0 to 255"), (input.Name, input.Type, input.Holds));
        Assert.Equal(["rows", "28", "28"], input.Shape);
        Assert.Equal(["Score", "PredictedLabel", "Digit"], converted.Conversion.Outputs.Select(column => column.Name));
        Assert.All(converted.Conversion.Outputs.Skip(1), column => Assert.Equal("uint8", column.Type));
        Assert.Empty(converted.Conversion.StepsOutside);
        var bytes = Converted.Rows(digits, digits.Schema["Features"]).SelectMany(row => row).Cast<byte>().ToArray();
        var outputs = converted.Run(NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<byte>(bytes, [bytes.Length / 784, 28, 28])));
        var said = trained.Transform(digits);
        Assert.Equal(said.GetColumn<byte>("Digit"), outputs["Digit"].AsTensor<byte>());
        Assert.Equal(said.GetColumn<byte>("Digit"), outputs["PredictedLabel"].AsTensor<byte>());
        var right = outputs["Digit"].AsTensor<byte>().Zip(digits.GetColumn<byte>("Label")).Count(pair => pair.First == pair.Second);
        Assert.True(right > 8000, $"{right} of 10,000");
        converted.AssertSame(ml.Data.TakeRows(digits, 200));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Pictures_FromRgbBytesToTheNameOfTheClass(int channels)
    {
        var cells = ml.Data.TakeRows(ml.Data.ShuffleRows(ml.Data.LoadImageFolder(Repository.PathOf("samples/data/blood-cells")), seed: 1), 60);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.ReadImages("Image", "ImagePath", new ImageReading { Height = 20, Width = 24 }))
            .Append(ml.Transforms.AugmentImages("Image", new RandomHorizontalFlip()))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [4] }, options with { Epochs = 1 }, featureColumnName: "Image", inputShape: new ImageShape(20, 24, channels)))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var trained = pipeline.Fit(cells);
        using var converted = new Converted(ml, trained, cells.Schema);
        var input = Assert.Single(converted.Conversion.Inputs);
        Assert.Equal(("Image", "uint8"), (input.Name, input.Type));
        Assert.Equal(["rows", "20", "24", "3"], input.Shape);
        Assert.Contains("20 rows from top to bottom", input.Holds, StringComparison.Ordinal);
        var outside = Assert.Single(converted.Conversion.StepsOutside);
        Assert.Equal(("ReadImages", "ImagePath", "Image"), (outside.Name, Assert.Single(outside.From), Assert.Single(outside.Makes)));
        Assert.Contains("\"height\":20", outside.Settings, StringComparison.Ordinal);
        Assert.Equal("text", converted.Conversion.Outputs.Single(column => column.Name == "PredictedLabel").Type);
        Assert.Equal(60 * 4, converted.AssertSame(cells, 1e-4));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void PicturesThatMlNetReads_EnterAsRgbBytes(bool isInterleaved, bool isFloat)
    {
        var cells = ml.Data.TakeRows(ml.Data.LoadImageFolder(Repository.PathOf("samples/data/blood-cells")), 6);
        var steps = ml.Transforms.LoadImages("Image", "", "ImagePath").Append(ml.Transforms.ResizeImages("Image", 16, 12)).Append(ml.Transforms.ExtractPixels("Pixels", "Image",
            interleavePixelColors: isInterleaved, orderOfExtraction: Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorsOrder.ABGR, offsetImage: isFloat ? 117 : 0, scaleImage: isFloat ? 1 / 255f : 1, outputAsFloatArray: isFloat));
        var all = isFloat ? steps.Append(ml.Transforms.CopyColumns("Features", "Pixels")) : (IEstimator<ITransformer>)steps.Append(ml.Transforms.Conversion.ConvertType("Features", "Pixels"));
        using var model = (IDisposable)Echo.Behind(all, cells);
        using var converted = new Converted(ml, (ITransformer)model, cells.Schema);
        Assert.Equal(["rows", "12", "16", "3"], Assert.Single(converted.Conversion.Inputs).Shape);
        Assert.Equal(["ImageLoading", "ImageResizing"], converted.Conversion.StepsOutside.Select(step => step.Name));
        Assert.Equal(6 * 576, converted.AssertSame(cells));
    }

    [Fact]
    public void ATable_TakesEachColumnInItsOwnType()
    {
        var rows = StepParityTests.Row.Seen();
        var data = ml.Data.LoadFromEnumerable(rows);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.NormalizeMeanVariance("Other", fixZero: false)).Append(ml.Transforms.ReplaceMissingValues("Vector"))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Whole"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new TabularNet { Width = 8 }, ["Other", "Kind", "Vector", "Whole", "Yes", "Weekday"], options)).Append(ml.Transforms.Conversion.MapKeyToValue("Said", "PredictedLabel"));
        using var trained = pipeline.Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal([("Other", "float32"), ("Kind", "text"), ("Vector", "float32"), ("Whole", "int32"), ("Yes", "bool"), ("Weekday", "uint32")], converted.Conversion.Inputs.Select(column => (column.Name, column.Type)));
        Assert.Equal(["rows", "1"], converted.Conversion.Inputs[0].Shape);
        Assert.True(converted.AssertSame(data) > 24);
        converted.AssertSame(ml.Data.LoadFromEnumerable(StepParityTests.Row.Unseen().Take(2)));
    }

    [Fact]
    public void ATextsTokens_BecomeTheNameOfItsClass()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Kind").Append(ml.Transforms.Text.TokenizeIntoWords("Words", "Sentence")).Append(ml.Transforms.Conversion.MapValueToKey("Ids", "Words"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new EmbeddingBag { EmbeddingSize = 8 }, options, featureColumnName: "Ids"));
        using var trained = pipeline.Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal([("Words", "text"), ("Words.lengths", "int64")], converted.Conversion.Inputs.Select(column => (column.Name, column.Type)));
        converted.AssertSame(data);
    }

    [Fact]
    public void ATextThatTheNetworkCutsItself_EntersAsTheNumbersOfItsTokens()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Kind").Append(ml.Transforms.Text.NormalizeText("Text", "Sentence"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new TransformerEncoder { Layers = 1, HiddenSize = 8, Heads = 2, FeedForwardSize = 16 }, [new InputColumn("Text") { Tokenizer = new Characters(), MaxTokens = 40 }], options));
        using var trained = pipeline.Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal([("Text", "int32"), ("Text.lengths", "int64")], converted.Conversion.Inputs.Select(column => (column.Name, column.Type)));
        Assert.Equal(["TextNormalizing", "Tokenize"], converted.Conversion.StepsOutside.Select(step => step.Name));
        var tokenizer = trained.LastTransformer.Tokenizer!;
        var texts = trained.Transform(data).GetColumn<string>("Text").Select(text => tokenizer.Encode(text, 40)).ToList();
        var longest = texts.Max(text => text.Count);
        var outputs = converted.Run(
            NamedOnnxValue.CreateFromTensor("Text", new DenseTensor<int>(texts.SelectMany(text => text.Concat(Enumerable.Repeat(0, longest - text.Count))).ToArray(), [texts.Count, longest])),
            NamedOnnxValue.CreateFromTensor("Text.lengths", new DenseTensor<long>(texts.Select(text => (long)text.Count).ToArray(), [texts.Count])));
        Assert.Equal(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(trained.Transform(data)).Transform(trained.Transform(data)).GetColumn<string>("PredictedLabel"), outputs["PredictedLabel"].AsTensor<string>());
        Assert.Equal(trained.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row), outputs["Score"].AsTensor<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void AFeaturizedText_EntersAsItsFeatures()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var steps = ml.Transforms.Text.FeaturizeText("Counts", "Sentence").Append(ml.Transforms.NormalizeMinMax("Number")).Append(ml.Transforms.Concatenate("Features", "Counts", "Number"));
        using var model = (IDisposable)Echo.Behind(steps, data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        Assert.Equal(["Counts", "Number"], converted.Conversion.Inputs.Select(column => column.Name));
        Assert.Equal("TextFeaturizing", Assert.Single(converted.Conversion.StepsOutside).Name);
        converted.AssertSame(data);
    }

    [Fact]
    public void AChainThatDropsWhatItOnlyUsedItself_IsFedWithWhatComesOutOfIt()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var words = ml.Transforms.Text.TokenizeIntoWords("Words", "Sentence").Append(ml.Transforms.Conversion.MapValueToKey("Keys", "Words")).Append(ml.Transforms.Conversion.MapKeyToVector("Counts", "Keys", outputCountVector: true))
            .Append(ml.Transforms.DropColumns("Words", "Keys"));
        using var model = (IDisposable)Echo.Behind(ml.Transforms.NormalizeMinMax("Number").Append(words).Append(ml.Transforms.Concatenate("Features", "Counts", "Number")), data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        Assert.Equal(["Counts", "Number"], converted.Conversion.Inputs.Select(column => column.Name));
        Assert.Equal(["WordTokenizing", "ValueToKeyMapping", "KeyToVectorMapping"], converted.Conversion.StepsOutside.Select(step => step.Name));
        converted.AssertSame(data);
    }

    [Fact]
    public void AStepWithoutAForm_IsNamed_AndWhatItMakesIsAnInput()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var steps = ml.Transforms.CustomMapping<StepParityTests.Row, Made>((row, made) => made.Sum = row.Number + row.Other, null).Append(ml.Transforms.NormalizeMinMax("Sum", fixZero: false)).Append(ml.Transforms.Concatenate("Features", "Sum", "Other"));
        using var model = (IDisposable)Echo.Behind(steps, data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        Assert.Equal(["Sum", "Other"], converted.Conversion.Inputs.Select(column => column.Name));
        var outside = Assert.Single(converted.Conversion.StepsOutside);
        Assert.Equal(("CustomMapping", "Sum"), (outside.Name, Assert.Single(outside.Makes)));
        Assert.Equal(["Normalize Sum by offset and scale", "Concatenate Features", "Echo"], converted.Conversion.StepsInside);
        // the caller runs the steps outside, and nothing else
        var sums = ((IEnumerable<ITransformer>)model).First().Transform(data);
        var outputs = converted.Run(Feed("Sum", [.. sums.GetColumn<float>("Sum")]), Feed("Other", [.. data.GetColumn<float>("Other")]));
        Assert.Equal(((ITransformer)model).Transform(data).GetColumn<float[]>("Features").SelectMany(row => row), outputs["Score"].AsTensor<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void AColumnThatAStepWithoutAFormReplaced_IsTwoInputs_WhereBothAreRead()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        var steps = ml.Transforms.CopyColumns("Raw", "Other").Append(ml.Transforms.CustomMapping<StepParityTests.Row, Replaced>((row, made) => made.Other = 2 * row.Other, null)).Append(ml.Transforms.Concatenate("Features", "Raw", "Other"));
        using var model = (IDisposable)Echo.Behind(steps, data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        Assert.Equal([("Other", "numbers"), ("Other (2)", "numbers; as CustomMapping makes it")], converted.Conversion.Inputs.Select(column => (column.Name, column.Holds)));
        var others = data.GetColumn<float>("Other").ToArray();
        var outputs = converted.Run(Feed("Other", others), Feed("Other (2)", [.. others.Select(other => 2 * other)]));
        Assert.Equal(((ITransformer)model).Transform(data).GetColumn<float[]>("Features").SelectMany(row => row), outputs["Score"].AsTensor<float>());
    }

    [Fact]
    public void AKeyThatIsNone_IsTheMissingOne()
    {
        var data = ml.Data.LoadFromEnumerable(StepParityTests.Row.Seen());
        using var model = (IDisposable)Echo.Behind(ml.Transforms.Conversion.MapKeyToVector("Features", "Weekday"), data);
        using var converted = new Converted(ml, (ITransformer)model, data.Schema);
        var outputs = converted.Run(NamedOnnxValue.CreateFromTensor("Weekday", new DenseTensor<uint>(new uint[] { 7, 8, uint.MaxValue, 0 }, [4, 1])));
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, .. new float[21]], outputs["Score"].AsTensor<float>());
    }

    [Fact]
    public void APipelineThatDropsAllThatItsNetworkGives_IsRefused()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Append(ml.Transforms.SelectColumns("Number")).Fit(data);
        Assert.Contains("SelectColumns", Assert.Throws<ArgumentException>(() => ml.Model.ConvertToDeepOnnx(trained, data.Schema, new MemoryStream())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStepBehindTheNetworkWithoutAForm_IsNamed_AndTheRestIsWritten()
    {
        var data = Blobs.View(ml, 40);
        var pipeline = Blobs.Pipeline(ml, options).Append(ml.Transforms.CustomMapping<Said, Best>((answer, best) => best.Highest = answer.Score.Max(), null)).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Append(ml.Transforms.CopyColumns("Again", "Best"));
        using var trained = pipeline.Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal(["Score", "PredictedLabel", "Name"], converted.Conversion.Outputs.Select(column => column.Name));
        Assert.Equal(["CustomMapping", "ColumnCopying"], converted.Conversion.StepsOutside.Select(step => step.Name));
        converted.AssertSame(data);
    }

    [Fact]
    public void ColumnsThatThePipelineDrops_AreNoOutputs()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Append(ml.Transforms.SelectColumns("Name")).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        Assert.Equal("Name", Assert.Single(converted.Conversion.Outputs).Name);
        Assert.Equal(40, converted.AssertSame(data));
    }

    [Fact]
    public void TheFile_SaysWhatItIs()
    {
        var data = Blobs.View(ml, 40);
        using var trained = ml.Transforms.NormalizeMinMax("Features").Append(Blobs.Pipeline(ml, options)).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        var said = converted.File.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        Assert.Equal("MLNet.DeepExtensions", converted.File.ProducerName);
        Assert.NotEmpty(converted.File.ProducerVersion);
        Assert.True(DateTimeOffset.TryParse(said["trained"], out _));
        Assert.Equal(["kind 0", "kind 1", "kind 2"], JsonSerializer.Deserialize<string[]>(said["labels"])!);
        Assert.Equal("Features", JsonDocument.Parse(said["inputs"]).RootElement[0].GetProperty("name").GetString());
        Assert.Equal("4", JsonDocument.Parse(said["inputs"]).RootElement[0].GetProperty("shape")[1].GetString());
        Assert.Equal(["Score", "PredictedLabel"], JsonDocument.Parse(said["outputs"]).RootElement.EnumerateArray().Select(column => column.GetProperty("name").GetString()));
        Assert.Contains("Normalize Features", said["stepsInside"], StringComparison.Ordinal);
        Assert.Equal("[]", said["stepsOutside"]);
        Assert.Equal([("", 20L)], converted.File.OpsetImport.Select(opset => (opset.Domain, opset.Version)));
        Assert.Equal(["numbers", "the probability of each class, in the order of the labels", "the label itself, one of 3; an empty text where a score is no number"],
            converted.File.Graph.Input.Concat(converted.File.Graph.Output).Select(column => column.DocString));
        Assert.All(converted.File.Graph.Input.Concat(converted.File.Graph.Output), column => Assert.Equal("rows", column.Type.TensorType.Shape.Dim[0].DimParam));
    }

    [Fact]
    public void AFile_IsTheSameAsTheStream()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            Assert.Equal(["Score", "PredictedLabel"], ml.Model.ConvertToDeepOnnx(trained, data.Schema, path).Outputs.Select(column => column.Name));
            Assert.Equal(converted.Bytes, File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void NumbersThatAreNone_GiveNoLabel()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        var outputs = converted.Run(NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<float>(new[] { float.NaN, 0, 0, 0, 3, 0, 0, 0 }, [2, 4])));
        Assert.Equal("", outputs["PredictedLabel"].AsTensor<string>().First());
        Assert.StartsWith("kind", outputs["PredictedLabel"].AsTensor<string>().Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void AModelThatWasLoaded_GivesTheSameFile()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, options).Fit(data);
        using var converted = new Converted(ml, trained, data.Schema);
        using var saved = new MemoryStream();
        ml.Model.Save(trained, data.Schema, saved);
        saved.Position = 0;
        var loaded = ml.Model.Load(saved, out var schema);
        using var again = new Converted(ml, loaded, schema);
        Assert.Equal(converted.Bytes, again.Bytes);
    }

    private static NamedOnnxValue Feed(string name, float[] values) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values, [values.Length, 1]));

    private sealed class Made
    {
        public float Sum { get; set; }
    }

    private sealed class Replaced
    {
        public float Other { get; set; }
    }

    private sealed class Said
    {
        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class Best
    {
        [ColumnName("Best")]
        public float Highest { get; set; }
    }
}
