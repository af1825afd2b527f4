using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions.Tests.Core.Interop;

/// <summary>Canaries: what is read of ML.NET's fitted steps is what was said or seen when they were fitted.</summary>
public class StepDoorsTests
{
    private readonly MLContext ml = new(seed: 1);

    private IDataView Data => ml.Data.LoadFromEnumerable([new Row { Number = 2, Vector = [1, float.NaN], Kind = "b" }, new Row { Number = 4, Vector = [3, 8], Kind = "a" }]);

    [Fact]
    public void Concatenation_SaysItsSources_InTheirOrder() =>
        Assert.Equal(["Vector", "Number", "Vector"], StepDoors.SourcesOf((ColumnConcatenatingTransformer)((ITransformer)ml.Transforms.Concatenate("All", "Vector", "Number", "Vector").Fit(Data)), "All"));

    [Fact]
    public void AStepOfSeveralColumns_SaysWhichIsWhich()
    {
        var step = ml.Transforms.NormalizeMinMax([new InputOutputColumnPair("A", "Number"), new InputOutputColumnPair("B", "Vector")]).Fit(Data);
        Assert.Equal((1, "Vector"), StepDoors.PairOf(step, "B"));
    }

    [Fact]
    public void KeysOfText_SayTheirTerms_InTheirOrder()
    {
        var step = ml.Transforms.Conversion.MapValueToKey("Key", "Kind").Fit(Data);
        Assert.Equal(["b", "a"], StepDoors.TermsOf<ReadOnlyMemory<char>>(step, 0)!.Select(term => term.ToString()));
        Assert.Null(StepDoors.TermsOf<float>(step, 0));
    }

    [Fact]
    public void MissingValues_SayWhatReplacesThem()
    {
        Assert.Equal(3f, StepDoors.ReplacementOf(ml.Transforms.ReplaceMissingValues("Number", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean).Fit(Data), 0));
        Assert.Equal(new float[] { 2, 8 }, StepDoors.ReplacementOf(ml.Transforms.ReplaceMissingValues("Vector", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean).Fit(Data), 0));
    }

    [Fact]
    public void OneHotEncoding_IsMadeOfTwoSteps() =>
        Assert.Equal([typeof(ValueToKeyMappingTransformer), typeof(KeyToVectorMappingTransformer)], StepDoors.StepsOf(ml.Transforms.Categorical.OneHotEncoding("Kind").Fit(Data)).Select(step => step.GetType()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IndicatorsOfKeys_SayWhetherTheyCount(bool counts)
    {
        var keys = ml.Transforms.Conversion.MapValueToKey("Kind").Fit(Data).Transform(Data);
        Assert.Equal(counts, StepDoors.Counts(ml.Transforms.Conversion.MapKeyToVector("Kind", outputCountVector: counts).Fit(keys), 0));
    }

    [Fact]
    public void Pixels_SayTheirOrder()
    {
        var images = ml.Data.LoadFromEnumerable(Array.Empty<Picture>());
        var step = ml.Transforms.ExtractPixels("Pixels", "Image", colorsToExtract: ImagePixelExtractingEstimator.ColorBits.Blue | ImagePixelExtractingEstimator.ColorBits.Red,
            orderOfExtraction: ImagePixelExtractingEstimator.ColorsOrder.ABGR, interleavePixelColors: true, offsetImage: 3, scaleImage: 2).Fit(images);
        var layout = StepDoors.LayoutOf(step, 0);
        Assert.Equal([2, 0], layout.Channels!);
        Assert.Equal((true, 3f, 2f), (layout.IsInterleaved, layout.Offset, layout.Scale));
    }

    [Fact]
    public void RowNorms_SayTheirMeasure() =>
        Assert.Equal(new RowNorm("Infinity", true, 1), StepDoors.NormOf(ml.Transforms.NormalizeLpNorm("Vector", norm: LpNormNormalizingEstimatorBase.NormFunction.Infinity, ensureZeroMean: true).Fit(Data), 0));

    [Fact]
    public void SelectedFeatures_SayWhichSlotsStay()
    {
        var fitted = ml.Transforms.FeatureSelection.SelectFeaturesBasedOnCount("Vector", count: 2).Fit(Data);
        var step = Assert.Single(fitted as IEnumerable<ITransformer> ?? [fitted], step => step.GetType() == StepDoors.SlotsDropping);
        Assert.Equal([0], StepDoors.KeptOf(step, 0, 2));
    }

    private sealed class Row
    {
        public float Number { get; set; }

        [VectorType(2)]
        public float[] Vector { get; set; } = [];

        public string Kind { get; set; } = "";
    }

    private sealed class Picture
    {
        [ImageType(4, 4)]
        public MLImage Image { get; set; } = null!;
    }
}
