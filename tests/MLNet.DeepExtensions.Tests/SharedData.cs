namespace MLNet.DeepExtensions.Tests;

/// <summary>Data beside the repository that not every machine has: a test that needs it says so and is skipped.</summary>
internal static class SharedData
{
    public static string Find(string path)
    {
        var full = Path.Combine(Path.GetDirectoryName(Repository.Root.TrimEnd(Path.DirectorySeparatorChar))!, "shared", path);
        if (!File.Exists(full) && !Directory.Exists(full))
            Assert.Skip($"needs ../shared/{path}, which is not part of the repository");
        return full;
    }
}
