using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions.Tests.Torch.Exporting.Pipelines;

/// <summary>A network that answers with what it is given: what comes out of a pipeline with it is what its steps made.</summary>
internal sealed record Echo : ModelConfig
{
    public override nn.Module Build(InputShape input, int outputs, Device? device = null) => new Given();

    /// <summary>It behind steps that are fitted.</summary>
    public static ITransformer Behind(IEstimator<ITransformer> steps, IDataView data, string columnName = "Features")
    {
        var fitted = steps.Fit(data);
        var features = FeatureColumn.Find(fitted.GetOutputSchema(data.Schema), columnName, null);
        var task = new RegressionTask { Width = (int)features.Shape.Count, IsVector = true };
        var network = new DeepModel(new Given(), new SavedModel { Model = new Echo(), Inputs = [new NetworkColumn(features, new InputStage())], Task = task, History = new TrainingHistory { Epochs = [] } }, CPU);
        return new Microsoft.ML.Data.TransformerChain<ITransformer>([.. fitted as IEnumerable<ITransformer> ?? [fitted], new DeepTransformer(network)]);
    }

    private sealed class Given() : nn.Module<Tensor, Tensor>("Echo"), IOnnxExportable
    {
        public override Tensor forward(Tensor input) => input.to(ScalarType.Float32).flatten(1);

        public GraphValue Export(OnnxGraph graph, GraphInput input) => input.Values.ToFloat().Flatten();
    }
}
