using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Code;

/// <summary>The Web API's <c>Program.cs</c>.</summary>
internal static class WebApiFile
{
    public static string FolderOf(Scenario scenario) => $"{scenario.Name}_WebApi";

    public static string Write(Scenario scenario) => Template.Finish($$"""
        // Written by mldeep. dotnet run, then: curl -X POST http://localhost:5000/predict -H "Content-Type: application/json" -d @row.json
        // The body is ModelInput as JSON{{(scenario is ImageClassification ? "; a picture is its file in base64: {\"imageSource\": \"…\"}" : "")}}.
        using System.Collections.Concurrent;
        using System.Text.Json.Serialization;
        using Microsoft.ML;
        using MLNet.DeepExtensions;
        using {{Template.NamespaceOf(scenario.Name)}};

        var builder = WebApplication.CreateBuilder(args);
        // a score may be no number, where a picture cannot be read
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals);
        builder.Services.AddProblemDetails();
        {{scenario.Answer.ServeStatements(scenario)}}
        app.MapGet("/", () => "POST /predict");
        app.Run();
        """);
}
