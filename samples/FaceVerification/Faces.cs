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
    private const int Least = 6;

    public static Faces Load(MLContext ml, string folder, int seed)
    {
        var files = ml.Data.CreateEnumerable<ImageFile>(ml.Data.LoadImageFolder(folder), reuseRowObject: false).ToList();
        var random = new Random(seed);
        var people = files.GroupBy(file => file.Label).Where(person => person.Count() > 1).OrderBy(person => person.Key, StringComparer.Ordinal).ToArray();
        if (people.Length < Least)
            throw new InvalidOperationException($"'{folder}' has {people.Length} people with two pictures or more; at least {Least} are needed. Give each person a folder of their own.");
        random.Shuffle(people);
        var (test, validation) = (Math.Max(2, people.Length / 6), Math.Max(2, people.Length / 7));
        return new Faces(Of(people[(test + validation)..]), Of(people[test..(test + validation)]), Of(people[..test]));

        static List<Face> Of(IEnumerable<IGrouping<string, ImageFile>> people) =>
            [.. people.SelectMany(person => person.OrderBy(file => file.ImagePath, StringComparer.Ordinal)).Select(file => new Face { ImagePath = file.ImagePath, Label = file.Label })];
    }

    public static int People(IReadOnlyList<Face> faces) => faces.Select(face => face.Label).Distinct().Count();
}
