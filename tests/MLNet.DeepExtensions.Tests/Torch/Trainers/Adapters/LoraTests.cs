using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions.Tests.Torch.Checkpoints;
using MLNet.DeepExtensions.Tests.Torch.Models.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Trainers.Adapters;

/// <summary>Small matrices are trained beside a network's layers: it stays as it is meanwhile, and has them in its layers in the end.</summary>
[Collection(nameof(Alone))]
public sealed class LoraTests : IDisposable
{
    private const string Query = "bert.encoder.layer.0.attention.self.query.weight", Key = "bert.encoder.layer.0.attention.self.key.weight", Words = "bert.embeddings.word_embeddings.weight";

    private static readonly DeepTrainerOptions options = new() { Epochs = 3, BatchSize = 4, Seed = 3, Optimizer = new AdamW { LearningRate = 0.01 }, Adapter = new Lora { Rank = 2, Alpha = 4 } };

    private readonly MLContext ml = new(seed: 1);
    private readonly PublishedFolder folder = PublishedFolder.OfBert();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheNetworkStays_ButForWhatIsAddedToItsLayers_AndItsLastOne()
    {
        using var scope = NewDisposeScope();
        using var model = Fit(options);
        var (before, after) = (folder.Read(), model.Module.state_dict());
        foreach (var name in before.Keys.Where(name => name.StartsWith("bert.", StringComparison.Ordinal) && !name.Contains("query.weight", StringComparison.Ordinal) && !name.Contains("value.weight", StringComparison.Ordinal)))
            Assert.Equal(before[name].data<float>().ToArray(), after[name].data<float>().ToArray());
        Assert.Contains(Key, before.Keys);
        var added = after[Query] - before[Query];
        Assert.Equal(2, linalg.matrix_rank(added, atol: 1e-6).item<long>());
        Assert.DoesNotContain(after.Keys, name => name.Contains("lora", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatItLearnt_AddedToTheNetworkThatItBeganFrom_GivesTheModel()
    {
        using var scope = NewDisposeScope();
        using var model = Fit(options);
        var adapter = model.Adapter!;
        Assert.Equal(["bert.encoder.layer.0.attention.self.query", "bert.encoder.layer.0.attention.self.value", "bert.encoder.layer.1.attention.self.query", "bert.encoder.layer.1.attention.self.value"], adapter.Layers);
        Assert.Equal(["classifier.bias", "classifier.weight"], adapter.AlsoTrained);
        Assert.Equal(4 * 2 * (16 + 16) + 16 + 1, adapter.ParameterCount);

        var path = folder.PathOf("adapter");
        adapter.Save(path);
        using (var file = TensorFile.Open(Path.Combine(path, "adapter_model.safetensors")))
            Assert.Contains(file.Entries, entry => entry.Name == "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight" && entry.Shape.SequenceEqual([2L, 16]));
        // the pooler is not in the file of a head of tokens: it was drawn, and is part of the network that training began from
        using var start = Fit(options with { Optimizer = new Sgd { LearningRate = 0 } });
        AdapterWeights.Load(path).MergeInto(start.Module);
        var (merged, expected) = (start.Module.state_dict(), model.Module.state_dict());
        Assert.All(expected, entry => Assert.Equal(entry.Value.data<float>().ToArray(), merged[entry.Key].data<float>().ToArray()));
    }

    [Fact]
    public void ScoresOfTheSavedModel_AreThoseOfTheTrainedOne()
    {
        using var model = Fit(options);
        using var file = new MemoryStream();
        ml.Model.Save(model, Data().Schema, file);
        file.Position = 0;
        var loaded = (DeepTransformer)new MLContext().Model.Load(file, out _);
        Assert.Equal(Scores(model), Scores(loaded));
        Assert.Null(loaded.Adapter);
    }

    [Fact]
    public void InTraining_TheNetworkIsWhatItIsMerged()
    {
        // the validation of the last epoch saw matrices beside the layers; scoring sees their sum
        using var model = ml.BinaryClassification.Trainers.Deep(Network(), options with { KeepBestWeights = false }, featureColumnName: "Text").Fit(Data(), Data());
        var loss = Data().GetColumn<bool>("Label").Zip(Scores(model)).Average(row => Math.Log(1 + Math.Exp(row.First ? -row.Second : row.Second)));
        Assert.Equal(model.History.Epochs[^1].Validation!["loss"], loss, 1e-4);
    }

    [Fact]
    public void Interrupted_AndGoneOn_ItHasTheBitsOfOneThatWasNot()
    {
        var checkpoints = new CheckpointPolicy(folder.PathOf("run")) { EverySteps = 1 };
        DeepTransformer Fit(DeepTrainerOptions with) => ml.BinaryClassification.Trainers.Deep(Network(), with, featureColumnName: "Text").Fit(Data(), Data());
        DeepTrainerOptions Options() => options with { Adapter = new Lora { Rank = 2, Dropout = 0.2 }, LayerDecay = 0.8, Callbacks = [new ExponentialMovingAverage { Decay = 0.9 }] };
        var interrupted = Outcome.OfInterrupted(Fit, Options, checkpoints, new Interruption(2), new Interruption(5, Means: Means.Crash));
        Outcome.Of(Fit, Options()).AssertSame(interrupted);
        // and once more: it has finished
        Outcome.Of(Fit, Options() with { Checkpoints = checkpoints }).AssertSame(interrupted);
    }

    [Fact]
    public void ItGoesOn_FromWhatItLearnt()
    {
        using var scope = NewDisposeScope();
        using var first = Fit(options);
        var still = options with { Optimizer = new Sgd { LearningRate = 0 } };
        using var second = Fit(still with { Adapter = options.Adapter! with { Weights = first.Adapter } });
        Assert.Equal(Scores(first), Scores(second));
        Assert.Contains("Rank = 2 and Alpha = 4", Assert.Throws<InvalidModelFileException>(() => Fit(still with { Adapter = new Lora { Rank = 4, Weights = first.Adapter } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BesideOtherNetworks_StandsOneAtEachLayerButTheLast()
    {
        using var scope = NewDisposeScope();
        using var model = Blobs.Pipeline(ml, new DeepTrainerOptions { Epochs = 1, Seed = 1, Adapter = new Lora() }, new Mlp { HiddenSizes = [8, 8] }).Fit(Blobs.View(ml, 20));
        Assert.Equal(["fc1", "fc2"], model.LastTransformer.Adapter!.Layers);
        Assert.Equal(["fc3.bias", "fc3.weight"], model.LastTransformer.Adapter!.AlsoTrained);
    }

    [Fact]
    public void OfANetworkWithoutAHead_TheMatricesAloneAreTrained()
    {
        var data = ml.Transforms.Conversion.MapValueToKey("Class", "Text").Fit(Data()).Transform(Data());
        using var model = ml.Transforms.DeepEmbedding((Bert)Network() with { Head = EncoderHead.None, Pooling = Pooling.Mean }, options with { Epochs = 1, Sampling = new ClassesPerBatch { Classes = 2, Rows = 2 } }, labelColumnName: "Class", featureColumnName: "Text", embeddingSize: 16).Fit(data);
        Assert.Empty(model.Adapter!.AlsoTrained);
        Assert.Equal(4, model.Adapter.Layers.Count);
    }

    [Fact]
    public void NamesThatFitNothing_AreRefused()
    {
        Assert.Contains("Adapter.Targets: '*.c_attn' fits no parameter", Assert.Throws<ArgumentException>(() => Fit(options with { Adapter = new Lora { Targets = ["*.c_attn"] } })).Message, StringComparison.Ordinal);
        Assert.Contains("Adapter.AlsoTrain: 'head' fits no parameter", Assert.Throws<ArgumentException>(() => Fit(options with { Adapter = new Lora { AlsoTrain = ["head"] } })).Message, StringComparison.Ordinal);
        Assert.Contains("options.Adapter.Rank", Assert.Throws<ArgumentException>(() => Fit(options with { Adapter = new Lora { Rank = 0 } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAdapterOfAnotherNetwork_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = Fit(options);
        using var other = new Mlp { HiddenSizes = [8] }.Build(new VectorShape(4), 2);
        Assert.Contains("query.weight [16, 16] is not there", Assert.Throws<InvalidModelFileException>(() => model.Adapter!.MergeInto(other)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter_config.json", "\"LORA\"", "\"IA3\"", "peft_type = \"LORA\" alone")]
    [InlineData("adapter_config.json", "\"bias\"", "\"use_dora\": true, \"bias\"", "use_dora = true")]
    [InlineData("adapter_config.json", "\"r\": 2", "\"r\": 3", "no pair of matrices of rank 3")]
    [InlineData("adapter_config.json", "\"r\": 2", "\"r\": -2", "above 0")]
    [InlineData("adapter_model.safetensors", "lora_B", "lora_C", "no pair of matrices of rank 2")]
    public void ADamagedOrForeignFolder_IsRefused(string file, string from, string to, string said)
    {
        using var model = Fit(options);
        var path = folder.PathOf("adapter");
        model.Adapter!.Save(path);
        var name = Path.Combine(path, file);
        File.WriteAllText(name, File.ReadAllText(name, System.Text.Encoding.Latin1).Replace(from, to, StringComparison.Ordinal), System.Text.Encoding.Latin1);
        Assert.Contains(said, Assert.Throws<InvalidModelFileException>(() => AdapterWeights.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Precision.BFloat16Mixed, 1)]
    [InlineData(Precision.Float32, 2)]
    [InlineData(Precision.BFloat16Mixed, 3)]
    public void HalfPrecision_AndGatheredGradients_TrainIt(Precision precision, int batches)
    {
        using var model = Fit(options with { Epochs = 40, Precision = precision, BatchesPerStep = batches });
        Assert.True(ml.BinaryClassification.Evaluate(model.Transform(Data())).Accuracy > 0.9);
    }

    [Fact]
    public void NoTensorIsLeft()
    {
        // what TorchSharp's layers leave to the garbage collector when they are made: the network twice, and two matrices beside each of four layers
        var building = LiveTensors.LeftBy(() => Network().Build(new IdsShape(40), 1).Dispose());
        Fit(options).Dispose();
        Assert.Equal(2 * building + 8, LiveTensors.LeftBy(() => Fit(options).Dispose()));
        Assert.Equal(2 * building + 8, LiveTensors.LeftBy(() => Fit(options with { Epochs = 1 }).Dispose()));
    }

    private DeepTransformer Fit(DeepTrainerOptions with) => ml.BinaryClassification.Trainers.Deep(Network(), with, featureColumnName: "Text").Fit(Data());

    private ModelConfig Network() => PretrainedModel.FromFolder(folder.Path, PublishedFolder.Tokenizer);

    private float[] Scores(DeepTransformer model) => [.. model.Transform(Data()).GetColumn<float>("Score")];

    private IDataView Data() => ml.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new Review { Text = i % 2 == 0 ? "good, good" + new string('!', i / 4) : "not so good", Label = i % 2 == 0 }));

    private sealed class Review
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
