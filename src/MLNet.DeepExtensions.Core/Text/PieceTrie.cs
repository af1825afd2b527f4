namespace MLNet.DeepExtensions;

/// <summary>Pieces of words by their characters (or bytes): finds the longest one that a text begins with in one walk along the text. Filled once, then read by any number of threads.</summary>
internal sealed class PieceTrie
{
    // children by node and character, in one table with open addressing: 16 bytes for each, no object for any
    private ulong[] keys = new ulong[1 << 10];
    private int[] children = new int[1 << 10];
    private int count;
    private readonly List<int> pieces = [];

    /// <summary>Begins a set of pieces of its own.</summary>
    public int AddRoot()
    {
        pieces.Add(-1);
        return pieces.Count - 1;
    }

    /// <summary>Adds a piece; one that is there already gets the new number.</summary>
    public void Add(int root, ReadOnlySpan<char> piece, int number)
    {
        var node = root;
        foreach (var character in piece)
        {
            var slot = SlotOf(node, character);
            if (keys[slot] == 0)
            {
                if (2 * ++count > keys.Length)
                {
                    Grow();
                    slot = SlotOf(node, character);
                }
                keys[slot] = KeyOf(node, character);
                children[slot] = AddRoot();
            }
            node = children[slot];
        }
        pieces[node] = number;
    }

    /// <summary>The longest piece that the text begins with.</summary>
    /// <param name="root">Which set of pieces.</param>
    /// <param name="text">The text.</param>
    /// <param name="length">The piece's characters; 0 where there is none.</param>
    /// <returns>Its number, or -1.</returns>
    public int Longest(int root, ReadOnlySpan<char> text, out int length)
    {
        var (node, number) = (root, -1);
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var slot = SlotOf(node, text[i]);
            if (keys[slot] == 0)
                break;
            node = children[slot];
            if (pieces[node] < 0)
                continue;
            number = pieces[node];
            length = i + 1;
        }
        return number;
    }

    /// <summary>As <see cref="Longest"/>, of pieces whose characters are bytes.</summary>
    public int LongestOfBytes(int root, ReadOnlySpan<byte> text, out int length)
    {
        var (node, number) = (root, -1);
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var slot = SlotOf(node, (char)text[i]);
            if (keys[slot] == 0)
                break;
            node = children[slot];
            if (pieces[node] < 0)
                continue;
            number = pieces[node];
            length = i + 1;
        }
        return number;
    }

    private static ulong KeyOf(int node, char character) => ((ulong)node + 1) << 16 | character;

    private int SlotOf(int node, char character)
    {
        var key = KeyOf(node, character);
        var mask = keys.Length - 1;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key)
            slot = slot + 1 & mask;
        return slot;
    }

    private void Grow()
    {
        var (oldKeys, oldChildren) = (keys, children);
        (keys, children) = (new ulong[2 * oldKeys.Length], new int[2 * oldKeys.Length]);
        for (var i = 0; i < oldKeys.Length; i++)
            if (oldKeys[i] != 0)
            {
                var slot = SlotOf((int)(oldKeys[i] >> 16) - 1, (char)oldKeys[i]);
                (keys[slot], children[slot]) = (oldKeys[i], oldChildren[i]);
            }
    }
}
