using System.Diagnostics;
using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tests;

/// <summary>A small application, really published in every layout, with the source file that the package adds.</summary>
public sealed class PublishedApplicationTests : IDisposable
{
    private static readonly string system = $"-r {LibTorchFiles.Platform}";
    // below the tests' output: hard links to the half gigabyte of libtorch need the same disk as often as can be
    private readonly string root = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "published", Path.GetRandomFileName())).FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [SlowTheory]
    [InlineData("portable", "")]
    [InlineData("this system", "SYSTEM --self-contained false")]
    [InlineData("self-contained", "SYSTEM --self-contained true")]
    [InlineData("single file", "SYSTEM --self-contained false -p:PublishSingleFile=true")]
    [InlineData("single file that extracts", "SYSTEM --self-contained true -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true")]
    public void Published_InAnyLayout_LoadsLibtorchWhenItIsUsed(string layout, string options)
    {
        var program = Publish("TorchSharp-cpu", options);
        var place = layout == "single file that extracts" ? Path.Combine(root, "extracted") : Path.Combine(root, "out");

        Assert.Contains("loaded: False", Run(program, "idle").Text);
        foreach (var order in new[] { "torch first", "library first" })
        {
            var (code, text) = Run(program, order);
            Assert.True(code == 0, text);
            Assert.Contains("sum: 3", text);
            Assert.Contains($"from {place}", text);
        }
        Assert.False(Directory.Exists(Path.Combine(root, "out", "cpu")), "TorchSharp copied libtorch");
    }

    [SlowFact]
    public void Published_WrapperThatLoadsByItself_IsLeftAlone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a copy is made on Linux only");
        var program = Publish("TorchSharp-cpu", "SYSTEM --self-contained false");
        var path = Path.Combine(root, "out", LibTorchFiles.FileName(LibTorchFiles.Wrapper));
        var bytes = File.ReadAllBytes(path);
        ElfVersionNeeds.MakeWeak(bytes, "libstdc++.so.6", "GLIBCXX_3.4.32");
        File.Delete(path);                                 // a hard link: the package cache keeps its own
        File.WriteAllBytes(path, bytes);

        Assert.All(new[] { "torch first", "library first" }, order => Assert.DoesNotContain("a copy of", Run(program, order).Text));
        Assert.False(Directory.Exists(Path.Combine(root, "cache")));
    }

    [SlowFact]
    public void Published_WithoutALibtorch_SaysWhichPackageToAddAndTakesTheNamedOne()
    {
        var program = Publish("TorchSharp", "");

        foreach (var order in new[] { "torch first", "library first" })
        {
            var (code, text) = Run(program, order);
            Assert.NotEqual(0, code);
            Assert.Contains("Add one package of TorchSharp", text);
            Assert.DoesNotContain("LoadNativeBackend:", text);
            Assert.Contains("sum: 3", Run(program, order, (LibTorchOverride.Variable, Path.GetDirectoryName(LibTorchFiles.Find("torch_cpu", LibTorchFiles.Folders))!)).Text);
        }
        Assert.False(Directory.Exists(Path.Combine(root, "out", "cpu")), "TorchSharp copied libtorch");
    }

    private string Publish(string package, string options)
    {
        var project = Directory.CreateDirectory(Path.Combine(root, "App")).FullName;
        File.WriteAllText(Path.Combine(root, "Directory.Build.props"), "<Project />");          // this repository's settings end here
        File.WriteAllText(Path.Combine(root, "Directory.Packages.props"), "<Project />");
        File.WriteAllText(Path.Combine(project, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NoWarn>NU1603</NoWarn>
                <NuGetAudit>false</NuGetAudit>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <CreateHardLinksForPublishFilesIfPossible>true</CreateHardLinksForPublishFilesIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3)}" />
                <Reference Include="{typeof(LibTorch).Assembly.Location}" />
              </ItemGroup>
              <Import Project="{Repository.PathOf("src", "MLNet.DeepExtensions", "buildTransitive", "MLNet.DeepExtensions.targets")}" />
            </Project>
            """);
        // each use in a class of its own: compiling a method that names a library may load it
        File.WriteAllText(Path.Combine(project, "Program.cs"), """
            using System;
            using System.Diagnostics;
            using System.Linq;

            static class Program
            {
                static void Main(string[] order)
                {
                    if (order[0] == "library first") Library.Load();
                    if (order[0] != "idle") Torch.Sum();
                    Console.WriteLine("loaded: " + Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Any(module => module.FileName.Contains("torch_cpu")));
                    if (order[0] != "idle") Library.Describe();
                }
            }

            static class Library
            {
                public static void Load() => MLNet.DeepExtensions.Native.LibTorch.EnsureLoaded();
                public static void Describe() => Console.WriteLine(MLNet.DeepExtensions.Native.LibTorch.Description);
            }

            static class Torch
            {
                public static void Sum() { using var ones = TorchSharp.torch.ones(3); Console.WriteLine("sum: " + ones.sum().item<float>()); }
            }
            """);
        var publish = ChildProcess.Program("dotnet", ["publish", project, "-o", Path.Combine(root, "out"), "-v", "q", "-nologo", "-nodeReuse:false",
            .. options.Replace("SYSTEM", system, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        ChildProcess.Finish(Process.Start(publish)!);
        return Path.Combine(root, "out", "App" + (OperatingSystem.IsWindows() ? ".exe" : ""));
    }

    private (int Code, string Text) Run(string program, string order, params (string Name, string Value)[] environment)
    {
        var start = ChildProcess.Program(program, order);
        start.WorkingDirectory = Path.GetTempPath();
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(root, "cache");
        start.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(root, "extracted");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return ChildProcess.End(Process.Start(start)!);
    }
}
