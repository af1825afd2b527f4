using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

/// <summary>
/// What PredictionEnginePool does, done by hand: it loads by <c>ml.Model.Load</c> on a context of its own, hands out engines from a bag, and takes another model when the file changes.
/// </summary>
[Collection(nameof(Alone))]
public class PredictionPoolTests(Served served) : IClassFixture<Served>
{
    private const string ModelVariable = "DEEPEXTENSIONS_POOL_MODEL";

    private static readonly string[] kinds = ["torch", "onnx", "pictures", "text", "regression", "sequence"];

    public static TheoryData<string> Kinds => [.. kinds];

    [Theory, MemberData(nameof(Kinds))]
    public void ModelOfEveryKind_OpensInAProcessThatMadeNoOtherCall(string kind)
    {
        var path = served.PathOf($"{kind}.zip");
        var expected = kind switch
        {
            "torch" => Save(path, portable: false),
            "onnx" => Save(path, portable: true),
            "pictures" => SavePictures(path),
            "text" => SaveTexts(path),
            "regression" => SaveRegression(path),
            _ => SaveSequences(path),
        };
        var text = ChildProcess.Finish(ChildProcess.StartTest($"{typeof(PredictionPoolTests).FullName}.{nameof(Child_Answers)}", (ModelVariable, $"{kind}|{path}")));
        var answers = text.Split('\n').Single(line => line.Contains("ANSWERS ", StringComparison.Ordinal)).Trim();
        Assert.Equal(expected, answers[(answers.IndexOf("ANSWERS ", StringComparison.Ordinal) + 8)..].Split(' ').Select(item => float.Parse(item, System.Globalization.CultureInfo.InvariantCulture)), (a, b) => Math.Abs(a - b) <= 1e-4);
    }

