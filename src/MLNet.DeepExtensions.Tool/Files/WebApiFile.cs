using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

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
        // numbers that are missing may be written as "NaN"
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals);
        builder.Services.AddProblemDetails();
        var app = builder.Build();
        // what is refused is answered with problem details
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        {{scenario.Answer.ServeStatements(scenario.Name)}}
        app.MapGet("/", () => "POST /predict");
        app.Run();
        """);
}
