namespace MLNet.DeepExtensions;

/// <summary>Reads the rows to be scored: where training left broken pictures out, scoring answers them with NaN; else they stop it, by name.</summary>
internal static class ScoredPictures
{
    public static bool TryRead(FeatureReader reader, FeatureColumn features)
    {
        if (!features.Picture || features.BrokenImages == BrokenImages.Throw)
        {
            reader.Read();
            return true;
        }
        try
        {
            reader.Read();
            return true;
        }
        catch (Exception e) when (PictureFailure.Describes(e))
        {
            return false;
        }
    }
}
