using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace MLNet.DeepExtensions.Tests.Conventions;

/// <summary>Dependencies point one way; a room is a folder below a project.</summary>
public partial class DependencyDirection
{
    // a room → the rooms of the same assembly that it may use, and whether it may know ML.NET
    private static readonly Dictionary<string, (string[] Rooms, bool MicrosoftML)> torchRooms = new()
    {
        ["Native"] = ([], false),
        ["Pictures"] = ([], false),
        ["Graphs"] = ([], false),
        ["Models"] = (["Pictures", "Graphs"], false),
        ["Training"] = (["Native", "Models"], false),
        ["Augmentations"] = (["Pictures", "Models", "Training"], false),
        ["Batches"] = (["Models", "Training", "Augmentations"], false),
        ["Checkpoints"] = (["Training"], false),
        ["Trainers"] = (["Native", "Models", "Training", "Batches", "Checkpoints", "Augmentations"], true),
        ["Audio"] = ([], true),
        ["Search"] = (["Training", "Checkpoints", "Trainers"], true),
        ["Recommending"] = (["Models", "Training", "Batches", "Trainers"], true),
        ["Text"] = (["Models", "Training", "Batches", "Checkpoints", "Trainers"], true),
        ["Explaining"] = (["Models", "Trainers"], true),
        ["Exporting"] = (["Pictures", "Graphs", "Models", "Training", "Trainers"], true),
        [""] = (["Models", "Training", "Checkpoints", "Trainers", "Augmentations", "Audio", "Recommending", "Text", "Exporting"], true),
    };

    // the same for the command line tool, all of which may know ML.NET
    private static readonly Dictionary<string, (string[] Rooms, bool MicrosoftML)> toolRooms = new()
    {
        ["Code"] = ([""], true),
        ["Tables"] = (["", "Code"], true),
        ["Answers"] = (["", "Code"], true),
        ["Scenarios"] = (["", "Code", "Tables", "Answers"], true),
        ["Files"] = (["", "Code", "Answers", "Scenarios"], true),
        ["Models"] = (["", "Tables", "Answers"], true),
        ["Diagnosis"] = ([""], true),
        ["Commands"] = (["", "Code", "Tables", "Answers", "Scenarios", "Files", "Models", "Diagnosis"], true),
        [""] = (["Commands"], true),
    };

    [Fact]
    public void Core_KnowsNoTorch()
    {
        using var core = Assemblies.Read("MLNet.DeepExtensions.Core");
        Assert.DoesNotContain(core.MainModule.AssemblyReferences, reference => reference.Name.StartsWith("TorchSharp", StringComparison.Ordinal));
    }

    [Fact]
    public void RoomsOfTheTorchPackage_UseOnlyWhatLiesBelowThem()
        => CheckRooms("MLNet.DeepExtensions", "src/MLNet.DeepExtensions", torchRooms);

    [Fact]
    public void RoomsOfTheTool_UseOnlyWhatLiesBelowThem() => CheckRooms("mldeep", "src/MLNet.DeepExtensions.Tool", toolRooms);

    private static void CheckRooms(string name, string project, Dictionary<string, (string[] Rooms, bool MicrosoftML)> rules)
    {
        using var assembly = Assemblies.Read(name);
        var rooms = RoomsOf(project);
        var breaches = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in assembly.MainModule.GetAllTypes())
        {
            var outer = Outermost(type);
            if (IsGenerated(outer))
                continue;
            Assert.True(rooms.TryGetValue(outer.Name.Split('`')[0], out var room), $"{outer.FullName} was found in no source file.");
            Assert.True(rules.TryGetValue(room, out var rule), $"{project}/{room} is a new room: say in this test what it may use.");
            foreach (var used in Uses(type))
            {
                var scope = used.GetElementType().Scope.Name;
                if (!rule.MicrosoftML && scope.StartsWith("Microsoft.ML", StringComparison.Ordinal))
                    breaches.Add($"{room}/{outer.Name} uses {used.FullName}");
                if (scope == assembly.MainModule.Name && used.GetElementType().Resolve() is { } target && rooms.TryGetValue(Outermost(target).Name.Split('`')[0], out var other)
                    && other != room && !rule.Rooms.Contains(other))
                    breaches.Add($"{room}/{outer.Name} uses {other}/{Outermost(target).Name}");
            }
        }
        Assert.True(breaches.Count == 0, string.Join("\n", breaches));
    }

    private static Dictionary<string, string> RoomsOf(string project)
    {
        var rooms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Repository.Files(project, "*.cs"))
        {
            var folders = Path.GetRelativePath(Repository.PathOf(project), file).Split(Path.DirectorySeparatorChar);
            foreach (Match declaration in Declaration().Matches(File.ReadAllText(file)))
                rooms[declaration.Groups[1].Value] = folders.Length > 1 ? folders[0] : "";
        }
        return rooms;
    }

    private static IEnumerable<TypeReference> Uses(TypeDefinition type)
    {
        if (type.BaseType is not null)
            yield return type.BaseType;
        foreach (var field in type.Fields)
            yield return field.FieldType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (!method.HasBody)
                continue;
            foreach (var instruction in method.Body.Instructions)
                if (instruction.Operand is MemberReference member && (member as TypeReference ?? member.DeclaringType) is { } owner)
                    yield return owner;
        }
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static bool IsGenerated(TypeDefinition type) => type.Name.StartsWith('<') || type.Namespace is "System.Runtime.CompilerServices" or "Microsoft.CodeAnalysis" or "MLNet.DeepExtensions.Onnx";

    [GeneratedRegex(@"^(?:\[.*\]\s*)?(?:(?:public|internal|sealed|abstract|static|partial|readonly|ref|unsafe|file)\s+)*(?:class|record struct|record|struct|interface|enum|delegate \w+)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
