using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>Nothing but names: published networks nest their layers deeper than their forward pass needs.</summary>
internal sealed class ModuleTree : Module
{
    private ModuleTree() : base(nameof(ModuleTree)) { }

    /// <summary>Gives layers and parameters the names that published files have for them.</summary>
    /// <param name="root">What they become part of.</param>
    /// <param name="parts">Dotted paths, such as <c>attention.self.query</c>, with a module or a parameter; those that are null are left out.</param>
    public static void Register(Module root, params IEnumerable<(string Path, object? Part)> parts)
    {
        var present = parts.Where(part => part.Part is not null).Select(part => (Names: part.Path.Split('.', 2), part.Part));
        foreach (var group in present.GroupBy(part => part.Names[0], StringComparer.Ordinal))
            switch (group.First())
            {
                case { Names.Length: 1, Part: Module module }:
                    root.register_module(group.Key, module);
                    break;
                case { Names.Length: 1, Part: Parameter parameter }:
                    root.register_parameter(group.Key, parameter);
                    break;
                default:
                    var tree = new ModuleTree();
                    Register(tree, group.Select(part => (part.Names[1], part.Part)));
                    root.register_module(group.Key, tree);
                    break;
            }
    }
}
