using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary><c>X.consumption.cs</c>: what goes in, what comes out, and how to ask. All that an application needs beside the model file.</summary>
internal static class ConsumptionFile
{
    public static string Write(Scenario scenario)
    {
        var name = scenario.Name;
        var members = string.Join("\n\n", scenario.Members.Select(member => member.Code));
        var output = scenario.Answer.OutputMembers is not { } outputMembers ? "" : $$"""


                /// <summary>What the model says.</summary>
                public class ModelOutput
                {
                    {{Template.Indent(outputMembers, 8)}}
                }
            """;
        var engine = scenario.Answer.OutputMembers is null ? "" : $$"""

                // read once, when something is predicted first; engines share it
                private static readonly Lazy<ITransformer> model = new(() => new MLContext().Model.Load(ModelPath, out _));

                /// <summary>The engine behind <see cref="Predict"/>. It serves one thread at a time.</summary>
                public static readonly Lazy<PredictionEngine<ModelInput, ModelOutput>> PredictEngine = new(CreatePredictEngine);

                /// <summary>Makes another engine, for a thread of its own.</summary>
                public static PredictionEngine<ModelInput, ModelOutput> CreatePredictEngine() => new MLContext().Model.CreatePredictionEngine<ModelInput, ModelOutput>(model.Value);

                /// <summary>Predicts one row. Threads that call it at the same time wait for each other.</summary>
                public static ModelOutput Predict(ModelInput input)
                {
                    lock (PredictEngine)
                        return PredictEngine.Value.Predict(input);
                }

            """;
        return Template.Finish($$"""
            // Written by mldeep. The model that it uses: {{name}}.mlnet beside the program.
            #nullable enable
            using System;
            using System.Collections.Generic;
            using System.IO;
            using System.Linq;
            using Microsoft.ML;
            using Microsoft.ML.Data;
            using MLNet.DeepExtensions;

            namespace {{Template.NamespaceOf(name)}};

            public static partial class {{name}}
            {
                /// <summary>A row as the model reads it.</summary>
                public class ModelInput
                {
                    {{Template.Indent(members, 8)}}
                }{{output}}

                /// <summary>Where the model lies.</summary>
                public static string ModelPath { get; } = Path.Combine(AppContext.BaseDirectory, {{CSharp.Literal(name + ".mlnet")}});
            {{engine}}
                {{Template.Indent(scenario.Answer.PredictMethods(scenario.Name), 4)}}
            }
            """);
    }
}
