namespace MLNet.DeepExtensions.Tool.Tables;

/// <summary>The first line of a file of rows, or the first lines where quotes hold a field of several together.</summary>
internal static class FirstRecord
{
    /// <summary>How many fields it has.</summary>
    public static int Fields(string path, char delimiter, bool hasQuotes)
    {
        using var reader = new StreamReader(path);
        var (count, quoted, atStart, seen) = (1, false, true, false);
        for (int next; (next = reader.Read()) >= 0;)
        {
            var character = (char)next;
            if (hasQuotes && character == '"' && (quoted || atStart))
                quoted = !quoted;                          // a doubled quote ends and begins again
            else if (!quoted && character == delimiter)
            {
                (atStart, seen) = (true, true);
                count++;
                continue;
            }
            else if (!quoted && character == '\n' && seen)
                break;
            // empty lines before the first are not looked at, by ML.NET neither
            seen |= character is not ('\r' or '\n');
            atStart &= character is ' ' or '\r' or '\n';
        }
        return count;
    }
}
