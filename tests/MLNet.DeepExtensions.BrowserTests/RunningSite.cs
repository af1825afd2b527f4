using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using WebApi;

namespace MLNet.DeepExtensions.BrowserTests;

/// <summary>The sample's site with both models, and a browser without a window.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    private readonly DirectoryInfo models = Directory.CreateTempSubdirectory("web-api-");
    private WebApplication? site;
    private IPlaywright? playwright;

    public static string? Chromium { get; } = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public IBrowser Browser { get; private set; } = null!;

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Chromium is null || Environment.GetEnvironmentVariable("DEEPEXTENSIONS_SLOW") != "1" && Environment.GetEnvironmentVariable("CI") != "true")
            return;
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
        await StartAsync("http://127.0.0.1:0");
        var status = new Uri(new Uri(Address), "api/status");
        using var client = new HttpClient();
        while ((await client.GetStringAsync(status)).Split("\"state\":\"ready\"").Length < 3)
            await Task.Delay(200);
    }

    public async Task StartAsync(string url)
    {
        site = Site.Build(new SiteOptions(models, url, IsQuick: true));
        await site.StartAsync();
        Address = site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async Task StopAsync()
    {
        await site!.StopAsync();
        await site.DisposeAsync();
        site = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        playwright?.Dispose();
        if (site is not null)
            await StopAsync();
        models.Delete(recursive: true);
    }
}
