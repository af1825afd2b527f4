using System.Diagnostics;

namespace MLNet.DeepExtensions.Tests;

/// <summary>These tests again, in a process of their own: one explicit test, with an environment of its own.</summary>
internal static class ChildProcess
{
    public static Process StartTest(string method, params (string Name, string Value)[] environment)
    {
        var start = Program(Path.Combine(AppContext.BaseDirectory, "MLNet.DeepExtensions.Tests" + (OperatingSystem.IsWindows() ? ".exe" : "")),
            "-method", method, "-explicit", "only", "-showLiveOutput", "-noColor");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static ProcessStartInfo Program(string path, params string[] arguments) =>
        new(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

    /// <summary>All that the process wrote, once it has ended well.</summary>
    public static string Finish(Process process)
    {
        var (code, text) = End(process);
        Assert.True(code == 0, text);
        return text;
    }

    /// <summary>The exit code and all that the process wrote.</summary>
    public static (int Code, string Text) End(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, text + errors.Result);
        }
    }
}
