namespace MLNet.DeepExtensions;

/// <summary>Hands each epoch's report on when the epoch ends.</summary>
internal sealed class ReportEpochs(IProgress<EpochReport> progress) : Callback
{
    public override void OnEpochEnd(TrainingState state, EpochReport report) => progress.Report(report);
}
