using System.Reflection;
using Microsoft.ML.Data;

namespace MLNet.DeepExtensions;

/// <summary>Looks at a row before any work is done on it: the lengths of its texts and vectors, and whether its numbers are finite.</summary>
internal sealed class RowCheck<TIn, TOut>(DeepPredictionOptions<TIn, TOut> options)
    where TIn : class
    where TOut : class, new()
{
    private static readonly Column[] columns = [.. Columns()];

    /// <exception cref="UnfitRowException">It is beyond a limit.</exception>
    public void Check(TIn row, TokenCount? tokens)
    {
        foreach (var column in columns)
            switch (column.Get(row))
            {
                case string text:
                    CheckText(column.Name, text, tokens);
                    break;
                case string[] texts:
                    CheckLength(column, texts.Length);
                    foreach (var text in texts)
                        CheckText(column.Name, text ?? "", tokens);
                    break;
                case Array array:
                    CheckLength(column, array.Length);
                    break;
            }
        if (options.CheckRow?.Invoke(row) is { } reason)
            throw new UnfitRowException(reason) { Status = 400 };
    }

    /// <summary>Looks for numbers that no client can have meant: JSON has no infinity, but 1e999 is read as one.</summary>
    /// <exception cref="UnfitRowException">A number is infinite.</exception>
    public static void CheckFinite(TIn row)
    {
        foreach (var column in columns)
            if (column.Get(row) switch
            {
                float number => float.IsInfinity(number),
                double number => double.IsInfinity(number),
                float[] numbers => numbers.AsSpan().ContainsAny(float.PositiveInfinity, float.NegativeInfinity),
                double[] numbers => numbers.AsSpan().ContainsAny(double.PositiveInfinity, double.NegativeInfinity),
                _ => false,
            })
                throw new UnfitRowException($"{column.Name} holds a number that is too large.") { Status = 400 };
    }

    private void CheckText(string name, string text, TokenCount? tokens)
    {
        if (text.Length > options.MaxTextLength)
            throw new UnfitRowException($"{name} has {text.Length:N0} characters; at most {options.MaxTextLength:N0} are taken.") { Status = 413 };
        if (options.MaxTokens is { } most && tokens?.CountOf(text) is { } count && count > most)
            throw new UnfitRowException($"{name} has {count:N0} tokens; at most {most:N0} are taken.") { Status = 413 };
    }

    private static void CheckLength(Column column, int length)
    {
        if (column.Length is { } wanted && wanted != length)
            throw new UnfitRowException($"{column.Name} must hold {wanted:N0} values, but holds {length:N0}.") { Status = 400 };
    }

    private static IEnumerable<Column> Columns()
    {
        foreach (var member in typeof(TIn).GetMembers(BindingFlags.Public | BindingFlags.Instance))
        {
            var (type, get) = member switch
            {
                PropertyInfo { CanRead: true } property when property.GetIndexParameters().Length == 0 => (property.PropertyType, (Func<object, object?>)property.GetValue),
                FieldInfo field => (field.FieldType, field.GetValue),
                _ => (null, null),
            };
            if (type is null || member.GetCustomAttribute<NoColumnAttribute>() is not null || !(type == typeof(string) || type == typeof(float) || type == typeof(double) || type.IsArray))
                continue;
            yield return new Column(member.Name, LengthOf(member), get!);
        }
    }

    // ML.NET keeps the sizes to itself; what the attribute was given is there to be read
    private static int? LengthOf(MemberInfo member)
    {
        var sizes = member.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType == typeof(VectorTypeAttribute))?.ConstructorArguments.SelectMany(Sizes).ToList();
        return sizes is { Count: > 0 } && sizes.All(size => size > 0) ? sizes.Aggregate(1, (product, size) => checked(product * size)) : null;

        static IEnumerable<int> Sizes(CustomAttributeTypedArgument argument) => argument.Value switch
        {
            int size => [size],
            IEnumerable<CustomAttributeTypedArgument> items => items.SelectMany(Sizes),
            _ => [],
        };
    }

    private sealed record Column(string Name, int? Length, Func<object, object?> Get);
}
