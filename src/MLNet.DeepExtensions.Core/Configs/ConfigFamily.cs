using System.Collections.Concurrent;
using System.Reflection;

namespace MLNet.DeepExtensions;

/// <summary>The members of one family of configs by name: those of the base record's own assembly, and those that users registered.</summary>
internal sealed class ConfigFamily
{
    private static readonly ConcurrentDictionary<Type, ConfigFamily> families = new();

    private readonly Type familyType;
    private readonly string? elsewhere;
    private readonly ConcurrentDictionary<string, Type> types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, string> names = new();

    private ConfigFamily(Type familyType)
    {
        this.familyType = familyType;
        elsewhere = familyType.GetCustomAttribute<ConfigFamilyAttribute>()?.AlsoIn;
        AddFrom(familyType.Assembly);
    }

    public static ConfigFamily Of<TFamily>() => Of(typeof(TFamily));

    public static ConfigFamily Of(Type familyType) => families.GetOrAdd(familyType, static type => new ConfigFamily(type));

    /// <summary>A family is an abstract record whose members have names: the marker is the attribute <see cref="ConfigFamilyAttribute"/>.</summary>
    public static bool IsFamily(Type type) => type.IsDefined(typeof(ConfigFamilyAttribute), inherit: false);

    /// <summary>The registered types in the order of their names, the same in every process.</summary>
    public IReadOnlyList<Type> Types => [.. types.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];

    public void Add(Type type, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!types.TryAdd(name, type) && types[name] != type)
            throw new ArgumentException($"The name '{name}' already belongs to {types[name].FullName}. Register {type.FullName} under another name.", nameof(name));
        names[type] = name;
    }

    public string NameOf(Type type)
    {
        if (!names.ContainsKey(type) && type.Assembly.GetName().Name == elsewhere)
            AddFrom(type.Assembly);
        return names.TryGetValue(type, out var name) ? name : throw NoName(type);
    }

    /// <summary>The member of that name. Where none is loaded, the assembly that the family's base names is: a file never decides what is loaded.</summary>
    public Type TypeOf(string name)
    {
        if (!types.ContainsKey(name) && elsewhere is not null)
            AddFrom(LoadElsewhere(name));
        return types.TryGetValue(name, out var type) ? type : throw Unknown(name);
    }

    private void AddFrom(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes())
            if (type.IsSubclassOf(familyType) && type.GetCustomAttribute<ConfigNameAttribute>() is { } attribute)
                Add(type, attribute.Name);
    }

    private Assembly LoadElsewhere(string name)
    {
        try
        {
            return Assembly.Load(elsewhere!);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new InvalidOperationException($"'{name}' is none of the {familyType.Name}s in {familyType.Assembly.GetName().Name}, and {elsewhere}.dll, which has more, is not beside the application. Add the package {elsewhere}.", e);
        }
    }

    private InvalidOperationException NoName(Type type) => new(type.IsNestedPrivate && type.Assembly == familyType.Assembly
        ? $"A {familyType.Name} that was made from a function cannot be saved: code does not go into a file. Declare a record that derives from {familyType.Name} and builds the same, " +
          $"call {familyType.Name}.Register<ThatRecord>(\"my-name\") once, when the application starts, and use it in place of the function."
        : $"{type.FullName} has no name to be saved under. Call {familyType.Name}.Register<{type.Name}>(\"my-name\") once, when the application starts.");

    private InvalidModelFileException Unknown(string name) => new(
        $"No {familyType.Name} is registered under the name '{name}'. Known: {string.Join(", ", types.Keys.Order(StringComparer.Ordinal))}. " +
        $"If it is your own, call {familyType.Name}.Register<YourType>(\"{name}\") before the model is loaded; otherwise a newer version of MLNet.DeepExtensions may know it.");
}

/// <summary>Marks the base record of a family of configs.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class ConfigFamilyAttribute : Attribute
{
    /// <summary>Gets the name of a second assembly of ours that has members; it is loaded when first one of them is asked for.</summary>
    public string? AlsoIn { get; init; }
}
