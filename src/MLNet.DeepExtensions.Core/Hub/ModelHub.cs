namespace MLNet.DeepExtensions;

/// <summary>
/// Brings pretrained models from a hub to a folder on this machine: over https, on from where an earlier attempt ended, held against their checksums. Only what a model needs is downloaded:
/// <c>config.json</c>, the tokenizer's files and the weights, <c>model.safetensors</c> rather than <c>pytorch_model.bin</c>. Nothing here runs by itself: training and scoring never reach for the network.
/// </summary>
public static class ModelHub
{
    /// <summary>Brings a model, or finds it where it was brought before. Several processes may do so at once.</summary>
    /// <param name="id">The model's name on the hub, such as <c>google-bert/bert-base-chinese</c>.</param>
    /// <param name="revision">
    /// A branch, a tag or a commit. A branch moves: its commit is looked up each time. With a commit the files are the same for ever, and where they are here nobody is asked; take one in what must repeat.
    /// </param>
    /// <param name="cacheDirectory">
    /// Where models are kept, in the layout of Hugging Face's own tools. Null is their folder, so that what they brought is found: HF_HUB_CACHE, else <c>hub</c> in HF_HOME, else <c>~/.cache/huggingface/hub</c>.
    /// </param>
    /// <param name="options">Where from, with which token, within which limits; null is the public hub.</param>
    /// <param name="cancellationToken">Breaks off; the next call goes on there.</param>
    /// <returns>The folder with the model's files.</returns>
    /// <exception cref="ArgumentException">A name or an option is not as it must be.</exception>
    /// <exception cref="FileNotFoundException">Only what is here may be used, and the model is not.</exception>
    /// <exception cref="HttpRequestException">The hub refuses (its StatusCode says how), or cannot be reached.</exception>
    /// <exception cref="InvalidModelFileException">A file is not what its checksum says, is too large, or the model has none that can be read.</exception>
    public static async Task<string> DownloadAsync(string id, string revision = "main", string? cacheDirectory = null, HubOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new HubOptions();
        HubNames.CheckId(id);
        HubNames.CheckRevision(revision);
        ConfigValidation.Check(options, nameof(options));
        var directory = Path.GetFullPath(cacheDirectory ?? HubCache.DefaultDirectory);
        var cache = new HubCache(directory, id);
        var here = cache.CommitOf(revision) is { } known && HubListing.IsComplete(cache.SnapshotOf(known)) ? cache.SnapshotOf(known) : null;
        if (here is not null && (options.Offline || HubNames.IsCommit(revision)))
        {
            await CheckGivenAsync(here, options, cancellationToken).ConfigureAwait(false);
            return here;
        }
        if (options.Offline)
            throw new FileNotFoundException($"'{id}' at '{revision}' is not in '{directory}', or not all of it, and only what is there may be used (Offline, or {HubOptions.OfflineVariable} in the environment). " +
                "Download it once where there is a network: ModelHub.Download(…), and bring the folder along.");

        using var client = new HubClient(options);
        HubListing listing;
        try
        {
            listing = await client.ListAsync(id, revision, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (here is not null && e.StatusCode is null)
        {
            throw new HttpRequestException($"{e.Message} What '{revision}' was when it was last looked up is here: set Offline = true to use it.", e);
        }
        var needed = listing.Needed(id);
        var folder = Directory.CreateDirectory(cache.SnapshotOf(listing.Commit)).FullName;
        using var alone = await cache.EnterAsync(cancellationToken).ConfigureAwait(false);
        foreach (var file in needed)
        {
            var target = Path.Combine(folder, file.Name);
            // a file is put there when it is whole; another length is one that somebody changed
            if (!File.Exists(target) || file.Size is { } size && LengthOf(target) != size)
                await new HubTransfer(client, options, id, listing.Commit, file, cache.PartialOf(listing.Commit, file.Name)).RunAsync(target, cancellationToken).ConfigureAwait(false);
        }
        await CheckGivenAsync(folder, options, cancellationToken).ConfigureAwait(false);
        cache.Remember(revision, listing.Commit);
        return folder;
    }

    /// <inheritdoc cref="DownloadAsync"/>
    public static string Download(string id, string revision = "main", string? cacheDirectory = null, HubOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => DownloadAsync(id, revision, cacheDirectory, options, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    // a link, as Hugging Face's tools make them, has the length of the file that it points to
    private static long LengthOf(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : new FileInfo(path).Length;

    private static async Task CheckGivenAsync(string folder, HubOptions options, CancellationToken cancellation)
    {
        foreach (var (name, hash) in options.Sha256)
            if (!HubNames.IsFile(name) || Path.Combine(folder, name) is var path && File.Exists(path) && !await new HubChecksum(hash).FitsAsync(path, cancellation).ConfigureAwait(false))
                throw new InvalidModelFileException($"'{name}' in '{folder}' is not the file whose SHA-256 was given ({hash}). Delete it to download it anew, or take the revision that you mean.");
    }
}
