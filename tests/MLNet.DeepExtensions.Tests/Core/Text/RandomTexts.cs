using CsCheck;

namespace MLNet.DeepExtensions.Tests.Core.Text;

/// <summary>Texts for property tests: of all planes, of what is special to tokenizers, and with halves of surrogate pairs.</summary>
internal static class RandomTexts
{
    private static readonly Gen<string> ascii = Gen.Char[' ', '~'].Select(character => character.ToString());

    private static readonly Gen<string> special = Gen.OneOfConst("\u0301", "\u200B", "\u200D", "\uFE0F", "\u3000", "\u00A0", "\u2028", "\u0085", "\n", "\t", "\0", "\uFFFD", "İ", "Σ", "ß", "각", "\uF900", "≠", "'s", "'ll", "##", "[SEP]", "  ", "   ", "é", "ΑΣ");

    private static readonly Gen<string> any = Gen.Int[0, 0x10FFFF].Select(point => point is >= 0xD800 and < 0xE000 ? "\uE000" : char.ConvertFromUtf32(point));

    private static readonly Gen<string> ideograph = Gen.Int[0x4E00, 0x9FFF].Select(char.ConvertFromUtf32);

    private static readonly Gen<string> emoji = Gen.Int[0x1F300, 0x1FAFF].Select(char.ConvertFromUtf32);

    /// <summary>Gets texts that are valid.</summary>
    public static Gen<string> Valid { get; } = Gen.Frequency((8, ascii), (3, special), (2, any), (2, ideograph), (1, emoji)).Array[0, 60].Select(string.Concat);

    /// <summary>Gets any strings.</summary>
    public static Gen<string> Any { get; } = Gen.Frequency((8, ascii), (3, special), (2, any), (2, ideograph), (1, Gen.Char['\uD800', '\uDFFF'].Select(half => half.ToString()))).Array[0, 60].Select(string.Concat);
}
