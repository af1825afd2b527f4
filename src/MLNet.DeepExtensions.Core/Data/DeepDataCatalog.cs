using MLNet.DeepExtensions;
using MLNet.DeepExtensions.Interop;

namespace Microsoft.ML;

/// <summary>Loaders and splits beside ML.NET's own, under <c>mlContext.Data</c>.</summary>
public static class DeepDataCatalog
{
    /// <summary>
    /// Opens a pair of IDX files, plain or gzip (told by their first bytes, not by their names), as MNIST and Fashion-MNIST have them.
    /// The numbers are read when a cursor comes; reading the labels alone does not open the pictures.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="imagesPath">The pictures: two or more dimensions, the first being the rows. Other vectors will do as well.</param>
    /// <param name="labelsPath">The labels: one number for each row.</param>
    /// <param name="featureColumnName">The name of the column of pictures: a vector with the picture's dimensions, such as [28, 28]. The default is <c>Features</c>.</param>
    /// <param name="labelColumnName">The name of the column of labels. The default is <c>Label</c>.</param>
    /// <returns>
    /// The rows, in the order of the files, with numbers as the files have them: Byte for MNIST and its kin, else SByte, Int16, Int32, Single or Double.
    /// <c>MapValueToKey</c> makes a class label of the Byte.
    /// </returns>
    /// <exception cref="ArgumentException">A path or a column name is empty, or the two names are equal.</exception>
    /// <exception cref="System.IO.FileNotFoundException">A file is missing.</exception>
    /// <exception cref="System.IO.InvalidDataException">
    /// A file is no IDX file, or the two do not belong together. A gzip file that is cut off or damaged shows it when the rows are read.
    /// </exception>
    public static IDataView LoadIdx(this DataOperationsCatalog catalog, string imagesPath, string labelsPath, string featureColumnName = "Features", string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(imagesPath);
        ArgumentException.ThrowIfNullOrEmpty(labelsPath);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        if (featureColumnName == labelColumnName)
            throw new ArgumentException($"The two columns need different names, but both are '{labelColumnName}'.", nameof(labelColumnName));
        return new IdxDataView(IdxFile.Open(imagesPath), IdxFile.Open(labelsPath), featureColumnName, labelColumnName);
    }

    /// <summary>
    /// Splits rows at random into a part to learn from, one to choose by and one to judge by. The same seed gives the same parts in every process and on every machine.
    /// <para>
    /// The source is read once, now, with the named columns only; the parts are views of it. They need one byte of memory for each row (and, while the
    /// split is made with a column, four more). They keep the source's order: trainers that need another order shuffle by themselves.
    /// </para>
    /// <para>
    /// A source must give the same rows in the same order each time. The parts check that: by the number of rows, and row by row by a few bits made from the
    /// named columns and the first column of single values (where there is no such column, of the first vector). A difference stops the reading with an
    /// <see cref="InvalidOperationException"/> that says how to hold the rows still. What differs in none of these columns goes unnoticed.
    /// </para>
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows to split.</param>
    /// <param name="trainFraction">The share of <see cref="TrainValidationTestData.Train"/>. In [0, 1]. The default is 0.7.</param>
    /// <param name="validationFraction">The share of <see cref="TrainValidationTestData.Validation"/>. In [0, 1]. The default is 0.2.</param>
    /// <param name="testFraction">The share of <see cref="TrainValidationTestData.Test"/>. In [0, 1]. The default is 0.1. The three sum to 1.</param>
    /// <param name="stratificationColumnName">
    /// A column whose values are to be spread evenly, most often the label: of the rows with one value each part gets its share to within one row, and the
    /// parts as wholes get theirs to within one row too. Text, a key, a number, a Boolean or a date; missing values count as one value of their own.
    /// The default is null: only the parts as wholes get their share, to within one row.
    /// </param>
    /// <param name="samplingKeyColumnName">
    /// A column whose equal values must stay together, such as the patient or the speaker: no value occurs in two parts. Missing values count as one value, so
    /// their rows stay together too. Whole groups rarely fit the shares: sizes, and with a stratification column each value's share, come as near as whole
    /// groups can be found to allow. The default is null: every row stands for itself.
    /// </param>
    /// <param name="seed">The default is null: the seed of the <see cref="MLContext"/>, and 0 where that has none.</param>
    /// <returns>The three parts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is outside of [0, 1], they do not sum to 1 within 1e-6, or a column is missing or holds vectors.</exception>
    public static TrainValidationTestData TrainValidationTestSplit(this DataOperationsCatalog catalog, IDataView data,
        double trainFraction = 0.7, double validationFraction = 0.2, double testFraction = 0.1,
        string? stratificationColumnName = null, string? samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        Doors.Check();
        var split = RowSplit.Make(data, RowSplit.Fractions(trainFraction, validationFraction, testFraction),
            RowSplit.FindColumn(data.Schema, stratificationColumnName, "stratification"), RowSplit.FindColumn(data.Schema, samplingKeyColumnName, "samplingKey"),
            seed ?? HostDoors.SeedOf(DataDoors.EnvironmentOf(catalog)) ?? 0);
        return new TrainValidationTestData(new SplitPart(split, 0), new SplitPart(split, 1), new SplitPart(split, 2));
    }
}
