using System.Globalization;
using Microsoft.ML.Data;

namespace Recommendation;

/// <summary>One user's stars for one movie, and what is known of the movie.</summary>
internal sealed class Rating
{
    public string User { get; set; } = "";

    public string Movie { get; set; } = "";

    /// <summary>0.5 to 5.</summary>
    public float Stars { get; set; }

    public long Time { get; set; }

    public string[] Genres { get; set; } = [];
}

/// <summary>MovieLens's files, and how they are divided.</summary>
internal static class Ratings
{
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static (List<Rating> Rows, Dictionary<string, string> Titles) Load(DirectoryInfo folder)
    {
        string Named(string name) => Path.Combine(folder.FullName, name) is var path && File.Exists(path) ? path : throw new FileNotFoundException(
            $"'{path}' is missing. --data must name the unpacked folder of ml-latest-small: https://grouplens.org/datasets/movielens/latest (its terms: research use).");
        var titles = new Dictionary<string, string>();
        var genres = new Dictionary<string, string[]>();
        foreach (var line in File.ReadLines(Named("movies.csv")).Skip(1))
        {
            // id,title,genres: the title may hold commas, inside quotes
            var (first, last) = (line.IndexOf(','), line.LastIndexOf(','));
            titles[line[..first]] = line[(first + 1)..last].Trim('"');
            genres[line[..first]] = line[(last + 1)..].Split('|');
        }
        return ([.. File.ReadLines(Named("ratings.csv")).Skip(1).Select(line => line.Split(',')).Select(parts => new Rating
        {
            User = parts[0], Movie = parts[1], Stars = float.Parse(parts[2], CultureInfo.InvariantCulture), Time = long.Parse(parts[3], CultureInfo.InvariantCulture), Genres = genres[parts[1]],
        })], titles);
    }

    /// <summary>Of each user the last fifth by time is for judging, and the fifth before it for choosing when to stop.</summary>
    public static (List<Rating> Train, List<Rating> Validation, List<Rating> Test) ByTime(List<Rating> rows)
    {
        var parts = (Train: new List<Rating>(), Validation: new List<Rating>(), Test: new List<Rating>());
        foreach (var user in rows.GroupBy(row => row.User))
        {
            var ordered = user.OrderBy(row => row.Time).ThenBy(row => row.Movie, StringComparer.Ordinal).ToList();
            var (train, validation) = (ordered.Count * 7 / 10, ordered.Count / 10);
            parts.Train.AddRange(ordered.Take(train));
            parts.Validation.AddRange(ordered.Skip(train).Take(validation));
            parts.Test.AddRange(ordered.Skip(train + validation));
        }
        return parts;
    }

    /// <summary>Any rating may be one to judge by: 70, 10 and 20 percent at random.</summary>
    public static (List<Rating> Train, List<Rating> Validation, List<Rating> Test) AtRandom(List<Rating> rows, int seed)
    {
        var mixed = rows.ToArray();
        new Random(seed).Shuffle(mixed);
        var (train, validation) = (mixed.Length * 7 / 10, mixed.Length / 10);
        return ([.. mixed[..train]], [.. mixed[train..(train + validation)]], [.. mixed[(train + validation)..]]);
    }

    /// <summary>The mean, plus how far a movie's ratings lie from it, plus how far a user's lie from that; drawn towards 0 where they are few.</summary>
    public static double BiasOnlyRmse(List<Rating> train, List<Rating> test)
    {
        const double few = 5;
        var mean = train.Average(row => row.Stars);
        var movies = train.GroupBy(row => row.Movie).ToDictionary(group => group.Key, group => group.Sum(row => row.Stars - mean) / (group.Count() + few));
        double Movie(Rating row) => movies.GetValueOrDefault(row.Movie);
        var users = train.GroupBy(row => row.User).ToDictionary(group => group.Key, group => group.Sum(row => row.Stars - mean - Movie(row)) / (group.Count() + few));
        return Math.Sqrt(test.Average(row => Math.Pow(row.Stars - mean - Movie(row) - users.GetValueOrDefault(row.User), 2)));
    }
}
