using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Reporting;

/// <summary>The code that the package's page shows, run.</summary>
public sealed class PackagePageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pictures").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Page_IsTrue()
    {
        Draw(LearningCurveTests.History(3, validation: true), Matrices.Diagonal(3), new byte[28 * 28]);
        Assert.Equal(["confusion-matrix.png", "learning-curve.png", "predictions.png"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
    }

    private void Draw(TrainingHistory history, ConfusionMatrix confusionMatrix, byte[] pixels)
    {
        string In(string name) => Path.Combine(folder, name);

        #region pictures
        history.SaveLearningCurve(In("learning-curve.png"), title: "Pets");     // deepTransformer.History
        confusionMatrix.SavePicture(In("confusion-matrix.png"));                // metrics.ConfusionMatrix, of many classes or of two
        PictureSheet.Save([new SheetPicture(pixels, Height: 28, Width: 28, Caption: "7 (98%)", Right: true)], In("predictions.png"), columns: 10);
        #endregion
    }
}
