using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions.Tests.Conformance;

/// <summary>What every registered architecture must do, in its smallest form.</summary>
[Collection(nameof(Alone))]
public sealed class ModelConformance
{
    // users' own, registered by other tests, are theirs to test
    public static TheoryData<Type> Models => [.. ModelConfig.Registered.Where(type => type.Assembly == typeof(ModelConfig).Assembly)];

    [Theory, MemberData(nameof(Models))]
    public void Output_IsOneNumberPerRowAndClass(Type type)
    {
        using var scope = NewDisposeScope();
        var (module, input, outputs) = Build(type);
        foreach (var rows in new[] { 1, 2, 5 })
            foreach (var training in new[] { false, true })
            {
                // batch norm cannot normalise a batch of one while training, as in PyTorch
                if (training && rows == 1)
                    continue;
                module.train(training);
                Assert.Equal([rows, outputs], module.Call(Input(input, rows)).shape);
            }
    }

    [Theory, MemberData(nameof(Models))]
    public void EveryParameter_GetsAGradient(Type type)
    {
        using var scope = NewDisposeScope();
        var (module, input, outputs) = Build(type);
        functional.cross_entropy(module.Call(Input(input, 6)), arange(6).remainder(outputs)).backward();
        Assert.NotEmpty(module.named_parameters());
        Assert.All(module.named_parameters(), parameter => Assert.True(parameter.parameter.grad is { } grad && grad.abs().sum().ToDouble() > 0, parameter.name));
    }

    [Theory, MemberData(nameof(Models))]
    public void NoDecay_HoldsForBiasesAndNorms_AndForNothingElse(Type type)
    {
        using var scope = NewDisposeScope();
        var (module, _, _) = Build(type);
        var ofNorms = module.named_modules().Where(part => part.module is TorchSharp.Modules.NormBase or TorchSharp.Modules.LayerNorm or TorchSharp.Modules.GroupNorm)
            .SelectMany(part => part.module.named_parameters().Select(parameter => $"{part.name}.{parameter.name}")).ToHashSet();
        var expected = module.named_parameters().Select(item => item.name).Where(name => ofNorms.Contains(name) || name.EndsWith("bias", StringComparison.Ordinal) || name.Split('.')[^1].StartsWith("bias_", StringComparison.Ordinal)).ToList();
        using (no_grad())
            foreach (var parameter in module.parameters())
                parameter.fill_(1);
        using var optimizer = new AdamW { LearningRate = 0.1, WeightDecay = 0.5, Groups = [ParameterGroup.NoDecay] }.Build(module.named_parameters());
        // without a gradient to follow, decay is all that a step of AdamW does
        foreach (var parameter in module.parameters())
            parameter.grad = zeros_like(parameter);
        optimizer.Step();
        Assert.Equal(expected, module.named_parameters().Where(item => item.parameter.eq(1).all().item<bool>()).Select(item => item.name));
    }

    [Theory, MemberData(nameof(Models))]
    public void LayersFromInput_AreThere_AndHaveNoParameterInCommon(Type type)
    {
        using var scope = NewDisposeScope();
        var config = Smallest(type).Model;
        var names = Build(type).Module.named_parameters().Select(parameter => parameter.name).ToList();
        var layers = (config.LayersFromInput ?? []).Select(layer => names.Where(name => layer.Any(pattern => new NamePattern(pattern).Matches(name))).ToList()).ToList();
        Assert.All(layers, Assert.NotEmpty);
        Assert.Equal(layers.SelectMany(layer => layer), layers.SelectMany(layer => layer).Distinct());
        // the last layer stands above all of them
        if (config.HeadPrefix is { } head)
            Assert.DoesNotContain(layers.SelectMany(layer => layer), name => name.StartsWith(head + ".", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Models))]
    public void Json_GivesTheSameConfigBack(Type type)
    {
        var config = Smallest(type).Model;
        var json = ConfigJson.Write(config);
        var back = ConfigJson.Read<ModelConfig>(json);
        Assert.Equal(config, back);
        Assert.Equal(config.ToString(), back.ToString());
        Assert.Equal(json, ConfigJson.Write(back));
    }

    [Theory, MemberData(nameof(Models))]
    public void SameSeed_GivesTheSameWeights(Type type)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));

        byte[] Weights(int seed)
        {
            random.manual_seed(seed);
            using var module = Build(type).Module;
            return [.. module.state_dict().Values.SelectMany(tensor => tensor.contiguous().bytes.ToArray())];
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void SavedWeights_InANewNetwork_GiveTheSameOutputs(Type type)
    {
        using var scope = NewDisposeScope();
        var (config, input, outputs) = Smallest(type);
        using var module = config.Build(input, outputs);
        module.Call(Input(input, 6)).Dispose();                 // buffers such as running means are no longer what they were built with
        module.eval();
        var x = Input(input, 4);
        using var file = new MemoryStream();
        ModuleWeights.Write(module, file);
        file.Position = 0;
        using var back = ModuleWeights.Read(file, null, device => config.Build(input, outputs, device), CPU);
        Assert.Equal(module.Call(x).data<float>().ToArray(), back.Call(x).data<float>().ToArray());
    }

    [Theory, MemberData(nameof(Models))]
    public void OnTheMetaDevice_ItHasTheSameNamesAndShapes_AndNoMemory(Type type)
    {
        using var scope = NewDisposeScope();
        var (config, input, outputs) = Smallest(type);
        using var real = config.Build(input, outputs);
        using var meta = config.Build(input, outputs, META);
        Assert.All(meta.state_dict().Where(entry => entry.Value.numel() > 1), entry => Assert.True(entry.Value.is_meta, entry.Key));
        Assert.Equal(Names(real), Names(meta));

        static IEnumerable<string> Names(Module module) => module.state_dict().Select(entry => $"{entry.Key}: {entry.Value.dtype} [{string.Join(", ", entry.Value.shape)}]");
    }

    [Theory, MemberData(nameof(Models))]
    public void EightRows_AreLearntByHeart(Type type)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var (module, input, outputs) = Build(type);
        var (x, y) = (Input(input, 8), arange(8).remainder(outputs));
        using var optimizer = new Adam { LearningRate = 0.003 }.Build(module.named_parameters());
        module.train();
        double loss = double.NaN;
        for (var step = 0; step < 300 && !(loss < 0.05); step++)
        {
            using var inner = NewDisposeScope();
            optimizer.ZeroGrad();
            var mean = functional.cross_entropy(module.Call(x), y);
            mean.backward();
            optimizer.Step();
            loss = mean.ToDouble();
        }
        Assert.True(loss < 0.05, $"the loss is still {loss}");
    }

    [Theory, MemberData(nameof(Models))]
    public void Forward_LeavesNoLiveTensor(Type type)
    {
        using var module = Build(type).Module;
        var input = Smallest(type).Input;
        Once();
        Assert.Equal(0, LiveTensors.LeftBy(Once));

        void Once()
        {
            using var scope = NewDisposeScope();
            module.Call(Input(input, 4)).sum().backward();
            foreach (var parameter in module.parameters())
                parameter.grad = null;
        }
    }

    private static (ModelConfig Model, InputShape Input, int Outputs) Smallest(Type type) => ((ModelConfig)Activator.CreateInstance(type)!).Smallest();

    private static (Module Module, InputShape Input, int Outputs) Build(Type type)
    {
        var (config, input, outputs) = Smallest(type);
        return (config.Build(input, outputs), input, outputs);
    }

    private static ModelInput Input(InputShape shape, int rows) => ExampleInputs.Of(shape, rows);
}
