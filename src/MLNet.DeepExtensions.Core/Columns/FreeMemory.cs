using System.Globalization;

namespace MLNet.DeepExtensions;

/// <summary>The memory that this process may still take.</summary>
internal static class FreeMemory
{
    /// <summary>What the runtime may use at most (a container's limit included), less what the process has, and no more than the system says is free.</summary>
    public static long Bytes => Math.Max(0, Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet, OfTheSystem() ?? long.MaxValue));

    // Linux alone tells what is really free, the caches that it would give back included
    private static long? OfTheSystem()
    {
        try
        {
            var line = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(13).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
