using MLNet.DeepExtensions.Tool;
using MLNet.DeepExtensions.Tool.Commands;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>A run of mldeep in this process, and what it said.</summary>
internal sealed record ToolRun(int Code, string Out, string Error)
{
    public static ToolRun Of(params string[] arguments) => Of(new StringWriter(), CancellationToken.None, arguments);

    public static ToolRun Of(StringWriter output, CancellationToken cancellation, params string[] arguments)
    {
        var error = new StringWriter();
        var code = DeepCommand.Run(arguments, new Screen(output, error), cancellation).GetAwaiter().GetResult();
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A run that must end well.</summary>
    public static ToolRun Succeeding(params string[] arguments)
    {
        var run = Of(arguments);
        Assert.True(run.Code == ExitCode.Done, run.Out + run.Error);
        return run;
    }

    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
