using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace MLNet.DeepExtensions.Tests;

public class FitWithValidationTests
{
    private readonly MLContext ml = new(seed: 1);

    private sealed class Row
    {
        public int Number { get; set; }

        public string Kind { get; set; } = "";

        public float Value { get; set; }

        public bool Label { get; set; }
    }

    // the validation rows have larger values and other kinds, so that whoever learns from them shows it
    private IDataView Train => View(0, 100, "a", "b");

    private IDataView Validation => View(1000, 40, "c", "d");

    private IDataView View(int first, int count, params string[] kinds) => ml.Data.LoadFromEnumerable(Enumerable.Range(first, count)
        .Select(i => new Row { Number = i, Kind = kinds[i % kinds.Length], Value = i, Label = i % 2 == 0 }).ToList());

    [Fact]
    public void EveryStep_IsFittedOnTrainingRowsOnly_AndValidationRowsComeThroughTheFittedSteps()
    {
        var (before, inner, behind) = (new RecordingStep(ml, "A"), new RecordingStep(ml, "B"), new RecordingStep(ml, "D"));
        var validating = new ValidatingStep(ml, "C", "Value");
        var nested = ml.Transforms.CopyColumns("E", "Number").Append(inner).Append(validating);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind").Append(before).Append(ml.Transforms.NormalizeMinMax("Value", fixZero: false)).Append(nested).Append(behind);

        var model = pipeline.Fit(Train, Validation);

        Assert.All([before, inner, validating, behind], step => Assert.Equal(Enumerable.Range(0, 100), step.FittedOn));
        Assert.Equal(Enumerable.Range(1000, 40), validating.ValidatedOn);
        Assert.Equal(3, validating.Patience);
        var transformed = model.Transform(Validation);
        Assert.All(transformed.GetColumn<uint>("Kind"), key => Assert.Equal(0u, key));                  // kinds never seen: missing keys
        Assert.Equal(1000 / 99f, transformed.GetColumn<float>("Value").First(), 1e-4f);                 // scaled by the training rows' range
    }

    [Fact]
    public void TheResult_IsWhatFitTrainGives_AndCanBeSaved()
    {
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind").Append(ml.Transforms.NormalizeMinMax("Value")).Append(ml.Transforms.Concatenate("Features", "Value"))
            .Append(ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 5, minimumExampleCountPerLeaf: 2));
        var plain = pipeline.Fit(Train);
        var validated = pipeline.Fit(Train, Validation);

