using MLNet.DeepExtensions;

namespace FaceVerification;

/// <summary>What a door compares with: not one picture of a person but the middle of several.</summary>
internal static class Templates
{
    public const int Enrolled = 3;

    #region template
    /// <summary>Adds the middle of a person's first pictures; the index brings it to length 1.</summary>
    public static void Enrol(EmbeddingIndex index, IEnumerable<EmbeddedFace> pictures)
    {
        var enrolled = pictures.Take(Enrolled).ToList();
        index.Add(enrolled[0].Label, [.. Enumerable.Range(0, index.Size).Select(place => enrolled.Average(face => face.Embedding[place]))]);
    }
    #endregion

    /// <summary>Everybody is enrolled, and each further picture claims to be each of them.</summary>
    public static VerificationCurve Curve(IReadOnlyList<EmbeddedFace> faces)
    {
        var people = faces.GroupBy(face => face.Label).ToList();
        var index = new EmbeddingIndex(faces[0].Embedding.Length);
        foreach (var person in people)
            Enrol(index, person);
        var claims = (from person in people
                      from face in person.Skip(Enrolled)
                      from claim in index.Labels
                      select (IsGenuine: claim == face.Label, Similarity: index.Similarity(claim, face.Embedding))).ToLookup(claim => claim.IsGenuine, claim => claim.Similarity);
        return VerificationCurve.OfPairs(claims[true], claims[false]);
    }
}
