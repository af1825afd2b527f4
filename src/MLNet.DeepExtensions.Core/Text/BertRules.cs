using System.Buffers;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>How BERT cleans a text and cuts it into words, before word pieces: Google's BasicTokenizer.</summary>
internal sealed class BertRules
{
    /// <summary>Says that a character needs a closer look.</summary>
    private const char Other = '\uFFFF';

    private readonly bool ideographsApart;
    private readonly LetterForms forms;

    // what the characters become that neither end a word nor vanish: nearly all of most texts
    private readonly char[] plain = new char[char.MaxValue + 1];

    public BertRules(bool lowerCase, bool stripAccents, bool ideographsApart, int longestWord)
    {
        (this.ideographsApart, LongestWord, forms) = (ideographsApart, longestWord, new LetterForms(lowerCase, stripAccents));
        Span<char> form = stackalloc char[LetterForms.Most];
        for (var i = 0; i <= char.MaxValue; i++)
        {
            plain[i] = Other;
            var kind = CharacterKinds.Of((char)i);
            if ((kind & (CharacterKind.Dropped | CharacterKind.WhiteSpace | CharacterKind.Mark)) != 0 || ideographsApart && (kind & CharacterKind.Ideograph) != 0 || i == 0x3A3)
                continue;
            if (forms.Write([], 0, new Rune(i), form) == 1 && !CharacterKinds.Of(form[0]).HasFlag(CharacterKind.Punctuation))
                plain[i] = form[0];
        }
    }

    /// <summary>Gets the code points that a word has at most; a longer one has no pieces.</summary>
    public int LongestWord { get; }

    /// <summary>Reads a text word by word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="buffer">Where words are put together.</param>
    public Words Read(ReadOnlySpan<char> text, BertBuffer buffer)
    {
        buffer.Require(2 * LongestWord + LetterForms.Most);
        return new Words(this, text, buffer);
    }

    /// <summary>The words of a text, one after the other.</summary>
    internal ref struct Words(BertRules rules, ReadOnlySpan<char> text, BertBuffer buffer)
    {
        private readonly ReadOnlySpan<char> text = text;
        private int at, count, runes, start, end;

        /// <summary>Gets the word as it is looked up.</summary>
        public readonly ReadOnlySpan<char> Word => buffer.Characters.AsSpan(0, count);

        /// <summary>Gets where in the text each of the word's characters comes from.</summary>
        public readonly ReadOnlySpan<int> Origins => buffer.Origins.AsSpan(0, count);

        /// <summary>Gets whether the word has more code points than a word may have; then it is not kept.</summary>
        public readonly bool IsTooLong => runes > rules.LongestWord;

        /// <summary>Gets where the word begins in the text.</summary>
        public readonly int Start => start;

        /// <summary>Gets where it ends.</summary>
        public readonly int End => end;

        public bool MoveNext()
        {
            (count, runes) = (0, 0);
            while (at < text.Length)
            {
                var form = rules.plain[text[at]];
                if (form != Other)
                {
                    if (runes++ == 0)
                        start = at;
                    if (runes <= rules.LongestWord)
                        (buffer.Characters[count], buffer.Origins[count++]) = (form, at);
                    end = ++at;
                    continue;
                }
                // halves of pairs are no characters
                if (Rune.DecodeFromUtf16(text[at..], out var rune, out var used) != OperationStatus.Done)
                {
                    at++;
                    continue;
                }
                var kind = CharacterKinds.Of(rune);
                if ((kind & CharacterKind.Dropped) != 0)
                {
                    at += used;
                    continue;
                }
                if ((kind & CharacterKind.WhiteSpace) != 0)
                {
                    if (runes > 0)
                        return true;
                    at += used;
                    continue;
                }
                Span<char> forms = stackalloc char[LetterForms.Most];
                forms = forms[..rules.forms.Write(text, at, rune, forms)];
                if (!(rules.ideographsApart && (kind & CharacterKind.Ideograph) != 0 || IsPunctuation(forms)))
                {
                    Add(forms, used);
                    continue;
                }
                // a word of its own
                if (runes == 0)
                    Add(forms, used);
                return true;
            }
            return runes > 0;
        }

        private void Add(scoped ReadOnlySpan<char> forms, int used)
        {
            if (runes == 0)
                start = at;
            foreach (var character in forms)
            {
                if (!char.IsLowSurrogate(character))
                    runes++;
                if (runes > rules.LongestWord)
                    continue;
                (buffer.Characters[count], buffer.Origins[count]) = (character, at);
                count++;
            }
            at += used;
            if (forms.Length > 0)
                end = at;
        }

        private static bool IsPunctuation(ReadOnlySpan<char> forms) =>
            Rune.DecodeFromUtf16(forms, out var rune, out var used) == OperationStatus.Done && used == forms.Length && CharacterKinds.Of(rune).HasFlag(CharacterKind.Punctuation);
    }
}

/// <summary>Room for a word; each thread has its own.</summary>
internal sealed class BertBuffer
{
    [ThreadStatic]
    private static BertBuffer? mine;

    public static BertBuffer Mine => mine ??= new BertBuffer();

    public char[] Characters { get; private set; } = [];

    public int[] Origins { get; private set; } = [];

    public void Require(int length)
    {
        if (Characters.Length < length)
            (Characters, Origins) = (new char[length], new int[length]);
    }
}
