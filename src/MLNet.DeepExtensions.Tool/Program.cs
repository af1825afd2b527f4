using MLNet.DeepExtensions.Tool.Commands;

namespace MLNet.DeepExtensions.Tool;

/// <summary>The command line tool <c>mldeep</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var interrupt = new Interrupt(Console.Error);
        return await DeepCommand.Run(arguments, Screen.OfConsole(), interrupt.Token);
    }
}
