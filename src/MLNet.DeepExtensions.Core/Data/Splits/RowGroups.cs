using System.Runtime.InteropServices;

namespace MLNet.DeepExtensions;

/// <summary>Groups of rows that stay together, and how many rows of each stratum every group has.</summary>
internal sealed class RowGroups
{
    private readonly int[] starts;          // of a group's strata in the two arrays below; one more than there are groups
    private readonly int[] strata;
    private readonly long[] rows;

    private RowGroups(int[] starts, int[] strata, long[] rows, long[] stratumRows) =>
        (this.starts, this.strata, this.rows, StratumRows) = (starts, strata, rows, stratumRows);

    public int Count => starts.Length - 1;

    /// <summary>Gets how many pairs of a group and one of its strata there are.</summary>
    public int Entries => strata.Length;

    /// <summary>Gets the rows of each stratum, all groups together.</summary>
    public long[] StratumRows { get; }

    /// <summary>The strata of a group.</summary>
    public ReadOnlySpan<int> Strata(int group) => strata.AsSpan(starts[group]..starts[group + 1]);

    /// <summary>The group's rows in each of its strata.</summary>
    public ReadOnlySpan<long> Rows(int group) => rows.AsSpan(starts[group]..starts[group + 1]);

    /// <summary>Counts the rows of each group and stratum.</summary>
    public sealed class Counter
    {
        // by group, then stratum, in one number
        private readonly Dictionary<long, long> counts = [];

        public void Add(int group, int stratum) => CollectionsMarshal.GetValueRefOrAddDefault(counts, (long)group << 32 | (uint)stratum, out _)++;

        public RowGroups Count(int groups, int strata)
        {
            var keys = counts.Keys.ToArray();
            Array.Sort(keys);
            var (starts, stratumOf, rows, stratumRows) = (new int[groups + 1], new int[keys.Length], new long[keys.Length], new long[strata]);
            for (var i = 0; i < keys.Length; i++)
            {
                (stratumOf[i], rows[i]) = ((int)keys[i], counts[keys[i]]);
                stratumRows[stratumOf[i]] += rows[i];
                starts[(keys[i] >> 32) + 1] = i + 1;        // numbers have no gaps: every group has a row
            }
            return new RowGroups(starts, stratumOf, rows, stratumRows);
        }
    }
}
