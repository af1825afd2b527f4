using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using MLNet.DeepExtensions;

namespace WebApi;

/// <summary>What the site is started with.</summary>
/// <param name="Models">The folder of the model files.</param>
/// <param name="Url">Where to listen; port 0 takes a free one.</param>
/// <param name="IsQuick">Whether missing models are trained for a few seconds only.</param>
internal sealed record SiteOptions(DirectoryInfo Models, string Url, bool IsQuick = false);

/// <summary>The application: two served models, a page, and what watches over them.</summary>
internal static class Site
{
    public const int MaxPictureBytes = 5 << 20;

    public static WebApplication Build(SiteOptions options)
    {
        options.Models.Create();
        string File(string name) => Path.Combine(options.Models.FullName, name);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(Site).Assembly.GetName().Name });
        builder.WebHost.UseUrls(options.Url);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        #region serve
        builder.Services.AddDeepPredictions<Digit, DigitAnswer>(serving =>
        {
            serving.StartWithoutModel = true;                 // the page shows how its training goes
            serving.Canary = Digit.Example;
            serving.CheckRow = digit => digit.Features.Any(shade => shade > 0) ? null : "Nothing is drawn.";
        }).FromFile(File("digits.zip"), watchForChanges: true);
        builder.Services.AddDeepPredictions<Cell, CellAnswer>(serving => serving.StartWithoutModel = true).FromFile(File("cells.zip"), watchForChanges: true);
        builder.Services.AddHealthChecks().AddDeepPredictions<Digit, DigitAnswer>().AddDeepPredictions<Cell, CellAnswer>();
        #endregion

        builder.Services.AddSingleton(new TrainingBoard());
        builder.Services.AddHostedService(services => new ModelTraining(services.GetRequiredService<TrainingBoard>(), options, services.GetRequiredService<ILogger<ModelTraining>>()));
        builder.Services.AddOpenApi();
        builder.Services.AddProblemDetails();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.Use(KeepToOneself);
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache" });

        #region endpoints
        var limits = new ImageUploadLimits { MaxBytes = MaxPictureBytes, MaxPixels = 20_000_000 };
        app.MapImagePredictions<Digit, DigitAnswer>("/api/digits", image => new Digit { Features = Drawing.ToDigit(image.DecodeGrey(image.Height, image.Width), image.Width) }, limits: new ImageUploadLimits { MaxBytes = 1 << 20, MaxPixels = 1_000_000 })
            .WithSummary("Reads a handwritten digit: light ink on a dark ground, of any size.");
        app.MapImagePredictions<Cell, CellAnswer>("/api/cells", image => new Cell { Image = image.Bytes }, limits: limits).WithSummary("Tells a red blood cell, a white one and a platelet apart.");
        app.MapHealthChecks("/health");
        app.MapOpenApi();
        #endregion
        app.MapGet("/api/status", (TrainingBoard board, DeepPredictions<Digit, DigitAnswer> digits, DeepPredictions<Cell, CellAnswer> cells) => new SiteStatus(MaxPictureBytes,
            ServedStatus.Of(board.Digits, digits.Model, digits.LastBatchSize, digits.QueuedRows, Digit.Labels), ServedStatus.Of(board.Cells, cells.Model, cells.LastBatchSize, cells.QueuedRows, Cell.Labels)))
            .WithSummary("How the models' training goes, and which of them serve.");
        return app;
    }

    // the page is all there is: nothing is loaded from elsewhere, nor shown within another page
    private static Task KeepToOneself(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }
}

/// <summary>What the page asks for every so often.</summary>
internal sealed record SiteStatus(int MaxPictureBytes, ServedStatus Digits, ServedStatus Cells);

/// <summary>How one model does.</summary>
/// <param name="State">waiting, training, ready or failed.</param>
/// <param name="Share">The share of its training that is done, in [0, 1].</param>
/// <param name="Message">What there is to say of it.</param>
/// <param name="Version">The model that serves, if one does.</param>
/// <param name="LastBatch">How many rows were scored together last.</param>
/// <param name="Queued">How many wait.</param>
/// <param name="Labels">What its scores stand for, in their order.</param>
internal sealed record ServedStatus(string State, double Share, string Message, string? Version, int LastBatch, int Queued, IReadOnlyList<string> Labels)
{
    public static ServedStatus Of(TrainingState training, DeepModelInfo? model, int lastBatch, int queued, IReadOnlyList<string> labels) =>
        // between the end of training and the first answer a model is loaded and tried
        new(model is not null ? "ready" : training.State == "ready" ? "training" : training.State, model is null ? training.Share : 1, training.Message, model?.Version, lastBatch, queued, labels);
}
