// Two models behind a page: digits that are drawn in the browser, and pictures of blood cells that are dropped onto it. Requests that come together are scored together.
using System.CommandLine;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using WebApi;

var urlOption = new Option<string>("--url") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
var modelsOption = new Option<DirectoryInfo>("--models") { Description = "The folder of digits.zip and cells.zip. What is missing is trained at the first start, in about a minute; a file that is replaced takes over at once.", DefaultValueFactory = _ => new DirectoryInfo("out/web-api") };
var quickOption = new Option<bool>("--quick") { Description = "Trains for a few seconds only, and worse." };
var checkOption = new Option<bool>("--check") { Description = "Waits for the models, asks each of them, and ends." };
var outOption = new Option<DirectoryInfo?>("--out") { Description = "The same as --models, for those who start all samples alike." };
var command = new RootCommand("Serves two trained models, and a page to try them.") { urlOption, modelsOption, quickOption, checkOption, outOption };
command.SetAction(async (arguments, cancellation) =>
{
    var folder = arguments.GetValue(outOption) ?? arguments.GetValue(modelsOption)!;
    var isCheck = arguments.GetValue(checkOption);
    await using var site = Site.Build(new SiteOptions(folder, isCheck ? "http://127.0.0.1:0" : arguments.GetValue(urlOption)!, arguments.GetValue(quickOption)));
    await site.StartAsync(cancellation);
    var address = site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    Console.WriteLine($"Open {address} in a browser; Ctrl+C ends.");
    if (isCheck)
        await SelfCheck.RunAsync(site.Services.GetRequiredService<TrainingBoard>(), new Uri(address), cancellation);
    else
        await site.WaitForShutdownAsync(cancellation);
    var result = site.Services.GetRequiredService<TrainingBoard>().Result(isCheck);
    await site.StopAsync(CancellationToken.None);
    Console.WriteLine("RESULT " + JsonSerializer.Serialize(result, SelfCheck.Json));
    return result.Failed == 0 ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