        Assert.Equal(plain.Select(step => step.GetType()), validated.Select(step => step.GetType()));
        Assert.Equal(plain.Transform(Train).GetColumn<float>("Score"), validated.Transform(Train).GetColumn<float>("Score"));
        Assert.IsType<BinaryPredictionTransformer<Microsoft.ML.Calibrators.CalibratedModelParametersBase<FastTreeBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>>>(validated.LastTransformer);
        using var file = new MemoryStream();
        ml.Model.Save(validated, Train.Schema, file);
        file.Position = 0;
        Assert.Equal(validated.Transform(Validation).GetColumn<float>("Score"), new MLContext().Model.Load(file, out _).Transform(Validation).GetColumn<float>("Score"));
    }

    [Fact]
    public void Scopes_AreKept()
    {
        var validating = new ValidatingStep(ml, "C");
        var nested = new EstimatorChain<ITransformer>().Append(ml.Transforms.CopyColumns("TestOnly", "Number"), TransformerScope.TrainTest).Append(validating);
        var pipeline = new EstimatorChain<ITransformer>().Append(ml.Transforms.Conversion.MapValueToKey("Kind"), TransformerScope.TrainTest).Append(nested);
        foreach (var model in new[] { pipeline.Fit(Train), pipeline.Fit(Train, Validation) })
        {
            Assert.Equal(2, model.Count());
            Assert.Single(model.GetModelFor(TransformerScope.Scoring));
            Assert.Equal(2, model.GetModelFor(TransformerScope.Testing).Count());
            var inner = Assert.IsType<TransformerChain<ITransformer>>(model.LastTransformer);
            Assert.Single(inner.GetModelFor(TransformerScope.Scoring));
            // the pipeline's own Transform is for scoring: the label's mapping is left out
            Assert.IsType<TextDataViewType>(model.Transform(Train).Schema["Kind"].Type, exactMatch: false);
            Assert.Null(model.Transform(Train).Schema.GetColumnOrNull("TestOnly"));
        }
    }

    [Fact]
    public void NestedChains_KeepTheirTypes()
    {
        var nested = ml.Transforms.Concatenate("Features", "Value").Append(ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 2, minimumExampleCountPerLeaf: 2));
        var pipeline = ml.Transforms.CopyColumns("Copy", "Number").Append(nested);
        Assert.Equal(pipeline.Fit(Train).LastTransformer.GetType(), pipeline.Fit(Train, Validation).LastTransformer.GetType());
        // one typed as an estimator of something more general
        IEstimator<ITransformer> untyped = pipeline;
        Assert.IsType<TransformerChain<TransformerChain<BinaryPredictionTransformer<Microsoft.ML.Calibrators.CalibratedModelParametersBase<FastTreeBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>>>>>(
            untyped.Fit(Train, Validation));
    }

    [Fact]
    public void CacheCheckpoints_CacheBothSets_ExceptAfterTheLastStep()
    {
        var (uncached, cached, last) = (new ValidatingStep(ml, "A"), new ValidatingStep(ml, "B"), new ValidatingStep(ml, "C"));
        var nested = ml.Transforms.CopyColumns("X", "Number").AppendCacheCheckpoint(ml).Append(cached).AppendCacheCheckpoint(ml);
        var pipeline = ml.Transforms.CopyColumns("Y", "Number").Append(uncached).Append(nested).Append(last);
        pipeline.Fit(Train, Validation);
        Assert.DoesNotContain("CacheDataView", uncached.Views);
        Assert.Equal(["CacheDataView", "CacheDataView"], cached.Views);
        Assert.DoesNotContain("CacheDataView", last.Views);

        foreach (var step in new[] { uncached, cached, last })
            step.Views.Clear();
        pipeline.Fit(Train);
        Assert.Equal([false, true, false], new[] { uncached, cached, last }.Select(step => step.Views.Single() == "CacheDataView"));
    }

    [Fact]
    public void FastTree_GetsTheValidationSetThatItsEarlyStoppingNeeds()
    {
        var pipeline = ml.Transforms.Concatenate("Features", "Value").Append(ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = 5, MinimumExampleCountPerLeaf = 2, EarlyStoppingRule = new GeneralityLossRule(), EnablePruning = true,
        }));
        Assert.Contains("without a validation set", Assert.ThrowsAny<Exception>(() => pipeline.Fit(Train)).Message);
        Assert.NotNull(pipeline.Fit(Train, Validation).LastTransformer);
    }

    [Fact]
    public void OtherTrainersOfMLNet_GetTheValidationSetToo()
    {
        var features = ml.Transforms.Concatenate("Features", "Value");
        // Fit(train, validation, modelParameters: null)
        Assert.NotNull(features.Append(ml.BinaryClassification.Trainers.FieldAwareFactorizationMachine("Features")).Fit(Train, Validation).LastTransformer);
        Assert.NotNull(features.Append(ml.BinaryClassification.Trainers.Gam(numberOfIterations: 5)).Fit(Train, Validation).LastTransformer);
        Assert.NotNull(features.Append(ml.Regression.Trainers.FastTree("Value", numberOfTrees: 2)).Fit(Train, Validation).LastTransformer);
    }

    [Fact]
    public void ASingleStep_WillDo()
    {
        IEstimator<ITransformer> step = new ValidatingStep(ml, "A");
        step.Fit(Train, Validation);
        Assert.Equal(Enumerable.Range(1000, 40), ((ValidatingStep)step).ValidatedOn);
    }

    [Fact]
    public void WithoutAStepThatTakesAValidationSet_SaysSo_BeforeAnythingIsFitted()
    {
        var recording = new RecordingStep(ml, "A");
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Kind").Append(new EstimatorChain<ITransformer>().Append(recording)).Append(ml.Transforms.Concatenate("Features", "Value"));
        var message = Assert.Throws<ArgumentException>(() => pipeline.Fit(Train, Validation)).Message;
        Assert.Contains("no step that takes a validation set; its steps are: ValueToKeyMappingEstimator, RecordingStep, ColumnConcatenatingEstimator. Use Fit(train)", message);
        Assert.Empty(recording.FittedOn);

        var hidden = ml.Transforms.Concatenate("Features", "Value").Append(ml.BinaryClassification.Trainers.FastTree().WithOnFitDelegate(_ => { }));
        Assert.Contains("hidden in a wrapper", Assert.Throws<ArgumentException>(() => hidden.Fit(Train, Validation)).Message);
        Assert.Contains("no step", Assert.Throws<ArgumentException>(() => new EstimatorChain<ITransformer>().Fit(Train, Validation)).Message);
        // a second data view that is no validation set is not taken for one
        Assert.Throws<ArgumentException>(() => ml.Transforms.Concatenate("Features", "Value").Append(ml.BinaryClassification.Trainers.AveragedPerceptron()).Fit(Train, Validation));
    }

    [Fact]
    public void AValidationSetWithOtherColumns_IsRefused_BeforeAnythingIsFitted()
    {
        var recording = new RecordingStep(ml, "A");
        var pipeline = ml.Transforms.CopyColumns("Copy", "Value").Append(recording).Append(new ValidatingStep(ml, "B"));
        var validation = ml.Transforms.DropColumns("Value").Fit(Validation).Transform(Validation);
        var message = Assert.Throws<ArgumentException>("validation", () => pipeline.Fit(Train, validation)).Message;
        Assert.Contains("takes the columns of the training set but not those of the validation set", message);
        Assert.Contains("Value", message);
        Assert.Empty(recording.FittedOn);
    }

    [Fact]
    public void AStepsOwnError_ComesAsItIs()
    {
        var pipeline = ml.Transforms.CopyColumns("Copy", "Value").Append(new Failing(ml));
        Assert.Equal("as thrown", Assert.Throws<NotSupportedException>(() => pipeline.Fit(Train, Validation)).Message);
    }

    [Fact]
    public void Null_IsRefused()
    {
        var pipeline = ml.Transforms.CopyColumns("A", "Number").Append(new ValidatingStep(ml, "B"));
        Assert.Throws<ArgumentNullException>("train", () => pipeline.Fit(null!, Validation));
        Assert.Throws<ArgumentNullException>("validation", () => pipeline.Fit(Train, null!));
        Assert.Throws<ArgumentNullException>("chain", () => ((EstimatorChain<ITransformer>)null!).Fit(Train, Validation));
        Assert.Throws<ArgumentNullException>("estimator", () => ((IEstimator<ITransformer>)null!).Fit(Train, Validation));
    }

    private sealed class Failing(MLContext ml) : RecordingStep(ml, "A")
    {
        public ITransformer Fit(IDataView train, IDataView validation) => throw new NotSupportedException("as thrown");
    }
}
