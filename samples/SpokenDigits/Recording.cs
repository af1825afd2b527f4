using Microsoft.ML;
using MLNet.DeepExtensions;

namespace SpokenDigits;

/// <summary>A recording's file, the digit that is said, by whom, and for the how manieth time.</summary>
internal sealed class Recording
{
    public string AudioPath { get; set; } = "";

    public string Label { get; set; } = "";

    public string Speaker { get; set; } = "";

    public int Take { get; set; }

    /// <summary>Finds recordings named DIGIT_SPEAKER_TAKE.wav; other files are passed over.</summary>
    public static List<Recording> Below(MLContext ml, string folder) =>
    [
        .. from file in ml.Data.CreateEnumerable<AudioFile>(ml.Data.LoadAudioFolder(folder, DigitOf), reuseRowObject: false)
           let parts = Path.GetFileNameWithoutExtension(file.AudioPath).Split('_')
           select new Recording { AudioPath = file.AudioPath, Label = file.Label, Speaker = parts[1], Take = int.Parse(parts[2]) },
    ];

    private static string? DigitOf(string path) =>
        Path.GetFileNameWithoutExtension(path).Split('_') is [[>= '0' and <= '9'] digit, _, var take] && int.TryParse(take, out _) ? digit : null;
}

/// <summary>What the pipeline says of a recording.</summary>
internal sealed class Prediction
{
    public string Digit { get; set; } = "";

    public float[] Score { get; set; } = [];
}
