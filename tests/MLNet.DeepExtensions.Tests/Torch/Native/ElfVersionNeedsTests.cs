using MLNet.DeepExtensions.Native;

namespace MLNet.DeepExtensions.Tests;

public sealed class ElfVersionNeedsTests
{
    private const string File = "libstdc++.so.6", Version = "GLIBCXX_3.4.32";

    // where TorchSharp 0.107.0's wrapper has them: readelf -d, readelf -V
    private const int DynamicSection = 0x1d4b18, DynamicSize = 0x270, Needs = 0x3f8f0, NeedsSize = 0x210;

    private readonly byte[] wrapper = System.IO.File.ReadAllBytes(WrapperForLinux());

    [Fact]
    public void Hash_OfTheUnusedVersion_IsTheOneInTheFile() => Assert.Equal(0x0297f842u, ElfVersionNeeds.Hash(Version));

    [Fact]
    public void MakeWeak_OnTheRealWrapper_ChangesOneByteAndOnlyOnce()
    {
        var changed = (byte[])wrapper.Clone();

        Assert.True(ElfVersionNeeds.MakeWeak(changed, File, Version));

        var at = Assert.Single(Enumerable.Range(0, wrapper.Length), i => changed[i] != wrapper[i]);
        Assert.Equal(2, changed[at] ^ wrapper[at]);
        Assert.Equal(0x0297f842u, BitConverter.ToUInt32(changed, at - 4));      // the hash stands before the flags
        Assert.False(ElfVersionNeeds.MakeWeak(changed, File, Version));
    }

    [Theory]
    [InlineData("libstdc++.so.6", "GLIBCXX_3.4.99")]
    [InlineData("libm.so.6", "GLIBCXX_3.4.32")]
    [InlineData("libnone.so.1", "NONE")]
    public void MakeWeak_VersionThatIsNotAskedOfThatFile_ChangesNothing(string file, string version)
    {
        var bytes = (byte[])wrapper.Clone();
        Assert.False(ElfVersionNeeds.MakeWeak(bytes, file, version));
        Assert.Equal(wrapper, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7f454c46")]
    [InlineData("4d5a900003000000")]
    public void MakeWeak_NoLibrary_SaysSo(string hex) =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(Convert.FromHexString(hex), File, Version));

    [Theory]
    [InlineData(4, 1)]                                     // 32 bits
    [InlineData(5, 2)]                                     // big-endian
    public void MakeWeak_AnotherKindOfElf_SaysSo(int at, byte value)
    {
        var bytes = wrapper.AsSpan(0, 4096).ToArray();
        bytes[at] = value;
        Assert.Contains("not a 64-bit little-endian ELF library", Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(bytes, File, Version)).Message);
    }

    [Fact]
    public void MakeWeak_CutAnywhereBeforeTheVersion_SaysWhatLiesOutside()
    {
        for (var length = 0; length < wrapper.Length - 64; length += length < 8192 ? 1 : 4099)
        {
            var cut = wrapper.AsSpan(0, length).ToArray();
            // the dynamic section stands near the end of this file, after what it points at
            if (length < DynamicSection)
                Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(cut, File, Version));
            else
                Assert.True(Reads(cut));
        }
    }

    [Fact]
    public void MakeWeak_AnyFieldReplaced_NeverReadsOutside()
    {
        var random = new Random(1);
        var bytes = (byte[])wrapper.Clone();
        // header and program headers, the dynamic section, and the list of needed versions
        (int Start, int Length)[] places = [(0, 64 + 10 * 56), (DynamicSection, DynamicSize), (Needs, NeedsSize)];
        ulong[] values = [0, 1, 15, 16, 0x7fffffff, 0x80000000, 0xffffffff, int.MaxValue, long.MaxValue, ulong.MaxValue, (ulong)wrapper.Length, (ulong)wrapper.Length - 1];
        for (var i = 0; i < 30_000; i++)
        {
            var (start, length) = places[random.Next(places.Length)];
            for (var fields = random.Next(1, 4); fields > 0; fields--)
            {
                var field = bytes.AsSpan(start + random.Next(length / 2) * 2);
                var value = random.Next(2) == 0 ? values[random.Next(values.Length)] : (ulong)random.NextInt64();
                BitConverter.GetBytes(value).AsSpan(0, 2 << random.Next(3)).CopyTo(field);
            }
            Reads(bytes);
            foreach (var place in places)
                wrapper.AsSpan(place.Start, place.Length + 8).CopyTo(bytes.AsSpan(place.Start));
        }
    }

    [Fact]
    public void MakeWeak_TooManyNeededLibraries_SaysSo()
    {
        var bytes = (byte[])wrapper.Clone();
        for (var at = DynamicSection; ; at += 16)
        {
            if (BitConverter.ToUInt64(bytes, at) != 0x6fffffff)                  // DT_VERNEEDNUM
                continue;
            BitConverter.GetBytes(ulong.MaxValue).CopyTo(bytes, at + 8);
            break;
        }
        Assert.Contains("expected at most 1024", Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(bytes, File, Version)).Message);
    }

    private static string WrapperForLinux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs TorchSharp's library for Linux");
        return LibTorchFiles.Find(LibTorchFiles.Wrapper, LibTorchFiles.Folders)!;
    }

    // a damaged file gives its exception or is read: anything else fails the test
    private static bool Reads(byte[] bytes)
    {
        try
        {
            ElfVersionNeeds.MakeWeak(bytes, File, Version);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
