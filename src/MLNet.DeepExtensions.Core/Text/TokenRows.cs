namespace MLNet.DeepExtensions;

/// <summary>A text, or many behind each other, as a trainer of language models takes them: windows of tokens, and for each token the one that follows. Views of the stream, which take no memory of their own.</summary>
internal sealed class TokenRows : TrainingRows
{
    private readonly TokenStream stream;

    public TokenRows(TokenStream stream, int window, bool isMoving) : this(stream, new TokenWindows(0, stream.Count, window, isMoving))
    {
    }

    private TokenRows(TokenStream stream, TokenWindows windows)
        : base(new InputRows([new Seen(stream, windows)]), new Following(stream, windows), null) => (this.stream, Windows) = (stream, windows);

    public TokenWindows Windows { get; }

    /// <summary>Sets the last part of the tokens aside, whose windows do not move.</summary>
    /// <exception cref="InvalidOperationException">One side would have no token that another one follows.</exception>
    public (TokenRows Remaining, TokenRows Aside) Split(double fraction)
    {
        var (first, end) = (Windows.First, Windows.End);
        var cut = end - (long)Math.Round((end - first) * fraction);
        if (cut - first < 2 || end - cut < 2)
            throw new InvalidOperationException($"ValidationFraction = {fraction} of {end - first:N0} tokens leaves {cut - first:N0} to train on and {end - cut:N0} to validate on; each needs at least two.");
        return (new TokenRows(stream, Windows with { End = cut }), new TokenRows(stream, Windows with { First = cut, IsMoving = false }));
    }

    private sealed class Seen : ViewStore<int>
    {
        private readonly TokenStream stream;
        private readonly TokenWindows windows;

        public Seen(TokenStream stream, TokenWindows windows) : base(windows.Length)
        {
            (this.stream, this.windows) = (stream, windows);
            Count = windows.Count;
        }

        public override void CopyTo(long row, Span<int> target)
        {
            var length = windows.LengthOf(row);
            stream.CopyTo(windows.StartOf(row), target[..length]);
            target[length..].Clear();
        }
    }

    private sealed class Following : ViewStore<long>
    {
        private readonly TokenStream stream;
        private readonly TokenWindows windows;

        public Following(TokenStream stream, TokenWindows windows) : base(windows.Length)
        {
            (this.stream, this.windows) = (stream, windows);
            Count = windows.Count;
        }

        public override void CopyTo(long row, Span<long> target)
        {
            var length = windows.LengthOf(row);
            stream.CopyTo(windows.StartOf(row) + 1, target[..length]);
            target[length..].Fill(StepTargets.None);
        }
    }
}
