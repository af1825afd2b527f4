using Mono.Cecil;

namespace MLNet.DeepExtensions.Tests.Conventions;

/// <summary>The built assemblies as data, with the real ML.NET beside them.</summary>
internal static class Assemblies
{
    public static AssemblyDefinition Read(string name)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        return AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, name + ".dll"), new ReaderParameters { AssemblyResolver = resolver });
    }
}
