using System.IO.Compression;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Onnx;
using MLNet.DeepExtensions.Tests.Conformance;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting;

/// <summary>A model saved for devices without libtorch.</summary>
public class PortableModelTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void TheWholeMnistTestSet_HasTheSameLabels_AndScores()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "data", "mnist");
        var digits = ml.Data.LoadIdx(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Mlp(), new DeepTrainerOptions { Epochs = 1, Seed = 1 })).Fit(digits);
        var (context, portable) = Reload(trained, digits.Schema);
        var (expected, actual) = (Scored.Of(ml, trained, digits), Scored.Of(context, portable, digits));
        Scored.AssertSame(expected, actual, 1e-4);
        Assert.Equal(expected.Select(row => row.Label), actual.Select(row => row.Label));
    }

    [Fact]
    public void APortableModel_IsSavedAgain_ByOrdinarySave()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }).Fit(data);
        var (context, portable) = Reload(trained, data.Schema);
        using var file = new MemoryStream();
        context.Model.Save(portable, data.Schema, file);
        file.Position = 0;
        Scored.AssertSame(Scored.Of(context, portable, data), Scored.Of(context, new MLContext().Model.Load(file, out _), data), 0);
    }

    [Fact]
    public void PicturesOfAnotherSize_AreResizedAndCut_InTheGraph()
    {
        var dice = new Random(1);
        var rows = Enumerable.Range(0, 12).Select(i => new Pixels { Label = $"{i % 3}", Features = [.. Enumerable.Range(0, 3 * 20 * 24).Select(_ => (byte)dice.Next(256))] }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.AugmentImages("Features", new RandomResizedCrop(12, 12)))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet { Widths = [4] }, new DeepTrainerOptions { Epochs = 1, Seed = 1, Normalization = Normalization.ImageNet })).Fit(data);
        var (context, portable) = Reload(trained, data.Schema);
        Scored.AssertSame(Scored.Of(ml, trained, data), Scored.Of(context, portable, data), 1e-4);
    }

    [Fact]
    public void AModuleOfOnesOwn_ThatSaysHowItIsWritten_IsExported()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Own(new Doubled(withExport: true), data);
        var (context, portable) = Reload(trained, data.Schema);
        Scored.AssertSame(Scored.Of(ml, trained, data), Scored.Of(context, portable, data), 1e-5);
    }

    [Fact]
    public void ANormWithoutWeights_IsExported()
    {
        var data = Blobs.View(ml, 40);
        using var trained = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Plain(), new DeepTrainerOptions { Epochs = 1, Seed = 1 })).Fit(data);
        var (context, portable) = Reload(trained, data.Schema);
        Scored.AssertSame(Scored.Of(ml, trained, data), Scored.Of(context, portable, data), 1e-5);
    }

    [Fact]
    public void AModuleOfOnesOwn_ThatDoesNot_IsNamed_WithWhatIsKnown()
    {
        var data = Blobs.View(ml, 40);
        using var trained = Own(new Doubled(withExport: false), data);
        using var file = new MemoryStream();
        var e = Assert.Throws<NotSupportedException>(() => ml.Model.SavePortable(trained, data.Schema, file));
        Assert.Contains("SilentDoubling", e.Message, StringComparison.Ordinal);
        Assert.Contains("'middle'", e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IOnnxExportable), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("outside", "in another file")]
    [InlineData("foreign", "com.example")]
    [InlineData("renamed", "takes")]
    [InlineData("empty", "no graph")]
    [InlineData("cut", "damaged")]
    [InlineData("noise", "")]
    public void AHostileGraph_IsRefused(string kind, string complaint)
    {
        var data = Blobs.View(ml, 40);
        using var trained = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }).Fit(data);
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, data.Schema, file);
        using (var archive = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = archive.Entries.Single(entry => entry.Name == "network.onnx");
            byte[] bytes;
            using (var read = new MemoryStream())
            {
                using (var stream = entry.Open())
                    stream.CopyTo(read);
                bytes = Changed(read.ToArray(), kind);
            }
            var name = entry.FullName;
            entry.Delete();
            using var written = archive.CreateEntry(name).Open();
            written.Write(bytes);
        }
        file.Position = 0;
        var e = Assert.ThrowsAny<Exception>(() => new MLContext().Model.Load(file, out _));
        var cause = e;
        while (cause is not InvalidModelFileException && cause.InnerException is { } inner)
            cause = inner;
        Assert.Contains(complaint, Assert.IsType<InvalidModelFileException>(cause).Message, StringComparison.Ordinal);
    }

    private static byte[] Changed(byte[] bytes, string kind)
    {
        if (kind == "cut")
            return bytes[..(bytes.Length / 2)];
        if (kind == "noise")
        {
            new Random(1).NextBytes(bytes);
            return bytes;
        }
        var model = ModelProto.Parser.ParseFrom(bytes);
        switch (kind)
        {
            case "outside":
                model.Graph.Initializer[0].RawData = ByteString.Empty;
                model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External;
                model.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });
                break;
            case "foreign": model.Graph.Node[0].Domain = "com.example"; break;
            case "renamed":
                foreach (var node in model.Graph.Node)
                    for (var i = 0; i < node.Input.Count; i++)
                        node.Input[i] = node.Input[i] == model.Graph.Input[0].Name ? "other" : node.Input[i];
                model.Graph.Input[0].Name = "other";
                break;
            default: model.Graph = null; break;
        }
        return model.ToByteArray();
    }

    private (MLContext Context, ITransformer Model) Reload(ITransformer trained, DataViewSchema schema)
    {
        using var file = new MemoryStream();
        ml.Model.SavePortable(trained, schema, file);
        file.Position = 0;
        var context = new MLContext();
        return (context, context.Model.Load(file, out _));
    }

    private TransformerChain<DeepTransformer> Own(Doubled model, IDataView data) => Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1 }, model).Fit(data);

    private sealed class Pixels
    {
        [VectorType(3, 20, 24)]
        public byte[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed record Plain : ModelConfig
    {
        public override nn.Module Build(InputShape input, int outputs, Device? device = null) => nn.Sequential(
            ("first", nn.Linear(input.Count, 8, device: device)), ("norm", nn.LayerNorm(8, elementwise_affine: false, device: device)), ("last", nn.Linear(8, outputs, device: device)));
    }

    private sealed record Doubled(bool withExport) : ModelConfig
    {
        public override nn.Module Build(InputShape input, int outputs, Device? device = null) => nn.Sequential(
            ("first", nn.Linear(input.Count, 8, device: device)), ("middle", withExport ? new Doubling() : new SilentDoubling()), ("last", nn.Linear(8, outputs, device: device)));
    }

    #region own
    private sealed class Doubling() : nn.Module<Tensor, Tensor>(nameof(Doubling)), IOnnxExportable
    {
        public override Tensor forward(Tensor input) => input * 2;

        public GraphValue Export(OnnxGraph graph, GraphInput input) => graph.Node("Mul", [input.Values, graph.Constant(2f)]);
    }
    #endregion

    private sealed class SilentDoubling() : nn.Module<Tensor, Tensor>(nameof(SilentDoubling))
    {
        public override Tensor forward(Tensor input) => input * 2;
    }
}
