namespace MLNet.DeepExtensions;

/// <summary>
/// The name under which a config record is saved. It makes the record a member of its family (architectures, losses, optimizers, …):
/// it can be written to and read from a model file, and the family's conformance tests find it.
/// </summary>
/// <param name="name">Lower case, words joined by hyphens. It is part of the file format: never change it.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ConfigNameAttribute(string name) : Attribute
{
    /// <summary>Gets the name.</summary>
    public string Name { get; } = name;
}
