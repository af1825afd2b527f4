using System.Globalization;
using System.Text;

namespace MLNet.DeepExtensions.Tool.Code;

/// <summary>Makes C# identifiers of whatever columns, folders and classes are called.</summary>
internal static class Identifiers
{
    private static readonly HashSet<string> keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event",
        "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null",
        "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "record", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string",
        "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
        // contextual ones, where a type or a member of that name is an error or a warning
        "var", "dynamic", "await", "async", "yield", "required", "scoped", "field", "file", "notnull", "nint", "nuint", "partial", "where", "when", "with", "init", "get", "set", "value", "_",
    };

    /// <summary>What every class has, and what the generated classes are called: a member of that name would hide it or not compile.</summary>
    private static readonly string[] membersOfEach = ["ModelInput", "ModelOutput", "Equals", "GetHashCode", "GetType", "ToString", "ReferenceEquals", "MemberwiseClone", "Finalize"];

    /// <summary>Names that generated code uses itself, so that no class may have them.</summary>
    private static readonly HashSet<string> taken = new(StringComparer.Ordinal) { "Program", "System", "Microsoft", "MLNet", "TorchSharp", "ModelInput", "ModelOutput", "Console", "Path", "File", "Lazy", "Enumerable", "MLContext", "Task", "String", "Object", "Environment", "Forecast", "Picture" };

    /// <summary>A name for a property of each column, all different, in their order.</summary>
    public static IReadOnlyList<string> ForMembers(IEnumerable<string> columns)
    {
        var used = new HashSet<string>(membersOfEach, StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var column in columns)
        {
            var plain = Plain(column);
            var name = plain;
            for (var number = 2; !used.Add(name); number++)
                name = $"{plain}_{number}";
            names.Add(name);
        }
        return names;
    }

    /// <summary>A name for a class, and for the files that are called after it.</summary>
    public static string ForClass(string name) => Plain(name) is var plain && taken.Contains(plain) ? plain + "Model" : plain;

    /// <summary>The letters and digits of a name, in order; a letter or _ first; no keyword.</summary>
    private static string Plain(string name)
    {
        var text = new StringBuilder();
        foreach (var character in name)
            switch (char.GetUnicodeCategory(character))
            {
                case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber:
                    text.Append(character);
                    break;
                case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark when text.Length > 0 || character == '_':
                    text.Append(character);
                    break;
                case UnicodeCategory.DecimalDigitNumber:
                    text.Append('_').Append(character);
                    break;
                case UnicodeCategory.Format:
                    break;                                 // the compiler leaves them out, too
                default:
                    text.Append('_');
                    break;
            }
        var plain = text.Length == 0 ? "Column" : text.Length > 200 ? text.ToString(0, 200) : text.ToString();
        return plain.All(character => character == '_') ? "Column" + plain : keywords.Contains(plain) ? plain + "_" : plain;
    }
}