    // the first call into anything of ours is ML.NET's own Load
    [Fact(Explicit = true)]
    public void Child_Answers()
    {
        var parts = Environment.GetEnvironmentVariable(ModelVariable)!.Split('|');
        var ml = new MLContext();
        var model = ml.Model.Load(parts[1], out _);
        float[] scores = parts[0] switch
        {
            "pictures" => Pool<Photo, Scored>(ml, model, new Photo { Image = Pictures.Png(8, 8, 200) }),
            "text" => Pool<Sentence, Scored>(ml, model, new Sentence { Text = "good food" }),
            "regression" => [ml.Model.CreatePredictionEngine<Blobs.Row, One>(model).Predict(Blobs.Rows(1)[0]).Score],
            "sequence" => Pool<Steps, Scored>(ml, model, Sequences()[0]),
            _ => Pool<Blobs.Row, Scored>(ml, model, Blobs.Rows(1)[0]),
        };
        Console.WriteLine("ANSWERS " + string.Join(" ", scores.Select(score => score.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EnginesOnManyThreads_ShareOneSetOfWeights_AndGiveTheSameAnswers(bool portable)
    {
        var path = served.PathOf($"many-{portable}.zip");
        Save(path, portable);
        var ml = new MLContext();
        var model = ml.Model.Load(path, out _);
        var rows = Blobs.Rows(50);
        using var lone = ml.Model.CreatePredictionEngine<Blobs.Row, Scored>(model);
        var expected = rows.Select(row => lone.Predict(row).Score.ToArray()).ToList();
        LiveTensors.Settle();
        LiveTensors.Settle();
        var loaded = Tensor.TotalCount;
        var engines = new ConcurrentBag<PredictionEngine<Blobs.Row, Scored>>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 400; i++)
            {
                if (!engines.TryTake(out var engine))
                    engine = ml.Model.CreatePredictionEngine<Blobs.Row, Scored>(model);
                var row = (i + thread) % rows.Count;
                Assert.Equal(expected[row], engine.Predict(rows[row]).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
                engines.Add(engine);
            }
        })));
        LiveTensors.Settle();
        Assert.True(Tensor.TotalCount <= loaded, "Engines brought weights of their own.");
        // whichever engines are disposed, the others and the model go on
        while (engines.Count > 0 && engines.TryTake(out var one))
        {
            one.Dispose();
            Assert.Equal(expected[0], lone.Predict(rows[0]).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
            using var another = ml.Model.CreatePredictionEngine<Blobs.Row, Scored>(model);
            Assert.Equal(expected[1], another.Predict(rows[1]).Score, (a, b) => Math.Abs(a - b) <= 1e-5);
        }
    }

    [Fact]
    public async Task SwapsUnderLoad_LeaveNoTensors()
    {
        var path = served.PathOf("swapped.zip");
        Save(path, portable: false);
        var rows = Blobs.Rows(20);
        var wrappers = Served.WrappersOf(path);
        await Swap(2);
        LiveTensors.Settle();
        LiveTensors.Settle();
        var before = Tensor.TotalCount;
        await Swap(12);
        LiveTensors.Settle();
        LiveTensors.Settle();
        // 12 swaps after the first
        Assert.Equal(before + 13 * wrappers, Tensor.TotalCount);

        async Task Swap(int times)
        {
            var ml = new MLContext();
            (ITransformer Model, ConcurrentBag<PredictionEngine<Blobs.Row, Scored>> Engines) pool = (ml.Model.Load(path, out _), []);
            using var ending = new CancellationTokenSource();
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                while (!ending.IsCancellationRequested)
                {
                    var (model, engines) = pool;
                    if (!engines.TryTake(out var engine))
                        engine = ml.Model.CreatePredictionEngine<Blobs.Row, Scored>(model);
                    Assert.Equal(3, engine.Predict(rows[3]).Score.Length);
                    engines.Add(engine);
                }
            })).ToList();
            for (var swap = 0; swap < times; swap++)
            {
                var fresh = ml.Model.Load(path, out _);
                pool = (fresh, []);
                await Task.Delay(20);
            }
            await ending.CancelAsync();
            await Task.WhenAll(callers);
        }
    }

    private static float[] Pool<TIn, TOut>(MLContext ml, ITransformer model, TIn row)
        where TIn : class
        where TOut : Scored, new() => ml.Model.CreatePredictionEngine<TIn, TOut>(model).Predict(row).Score;

    private static float[] Save(string path, bool portable)
    {
        var ml = new MLContext(seed: 1);
        var data = Blobs.View(ml, 60);
        using var model = Blobs.Pipeline(ml).Fit(data);
        if (portable)
            ml.Model.SavePortable(model, data.Schema, path);
        else
            ml.Model.Save(model, data.Schema, path);
        return ml.Model.CreatePredictionEngine<Blobs.Row, Scored>(model).Predict(Blobs.Rows(1)[0]).Score;
    }

    private static float[] SavePictures(string path)
    {
        HostileTarget.Train(path);
        var ml = new MLContext();
        return Pool<Photo, Scored>(ml, ml.Model.Load(path, out _), new Photo { Image = Pictures.Png(8, 8, 200) });
    }

    internal static float[] SaveTexts(string path)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Sentence { Text = i % 2 == 0 ? "good food" : "dirty room", Label = i % 2 == 0 ? "yes" : "no" }).ToList());
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = 4 },
            new DeepTrainerOptions { Epochs = 1, Seed = 1 }, featureColumnName: "Text")).Fit(data);
        ml.Model.Save(model, data.Schema, path);
        return Pool<Sentence, Scored>(ml, model, new Sentence { Text = "good food" });
    }

    private static float[] SaveRegression(string path)
    {
        var ml = new MLContext(seed: 1);
        var data = Blobs.View(ml, 60);
        using var model = ml.Regression.Trainers.Deep(new Mlp { HiddenSizes = [8] }, new DeepTrainerOptions { Epochs = 1, Seed = 1 }, labelColumnName: "Weight").Fit(data);
        ml.Model.Save(model, data.Schema, path);
        return [ml.Model.CreatePredictionEngine<Blobs.Row, One>(model).Predict(Blobs.Rows(1)[0]).Score];
    }

    private static float[] SaveSequences(string path)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Sequences());
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.Deep(new Lstm { HiddenSize = 4 }, new DeepTrainerOptions { Epochs = 1, Seed = 1 }, inputShape: new SequenceShape(2))).Fit(data);
        ml.Model.Save(model, data.Schema, path);
        return Pool<Steps, Scored>(ml, model, Sequences()[0]);
    }

    private static List<Steps> Sequences() => [.. Enumerable.Range(0, 12).Select(i => new Steps { Features = [.. Enumerable.Range(0, 10).Select(t => MathF.Sin(t * (i % 2 + 1)))], Label = "ab"[i % 2].ToString() })];

    internal class Scored
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class One
    {
        public float Score { get; set; }
    }

    internal sealed class Sentence
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Steps
    {
        [VectorType(5, 2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
