using System.CommandLine;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary>The command line as a whole, and what happens where something goes wrong.</summary>
internal static class DeepCommand
{
    public static async Task<int> Run(IReadOnlyList<string> arguments, Screen screen, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Deep networks for ML.NET: trains on pictures, texts, tables and time series, and writes the model with the C# code that uses it.")
        {
            TrainCommand.Make(screen), EvaluateCommand.Make(screen), PredictCommand.Make(screen), DoctorCommand.Make(screen),
        };
        var configuration = new InvocationConfiguration { Output = screen.Out, Error = screen.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await root.Parse(arguments).InvokeAsync(configuration, cancellation);
    }

    /// <summary>Runs a command; what the user can mend is said in a sentence, without the way through the code.</summary>
    public static int Guarded(Screen screen, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (OperationCanceledException)
        {
            screen.Error.WriteLine("Stopped before there was anything to keep; nothing was written.");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (Mendable(e) is { } message)
        {
            screen.Error.WriteLine($"error: {message}");
            return ExitCode.Refused;
        }
    }

    // the sentence that helps lies inside where ML.NET wraps what a step of the pipeline said
    private static string? Mendable(Exception e) => e switch
    {
        { InnerException: InvalidImageException or RefusedException } => e.InnerException.Message,
        RefusedException or ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or FormatException or
            InvalidImageException or TrainingDivergedException or DllNotFoundException => e.Message,
        TypeInitializationException { InnerException: DllNotFoundException missing } => missing.Message,
        _ => null,
    };
}
