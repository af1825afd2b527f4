using MLNet.DeepExtensions;
using Spectre.Console;

namespace Samples;

/// <summary>What a user of the sample can mend is said in a sentence, without the way through the code.</summary>
internal static class Friendly
{
    public static int Run(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or InvalidImageException or InvalidAudioException or TrainingDivergedException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{(e.InnerException as InvalidAudioException ?? e).Message}[/]");
            return 1;
        }
    }
}
