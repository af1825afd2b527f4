// What will a user like? Learns stars, and which movies come next, from MovieLens; and compares networks with what is simple.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MLNet.DeepExtensions;
using Recommendation;
using Spectre.Console;

var dataOption = new Option<DirectoryInfo>("--data") { Description = "The unpacked folder of MovieLens ml-latest-small: ratings.csv and movies.csv.", Required = true };
var userOption = new Option<string>("--user") { Description = "Whose list to print.", DefaultValueFactory = _ => "1" };
var seedOption = new Option<int>("--seed") { Description = "The same seed gives the same figures on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the models.", DefaultValueFactory = _ => new DirectoryInfo("out/recommendation") };

var command = new RootCommand("Recommends movies.") { dataOption, userOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(arguments.GetValue(dataOption)!, arguments.GetValue(userOption)!, arguments.GetValue(seedOption), arguments.GetValue(outOption)!)));
return command.Parse(args).Invoke();

static int Run(DirectoryInfo folder, string user, int seed, DirectoryInfo output)
{
    output.Create();
    var clock = Stopwatch.StartNew();
    var (rows, titles) = Ratings.Load(folder);
    var recipes = new Recipes(new MLContext(seed), seed);
    var result = new Dictionary<string, object> { ["sample"] = "recommendation", ["ratings"] = rows.Count };

    var (train, validation, test) = Ratings.AtRandom(rows, seed);
    var stars = new Table().Border(TableBorder.Simple).Title("Stars of ratings at random").AddColumn("Model").AddColumn("RMSE");
    Star("bias only", "bias_only", Ratings.BiasOnlyRmse(train, test));
    foreach (var (name, field, model, decay) in recipes.OfRatings)
        Star(name, field, recipes.Rmse(model, decay, train, validation, test));
    AnsiConsole.Write(stars);

    (train, validation, test) = Ratings.ByTime(rows);
    var lists = new Table().Border(TableBorder.Simple).Title("The next movies among all that the user has not seen").AddColumn("Model").AddColumn("HR@10").AddColumn("NDCG@10");
    Listed("popularity", "popularity", Popularity.Judge([.. train, .. validation], test));
    foreach (var (name, field, model) in recipes.OfRankings)
    {
        using var ranker = recipes.Rank(model, train, validation);
        Listed(name, field, ranker.Judge(test));
        if (model is NeuralMatrixFactorization)
        {
            ranker.Save(Path.Combine(output.FullName, "next-movies.zip"));
            Console.WriteLine($"For user {user}: {string.Join("; ", ranker.For(user).Select(item => titles[item.Name]))}");
        }
    }
    AnsiConsole.Write(lists);
    result["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 1);
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(result));
    return 0;

    void Star(string name, string field, double rmse)
    {
        stars.AddRow(name, rmse.ToString("0.0000", CultureInfo.InvariantCulture));
        result[$"rmse_{field}"] = Math.Round(rmse, 4);
        Console.WriteLine(FormattableString.Invariant($"{name}: RMSE {rmse:0.0000} ({clock.Elapsed.TotalSeconds:0} s)"));
    }

    void Listed(string name, string field, RecommendationMetrics metrics)
    {
        lists.AddRow(name, metrics.HitRate.ToString("0.0000", CultureInfo.InvariantCulture), metrics.Ndcg.ToString("0.0000", CultureInfo.InvariantCulture));
        result[$"hr10_{field}"] = Math.Round(metrics.HitRate, 4);
        result[$"ndcg10_{field}"] = Math.Round(metrics.Ndcg, 4);
        Console.WriteLine(FormattableString.Invariant($"{name}: HR@10 {metrics.HitRate:0.0000}, NDCG@10 {metrics.Ndcg:0.0000} ({clock.Elapsed.TotalSeconds:0} s)"));
    }
}
