// A small GPT learns to write, character by character, from plays of Shakespeare: load, train, judge, save, load again, and write while you watch.
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using MLNet.DeepExtensions;
using Spectre.Console;
using TextGenerationSample;

var dataOption = new Option<FileInfo?>("--data") { Description = "Another text to learn from, packed by gzip or not. [default: tiny Shakespeare]" };
var promptOption = new Option<string>("--prompt") { Description = "What the text begins with.", DefaultValueFactory = _ => "ROMEO:\n" };
var lengthOption = new Option<int>("--length") { Description = "How many characters to write.", DefaultValueFactory = _ => 500 };
var temperatureOption = new Option<double>("--temperature") { Description = "Below 1 it writes more carefully, above 1 more wildly; 0 always takes the likeliest character.", DefaultValueFactory = _ => 0.8 };
var stepsOption = new Option<int>("--steps") { Description = "How many training steps our own settings take.", DefaultValueFactory = _ => 2000 };
var fullOption = new Option<bool>("--full") { Description = "First nanoGPT's network for a processor, 2,000 steps; then our own settings, which take no longer." };
var seedOption = new Option<int>("--seed") { Description = "The same seed writes the same on the same machine.", DefaultValueFactory = _ => 1 };
var outOption = new Option<DirectoryInfo>("--out") { Description = "The folder for the model.", DefaultValueFactory = _ => new DirectoryInfo("out/text-generation") };
lengthOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
        result.AddError("--length must be from 1 to 1000000.");
});
stepsOption.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < 10)
        result.AddError("--steps must be at least 10.");
});

var command = new RootCommand("Learns to write from a text, and writes.") { dataOption, promptOption, lengthOption, temperatureOption, stepsOption, fullOption, seedOption, outOption };
command.SetAction(arguments => Friendly.Run(() => Run(
    arguments.GetValue(dataOption), arguments.GetValue(promptOption)!, arguments.GetValue(lengthOption), arguments.GetValue(temperatureOption), arguments.GetValue(stepsOption),
    arguments.GetValue(fullOption), arguments.GetValue(seedOption), arguments.GetValue(outOption)!).GetAwaiter().GetResult()));
return command.Parse(args).Invoke();

static async Task<int> Run(FileInfo? file, string prompt, int length, double temperature, int steps, bool full, int seed, DirectoryInfo output)
{
    output.Create();
    var text = Play.Read(file?.FullName ?? Path.Combine(AppContext.BaseDirectory, "data", "tiny-shakespeare", "input.txt.gz"));

    #region load    // shown in docs/text-generation.md
    var ml = new MLContext(seed);
    var cut = text.Length * 9 / 10;
    var train = ml.Data.LoadFromEnumerable([new Play { Text = text[..cut] }]);
    var validation = ml.Data.LoadFromEnumerable([new Play { Text = text[cut..] }]);
    #endregion

    double? published = null;
    if (full)
    {
        var (nanoGpt, asPublished) = Recipe.NanoGpt;
        var (first, figures, time) = Train(nanoGpt, asPublished);
        first.Dispose();
        published = figures.NatsPerToken;
        Say("nanoGPT's settings", figures, time);
    }
    var (network, options) = Recipe.Own(full ? Recipe.FullSteps : steps);
    var (model, metrics, seconds) = Train(network, options);
    using var trained = model;
    Say("our own settings", metrics, seconds);

    #region save    // shown in docs/text-generation.md
    var path = Path.Combine(output.FullName, "writer.zip");
    ml.Model.Save(model, train.Schema, path);
    var loaded = new MLContext().Model.Load(path, out _);
    #endregion

    Console.Write(prompt);
    var clock = Stopwatch.StartNew();
    #region write    // shown in docs/text-generation.md
    var writer = loaded.CreateTextGenerator();
    var manner = new GenerationOptions { MaxNewTokens = length, Temperature = temperature, TopP = 0.95, Seed = seed };
    var written = "";
    await foreach (var piece in writer.StreamAsync(prompt, manner))
    {
        Console.Write(piece);
        written += piece;
    }
    #endregion
    var perSecond = written.Length / clock.Elapsed.TotalSeconds;
    Console.WriteLine();
    Console.WriteLine($"{perSecond:N0} characters a second. Written to {path}.");
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
    {
        sample = "text-generation",
        full,
        validation_loss = published ?? metrics.NatsPerToken,
        best_validation_loss = metrics.NatsPerToken,
        validation_characters = metrics.Tokens,
        perplexity = metrics.Perplexity,
        train_seconds = Math.Round(seconds, 1),
        characters_per_second = Math.Round(perSecond),
        reloaded_writes_equal = model.CreateTextGenerator().Generate(prompt, manner) == written,
    }));
    return 0;

    (DeepTransformer Model, LanguageModelMetrics Metrics, double Seconds) Train(Gpt network, DeepTrainerOptions options)
    {
        Console.WriteLine($"{options.MaxSteps:N0} steps of {options.BatchSize} windows of {network.Context} characters:");
        options = options with { Callbacks = [.. options.Callbacks, new Steps(100)], Seed = seed };
        var clock = Stopwatch.StartNew();
        #region train    // shown in docs/text-generation.md
        var model = ml.DeepText().Trainers.CausalLanguageModel(network, "Text", options).Fit(train);
        #endregion
        var seconds = clock.Elapsed.TotalSeconds;
        #region evaluate    // shown in docs/text-generation.md
        var metrics = ml.DeepText().Evaluate(model.Transform(validation));
        #endregion
        return (model, metrics, seconds);
    }

    static void Say(string name, LanguageModelMetrics metrics, double seconds) => AnsiConsole.MarkupLineInterpolated(
        $"[green]{name}[/]: {metrics.NatsPerToken:0.000} nats a character over the {metrics.Tokens:N0} that were kept back (perplexity {metrics.Perplexity:0.00}), {seconds:N0} s.");
}
