using Microsoft.ML;

namespace Mnist;

/// <summary>A folder of IDX files, as MNIST and its kin are published.</summary>
internal static class IdxSet
{
    /// <summary>Finds the training and the test files; where there are no test files, the last sixth of the training rows is the test.</summary>
    public static (IDataView Train, IDataView Test) Load(MLContext ml, string folder)
    {
        var train = ml.Data.LoadIdx(Find("train", "images") ?? throw Missing("train-images"), Find("train", "labels") ?? throw Missing("train-labels"));
        if ((Find("t10k", "images") ?? Find("test", "images")) is { } images && (Find("t10k", "labels") ?? Find("test", "labels")) is { } labels)
            return (train, ml.Data.LoadIdx(images, labels));
        var rows = train.GetRowCount()!.Value;
        return (ml.Data.TakeRows(train, rows - rows / 6), ml.Data.SkipRows(train, rows - rows / 6));

        string? Find(string part, string kind) => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{part}*{kind}*").Order(StringComparer.Ordinal).FirstOrDefault() : null;

        FileNotFoundException Missing(string name) => new($"There is no {name}* in {folder}. Name a folder with IDX files, such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz.");
    }
}
