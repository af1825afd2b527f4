namespace MLNet.DeepExtensions;

/// <summary>One of several columns that feed a network.</summary>
/// <param name="Name">
/// The column: a number or a yes or no, a vector of Single or Byte, pictures, a key or a vector of keys, or a vector of Int32 with an <see cref="IdsShape"/>.
/// </param>
/// <param name="Shape">The shape of one example; null takes the one that the column's type says. A vector whose rows differ in length needs a <see cref="SequenceShape"/>.</param>
public sealed record InputColumn(string Name, InputShape? Shape = null)
{
    /// <summary>Names a column whose type says its shape.</summary>
    /// <param name="name">The column.</param>
    public static implicit operator InputColumn(string name) => new(name);
}
