namespace MLNet.DeepExtensions;

/// <summary>A picture for a sheet, with what is to be said of it.</summary>
/// <param name="Pixels">Rows of pixels from the top; one byte each for grey, three (red, green, blue) for colour.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Caption">What stands below, a line for each line of the text; null for nothing.</param>
/// <param name="Right">Whether what the caption says is right, shown by a sign and a frame; null where that is no question.</param>
public sealed record SheetPicture(ReadOnlyMemory<byte> Pixels, int Height, int Width, string? Caption = null, bool? Right = null);
