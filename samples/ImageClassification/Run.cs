using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;

namespace ImageClassification;

/// <summary>The two things that the sample does: train once and show everything, or cross-validate.</summary>
internal sealed record Run(MLContext Ml, Recipe Recipe, string Model, TrainingProgress Progress, bool Augment, int Seed)
{
    public int Train(IDataView data, DirectoryInfo? testFolder, DirectoryInfo output, FileInfo? save, bool onnx, FileInfo[] files)
    {
        output.Create();
        string Out(string name) => Path.Combine(output.FullName, name);

        #region split
        var parts = Ml.Data.TrainValidationTestSplit(data, 0.7, 0.2, 0.1, stratificationColumnName: "Label", samplingKeyColumnName: "Origin", seed: Seed);
        var test = testFolder is null ? parts.Test : Photos.Load(Ml, testFolder.FullName);
        #endregion

        #region fit
        var pipeline = Recipe.Pipeline(Ml, Augment);
        var model = Progress.Show(() => pipeline.Fit(parts.Train, parts.Validation));
        #endregion

        var deep = ((IEnumerable<ITransformer>)model).OfType<DeepTransformer>().Single();
        #region evaluate
        var scored = model.Transform(test);
        var metrics = Ml.MulticlassClassification.Evaluate(scored);
        #endregion

        var path = save?.FullName ?? Out("model.zip");
        Ml.Model.Save(model, data.Schema, path);
        // for devices without libtorch: samples/EdgeConsole opens it
        Ml.Model.SavePortable(model, data.Schema, Out("model.portable.zip"));
        if (onnx)
        {
            #region onnx
            var conversion = Ml.Model.ConvertToDeepOnnx(model, data.Schema, Path.ChangeExtension(path, ".onnx"));
            foreach (var step in conversion.StepsOutside)
                AnsiConsole.WriteLine($"Outside of the graph: {step.Name} makes {string.Join(", ", step.Makes)} of {string.Join(", ", step.From)}. {step.Settings}");
            #endregion
        }

        #region predict
        var loaded = new MLContext().Model.Load(path, out _);
        using var engine = Ml.Model.CreatePredictionEngine<Photo, Prediction>(loaded);
        foreach (var file in files)
        {
            var prediction = engine.Predict(new Photo { ImagePath = file.FullName });
            // BrokenImages.Skip: a file that is no picture has no scores
            AnsiConsole.WriteLine(float.IsNaN(prediction.Score[0]) ? $"{file.Name}: not a picture that can be read" : $"{file.Name}: {prediction.Answer} ({prediction.Score.Max():P0})");
        }
        #endregion
        var equal = SameScores(scored, engine, Photos.Rows(Ml, test));

        var pictures = new List<string> { "contact-sheet.png", "learning-curve.png", "confusion-matrix.png", "explanations.png" };
        #region pictures
        AugmentationSheet.Save(model.Transform(Ml.Data.ShuffleRows(parts.Train, Seed)), "Image", Out("contact-sheet.png"), seed: Seed);
        deep.History.SaveLearningCurve(Out("learning-curve.png"));
        metrics.ConfusionMatrix.SavePicture(Out("confusion-matrix.png"));
        Explain(deep, test, Out("explanations.png"));
        if (PredictionGallery.SaveMostWrong(scored, Out("most-wrong.png")) > 0)
            pictures.Add("most-wrong.png");
        if (PredictionGallery.SaveMostUnsure(scored, Out("most-unsure.png")) > 0)
            pictures.Add("most-unsure.png");
        #endregion

        var history = deep.History;
        var pictureCount = history.Epochs[^1].Rows + (Ml.Data.CreateEnumerable<Photo>(parts.Validation, false).Count());
        AnsiConsole.WriteLine($"Test: {metrics.MicroAccuracy:P1} of {Photos.Rows(Ml, test).Count} pictures right, log-loss {metrics.LogLoss:0.000}. Written to {output.FullName}.");
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
        {
            sample = "image-classification",
            model = Model,
            epochs = history.Epochs.Count,
            train_rows = history.Epochs[^1].Rows,
            test_accuracy = metrics.MicroAccuracy,
            test_log_loss = metrics.LogLoss,
            ingest_images_per_second = Math.Round(pictureCount / history.IngestTime.TotalSeconds, 1),
            training_images_per_second = Math.Round(history.Epochs.Sum(epoch => (double)epoch.Rows) / history.Epochs.Sum(epoch => epoch.Duration.TotalSeconds), 1),
            peak_rss_bytes = Process.GetCurrentProcess().PeakWorkingSet64,
            reloaded_scores_equal = equal,
            pictures,
        }));
        return 0;
    }

    /// <summary>Stratified folds: each picture is tested once, by a model that never saw it.</summary>
    public int CrossValidate(IDataView data, int folds)
    {
        var rows = Photos.Rows(Ml, data);
        var random = new Random(Seed);
        var fold = new int[rows.Count];
        foreach (var group in Enumerable.Range(0, rows.Count).GroupBy(i => rows[i].Label))
            foreach (var (row, number) in group.OrderBy(_ => random.Next()).Select((row, number) => (row, number)))
                fold[row] = number % folds;

        var accuracies = new List<double>();
        for (var k = 0; k < folds; k++)
        {
            var train = Ml.Data.LoadFromEnumerable(rows.Where((_, i) => fold[i] != k).ToList());
            var test = Ml.Data.LoadFromEnumerable(rows.Where((_, i) => fold[i] == k).ToList());
            var model = Progress.Show(() => Recipe.Pipeline(Ml, Augment).Fit(train));
            accuracies.Add(Ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
            Console.WriteLine($"Fold {k + 1}/{folds}: {accuracies[^1]:P1}");
            (model as IDisposable)?.Dispose();
        }
        // every picture counts once: the interval of a share of that many (Wilson 1927)
        var mean = accuracies.Average();
        var (low, high) = Wilson(mean, rows.Count);
        Console.WriteLine($"{mean:P1} right, 95 % interval {low:P1} to {high:P1}.");
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
        {
            sample = "image-classification", model = Model, augmentation = Augment, folds, fold_accuracies = accuracies, test_accuracy = mean, interval_95 = new[] { low, high },
            epochs = Recipe.Options.Epochs, side = Recipe.Side, seed = Seed, peak_rss_bytes = Process.GetCurrentProcess().PeakWorkingSet64,
        }));
        return 0;
    }

    private static (double Low, double High) Wilson(double share, int count)
    {
        const double z = 1.96;
        var centre = (share + z * z / (2 * count)) / (1 + z * z / count);
        var half = z / (1 + z * z / count) * Math.Sqrt(share * (1 - share) / count + z * z / (4.0 * count * count));
        return (centre - half, centre + half);
    }

    // the saved model must score as the trained one does, one row at a time or in batches; a picture that cannot be read has no scores in both
    private static bool SameScores(IDataView scored, PredictionEngine<Photo, Prediction> engine, List<Photo> test) =>
        scored.GetColumn<float[]>("Score").Zip(test).Take(100).All(pair => pair.First.Zip(engine.Predict(pair.Second).Score).All(two => two.First.Equals(two.Second) || Math.Abs(two.First - two.Second) <= 1e-4f));

    private void Explain(DeepTransformer deep, IDataView test, string path)
    {
        #region explain
        var gradCam = new GradCam(deep);
        var sheet = new List<SheetPicture>();
        foreach (var photo in Spread(Photos.Rows(Ml, test), 16))
            try
            {
                using var heat = gradCam.Explain(photo.ImagePath);
                sheet.Add(SheetPicture.From(heat.Overlay, $"{heat.Label} ({heat.Probability:P0})", heat.Label == photo.Label));
            }
            catch (InvalidImageException)
            {
                // the log has named it
            }
        PictureSheet.Save(sheet, path, columns: 8, "What the network looked at (Grad-CAM)");
        #endregion
    }

    // some of the rows, evenly from first to last
    private static IEnumerable<Photo> Spread(List<Photo> rows, int count) => Enumerable.Range(0, Math.Min(count, rows.Count)).Select(i => rows[(int)((long)i * rows.Count / Math.Min(count, rows.Count))]);
}
