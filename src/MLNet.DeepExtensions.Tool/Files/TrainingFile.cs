using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary><c>X.training.cs</c>: the data, the split, the pipeline and every setting of the run, so that it can be repeated and changed.</summary>
internal static class TrainingFile
{
    public static string Write(Scenario scenario)
    {
        var picture = scenario is not ImageClassification ? "" : """


                private sealed class Picture
                {
                    public string ImageSource { get; set; } = "";

                    public string Label { get; set; } = "";
                }
            """;
        return Template.Finish($$"""
            // Written by mldeep: with these settings the model was trained. On the same machine the same run gives the same model.
            #nullable enable
            using System;
            using System.Linq;
            using System.Threading;
            using Microsoft.ML;
            using Microsoft.ML.Data;
            using MLNet.DeepExtensions;

            namespace {{Template.NamespaceOf(scenario.Name)}};

            public static partial class {{scenario.Name}}
            {
                /// <summary>The data that the model was trained on.</summary>
                public const string DataPath = {{CSharp.Literal(scenario.DataPath)}};

                /// <summary>Loads data that is arranged like the training data.</summary>
                public static IDataView LoadData(MLContext mlContext, string dataPath)
                {
                    {{Template.Indent(scenario.LoadCode, 8)}}
                }

                /// <summary>Splits the data into rows to learn from, to choose the best epoch by, and to judge by.</summary>
                public static TrainValidationTestData SplitData(MLContext mlContext, IDataView data) => {{scenario.SplitCode}};

                /// <summary>Makes the pipeline, with the network and how it is trained.</summary>
                public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext, CancellationToken cancellationToken = default)
                {
                    var network = {{scenario.NetworkText}};
                    var options = {{Options(scenario.Options)}} with { CancellationToken = cancellationToken };
                    return {{Template.Indent(scenario.PipelineCode, 8)}};
                }

                /// <summary>Trains on the data at a path and saves the model. When the token is cancelled, the best model so far is saved.</summary>
                public static void Train(string outputModelPath, string dataPath = DataPath, CancellationToken cancellationToken = default)
                {
                    var mlContext = new MLContext(seed: {{CSharp.Value(scenario.Seed)}});
                    var data = LoadData(mlContext, dataPath);
                    var parts = SplitData(mlContext, data);
                    var model = BuildPipeline(mlContext, cancellationToken).Fit(parts.Train, parts.Validation);
                    mlContext.Model.Save(model, data.Schema, outputModelPath);
                }{{picture}}
            }
            """);
    }

    // a setting a line: this is what readers change
    private static string Options(DeepTrainerOptions options) =>
        "new DeepTrainerOptions\n        {\n" + string.Concat(CSharp.Changed(options, new DeepTrainerOptions()).Select(setting => $"            {setting},\n")) + "        }";
}
