using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary><c>Program.cs</c>: predicts an example, trains again, evaluates.</summary>
internal static class ProgramFile
{
    public static string Write(Scenario scenario) => Template.Finish($$"""
        // Written by mldeep.
        //   dotnet run {{(scenario is ImageClassification ? "[-- PICTURE]      predicts a picture" : scenario is Forecasting ? "[-- DATA]         forecasts what follows the data" : "                  predicts an example")}}
        //   dotnet run -- evaluate [DATA]  judges the model by other data
        //   dotnet run -- train [MODEL]    trains again, into another file
        using System;
        using System.IO;
        using System.Linq;
        using Microsoft.ML;
        using {{Template.NamespaceOf(scenario.Name)}};

        switch (args.ElementAtOrDefault(0))
        {
            case "train":
                {{scenario.Name}}.Train(args.ElementAtOrDefault(1) ?? {{CSharp.Literal(scenario.Name + ".new.mlnet")}});
                return;
            case "evaluate":
                {{scenario.Name}}.Evaluate({{scenario.Name}}.ModelPath, args.ElementAtOrDefault(1) ?? {{scenario.Name}}.DataPath);
                return;
        }

        {{Input(scenario)}}
        {{scenario.Answer.ShowStatements(scenario.Name)}}
        """);

    private static string Input(Scenario scenario) => scenario switch
    {
        Forecasting => $"var dataPath = args.ElementAtOrDefault(0) ?? {scenario.Name}.DataPath;",
        ImageClassification images => $$"""
            var input = new {{scenario.Name}}.ModelInput { ImageSource = File.ReadAllBytes(args.ElementAtOrDefault(0) ?? {{CSharp.Literal(images.Example)}}) };
            """,
        _ => $$"""
            var input = new {{scenario.Name}}.ModelInput
            {
            {{string.Join("\n", scenario.Members.Where(member => member.Purpose == ColumnPurpose.Feature && member.Example is not null).Select(member => $"    {member.Property} = {CSharp.Value(member.Example)},"))}}
            };
            """,
    };
}
