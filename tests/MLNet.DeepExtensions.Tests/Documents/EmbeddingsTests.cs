using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/embeddings.md, run as it is shown there.</summary>
public sealed class EmbeddingsTests
{
    private sealed class Embedded
    {
        public string Label { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }

    [Fact]
    public void VectorsThresholdsAndNeighbours()
    {
        var ml = new MLContext(seed: 1);
        var (known, others, strangers) = (Blobs.View(ml, 120), Blobs.View(ml, 60, seed: 8), Blobs.View(ml, 60, seed: 9));

        #region train
        var options = new DeepTrainerOptions
        {
            Epochs = 20,
            Loss = new Triplet { Margin = 0.2, Mining = TripletMining.BatchHard },
            Sampling = new ClassesPerBatch { Classes = 3, Rows = 8 },      // 24 rows in a batch
            Metrics = [new EqualErrorRate(), new RecallAt1()],
            Callbacks = [new EarlyStopping { Monitor = "eer", Patience = 5 }],
        };
        var keys = ml.Transforms.Conversion.MapValueToKey("Class", "Label").Fit(ml.Data.LoadFromEnumerable(Blobs.Rows(180)));   // over the rows of both sets
        var trainer = ml.Transforms.DeepEmbedding(new Mlp { HiddenSizes = [32] }, options, labelColumnName: "Class", embeddingSize: 16);
        using var model = trainer.Fit(keys.Transform(known), keys.Transform(others));
        #endregion
        Assert.True(model.History.Epochs[^1].Validation!.ContainsKey("recall_at_1"));

        #region verify
        var threshold = VerificationCurve.Of(model.Transform(others)).ThresholdAt(falseAcceptRate: 0.01);      // chosen on validation
        var curve = VerificationCurve.Of(model.Transform(strangers));
        var rates = curve.At(threshold);
        Console.WriteLine($"equal error rate {curve.EqualErrorRate:P1}; at {threshold:0.00} {rates.FalseAcceptRate:P1} false accepts, {rates.FalseRejectRate:P1} false rejects");
        #endregion
        Assert.InRange(curve.EqualErrorRate, 0, 0.1);

        var folder = Directory.CreateTempSubdirectory("embeddings").FullName;
        #region picture
        curve.SaveRocPicture(Path.Combine(folder, "roc.png"), threshold, "Strangers");
        #endregion
        Directory.Delete(folder, recursive: true);

        #region search
        var index = EmbeddingIndex.Build(model.Transform(others));
        var visitor = ml.Data.CreateEnumerable<Embedded>(model.Transform(strangers), reuseRowObject: false, ignoreMissingColumns: true).First();
        foreach (var neighbour in index.Search(visitor.Embedding, count: 3))
            Console.WriteLine($"{neighbour.Label} {neighbour.Similarity:0.00}");
        var opens = index.Similarity("kind 0", visitor.Embedding) >= threshold;
        #endregion
        Assert.True(opens);
    }

    [Fact]
    public void Balance()
    {
        var ml = new MLContext(seed: 1);
        #region balance
        var options = new DeepTrainerOptions { Sampling = new ClassBalanced() };
        var trainer = ml.MulticlassClassification.Trainers.Deep(new Mlp { HiddenSizes = [32] }, options);
        #endregion
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(Blobs.View(ml, 60));
        Assert.Equal(60, model.LastTransformer.History.Epochs[0].Rows);
    }
}
