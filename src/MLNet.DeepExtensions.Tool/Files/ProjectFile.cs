using System.Reflection;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Scenarios;

namespace MLNet.DeepExtensions.Tool.Files;

/// <summary>The projects: a program on the command line, and a Web API. Names in them are C# identifiers, so that nothing need be escaped.</summary>
internal static class ProjectFile
{
    public static string Console(Scenario scenario) => Template.Finish($$"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            {{Properties(scenario, "")}}
          </PropertyGroup>
          <ItemGroup>
            <Compile Remove="{{WebApiFile.FolderOf(scenario)}}/**" />
            <None Update="{{scenario.Name}}.mlnet" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
          <ItemGroup>
            {{Packages(scenario)}}
          </ItemGroup>
        </Project>
        """);

    public static string WebApi(Scenario scenario) => Template.Finish($$"""
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            {{Properties(scenario, "")}}
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="../{{scenario.Name}}.consumption.cs" />
            <None Include="../{{scenario.Name}}.mlnet" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
          <ItemGroup>
            <PackageReference Include="MLNet.DeepExtensions.AspNetCore" Version="{{Version}}" />
            {{Packages(scenario)}}
          </ItemGroup>
        </Project>
        """);

    /// <summary>The version of a package that this tool was built with.</summary>
    public static string VersionOf(string package) => typeof(ProjectFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(entry => entry.Key == $"Package:{package}")?.Value
        ?? throw new InvalidOperationException($"The tool was built without the version of {package}.");

    /// <summary>The version of this library.</summary>
    public static string Version => typeof(DeepModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string Properties(Scenario scenario, string more) => Template.Indent($$"""
        <TargetFramework>net10.0</TargetFramework>
        <RootNamespace>{{Template.NamespaceOf(scenario.Name)}}</RootNamespace>
        <Nullable>enable</Nullable>
        <ImplicitUsings>enable</ImplicitUsings>
        <InvariantGlobalization>true</InvariantGlobalization>
        <!-- for this machine only, since libtorch for all would be a gigabyte; dotnet publish -r names another -->
        <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
        <SelfContained>false</SelfContained>
        <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>{{more}}
        """, 4);

    private static string Packages(Scenario scenario)
    {
        List<string> lines =
        [
            $"""<PackageReference Include="MLNet.DeepExtensions" Version="{Version}" />""",
            "<!-- the CPU's libtorch; with an NVIDIA graphics card TorchSharp-cuda-linux or TorchSharp-cuda-windows -->",
            $"""<PackageReference Include="TorchSharp-cpu" Version="{VersionOf("TorchSharp-cpu")}" />""",
        ];
        if (scenario is ImageClassification)
            lines.Add($"""<PackageReference Include="SkiaSharp.NativeAssets.Linux.NoDependencies" Version="{VersionOf("SkiaSharp.NativeAssets.Linux.NoDependencies")}" />""");
        return string.Join("\n    ", lines);
    }
}
