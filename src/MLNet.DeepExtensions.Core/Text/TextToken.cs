namespace MLNet.DeepExtensions;

/// <summary>A token of a text, and where it comes from.</summary>
/// <param name="Id">Its number in the vocabulary.</param>
/// <param name="Text">How the vocabulary writes it, such as <c>##ing</c>.</param>
/// <param name="Start">Where in the text what it stands for begins, in characters (UTF-16).</param>
/// <param name="Length">How many characters that is; 0 of a special token that the text does not have.</param>
/// <param name="Part">0 in the first text and for what follows it, 1 in the second text of a pair and for what follows that.</param>
public readonly record struct TextToken(int Id, string Text, int Start, int Length, int Part);

/// <summary>Where in a text a token comes from, in characters.</summary>
internal readonly record struct TokenPlace(int Start, int Length);
