using System.Collections.Concurrent;
using System.Reflection;

namespace MLNet.DeepExtensions;

/// <summary>The members of one family of configs by name: those of the base record's own assembly, and those that users registered.</summary>
internal sealed class ConfigFamily
{
    private static readonly ConcurrentDictionary<Type, ConfigFamily> families = new();

    private readonly Type familyType;
    private readonly ConcurrentDictionary<string, Type> types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, string> names = new();

    private ConfigFamily(Type familyType)
    {
        this.familyType = familyType;
        foreach (var type in familyType.Assembly.GetTypes())
            if (type.IsSubclassOf(familyType) && type.GetCustomAttribute<ConfigNameAttribute>() is { } attribute)
                Add(type, attribute.Name);
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

    public string NameOf(Type type) => names.TryGetValue(type, out var name) ? name : throw new InvalidOperationException(type.IsNestedPrivate && type.Assembly == familyType.Assembly
        ? $"A {familyType.Name} that was made from a function cannot be saved: code does not go into a file. Declare a record that derives from {familyType.Name} and builds the same, " +
          $"call {familyType.Name}.Register<ThatRecord>(\"my-name\") once, when the application starts, and use it in place of the function."
        : $"{type.FullName} has no name to be saved under. Call {familyType.Name}.Register<{type.Name}>(\"my-name\") once, when the application starts.");

    public Type TypeOf(string name) => types.TryGetValue(name, out var type) ? type : throw new InvalidModelFileException(
        $"No {familyType.Name} is registered under the name '{name}'. Known: {string.Join(", ", types.Keys.Order(StringComparer.Ordinal))}. " +
        $"If it is your own, call {familyType.Name}.Register<YourType>(\"{name}\") before the model is loaded; otherwise a newer version of MLNet.DeepExtensions may know it.");
}

/// <summary>Marks the base record of a family of configs.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class ConfigFamilyAttribute : Attribute;
