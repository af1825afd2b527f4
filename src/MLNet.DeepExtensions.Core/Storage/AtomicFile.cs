namespace MLNet.DeepExtensions;
internal static class AtomicFile { public static void Write(string path, Action<Stream> write) { using var f = File.Create(path); write(f); } }
