using System.Diagnostics;
using Microsoft.ML;
using MLNet.DeepExtensions;

namespace WebApi;

/// <summary>Trains the models whose files are missing, one after the other, while the page shows how it goes. The server then finds the files by itself.</summary>
internal sealed class ModelTraining(TrainingBoard board, SiteOptions options, ILogger<ModelTraining> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() =>
    {
        Train("digits.zip", board.Digits, options.IsQuick ? 1 : 3, Recipes.Digits, stoppingToken);
        Train("cells.zip", board.Cells, options.IsQuick ? 3 : 12, Recipes.Cells, stoppingToken);
    }, stoppingToken);

    private void Train(string name, TrainingState state, int epochs, Func<MLContext, int, Callback, CancellationToken, (IEstimator<ITransformer>, IDataView)> recipe, CancellationToken cancellation)
    {
        var path = Path.Combine(options.Models.FullName, name);
        if (File.Exists(path))
        {
            state.IsReady($"{name} was there already.");
            return;
        }
        var ml = new MLContext(seed: 1);
        var started = Stopwatch.StartNew();
        try
        {
            var (pipeline, train) = recipe(ml, epochs, new ReportProgress(state), cancellation);
            state.Begins();
            var model = pipeline.Fit(train);
            // whoever watches the folder sees a whole file or none
            var partial = $"{path}.partial";
            ml.Model.Save(model, train.Schema, partial);
            File.Move(partial, path, overwrite: true);
            (model as IDisposable)?.Dispose();
            state.IsReady($"Trained in {started.Elapsed.TotalSeconds:0} s.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.LogError(e, "Training {Model} failed", name);
            state.Fails(e.Message);
        }
    }
}
