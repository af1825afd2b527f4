using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MLNet.DeepExtensions.Tests;
using static Microsoft.Playwright.Assertions;

namespace MLNet.DeepExtensions.BrowserTests;

/// <summary>What a visitor of samples/WebApi sees and does, in Chromium.</summary>
public sealed class PageTests(RunningSite site) : IClassFixture<RunningSite>
{
    private static readonly ViewportSize desktop = new() { Width = 1100, Height = 900 }, phone = new() { Width = 390, Height = 844 };

    [SlowFact]
    public async Task ADrawnSeven_IsReadAsSeven()
    {
        var page = await OpenAsync();
        await DrawSevenAsync(page);
        await Expect(Best(page, "digits")).ToHaveTextAsync("7");
        await Expect(page.Locator("#digits .answer li")).ToHaveCountAsync(5);
        await Expect(page.Locator("#digits .figures")).ToContainTextAsync("in a batch of");
        await page.GetByRole(AriaRole.Button, new() { Name = "Wipe" }).ClickAsync();
        await Expect(page.Locator("#digits .answer li")).ToHaveCountAsync(0);
    }

    [SlowFact]
    public async Task ASevenByKeyboard_IsReadAsSeven()
    {
        var page = await OpenAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#board")).ToBeFocusedAsync();
        async Task Press(string key, int times)
        {
            for (var i = 0; i < times; i++)
                await page.Keyboard.PressAsync(key);
        }
        await Press("ArrowUp", 7);
        await Press("ArrowLeft", 5);
        await Press(" ", 1);
        await Press("ArrowRight", 10);
        for (var i = 0; i < 7; i++)
        {
            await Press("ArrowDown", 2);
            await Press("ArrowLeft", 1);
        }
        await Press(" ", 1);
        await Expect(Best(page, "digits")).ToHaveTextAsync("7");
        await Press("Delete", 1);
        await Expect(page.Locator("#digits .answer li")).ToHaveCountAsync(0);
    }

    [SlowTheory]
    [InlineData("red")]
    [InlineData("white")]
    [InlineData("platelet")]
    public async Task APictureThatIsDropped_IsNamed(string kind)
    {
        var page = await OpenAsync();
        var file = CellOf(kind);
        var data = await page.EvaluateHandleAsync("""
            ([bytes, name]) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: 'image/jpeg' }));
              return transfer;
            }
            """, new[] { Convert.ToBase64String(File.ReadAllBytes(file)), Path.GetFileName(file) });
        await page.DispatchEventAsync("#drop", "drop", new { dataTransfer = data });
        await Expect(Best(page, "cells")).ToHaveTextAsync(kind);
        await Expect(page.Locator("#preview")).ToBeVisibleAsync();
    }

