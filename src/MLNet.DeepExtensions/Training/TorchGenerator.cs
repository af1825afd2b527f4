using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>
/// torch's global generator, which initial weights and dropout draw from, lent to one user at a time: a fit seeds it once at its start and gives it back as it was,
/// so that the host's own draws do not move. That holds for the CPU's generator; TorchSharp cannot read those of GPUs, which stay where the run left them.
/// </summary>
internal static class TorchGenerator
{
    // fits queue here; a fit inside a fit, on the same thread, does not wait for itself
    private static readonly Lock fits = new();

    /// <summary>
    /// Held for a training step, or for the building of a network: whoever draws in between would change the run's numbers.
    /// Never held while somebody else's code is waited for, such as a callback's.
    /// </summary>
    public static object Gate { get; } = new();

    /// <summary>Waits until no other fit runs, then seeds the generator until disposed.</summary>
    public static IDisposable Seeded(int seed)
    {
        fits.Enter();
        try
        {
            lock (Gate)
            {
                var scope = new Scope();
                random.manual_seed(seed);
                return scope;
            }
        }
        catch
        {
            fits.Exit();
            throw;
        }
    }

    /// <summary>Does something that draws, such as building a network whose weights are then replaced, without moving the generator.</summary>
    public static T Untouched<T>(Func<T> action)
    {
        lock (Gate)
        {
            using var state = random.get_rng_state().DetachFromDisposeScope();
            try
            {
                return action();
            }
            finally
            {
                random.set_rng_state(state);
            }
        }
    }

    private sealed class Scope : IDisposable
    {
        private readonly Tensor before = random.get_rng_state().DetachFromDisposeScope();

        public void Dispose()
        {
            lock (Gate)
                random.set_rng_state(before);
            before.Dispose();
            fits.Exit();
        }
    }
}
