using System.Globalization;

namespace MLNet.DeepExtensions.Tests.Tool;

/// <summary>Data that a network learns in a second, as users have it: files in a folder.</summary>
internal sealed class SmallData : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("mldeep-").FullName;

    public string Out => Path.Combine(Folder, "Model");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Pictures of 16 × 16 pixels, reddish in the first class, bluish in the second.</summary>
    public string Pictures(string first = "red", string second = "blue", int each = 12)
    {
        var random = new Random(1);
        foreach (var (name, channel) in new[] { (first, 0), (second, 2) })
        {
            Directory.CreateDirectory(PathOf($"pictures/{name}"));
            for (var number = 0; number < each; number++)
            {
                var pixels = Enumerable.Range(0, 16 * 16 * 3).Select(i => (byte)(i % 3 == channel ? 200 + random.Next(50) : random.Next(60))).ToArray();
                File.WriteAllBytes(PathOf($"pictures/{name}/{number}.ppm"), [.. "P6\n16 16\n255\n"u8, .. pixels]);
            }
        }
        return PathOf("pictures");
    }

    /// <summary>A table with a number, a category, a gap and two answers: a class and a number.</summary>
    public string Table(int rows = 120, string name = "flats.csv", string header = "Id,Size,Town,Balcony,Remark,Kind,Rent")
    {
        var random = new Random(1);
        return Write(name, [header, .. Enumerable.Range(0, rows).Select(number =>
        {
            var (size, town) = (random.Next(20, 120), random.Next(3));
            return string.Create(CultureInfo.InvariantCulture, $"{number},{(number % 10 == 0 ? "" : size)},{"Bern Genf Chur".Split(' ')[town]},{(number % 2 == 0 ? "true" : "false")},remark {number},{(size > 60 ? "large" : "small")},{size * 20 + town * 100}");
        })]);
    }

    /// <summary>Short texts, some of praise.</summary>
    public string Texts(int rows = 80) => Write("texts.tsv", ["Text\tOpinion", .. Enumerable.Range(0, rows).Select(number => number % 2 == 0 ? $"a fine {number} and good day\tpraise" : $"a dull {number} and bad day\tblame")]);

    /// <summary>Two weeks of hours, of one series or two.</summary>
    public string Hours(int rows = 336, params string[] series)
    {
        var all = series.Length == 0 ? [""] : series;
        return Write("hours.csv", ["Time,Shop,Sold", .. Enumerable.Range(0, rows).SelectMany(hour => all.Select(shop =>
            string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2026, 1, 1).AddHours(hour):yyyy-MM-dd HH:mm:ss},{shop},{10 + 5 * Math.Sin(hour * Math.PI / 12):0.###}")))]);
    }

    public string Write(string name, params string[] lines)
    {
        File.WriteAllLines(PathOf(name), lines);
        return PathOf(name);
    }
}
