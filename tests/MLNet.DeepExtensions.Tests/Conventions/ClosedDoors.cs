using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace MLNet.DeepExtensions.Tests.Conventions;

/// <summary>ML.NET's internals are touched in one room: everything else must compile, and survive an upgrade, with public members alone.</summary>
public class ClosedDoors
{
    [Fact]
    public void OnlyInterop_UsesNonPublicMembersOfMicrosoftML()
    {
        using var core = Assemblies.Read("MLNet.DeepExtensions.Core");
        var breaches = core.MainModule.GetAllTypes().Where(type => !InInterop(type)).SelectMany(Breaches).Distinct().ToList();
        Assert.True(breaches.Count == 0, "Move these behind a door in Core/Interop:\n" + string.Join("\n", breaches));
    }

    [Fact]
    public void Interop_UsesNonPublicMembers_SoTheTestAboveCanSeeThem()
    {
        using var core = Assemblies.Read("MLNet.DeepExtensions.Core");
        Assert.NotEmpty(core.MainModule.GetAllTypes().Where(InInterop).SelectMany(Breaches));
    }

    [Theory]
    [InlineData("MLNet.DeepExtensions")]
    [InlineData("MLNet.DeepExtensions.Reporting")]
    [InlineData("MLNet.DeepExtensions.Onnx")]
    [InlineData("mldeep")]
    public void OtherAssemblies_AreNotCompiledAgainstPublicizedCopies(string assembly)
    {
        using var definition = Assemblies.Read(assembly);
        Assert.DoesNotContain(definition.CustomAttributes, attribute => attribute.AttributeType.Name == "IgnoresAccessChecksToAttribute");
        Assert.Empty(definition.MainModule.GetAllTypes().SelectMany(Breaches));
    }

    /// <summary>Each closed member that Interop's code uses, as Type::Member.</summary>
    internal static IEnumerable<string> UsedByInterop()
    {
        using var core = Assemblies.Read("MLNet.DeepExtensions.Core");
        return [.. core.MainModule.GetAllTypes().Where(InInterop).SelectMany(ClosedMembers).Select(use => use.Member)
            .Select(member => $"{(member as TypeReference ?? member.DeclaringType).GetElementType().FullName}::{(member is TypeReference ? "" : member.Name)}")];
    }

    private static bool InInterop(TypeDefinition type) => type.DeclaringType is { } outer ? InInterop(outer) : type.Namespace.StartsWith("MLNet.DeepExtensions.Interop", StringComparison.Ordinal);

    private static IEnumerable<string> Breaches(TypeDefinition type) =>
        ClosedMembers(type).Select(use => $"{type.FullName}.{use.User.Name} uses {use.Member.FullName}");

    private static IEnumerable<(MethodDefinition User, MemberReference Member)> ClosedMembers(TypeDefinition type) =>
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        let member = instruction.Operand as MemberReference
        where member is not null && IsClosed(member)
        select (method, member);

    private static bool IsClosed(MemberReference member)
    {
        if (member is GenericInstanceMethod generic)
            return IsClosed(generic.ElementMethod);
        var owner = member as TypeReference ?? member.DeclaringType;
        if (owner is null || !owner.GetElementType().Scope.Name.StartsWith("Microsoft.ML", StringComparison.Ordinal))
            return false;
        var type = owner.GetElementType().Resolve();
        if (type is null || !IsOpen(type))
            return true;
        return member switch
        {
            MethodReference method => method.Resolve() is not { } resolved || !(resolved.IsPublic || resolved.IsFamily || resolved.IsFamilyOrAssembly),
            FieldReference field => field.Resolve() is not { } resolved || !(resolved.IsPublic || resolved.IsFamily || resolved.IsFamilyOrAssembly),
            _ => false,
        };
    }

    private static bool IsOpen(TypeDefinition type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsOpen(type.DeclaringType) : type.IsPublic;
}
