namespace MLNet.DeepExtensions;

/// <summary>
/// Cuts a piece of a token stream into windows, each of which says the token behind each of its tokens. Fixed ones follow each other without overlap, and the last may be shorter. Moving ones
/// are pushed to the left by a number that is drawn anew for each epoch, and stay within the piece: so only the first and the last share tokens with their neighbours.
/// </summary>
/// <param name="First">The piece's first token.</param>
/// <param name="End">The token behind its last one; the piece has at least two.</param>
/// <param name="Length">The tokens in a window.</param>
/// <param name="IsMoving">Whether windows move.</param>
internal sealed record TokenWindows(long First, long End, int Length, bool IsMoving)
{
    // tokens that another one follows
    private long Predicting => End - First - 1;

    public long Count => (Predicting + Length - 1) / Length + (IsMoving && Predicting > Length ? 1 : 0);

    /// <summary>Gets how far the windows are pushed to the left.</summary>
    public int Offset { get; private set; }

    /// <summary>Draws the offset of an epoch.</summary>
    public void Move(SeededRandom random) => Offset = IsMoving ? (int)random.Below(Length) : 0;

    public long StartOf(long window) => IsMoving ? First + Math.Clamp(window * Length - Offset, 0, Math.Max(0, Predicting - Length)) : First + window * Length;

    public int LengthOf(long window) => (int)Math.Min(Length, End - 1 - StartOf(window));
}
