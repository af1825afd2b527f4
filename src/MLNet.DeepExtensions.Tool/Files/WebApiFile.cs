using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary>The Web API's <c>Program.cs</c>.</summary>
internal static class WebApiFile
{
    public static string FolderOf(Scenario scenario) => $"{scenario.Name}_WebApi";

    public static string Write(Scenario scenario)
    {
        var (name, rows) = (scenario.Name, $"<{scenario.Name}.ModelInput, {scenario.Name}.ModelOutput>");
        var endpoints = scenario is ImageClassification ? $"app.MapImagePredictions{rows}(\"/predict\", picture => new {name}.ModelInput {{ ImageSource = picture.Bytes }});" : $"app.MapDeepPredictions{rows}(\"/predict\");";
        var example = scenario switch
        {
            ImageClassification => """-H "Content-Type: image/jpeg" --data-binary @picture.jpg""",
            Forecasting => """-H "Content-Type: application/json" -d @history.json, an array of ModelInput""",
            _ => """-H "Content-Type: application/json" -d @row.json, a ModelInput""",
        };
        return Template.Finish($$"""
            // Written by mldeep. dotnet run, then: curl http://localhost:5000/predict {{example}}
            using Microsoft.ML;
            using MLNet.DeepExtensions;
            using {{Template.NamespaceOf(name)}};

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddProblemDetails();
            {{Template.Indent(scenario.Answer.ServeStatements(name, endpoints), 0)}}
            app.Run();
            """);
    }
}
