using System.CommandLine;
using MLNet.DeepExtensions.Tool.Diagnosis;
using Spectre.Console;

namespace MLNet.DeepExtensions.Tool.Commands;

/// <summary><c>mldeep doctor</c>: looks whether this machine has what training and scoring need.</summary>
internal static class DoctorCommand
{
    public static Command Make(Screen screen)
    {
        var command = new Command("doctor", "Looks whether this machine has what training and scoring need, and says what to do where it has not.");
        command.SetAction(_ => DeepCommand.Guarded(screen, () =>
        {
            var findings = Doctor.Examine().ToList();
            foreach (var finding in findings)
                Write(screen, finding);
            var (errors, warnings) = (findings.Count(finding => finding.Health == Health.Error), findings.Count(finding => finding.Health == Health.Warning));
            screen.Out.WriteLine(errors > 0 ? $"{errors} {(errors == 1 ? "error" : "errors")}: training will not work before {(errors == 1 ? "it is" : "they are")} mended." :
                warnings > 0 ? $"Everything works; {warnings} {(warnings == 1 ? "warning" : "warnings")}." : "Everything works.");
            return errors > 0 ? ExitCode.Refused : ExitCode.Done;
        }));
        return command;
    }

    private static void Write(Screen screen, Finding finding)
    {
        var word = finding.Health switch { Health.Ok => "ok     ", Health.Warning => "warning", _ => "error  " };
        var line = $"  {finding.Subject,-14} {finding.Detail}";
        if (screen.Terminal is { } terminal)
            terminal.MarkupLineInterpolated($"[{finding.Health switch { Health.Ok => "green", Health.Warning => "yellow", _ => "red" }}]{word}[/]{line}");
        else
            screen.Out.WriteLine(word + line);
        if (finding.Advice is not null)
            screen.Out.WriteLine($"{"",24} → {finding.Advice}");
    }
}
