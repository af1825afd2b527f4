using MLNet.DeepExtensions;

namespace Microsoft.ML;

/// <summary>Loaders beside ML.NET's own, under <c>mlContext.Data</c>.</summary>
public static class DeepDataCatalog
{
    /// <summary>Opens a pair of IDX files, plain or gzip, as MNIST and Fashion-MNIST have them. They are read when a cursor comes; reading the labels alone does not open the pictures.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="imagesPath">The pictures: unsigned bytes of two or more dimensions, the first being the rows.</param>
    /// <param name="labelsPath">The labels: unsigned bytes of one dimension.</param>
    /// <param name="featureColumnName">The name of the column of pictures: a vector of Byte with the picture's dimensions, such as [28, 28].</param>
    /// <param name="labelColumnName">The name of the column of labels: Byte.</param>
    /// <returns>The rows, in the order of the files.</returns>
    /// <exception cref="System.IO.FileNotFoundException">A file is missing.</exception>
    /// <exception cref="System.IO.InvalidDataException">A file is no IDX file, is cut off, or the two do not belong together.</exception>
    public static IDataView LoadIdx(this DataOperationsCatalog catalog, string imagesPath, string labelsPath, string featureColumnName = "Features", string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        return new IdxDataView(IdxFile.Open(imagesPath), IdxFile.Open(labelsPath), featureColumnName, labelColumnName);
    }
}
