using MLNet.DeepExtensions.Tool.Answers;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary>All files that are written beside the model.</summary>
internal static class GeneratedProject
{
    public static void Write(string folder, Scenario scenario, IReadOnlyList<Figure> figures, TrainingHistory history, bool webApi)
    {
        Put($"{scenario.Name}.consumption.cs", ConsumptionFile.Write(scenario));
        Put($"{scenario.Name}.training.cs", TrainingFile.Write(scenario));
        Put($"{scenario.Name}.evaluate.cs", EvaluateFile.Write(scenario));
        Put($"{scenario.Name}.mbconfig", ModelBuilderFile.Write(scenario, figures, history));
        Put($"{scenario.Name}.csproj", ProjectFile.Console(scenario));
        Put("Program.cs", ProgramFile.Write(scenario));
        if (!webApi)
            return;
        Directory.CreateDirectory(Path.Combine(folder, WebApiFile.FolderOf(scenario)));
        Put($"{WebApiFile.FolderOf(scenario)}/{WebApiFile.FolderOf(scenario)}.csproj", ProjectFile.WebApi(scenario));
        Put($"{WebApiFile.FolderOf(scenario)}/Program.cs", WebApiFile.Write(scenario));

        void Put(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
    }
}
