using MLNet.DeepExtensions;

namespace Mnist;

/// <summary>Test digits with what the network says of them: some that it got wrong, then the first ones.</summary>
internal static class Sheet
{
    private const int Columns = 10, Rows = 4;

    public static void Save(IReadOnlyList<Picture> pictures, IReadOnlyList<Prediction> predictions, string path)
    {
        var all = pictures.Zip(predictions).Select(pair => new SheetPicture(pair.First.Features, 28, 28, Caption(pair.First, pair.Second), pair.Second.Digit == pair.First.Label)).ToList();
        var wrong = all.Where(picture => picture.Right == false).Take(Columns);
        PictureSheet.Save([.. wrong.Concat(all.Where(picture => picture.Right == true)).Take(Columns * Rows)], path, Columns, "Test digits: what the network says, and how sure it is");
    }

    private static string Caption(Picture picture, Prediction prediction) =>
        $"{prediction.Digit} ({prediction.Score.Max():P0})" + (prediction.Digit == picture.Label ? "" : $"\nis a {picture.Label}");
}
