using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions.Tool;

/// <summary>Ctrl-C, and the signal by which systems end programs, ask for a gentle end; a second Ctrl-C ends the program at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly TextWriter messages;
    private readonly PosixSignalRegistration terminate;

    public Interrupt(TextWriter messages)
    {
        this.messages = messages;
        Console.CancelKeyPress += OnCancelKey;
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = Ask());
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKey;
        terminate.Dispose();
        source.Dispose();
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs e) => e.Cancel = Ask();

    // true where this was the first time
    private bool Ask()
    {
        if (source.IsCancellationRequested)
            return false;
        messages.WriteLine("Stopping after this step; the best so far is kept. Once more ends at once.");
        source.Cancel();
        return true;
    }
}
