using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>Shows what a network sees in training: the pictures that the augmentations of a column make.</summary>
public static class AugmentationPreview
{
    /// <summary>Takes the first rows as one batch and plays the column's augmentations on it, several times.</summary>
    /// <param name="data">Data that passed through <c>AugmentImages</c>: what a fitted pipeline's <c>Transform</c> gives.</param>
    /// <param name="columnName">The column.</param>
    /// <param name="count">How many rows to take, at least 1; fewer where there are fewer.</param>
    /// <param name="variants">How often to play, at least 0.</param>
    /// <param name="seed">Seeds the dice. The same seed gives the same pictures.</param>
    /// <param name="inputShape">The shape of a picture, where the column's own dimensions do not say it.</param>
    /// <returns>For each row, one after the other: the picture as validation and scoring see it, then the variants.</returns>
    /// <exception cref="ArgumentException">There is no such column, it holds no pictures, or no augmentations; the message says what to write.</exception>
    public static IReadOnlyList<AugmentedPicture> Batch(IDataView data, string columnName, int count = 8, int variants = 7, int seed = 0, ImageShape? inputShape = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(variants);
        var features = FeatureColumn.Find(data.Schema, columnName, inputShape);
        var augmentations = InputPlan.AugmentationsOf(data.Schema[columnName]);
        if (augmentations.Count == 0)
            throw new ArgumentException($"Column '{columnName}' has no augmentations. Put mlContext.Transforms.AugmentImages(\"{columnName}\", …) into the pipeline that made this data.", nameof(columnName));
        var shape = InputPlan.PictureShape(columnName, features.Shape);
        if (shape.Channels is not (1 or 3))
            throw new ArgumentException($"Column '{columnName}' has pictures of {shape.Channels} channels; only those of 1 (grey) or 3 (colour) can be shown.", nameof(columnName));

        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var pictures = InputStage.Scale(Rows(data, features, count), shape);                            // [N, C, H, W]
        var rows = (int)pictures.shape[0];
        // neither targets nor their number matter: nobody sees them
        var plan = new AugmentationPlan(augmentations, shape, seed, classes: 1);
        var batch = new Batch(pictures, zeros(rows, ScalarType.Int64), null, rows);
        var plain = plan.Stage.Apply(pictures, shape);
        var played = Enumerable.Range(0, variants).Select(variant => plan.Apply(batch, epoch: variant + 1, number: 0).Input.Values).Prepend(plain).Select(Bytes).ToList();
        return [.. Enumerable.Range(0, rows).SelectMany(row => played.Select((variant, number) => variant[row] with { Row = row, Variant = number }))];
    }

    private static Tensor Rows(IDataView data, FeatureColumn features, int count)
    {
        var column = data.Schema[features.Name];
        using var cursor = data.GetRowCursor([column]);
        var reader = FeatureReader.Create(features, cursor, column);
        var rows = InputRows.For([features], null, count);
        while (rows.Count < count && cursor.MoveNext())
            if (CanRead(reader))
                reader.AddTo(rows.Columns[0], replaceMissing: false);
        if (rows.Count == 0)
            throw new ArgumentException("The data has no rows that can be read.", nameof(data));
        return InputTensors.Of(rows, [.. Enumerable.Range(0, (int)rows.Count)], CPU).Values;
    }

    // broken pictures are the trainer's to complain of
    private static bool CanRead(FeatureReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (Exception e) when (PictureFailure.Describes(e))
        {
            return false;
        }
    }

    // channels last, as everybody but networks keeps pictures
    private static List<AugmentedPicture> Bytes(Tensor pictures)
    {
        var (height, width) = ((int)pictures.shape[2], (int)pictures.shape[3]);
        var bytes = (pictures.clamp(0, 1) * 255).round_().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().data<byte>().ToArray();
        var size = bytes.Length / (int)pictures.shape[0];
        return [.. Enumerable.Range(0, (int)pictures.shape[0]).Select(row => new AugmentedPicture(bytes.AsMemory(row * size, size), height, width))];
    }
}

/// <summary>A picture as a network sees it in training.</summary>
/// <param name="Pixels">Rows of pixels from the top; one byte each for grey, three (red, green, blue) for colour.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
public sealed record AugmentedPicture(ReadOnlyMemory<byte> Pixels, int Height, int Width)
{
    /// <summary>Gets the number of the row that it was made of, from 0.</summary>
    public int Row { get; init; }

    /// <summary>Gets the number of the variant: 0 for the picture as validation and scoring see it.</summary>
    public int Variant { get; init; }
}
