using Microsoft.ML;

namespace MLNet.DeepExtensions;

/// <summary>
/// Reads the rows to be scored. Where training left broken pictures out, scoring answers them with NaN; else they stop it, by name.
/// A row without any step is answered with NaN, too.
/// </summary>
internal sealed class InputReader
{
    private readonly IReadOnlyList<FeatureColumn> features;
    private readonly FeatureReader[] readers;

    public InputReader(IReadOnlyList<FeatureColumn> features, DataViewRow input, IReadOnlyList<DataViewSchema.Column> columns)
    {
        this.features = features;
        readers = [.. features.Zip(columns, (feature, column) => FeatureReader.Create(feature, input, column))];
    }

    public InputRows NewRows(int expectedRows) => InputRows.For(features, null, expectedRows);

    /// <summary>Reads the row that the input stands on and adds it.</summary>
    /// <returns>Whether it can be scored; if not, something takes its place.</returns>
    public bool AddTo(InputRows rows)
    {
        var readable = true;
        for (var i = 0; i < readers.Length; i++)
        {
            readable &= TryRead(readers[i], features[i]);
            readers[i].AddTo(rows.Columns[i], replaceMissing: false);
        }
        return readable;
    }

    private static bool TryRead(FeatureReader reader, FeatureColumn features)
    {
        try
        {
            reader.ReadUnchecked();
            return !reader.IsEmpty;
        }
        catch (Exception e) when (features.Picture && features.BrokenImages != BrokenImages.Throw && PictureFailure.Describes(e))
        {
            return false;
        }
    }
}
