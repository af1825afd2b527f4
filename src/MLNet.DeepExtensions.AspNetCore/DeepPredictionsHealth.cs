using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLNet.DeepExtensions;

/// <summary>Asks about the canary as any caller would. Being busy is no illness: a server under load must not be restarted for it.</summary>
internal sealed class DeepPredictionsHealth<TIn, TOut>(DeepPredictions<TIn, TOut> predictions) : IHealthCheck
    where TIn : class
    where TOut : class, new()
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failure = context.Registration.FailureStatus;
        if (predictions.Model is not { } model)
            return new HealthCheckResult(failure, "No model is loaded.");
        var data = new Dictionary<string, object>
        {
            ["version"] = model.Version,
            ["model_age_seconds"] = Math.Round(predictions.ModelAge?.TotalSeconds ?? 0),
            ["queued_rows"] = predictions.QueuedRows,
            ["last_batch_size"] = predictions.LastBatchSize,
        };
        if (predictions.Options.Canary is { } canary)
            try
            {
                var answer = await predictions.PredictAsync(canary, predictions.Now, keepsRow: true, cancellationToken).ConfigureAwait(false);
                if (predictions.Options.CanaryCheck?.Invoke(answer.Answer) == false)
                    return new HealthCheckResult(failure, "The model's answer to the canary row does not pass CanaryCheck.", null, data);
            }
            catch (PredictionRefusedException e)
            {
                return new HealthCheckResult(HealthStatus.Degraded, e.Message, null, data);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return new HealthCheckResult(failure, $"The model does not score the canary row: {e.GetType().Name}.", e, data);
            }
        return predictions.RefusedModel is null
            ? HealthCheckResult.Healthy($"Model {model.Version} serves.", data)
            : HealthCheckResult.Degraded($"Model {model.Version} serves; a newer file was refused.", null, data);
    }
}
