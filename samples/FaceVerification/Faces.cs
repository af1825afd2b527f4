using Microsoft.ML;
using MLNet.DeepExtensions;

namespace FaceVerification;

/// <summary>A picture of a face and whose it is.</summary>
internal sealed class Face
{
    public string ImagePath { get; set; } = "";

    public string Label { get; set; } = "";
}

/// <summary>What the model makes of a face.</summary>
internal sealed class EmbeddedFace
{
    public string ImagePath { get; set; } = "";

    public string Label { get; set; } = "";

    public float[] Embedding { get; set; } = [];
}

/// <summary>A folder for each person, split by person: nobody is in two parts.</summary>
internal sealed record Faces(IReadOnlyList<Face> Train, IReadOnlyList<Face> Validation, IReadOnlyList<Face> Test)
{
    /// <summary>Everybody is a stranger in one fold, chooses the threshold in another, and is learnt from in the rest.</summary>
    public static IReadOnlyList<Faces> Folds(MLContext ml, string folder, int folds, int seed)
    {
        var files = ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder), reuseRowObject: false).ToList();
        var people = files.GroupBy(file => file.Label).Where(person => person.Count() > Templates.Enrolled).OrderBy(person => person.Key, StringComparer.Ordinal).ToArray();
        if (people.Length < 2 * folds)
            throw new InvalidOperationException($"'{folder}' has {people.Length} people with {Templates.Enrolled + 1} pictures or more; {folds} folds need {2 * folds}. Give each person a folder of their own, or ask for fewer --folds.");
        new Random(seed).Shuffle(people);
        var parts = people.Index().GroupBy(person => person.Index % folds, person => person.Item).Select(part => part.SelectMany(Pictures).ToList()).ToList();
        return [.. parts.Select((test, fold) => new Faces(
            [.. parts.Where((_, other) => other != fold && other != (fold + 1) % folds).SelectMany(part => part)], parts[(fold + 1) % folds], test))];

        static IEnumerable<Face> Pictures(IGrouping<string, ImageFile> person) =>
            person.OrderBy(file => file.ImagePath, StringComparer.Ordinal).Select(file => new Face { ImagePath = file.ImagePath, Label = file.Label });
    }

    public static int People(IEnumerable<Face> faces) => faces.Select(face => face.Label).Distinct().Count();
}
