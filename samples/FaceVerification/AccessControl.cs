using MLNet.DeepExtensions;
using Spectre.Console;

namespace FaceVerification;

/// <summary>A door that opens for those who are enrolled: it keeps a vector of each, the middle of some pictures', and the threshold between same and different.</summary>
internal sealed class AccessControl(int size, float threshold)
{
    #region door
    private readonly EmbeddingIndex enrolled = new(size);

    public void Enrol(IEnumerable<EmbeddedFace> pictures) => Templates.Enrol(enrolled, pictures);

    /// <summary>Is it the person that it says to be?</summary>
    public bool Verify(string claim, EmbeddedFace face)
    {
        var similarity = enrolled.Similarity(claim, face.Embedding);
        return Decide(face, $"says to be {claim}", similarity, opens: similarity >= threshold, isRight: face.Label == claim);
    }

    /// <summary>Is it anybody that is enrolled, and who?</summary>
    public bool Identify(EmbeddedFace face)
    {
        var nearest = enrolled.Search(face.Embedding, count: 1)[0];
        return Decide(face, $"looks most like {nearest.Label}", nearest.Similarity, opens: nearest.Similarity >= threshold, isRight: face.Label == nearest.Label);
    }
    #endregion

    public int Accepted { get; private set; }

    public int Refused { get; private set; }

    public int Wrong { get; private set; }

    private bool Decide(EmbeddedFace face, string what, float similarity, bool opens, bool isRight)
    {
        if (opens)
            Accepted++;
        else
            Refused++;
        if (opens != isRight)
            Wrong++;
        AnsiConsole.WriteLine($"  {face.Label}/{Path.GetFileName(face.ImagePath)} {what}: similarity {similarity:0.00}, {(opens ? "enter" : "refused")}{(opens == isRight ? "" : ", which is wrong")}");
        return opens;
    }
}
