using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers;

/// <summary>What must hold from one process to the next.</summary>
public sealed class FreshProcessTests
{
    private const string ModelVariable = "DEEPEXTENSIONS_TEST_MODEL";

    [Fact]
    public void SavedModel_OpensInAProcessThatMakesNoOtherCall()
    {
        var ml = new MLContext(seed: 1);
        var data = Blobs.View(ml, 60);
        using var model = Blobs.Pipeline(ml).Fit(data);
        var path = Path.Combine(Directory.CreateTempSubdirectory("fresh").FullName, "model.zip");
        ml.Model.Save(model, data.Schema, path);
        var text = ChildProcess.Finish(ChildProcess.StartTest($"{typeof(FreshProcessTests).FullName}.{nameof(Child_LoadsAndPredicts)}", (ModelVariable, path)));
        // the same bits as here, one row at a time as there
        var engine = ml.Model.CreatePredictionEngine<Blobs.Row, Blobs.Answer>(model);
        Assert.Contains(Scores(engine), text);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void SameSeed_GivesTheSameBitsInEveryProcess()
    {
        var one = Bits();
        Assert.Equal(one, Bits());
        Assert.True(one.Length > 100);

        static string Bits()
        {
            var text = ChildProcess.Finish(ChildProcess.StartTest($"{typeof(FreshProcessTests).FullName}.{nameof(Child_Trains)}"));
            return text.Split('\n').Single(line => line.Contains("BITS ")).Trim();
        }
    }

    // the first call into anything of ours, and the first of torch, is ML.NET's own Load
    [Fact(Explicit = true)]
    public void Child_LoadsAndPredicts()
    {
        var ml = new MLContext();
        var model = ml.Model.Load(Environment.GetEnvironmentVariable(ModelVariable), out _);
        var engine = ml.Model.CreatePredictionEngine<Blobs.Row, Blobs.Answer>(model, new PredictionEngineOptions { IgnoreMissingColumns = true });
        Console.WriteLine(Scores(engine));
    }

    [Fact(Explicit = true)]
    public void Child_Trains()
    {
        var ml = new MLContext(seed: 12);
        using var model = Blobs.Pipeline(ml, Blobs.Options with { ValidationFraction = 0.2 }, new Mlp { HiddenSizes = [8], Dropout = 0.3, BatchNorm = true }).Fit(Blobs.View(ml, 200));
        Console.WriteLine("BITS " + Convert.ToHexString([.. model.LastTransformer.Module.state_dict().SelectMany(entry => entry.Value.bytes.ToArray())]));
    }

    private static string Scores(PredictionEngine<Blobs.Row, Blobs.Answer> engine) =>
        "SCORES " + string.Join(" ", engine.Predict(Blobs.Rows(1)[0]).Score.Select(score => score.ToString("R", CultureInfo.InvariantCulture)));
}
