using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MLNet.DeepExtensions.Tests.AspNetCore;

namespace MLNet.DeepExtensions.Tests.Documents;

/// <summary>The code of docs/serving.md, run as it is shown there.</summary>
[Collection(nameof(Alone))]
public sealed class ServingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("serving").FullName;

    #region classes
    // the columns that the pipeline reads …
    public sealed class Photo
    {
        public byte[] Image { get; set; } = [];

        public string Label { get; set; } = "";         // the pipeline has a step for it; it stays empty
    }

    // … and those of its output that are wanted
    public sealed class Answer
    {
        public string PredictedName { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
    #endregion

    [Fact]
    public async Task APipeline_GoesToProductionInTenLines()
    {
        var args = Array.Empty<string>();
        Save("pets.zip", new ImageReading { Height = 8, Width = 8 });
        var directory = Directory.GetCurrentDirectory();
        var builder = New(args);

        #region serve
        builder.Services.AddDeepPredictions<Photo, Answer>(options => options.Canary = new Photo { Image = File.ReadAllBytes(PathOf("canary.png")) })
            .FromFile("pets.zip", watchForChanges: true);
        builder.Services.AddHealthChecks().AddDeepPredictions<Photo, Answer>();

        var app = builder.Build();
        app.MapImagePredictions<Photo, Answer>("/photo", image => new Photo { Image = image.Bytes });
        app.MapHealthChecks("/health");
        #endregion

        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = AddressOf(app) };
        using var content = new ByteArrayContent(Pictures.Jpeg(30, 20)) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } };
        using var response = await client.PostAsync("/photo", content);
        var answer = await response.Content.ReadFromJsonAsync<Answer>();
        Assert.Contains(answer!.PredictedName, "ab");
        Assert.Equal(2, answer.Score.Length);
        Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        await app.DisposeAsync();
        Assert.Equal(directory, Directory.GetCurrentDirectory());
    }

    [Fact]
    public async Task Predictions_AreAskedForInAnEndpoint()
    {
        Save("pets.zip", new ImageReading { Height = 8, Width = 8 });
        Save("tiny.zip", new ImageReading { Height = 8, Width = 8 });
        var builder = New([]);

        #region options
        builder.Services.AddDeepPredictions<Photo, Answer>("pets", options =>
        {
            options.MaxBatchSize = 32;
            options.MaxWait = TimeSpan.FromMilliseconds(1);
            options.QueueLimit = 200;
            options.Deadline = TimeSpan.FromSeconds(2);
            options.CheckRow = photo => photo.Image.Length > 0 ? null : "Image is empty.";
        }).FromFile("pets.zip");
        builder.Services.AddDeepPredictions<Photo, Answer>("tiny").FromFile("tiny.zip");
        #endregion

        var app = builder.Build();

        #region inject
        app.MapPost("/best", async (Photo photo, [FromKeyedServices("pets")] DeepPredictions<Photo, Answer> pets, CancellationToken cancellation) =>
        {
            var prediction = await pets.PredictDetailedAsync(photo, cancellation);
            return new { prediction.Answer.PredictedName, prediction.BatchSize, prediction.Model.Version };
        });
        #endregion

        app.MapDeepPredictions<Photo, Answer>("/tiny", "tiny");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = AddressOf(app) };
        foreach (var path in new[] { "/best", "/tiny" })
        {
            using var response = await client.PostAsJsonAsync(path, new Photo { Image = Pictures.Png(9, 9) });
            Assert.Contains("\"predictedName\":", await response.Content.ReadAsStringAsync());
        }
        await app.DisposeAsync();
    }

    [Fact]
    public async Task AnAddress_IsPolled()
    {
        Save("pets.zip", new ImageReading { Height = 8, Width = 8 });
        var store = New([]).Build();
        store.MapGet("/pets.zip", () => Microsoft.AspNetCore.Http.Results.File(PathOf("pets.zip")));
        await store.StartAsync();
        var address = new Uri(AddressOf(store), "pets.zip");
        var builder = New([]);

        var token = "secret";

        #region uri
        builder.Services.AddDeepPredictions<Photo, Answer>().FromUri(address, period: TimeSpan.FromMinutes(1));
        builder.Services.AddHttpClient("MLNet.DeepExtensions", client => client.DefaultRequestHeaders.Authorization = new("Bearer", token));
        #endregion

        var app = builder.Build();
        await app.StartAsync();
        Assert.Equal(12, app.Services.GetRequiredService<DeepPredictions<Photo, Answer>>().Model!.Version.Length);
        await app.DisposeAsync();
        await store.DisposeAsync();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string PathOf(string name) => Path.Combine(folder, name);

    private static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private WebApplicationBuilder New(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = folder });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder;
    }

    private void Save(string name, ImageReading reading)
    {
        File.WriteAllBytes(PathOf("canary.png"), Pictures.Png(8, 8));
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Photo { Image = Pictures.Png(8, 8, (byte)(i % 2 * 200)), Label = "ab"[i % 2].ToString() }).ToList());
        using var model = ml.Transforms.ReadImages("Picture", "Image", reading).Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet(), new DeepTrainerOptions { Epochs = 1, Seed = 1 }, featureColumnName: "Picture"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel")).Fit(data);
        ml.Model.Save(model, data.Schema, PathOf(name));
    }
}
