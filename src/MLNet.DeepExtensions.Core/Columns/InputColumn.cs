using System.ComponentModel.DataAnnotations;

namespace MLNet.DeepExtensions;

/// <summary>One of several columns that feed a network.</summary>
/// <param name="Name">
/// The column: a number or a yes or no, a vector of Single or Byte, pictures, a key or a vector of keys, a vector of Int32 with an <see cref="IdsShape"/>, or text.
/// </param>
/// <param name="Shape">The shape of one example; null takes the one that the column's type says. A vector whose rows differ in length needs a <see cref="SequenceShape"/>.</param>
public sealed record InputColumn(string Name, InputShape? Shape = null)
{
    /// <summary>Gets how a column of text is cut into tokens.</summary>
    /// <value>The default, null, takes what the network brings along, which is learnt from the training rows where it has no vocabulary.</value>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>Gets how many tokens a text has at most, special ones included; the rest is cut off.</summary>
    /// <value>In [2, 1,048,576]. The default, null, is what the network reads at most, else 512.</value>
    [Range(2, 1 << 20)]
    public int? MaxTokens { get; init; }

    /// <summary>Names a column whose type says its shape.</summary>
    /// <param name="name">The column.</param>
    public static implicit operator InputColumn(string name) => new(name);
}
