using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;

namespace MLNet.DeepExtensions;

public sealed partial class DeepTrainer
{
    private DeepTrainer(DeepTrainer other, DeepTrainerOptions options) =>
        (host, task, model, columns, this.options, Negatives) = (other.host, other.task, other.model, other.columns, options, other.Negatives);

    /// <summary>
    /// Looks for a learning rate: trains a network of its own for some steps, the rate rising by the same factor each time, and writes down how the loss goes (Smith 2015,
    /// "Cyclical learning rates for training neural networks"). It stops where the loss diverges. Nothing is changed by it: not this trainer, nor what it trains later, nor a file.
    /// </summary>
    /// <param name="data">The training rows, all of which are used.</param>
    /// <param name="from">The learning rate of the first step, above 0.</param>
    /// <param name="to">That of the last step, above <paramref name="from"/>.</param>
    /// <param name="steps">How many steps, at least 10. Rows are gone through again where they are too few.</param>
    /// <returns>The losses, and what they suggest.</returns>
    /// <remarks>
    /// In a pipeline, give it what the earlier steps make of the rows: <c>trainer.FindLearningRate(steps.Fit(data).Transform(data))</c>.
    /// Optimizer, loss, batch size, seed, initial weights, frozen layers and precision are those of the options. Schedule, callbacks, checkpoints, limits of steps and validation take no part.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or a column is missing or of the wrong type.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no number in the very first step: the data is at fault, or the network.</exception>
    public LearningRateCurve FindLearningRate(IDataView data, double from = 1e-7, double to = 10, int steps = 100)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 10);
        if (!(from > 0) || !double.IsFinite(from))
            throw new ArgumentOutOfRangeException(nameof(from), from, "The first learning rate must be a finite number above 0, such as 1e-7.");
        if (!(to > from) || !double.IsFinite(to))
            throw new ArgumentOutOfRangeException(nameof(to), to, $"The last learning rate must be a finite number above the first, {from}.");
        var sweep = new SweepLearningRate(from, to, steps);
        var search = new DeepTrainer(this, options with
        {
            Epochs = steps, MaxSteps = null, Schedule = null, Callbacks = [sweep], Checkpoints = null, Metrics = [], ValidationFraction = 0, Progress = null,
        });
        var diverged = false;
        try
        {
            search.Train(data, null).Dispose();
        }
        catch (TrainingDivergedException) when (sweep.Points.Count > 0)
        {
            diverged = true;
        }
        var curve = new LearningRateCurve { Points = sweep.Points, Diverged = diverged || sweep.Diverged };
        using var channel = host.Start("FindLearningRate");
        HostDoors.Info(channel, string.Create(CultureInfo.InvariantCulture, $"Learning rates from {from:0.##e0} to {curve.Points.LastOrDefault().LearningRate:0.##e0}{(curve.Diverged ? ", where the loss diverged" : "")}: " +
            $"the loss fell fastest at {curve.Steepest:0.##e0}; a tenth of the lowest loss's is {curve.TenthOfMinimum:0.##e0}."));
        return curve;
    }
}
