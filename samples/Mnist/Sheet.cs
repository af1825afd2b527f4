using MLNet.DeepExtensions;

namespace Mnist;

/// <summary>Test digits with what the network says of them: some that it got wrong, then the first ones.</summary>
internal static class Sheet
{
    private const int Columns = 10, Rows = 4;

    public static void Save(IReadOnlyList<Picture> pictures, IReadOnlyList<Prediction> predictions, string path)
    {
        var all = pictures.Zip(predictions, (picture, prediction) =>
            new SheetPicture(picture.Features, 28, 28, Caption(picture, prediction), prediction.Digit == picture.Label)).ToList();
        var wrong = all.Where(picture => picture.Right == false).Take(Columns);
        var shown = wrong.Concat(all.Where(picture => picture.Right == true)).Take(Columns * Rows);
        PictureSheet.Save([.. shown], path, Columns, "Test digits: what the network says, and how sure it is");
    }

    private static string Caption(Picture picture, Prediction prediction) =>
        $"{prediction.Digit} ({prediction.Score.Max():P0})" + (prediction.Digit == picture.Label ? "" : $"\nis a {picture.Label}");
}