    [SlowFact]
    public async Task AnUploadThatIsTooLarge_IsRefusedWithItsSize()
    {
        var page = await OpenAsync();
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "large.jpg", MimeType = "image/jpeg", Buffer = new byte[6 << 20] });
        await Expect(page.Locator("#cells .problem")).ToContainTextAsync("6.0 MB; at most 5 MB");
    }

    [SlowFact]
    public async Task AFileThatIsNoPicture_GetsAReason()
    {
        var page = await OpenAsync();
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "no picture at all"u8.ToArray() });
        await Expect(page.Locator("#cells .problem")).ToHaveTextAsync(new Regex("(?i)picture|image"));
        await page.SetInputFilesAsync("#file", CellOf("red"));
        await Expect(Best(page, "cells")).ToHaveTextAsync("red");
    }

    [SlowFact]
    public async Task AServerThatIsGone_IsSaid_AndThePageGoesOnWhenItIsBack()
    {
        var page = await OpenAsync();
        await DrawSevenAsync(page);
        await Expect(Best(page, "digits")).ToHaveTextAsync("7");
        var address = site.Address;
        await site.StopAsync();
        await Expect(page.Locator("#connection")).ToContainTextAsync("does not answer", new() { Timeout = 10_000 });
        await DrawSevenAsync(page);
        await Expect(page.Locator("#digits .problem")).ToContainTextAsync("could not be reached");
        await site.StartAsync(address);
        await Expect(page.Locator("#connection")).ToBeEmptyAsync(new() { Timeout = 10_000 });
        await DrawSevenAsync(page);
        await Expect(Best(page, "digits")).ToHaveTextAsync("7");
    }

    [SlowFact]
    public async Task ManyQuestionsAtOnce_AreAllAnswered()
    {
        var page = await OpenAsync();
        await DrawSevenAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask 48 times at once" }).ClickAsync();
        await Expect(page.Locator("#digits .figures")).ToContainTextAsync("48 answers in", new() { Timeout = 20_000 });
    }

    [SlowFact]
    public async Task OnAPhone_NothingIsWiderThanTheScreen()
    {
        var page = await OpenAsync(phone);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));
        // a thumb needs 44 pixels (WCAG 2.5.5)
        foreach (var button in await page.GetByRole(AriaRole.Button).AllAsync())
            Assert.True((await button.BoundingBoxAsync())!.Height >= 44);
    }

    [SlowFact]
    public async Task ThePage_LoadsNothingFromElsewhere_AndSaysNothingInTheConsole()
    {
        await using var context = await site.Browser.NewContextAsync(new() { ViewportSize = desktop });
        var page = await context.NewPageAsync();
        var (foreign, said) = (new List<string>(), new List<string>());
        page.Request += (_, request) => { if (!request.Url.StartsWith(site.Address, StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal)) foreign.Add(request.Url); };
        page.Console += (_, message) => said.Add(message.Text);
        page.PageError += (_, error) => said.Add(error);
        await page.GotoAsync(site.Address);
        await page.SetInputFilesAsync("#file", CellOf("white"));
        await Expect(Best(page, "cells")).ToHaveTextAsync("white");
        Assert.Empty(foreign);
        Assert.Empty(said);
    }

    /// <summary>Takes the pictures of docs/serving.md anew where DEEPEXTENSIONS_SCREENSHOTS=1, and else checks that they can be taken.</summary>
    [SlowTheory]
    [InlineData("desktop")]
    [InlineData("phone")]
    public async Task PicturesOfThePage_AreTaken(string kind)
    {
        var page = await OpenAsync(kind == "phone" ? phone : desktop);
        await DrawSevenAsync(page);
        await Expect(Best(page, "digits")).ToHaveTextAsync("7");
        await page.SetInputFilesAsync("#file", CellOf("white"));
        await Expect(Best(page, "cells")).ToHaveTextAsync("white");
        await page.EvaluateAsync("window.scrollTo(0, 0)");
        var picture = await page.ScreenshotAsync(new() { FullPage = true, Animations = ScreenshotAnimations.Disabled });
        Assert.True(picture.Length > 10_000);
        if (Environment.GetEnvironmentVariable("DEEPEXTENSIONS_SCREENSHOTS") == "1")
            File.WriteAllBytes(Repository.PathOf("docs", "images", $"web-api-{kind}.png"), picture);
    }

    private static string CellOf(string kind) => Directory.EnumerateFiles(Repository.PathOf("samples", "data", "blood-cells", kind), "*.jpg").Order(StringComparer.Ordinal).ElementAt(3);

    private static ILocator Best(IPage page, string section) => page.Locator($"#{section} .answer li:first-child .name");

    private async Task<IPage> OpenAsync(ViewportSize? size = null)
    {
        if (RunningSite.Chromium is null)
            Assert.Skip("there is no Chromium on this machine; on Debian and Ubuntu, apt install chromium");
        var page = await site.Browser.NewPageAsync(new() { ViewportSize = size ?? desktop, ColorScheme = ColorScheme.Light });
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("#digits .training")).ToBeHiddenAsync();
        return page;
    }

    private static async Task DrawSevenAsync(IPage page)
    {
        var board = (await page.Locator("#board").BoundingBoxAsync())!;
        async Task Move(double x, double y) => await page.Mouse.MoveAsync((float)(board.X + x * board.Width), (float)(board.Y + y * board.Height), new() { Steps = 6 });
        await Move(0.3, 0.22);
        await page.Mouse.DownAsync();
        await Move(0.72, 0.22);
        await Move(0.45, 0.82);
        await page.Mouse.UpAsync();
    }
}
