namespace MLNet.DeepExtensions.Tool.Code;

/// <summary>A column that the model reads, and the property that stands for it.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Property">The property's name.</param>
/// <param name="Type">Its C# type: <c>float</c>, <c>bool</c>, <c>string</c>, <c>byte[]</c> or <c>DateTime</c>.</param>
/// <param name="Index">Where it stands in a line of the file, from 0; null where there is no such file.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Example">A value from the data.</param>
internal sealed record InputMember(string Column, string Property, string Type, int? Index, ColumnPurpose Purpose, object? Example = null)
{
    /// <summary>Gets the property as C#.</summary>
    public string Code
    {
        get
        {
            var attributes = $"ColumnName({CSharp.Literal(Column)})" + (Index is { } index ? $", LoadColumn({index})" : "");
            return $"[{attributes}]\npublic {Type} {Property} {{ get; set; }}" + Type switch { "string" => " = \"\";", "byte[]" => " = [];", _ => "" };
        }
    }
}

/// <summary>What a column is for, in Model Builder's words.</summary>
internal enum ColumnPurpose
{
    Feature,
    Label,
    Ignore,
    Time,
}
