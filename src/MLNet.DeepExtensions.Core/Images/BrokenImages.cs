namespace MLNet.DeepExtensions;

/// <summary>What to do with a row whose picture cannot be read.</summary>
public enum BrokenImages
{
    /// <summary>Stop with an <see cref="InvalidImageException"/> that names the file.</summary>
    Throw,

    /// <summary>Leave the row out of training and validation; how many and which is logged once. Scoring answers such a row with NaN.</summary>
    Skip,
}
