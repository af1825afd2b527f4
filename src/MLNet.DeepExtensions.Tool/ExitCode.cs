namespace MLNet.DeepExtensions.Tool;

/// <summary>What the tool answers to the program that called it. docs/tool.md lists them.</summary>
internal static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Done = 0;

    /// <summary>The command line, the data or the machine is not as it must be; a sentence on the error output says what to change. Nothing was written.</summary>
    public const int Refused = 1;

    /// <summary>Training was stopped by Ctrl-C; the best model so far was evaluated and written.</summary>
    public const int StoppedEarly = 3;

    /// <summary>Ctrl-C came before there was anything to keep; nothing was written. Shells use this number for it.</summary>
    public const int Interrupted = 130;
}
