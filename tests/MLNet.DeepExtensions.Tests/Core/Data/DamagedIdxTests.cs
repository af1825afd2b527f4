using Microsoft.ML;

namespace MLNet.DeepExtensions.Tests;

public class DamagedIdxTests(IdxFixture files) : IClassFixture<IdxFixture>
{
    private readonly MLContext ml = new();

    [Fact]
    public void AMissingFile_IsNamed()
    {
        var (images, labels) = files.WritePair(3);
        Assert.Contains("no-such", Assert.Throws<FileNotFoundException>(() => ml.Data.LoadIdx(files.PathOf("no-such"), labels)).Message);
        Assert.Contains("no-such", Assert.Throws<FileNotFoundException>(() => ml.Data.LoadIdx(images, files.PathOf("no-such"))).Message);
    }

    [Theory]
    [InlineData("89504E470D0A1A0A", "starts with the bytes 89504E47")]          // PNG
    [InlineData("0000070300000003", "starts with the bytes 00000703")]          // no such type
    [InlineData("0000080000000003", "starts with the bytes 00000800")]          // no dimension
    [InlineData("000008FF00000003", "255 dimensions; 1 to 8")]
    [InlineData("0000080300000003", "within its header")]
    [InlineData("00", "within its header")]
    [InlineData("", "within its header")]
    [InlineData("1F8B08", "within its header")]
    [InlineData("00000803000000030000000000000004", "[3, 0, 4]; a row may have 1 to")]
    [InlineData("0000080300000003FFFFFFFFFFFFFFFF", "[3, 4294967295, 4294967295]; a row may have 1 to")]
    [InlineData("00000803FFFFFFFF0000001C0000001C", "asks for 3,367,254,359,296: the file is cut off")]
    public void AWrongHeader_SaysWhatIsWrong(string hex, string message)
    {
        var (_, labels) = files.WritePair(3);
        var images = files.Write("wrong", Convert.FromHexString(hex));
        var error = Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, labels));
        Assert.Contains(message, error.Message);
        Assert.Contains(images, error.Message);
    }

    [Fact]
    public void PicturesAsLabels_AskWhetherThePathsAreSwapped()
    {
        var (images, labels) = files.WritePair(3);
        var swapped = Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(labels, images)).Message;
        Assert.Contains("given as the labels, holds 3×4 numbers in each row", swapped);
        Assert.Contains("swapped", swapped);
        Assert.Contains("given as the labels, holds 3×4 numbers in each row", Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, images)).Message);
        Assert.Contains("given as the pictures, holds one number in each row", Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(labels, labels)).Message);
    }

    [Fact]
    public void DifferentCounts_NameBothFilesAndBothCounts()
    {
        var (images, _) = files.WritePair(3);
        var labels = files.Write("other-labels", IdxFixture.Idx(8, [4], new byte[4]));
        var message = Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, labels)).Message;
        Assert.Contains($"'{images}' has 3 rows, but '{labels}' has 4", message);
    }

    [Fact]
    public void APlainFileOfAnotherLength_IsRefusedWhenLoaded()
    {
        var (images, labels) = files.WritePair(3);
        var content = File.ReadAllBytes(images);
        File.WriteAllBytes(images, content[..^1]);
        Assert.Contains("has 51 bytes, but its header [3, 3, 4] asks for 52: the file is cut off", Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, labels)).Message);
        File.WriteAllBytes(images, [.. content, 0]);
        Assert.Contains("has 53 bytes, but its header [3, 3, 4] asks for 52: the file is too long", Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, labels)).Message);
    }

    [Fact]
    public void AGzipFileThatHoldsTooLittle_NamesTheRow()
    {
        var (_, labels) = files.WritePair(100);
        var content = IdxFixture.Idx(8, [100, 3, 4], IdxFixture.Numbers(1200));
        var images = files.Write("short", content[..(16 + 57 * 12 + 5)], gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        var message = Assert.Throws<InvalidDataException>(() => IdxFixture.ReadAll(view)).Message;
        Assert.Contains($"'{images}' ends in row 57 (rows count from 0), but its header says 100 rows: the file is cut off", message);
    }

    [Fact]
    public void AGzipFileThatHoldsTooMuch_SaysSo()
    {
        var (_, labels) = files.WritePair(3);
        var images = files.Write("long", IdxFixture.Idx(8, [3, 3, 4], IdxFixture.Numbers(37)), gzip: true);
        var view = ml.Data.LoadIdx(images, labels);
        Assert.Contains("goes on after row 2", Assert.Throws<InvalidDataException>(() => IdxFixture.ReadAll(view)).Message);
    }

    [Fact]
    public void AGzipFileThatCannotHoldItsRows_IsRefusedBeforeMemoryIsTaken()
    {
        var (_, labels) = files.WritePair(3);
        var images = files.Write("bomb", IdxFixture.Idx(8, [3u, 1 << 15, 1 << 15], []), gzip: true);
        Assert.Contains("which cannot hold the 3,221,225,488 bytes", Assert.Throws<InvalidDataException>(() => ml.Data.LoadIdx(images, labels)).Message);
    }

    [Fact]
    public void CutAnywhere_AGzipFileGivesOneKindOfError()
    {
        var (images, labels) = files.WritePair(50, gzip: true);
        var content = File.ReadAllBytes(images);
        // the last nine bytes hold no more of the rows: the end mark, the checksum and the length
        for (var length = 0; length < content.Length - 9; length++)
            Assert.Contains("cut'", Assert.Throws<InvalidDataException>(() => IdxFixture.ReadAll(ml.Data.LoadIdx(files.Write("cut", content[..length]), labels))).Message);
    }

    [Fact]
    public void ChangedAnywhere_AGzipFileGivesOneKindOfErrorOrTheSameRows()
    {
        var (images, labels) = files.WritePair(50, gzip: true);
        var content = File.ReadAllBytes(images);
        var pictures = IdxFixture.ReadAll(ml.Data.LoadIdx(images, labels)).Features;
        var harmless = 0;
        for (var i = 0; i < content.Length; i++)
        {
            var changed = files.Write("changed", [.. content[..i], (byte)(content[i] ^ 0x10), .. content[(i + 1)..]]);
            try
            {
                Assert.Equal(pictures, IdxFixture.ReadAll(ml.Data.LoadIdx(changed, labels)).Features);
                harmless++;
            }
            catch (InvalidDataException e)
            {
                Assert.Contains(changed, e.Message);
            }
        }
        // gzip's remarks on the time, the system and the effort, and the bits that fill its last byte
        Assert.InRange(harmless, 1, 8);
    }

    [Fact]
    public void AFileReplacedAfterLoading_IsNoticed()
    {
        var (images, labels) = files.WritePair(3);
        var view = ml.Data.LoadIdx(images, labels);
        files.WritePair(4);
        Assert.Contains("was replaced by another file", Assert.Throws<InvalidDataException>(() => IdxFixture.ReadAll(view)).Message);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        var (images, labels) = files.WritePair(3);
        Assert.Throws<ArgumentNullException>(() => ml.Data.LoadIdx(null!, labels));
        Assert.Throws<ArgumentException>(() => ml.Data.LoadIdx(images, ""));
        Assert.Throws<ArgumentException>(() => ml.Data.LoadIdx(images, labels, featureColumnName: ""));
        Assert.Contains("'Label'", Assert.Throws<ArgumentException>(() => ml.Data.LoadIdx(images, labels, featureColumnName: "Label")).Message);
        Assert.Throws<ArgumentNullException>(() => DeepDataCatalog.LoadIdx(null!, images, labels));
    }
}
