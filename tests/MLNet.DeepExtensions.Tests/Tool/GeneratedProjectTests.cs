using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MLNet.DeepExtensions.Native;
using MLNet.DeepExtensions.Tool;
using MLNet.DeepExtensions.Tool.Code;
using MLNet.DeepExtensions.Tool.Files;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>The projects that mldeep writes are built and run, as their user would.</summary>
public sealed class GeneratedProjectTests : IDisposable
{
    // below the tests' output: hard links to the half gigabyte of libtorch need the same disk as often as can be
    private readonly string root = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "generated", Path.GetRandomFileName())).FullName;
    private readonly SmallData data = new();

    public GeneratedProjectTests()
    {
        // this repository's settings end here; in place of the package come the assemblies of this build, with what the package would bring
        File.WriteAllText(Path.Combine(root, "Directory.Build.props"), "<Project><PropertyGroup><NuGetAudit>false</NuGetAudit><NoWarn>$(NoWarn);NU1603;MSB3277</NoWarn><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup></Project>");
        File.WriteAllText(Path.Combine(root, "Directory.Packages.props"), "<Project />");
        File.WriteAllText(Path.Combine(root, "Directory.Build.targets"), $"""
            <Project>
              <ItemGroup>
                <PackageReference Remove="MLNet.DeepExtensions;MLNet.DeepExtensions.AspNetCore" />
                <Reference Include="{typeof(LibTorch).Assembly.Location}" />
                <Reference Include="{typeof(InputShape).Assembly.Location}" />
                <Reference Include="{Path.Combine(AppContext.BaseDirectory, "MLNet.DeepExtensions.AspNetCore.dll")}" Condition="'$(UsingMicrosoftNETSdkWeb)' == 'true'" />
                {string.Join("\n    ", new[] { "Microsoft.ML", "Microsoft.ML.ImageAnalytics", "Microsoft.ML.Tokenizers", "System.IO.Hashing", "Google.Protobuf", "System.Numerics.Tensors" }.Select(package => $"""<PackageReference Include="{package}" Version="{ProjectFile.VersionOf(package)}" />"""))}
              </ItemGroup>
              <Import Project="{Repository.PathOf("src", "MLNet.DeepExtensions", "buildTransitive", "MLNet.DeepExtensions.targets")}" />
            </Project>
            """);
    }

    public void Dispose()
    {
        data.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [SlowFact]
    public void OfPictures_PredictsThePictureThatIsNamed()
    {
        var pictures = data.Pictures();
        Train("Colours", "image-classification", pictures, "--side", "16", "--epochs", "12", "--no-augmentation", "--web-api");

        var program = Build("Colours");
        Assert.StartsWith("Predicted: red\n", Run(program, Path.Combine(pictures, "red", "3.ppm")));
        Assert.StartsWith("Predicted: blue\n", Run(program, Path.Combine(pictures, "blue", "3.ppm")));
        Assert.Contains("MicroAccuracy", Run(program, "evaluate"));

        using var served = new Served(Build("Colours/Colours_WebApi"));
        var answer = served.Post(File.ReadAllBytes(Path.Combine(pictures, "red", "3.ppm")));
        Assert.Equal("red", answer.GetProperty("predictedLabel").GetString());
        Assert.Equal(2, answer.GetProperty("score").GetArrayLength());
        Assert.InRange(served.Post("no picture"u8.ToArray()).GetProperty("status").GetInt32(), 400, 499);
    }

    [SlowFact]
    public void OfATable_TrainedAgain_IsTheSameModel()
    {
        var table = data.Table();
        Train("Flats", "tabular", table, "--label", "Kind", "--epochs", "3");

        var program = Build("Flats");
        Assert.StartsWith("Predicted: ", Run(program));
        Run(program, "train", data.PathOf("again.mlnet"));

        Assert.Equal(ToolRun.Succeeding("predict", "--model", Path.Combine(root, "Flats"), "--data", table).Out, ToolRun.Succeeding("predict", "--model", data.PathOf("again.mlnet"), "--data", table).Out);
    }

    [SlowFact]
    public void OfTextsNumbersAndSeries_Predict()
    {
        Train("Opinions", "text-classification", data.Texts(), "--label", "Opinion", "--epochs", "2");
        Assert.StartsWith("Predicted: ", Run(Build("Opinions")));

        Train("Rents", "tabular", data.Table(), "--label", "Rent", "--epochs", "2", "--web-api");
        Assert.StartsWith("Predicted: ", Run(Build("Rents")));
        using (var rents = new Served(Build("Rents/Rents_WebApi")))
        {
            Assert.True(rents.Post(new { Size = 50, Town = "Bern", Balcony = true, Kind = "small" }).GetProperty("score").GetSingle() > 0);
            Assert.InRange(rents.Post("no row").GetProperty("status").GetInt32(), 400, 499);
        }

        Train("Sales", "forecasting", data.Hours(336, "north", "south"), "--time", "Time", "--series", "Shop", "--target", "Sold", "--horizon", "3", "--epochs", "1", "--web-api");
        var sales = Run(Build("Sales"));
        Assert.Contains("Sold +1: ", sales);
        Assert.Contains("Sold +3: ", sales);
        using var served = new Served(Build("Sales/Sales_WebApi"));
        var history = Enumerable.Range(0, 60).Select(hour => new { Time = new DateTime(2026, 1, 1).AddHours(hour), Shop = "north", Sold = 10 }).ToArray();
        Assert.Equal(3, served.Post(history).GetProperty("values").GetArrayLength());
        Assert.Contains("rows of history", served.Post(history[..3]).GetProperty("detail").GetString());
    }

    [SlowFact]
    public void TheTool_ThatIsAskedToEnd_KeepsTheBestSoFar()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends a signal");
        var start = ChildProcess.Program("dotnet", Path.Combine(AppContext.BaseDirectory, "mldeep.dll"), "train", "--task", "tabular", "--data", data.Table(4000), "--out", Path.Combine(root, "Flats"), "--label", "Rent", "--epochs", "5000", "--device", "cpu");
        using var process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("Epoch 2/", StringComparison.Ordinal))
        {
        }
        // not the one of Ctrl-C, which a shell makes its background jobs ignore
        Process.Start("kill", ["-TERM", process.Id.ToString()])!.WaitForExit();
        var (code, text) = ChildProcess.End(process);

        Assert.True(code == ExitCode.StoppedEarly, text);
        Assert.Contains("the best so far is kept", text);
        Assert.True(File.Exists(Path.Combine(root, "Flats", "Flats.mlnet")));
    }

    /// <summary>Names of columns, classes, files and the model that would be code if anything were written as it stands.</summary>
    [SlowFact]
    public void HostileNames_StayText()
    {
        var marker = data.PathOf("executed");
        var attack = $"x\") {{ }} static int y = Attack(); static int Attack() {{ System.IO.File.WriteAllText(@\"{marker}\", \"\"); return 0; }} //";
        // in CSV a quote is doubled, and a field may have lines
        string[] names = ["class", "1st", attack, "two\nlines", "ModelInput", "Score", "ToString", "größe 你好", "same", "same", "", "</summary>*/", "{0}", "label\\"];
        var random = new Random(1);
        var path = data.PathOf("hostile + \" name.csv");
        File.WriteAllText(path, string.Join('\n', [string.Join(',', names.Select(Quoted)), .. Enumerable.Range(0, 60).Select(row =>
            string.Join(',', names.Select((name, column) => name == "label\\" ? Quoted(row % 2 == 0 ? attack : "plain \\\n\"class\"") : name == attack ? Quoted("value \"" + attack + row % 3) : (random.Next(50) + column).ToString())))]) + "\n");

        ToolRun.Succeeding("train", "--task", "tabular", "--data", path, "--out", Path.Combine(root, "Model"), "--name", "; class {", "--label", "label\\", "--epochs", "1", "--device", "cpu", "--web-api");

        var program = Build("Model", "__class__");
        var output = Run(program);
        Assert.StartsWith("Predicted: ", output);
        var consumption = File.ReadAllText(Path.Combine(root, "Model", "__class__.consumption.cs"));
        Assert.All([attack, "two\nlines", "Score_1", "same_1", "label\\"], column => Assert.Contains($"[ColumnName({CSharp.Literal(column)}), LoadColumn(", consumption));
        Run(program, "train", data.PathOf("again.mlnet"));
        Run(program, "evaluate");
        Build("Model/__class___WebApi", "__class___WebApi");
        Assert.False(File.Exists(marker));

        static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private void Train(string name, string task, string path, params string[] more) =>
        ToolRun.Succeeding(["train", "--task", task, "--data", path, "--out", Path.Combine(root, name), "--device", "cpu", .. more]);

    private string Build(string folder, string? name = null)
    {
        var build = ChildProcess.Program("dotnet", "build", Path.Combine(root, folder), "-v", "q", "-nologo", "-nodeReuse:false");
        ChildProcess.Finish(Process.Start(build)!);
        var program = (name ?? Path.GetFileName(folder)) + (OperatingSystem.IsWindows() ? ".exe" : "");
        return Directory.EnumerateFiles(Path.Combine(root, folder, "bin"), program, SearchOption.AllDirectories).First();
    }

    // a Web API that runs until disposed, on a port that the system chooses
    private sealed class Served : IDisposable
    {
        private readonly Process process;
        private readonly HttpClient client = new();
        private readonly string address;

        public Served(string program)
        {
            var start = ChildProcess.Program(program, "--urls", "http://127.0.0.1:0");
            start.WorkingDirectory = Path.GetDirectoryName(program)!;
            process = Process.Start(start)!;
            const string words = "Now listening on: ";
            string? line;
            while ((line = process.StandardOutput.ReadLine()) is not null && !line.Contains(words, StringComparison.Ordinal))
            {
            }
            if (line is null)
                process.Kill();
            address = line?[(line.IndexOf(words, StringComparison.Ordinal) + words.Length)..] ?? throw new InvalidOperationException("The Web API ended: " + process.StandardError.ReadToEnd());
            // who does not read what it writes stops it
            _ = process.StandardOutput.ReadToEndAsync();
        }

        public JsonElement Post(object body)
        {
            using HttpContent content = body is byte[] bytes ? new ByteArrayContent(bytes) { Headers = { { "Content-Type", "application/octet-stream" } } }
                : new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
            using var response = client.PostAsync($"{address}/predict", content).GetAwaiter().GetResult();
            using var json = JsonDocument.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult());
            return json.RootElement.Clone();
        }

        public void Dispose()
        {
            client.Dispose();
            process.Kill();
            process.Dispose();
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = ChildProcess.Program(program, arguments);
        start.WorkingDirectory = Path.GetTempPath();
        return ChildProcess.Finish(Process.Start(start)!).ReplaceLineEndings("\n");
    }
}
