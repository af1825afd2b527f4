using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;

namespace ImageClassification;

/// <summary>A picture's file, its class, and where it was cut from: pictures of one origin belong into one part of a split.</summary>
internal sealed class Photo
{
    public string ImagePath { get; set; } = "";

    public string Label { get; set; } = "";

    public string Origin { get; set; } = "";
}

/// <summary>What the pipeline says of a picture.</summary>
internal sealed class Prediction
{
    public string Answer { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>Finds pictures.</summary>
internal static class Photos
{
    /// <summary>A folder for each class, or, where there are no such folders, names as Kaggle's cat.0.jpg.</summary>
    public static IDataView Load(MLContext ml, string folder, bool cutFromLarger = false)
    {
        var hasFolders = Directory.Exists(folder) && Directory.GetDirectories(folder).Length > 1;
        var files = ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder, hasFolders ? ImageLabel.OfFolder : ImageLabel.OfFileName), reuseRowObject: false);
        return ml.Data.LoadFromEnumerable(files.Select(file => new Photo
        {
            ImagePath = file.ImagePath, Label = file.Label,
            Origin = cutFromLarger ? Path.GetFileName(file.ImagePath).Split('-')[0] : file.ImagePath,
        }).ToList());
    }

    public static List<Photo> Rows(MLContext ml, IDataView data) => [.. ml.Data.CreateEnumerable<Photo>(data, reuseRowObject: false)];
}
