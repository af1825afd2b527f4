using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Tabular;

/// <summary>Where the rows come from: the files beside the program, or a folder that was named.</summary>
internal sealed record Tables(MLContext Ml, DirectoryInfo? Folder, DirectoryInfo Unpacked)
{
    #region load
    public IDataView Load<T>(string name) => Ml.Data.LoadFromTextFile<T>(PathOf(name), new TextLoader.Options
    {
        Separators = [','], HasHeader = true,
        MissingRealsAsNaNs = true,          // else an empty field is 0, and nobody knows that it was empty
    });
    #endregion

    private string PathOf(string name)
    {
        if (Folder is not null)
            return Path.Combine(Folder.FullName, name);
        var path = Path.Combine(Unpacked.FullName, name);
        using var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", "tabular", $"{name}.gz")), CompressionMode.Decompress);
        using var file = File.Create(path);
        packed.CopyTo(file);
        return path;
    }
}

/// <summary>A person in the census; the names are the columns of the pipeline.</summary>
internal sealed class Adult
{
    [LoadColumn(0)] public float Age { get; set; }
    [LoadColumn(1)] public string Workclass { get; set; } = "";
    [LoadColumn(2)] public float Weight { get; set; }
    [LoadColumn(3)] public string Education { get; set; } = "";
    [LoadColumn(4)] public float EducationYears { get; set; }
    [LoadColumn(5)] public string MaritalStatus { get; set; } = "";
    [LoadColumn(6)] public string Occupation { get; set; } = "";
    [LoadColumn(7)] public string Relationship { get; set; } = "";
    [LoadColumn(8)] public string Race { get; set; } = "";
    [LoadColumn(9)] public string Sex { get; set; } = "";
    [LoadColumn(10)] public float CapitalGain { get; set; }
    [LoadColumn(11)] public float CapitalLoss { get; set; }
    [LoadColumn(12)] public float HoursPerWeek { get; set; }
    [LoadColumn(13)] public string Country { get; set; } = "";
    [LoadColumn(14)] public string Income { get; set; } = "";
}

/// <summary>A block group of the Californian census.</summary>
internal sealed class Block
{
    [LoadColumn(0)] public float Longitude { get; set; }
    [LoadColumn(1)] public float Latitude { get; set; }
    [LoadColumn(2)] public float HouseAge { get; set; }
    [LoadColumn(3)] public float Rooms { get; set; }
    [LoadColumn(4)] public float Bedrooms { get; set; }
    [LoadColumn(5)] public float Population { get; set; }
    [LoadColumn(6)] public float Households { get; set; }
    [LoadColumn(7)] public float Income { get; set; }
    [LoadColumn(8)] public float HouseValue { get; set; }
    [LoadColumn(9)] public string Ocean { get; set; } = "";
}
