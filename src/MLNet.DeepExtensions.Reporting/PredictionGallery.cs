using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Draws the pictures that a classifier finds hardest: where to look first for wrong labels, odd pictures and missing data.</summary>
public static class PredictionGallery
{
    /// <summary>Writes a PNG with the most wrong pictures: those given to a wrong class with the highest probability.</summary>
    /// <param name="scored">What <c>model.Transform(test)</c> gave.</param>
    /// <param name="path">The file, ending in .png.</param>
    /// <param name="imageColumnName">The column of pictures (<see cref="MLImage"/>).</param>
    /// <param name="count">How many pictures at most.</param>
    /// <param name="labelColumnName">The key column of the right classes.</param>
    /// <returns>How many were drawn; where none is wrong, no file is written.</returns>
    public static int SaveMostWrong(IDataView scored, string path, string imageColumnName = "Image", int count = 24, string labelColumnName = "Label") =>
        Save(scored, path, imageColumnName, count, labelColumnName, "Wrong, and how sure the network is", row => row.Found == row.Right ? null : -row.Scores[row.Found]);

    /// <summary>Writes a PNG with the least sure answers: those whose two highest probabilities lie closest together.</summary>
    /// <inheritdoc cref="SaveMostWrong"/>
    public static int SaveMostUnsure(IDataView scored, string path, string imageColumnName = "Image", int count = 24, string labelColumnName = "Label") =>
        Save(scored, path, imageColumnName, count, labelColumnName, "Least sure", row => row.Scores[row.Found] - row.Scores.Where((_, i) => i != row.Found).Max());

    private sealed record Row(float[] Scores, int Found, int Right);

    private static int Save(IDataView scored, string path, string imageColumnName, int count, string labelColumnName, string title, Func<Row, float?> rank)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var image = Find(scored, imageColumnName, typeof(MLImage), "pictures");
        var label = Find(scored, labelColumnName, typeof(uint), "keys");
        var score = Find(scored, "Score", typeof(VBuffer<float>), "probabilities");
        var names = Names(score);
        // pictures are kept of those alone that may be drawn
        var hardest = new PriorityQueue<SheetPicture, float>();
        using (var cursor = scored.GetRowCursor([image, label, score]))
        {
            var (imageGetter, labelGetter, scoreGetter) = (cursor.GetGetter<MLImage>(image), cursor.GetGetter<uint>(label), cursor.GetGetter<VBuffer<float>>(score));
            MLImage? picture = null;
            uint right = 0;
            VBuffer<float> scores = default;
            while (cursor.MoveNext())
            {
                labelGetter(ref right);
                scoreGetter(ref scores);
                var values = scores.DenseValues().ToArray();
                if (right == 0 || values.Length < 2 || values.Any(float.IsNaN))
                    continue;
                var row = new Row(values, Array.IndexOf(values, values.Max()), (int)right - 1);
                if (rank(row) is not { } hardness || hardest.Count == count && hardest.TryPeek(out _, out var easiest) && -hardness <= easiest)
                    continue;
                imageGetter(ref picture!);
                if (picture is null)
                    continue;
                hardest.Enqueue(Draw(picture, row, names), -hardness);
                if (hardest.Count > count)
                    hardest.Dequeue();
            }
            picture?.Dispose();
        }
        var drawn = new List<SheetPicture>();
        while (hardest.TryDequeue(out var next, out _))
            drawn.Insert(0, next);
        if (drawn.Count > 0)
            PictureSheet.Save(drawn, path, columns: Math.Min(8, drawn.Count), title);
        return drawn.Count;
    }

    private static SheetPicture Draw(MLImage picture, Row row, IReadOnlyList<string> names)
    {
        var caption = $"{Name(row.Found)} ({row.Scores[row.Found]:P0})" + (row.Found == row.Right ? "" : $"\nis {Name(row.Right)}");
        return SheetPicture.From(picture, caption, row.Found == row.Right);

        string Name(int index) => index < names.Count ? names[index] : $"class {index}";
    }

    private static IReadOnlyList<string> Names(DataViewSchema.Column score)
    {
        if (!score.HasSlotNames())
            return [];
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static DataViewSchema.Column Find(IDataView data, string name, Type type, string what) =>
        data.Schema.GetColumnOrNull(name) is { } column && column.Type.RawType == type ? column : throw new ArgumentException(
            $"The gallery needs a column '{name}' of {what}, but {(data.Schema.GetColumnOrNull(name) is { } other ? $"it is {other.Type}" : $"there are: {string.Join(", ", data.Schema.Select(column => column.Name).Distinct())}")}.", nameof(data));
}
