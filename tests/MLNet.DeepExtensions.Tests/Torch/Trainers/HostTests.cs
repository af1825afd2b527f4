using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>The host's settings and channels are honoured.</summary>
public class HostTests
{
    [Fact]
    public void EachEpoch_IsALineInTheLog_AndAReportToTheCaller()
    {
        var ml = new MLContext(seed: 1);
        var lines = new List<string>();
        ml.Log += (_, entry) => lines.Add($"{entry.Source} {entry.Kind} {entry.RawMessage}");
        var reports = new List<EpochReport>();
        using var model = Blobs.Pipeline(ml, Blobs.Options with { Epochs = 3, ValidationFraction = 0.2, Progress = new Now(reports) }).Fit(Blobs.View(ml, 60));
        Assert.Equal([1, 2, 3], reports.Select(report => report.Epoch));
        Assert.Equal(model.LastTransformer.History.Epochs, reports);
        for (var epoch = 1; epoch <= 3; epoch++)
            Assert.Single(lines, line => line.Contains("Info") && line.Contains($"Epoch {epoch}/3: training loss ") && line.Contains("validation accuracy ") && line.Contains("rows/s"));
        Assert.Single(lines, line => line.Contains("Read 48 training rows and 12 validation rows"));
        Assert.Single(lines, line => line.Contains("Training on cpu with seed 1"));
    }

    [Fact]
    public void CancelExecution_ThrowsAsEverywhereInMLNet()
    {
        var ml = new MLContext(seed: 1);
        var cancel = typeof(MLContext).GetMethod("CancelExecution", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)!;
        var options = Blobs.Options with { Epochs = 1000, Progress = new Act(() => cancel.Invoke(ml, null)) };
        Assert.ThrowsAny<OperationCanceledException>(() => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)));
    }

    [Fact]
    public void ExceptionInACallback_ReachesTheCaller_AndTheNextFitWorks()
    {
        var ml = new MLContext(seed: 1);
        var options = Blobs.Options with { Progress = new Act(() => throw new InvalidTimeZoneException("mine")) };
        Assert.Throws<InvalidTimeZoneException>(() => Blobs.Pipeline(ml, options).Fit(Blobs.View(ml, 60)));
        using var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 60));
        Assert.Equal(4, model.LastTransformer.History.Epochs.Count);
    }

    [Fact]
    public void GpuThatIsNotThere_FallsBackWithAWarning_OrNotAtAll()
    {
        if (TorchSharp.torch.cuda.is_available())
            Assert.Skip("This machine has a CUDA GPU.");
        var ml = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = true };
        var warnings = new List<string>();
        ml.Log += (_, entry) => { if (entry.Kind == ChannelMessageKind.Warning) warnings.Add(entry.RawMessage); };
        using (var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 30)))
            Assert.Single(warnings, warning => warning.Contains("GPU 0") && warning.Contains("FallbackToCpu"));
        ml.FallbackToCpu = false;
        var error = Assert.Throws<InvalidOperationException>(() => Blobs.Pipeline(ml).Fit(Blobs.View(ml, 30)));
        Assert.Contains("GpuDeviceId asks for it and MLContext.FallbackToCpu is false", error.Message);
        // the option is nearer than the host
        using var onCpu = Blobs.Pipeline(ml, Blobs.Options with { Device = "cpu" }).Fit(Blobs.View(ml, 30));
        using var auto = Blobs.Pipeline(ml, Blobs.Options with { Device = "auto" }).Fit(Blobs.View(ml, 30));
    }

    [Fact]
    public void WeightsFile_HoldsTheStateDictUnderItsNames()
    {
        var ml = new MLContext(seed: 1);
        using var model = Blobs.Pipeline(ml).Fit(Blobs.View(ml, 60));
        var path = Path.Combine(Directory.CreateTempSubdirectory("weights").FullName, "w.safetensors");
        model.LastTransformer.SaveWeights(path);
        using (var stream = File.OpenRead(path))
        {
            var reader = SafetensorsReader.Open(stream);
            Assert.Equal(["fc1.bias: F32 [16]", "fc1.weight: F32 [16, 4]", "fc2.bias: F32 [3]", "fc2.weight: F32 [3, 16]"], reader.Entries.Select(entry => entry.ToString()));
            var first = new byte[reader.Entries[0].Bytes];
            reader.Read(first);
            Assert.Equal(model.LastTransformer.Module.state_dict()["fc1.bias"].bytes.ToArray(), first);
        }
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private sealed class Now(List<EpochReport> reports) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => reports.Add(value);
    }

    private sealed class Act(Action action) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => action();
    }
}
