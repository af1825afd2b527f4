using System.ComponentModel.DataAnnotations;
using System.Text;

namespace MLNet.DeepExtensions;

/// <summary>How a model comes from a hub. A record, so that <c>with</c> makes variants; as text it never shows the token.</summary>
public sealed record HubOptions : IValidatableObject
{
    /// <summary>The environment variable that forbids the network: <c>1</c>, <c>true</c>, <c>yes</c> or <c>on</c>. It is the one that Hugging Face's own tools know.</summary>
    public const string OfflineVariable = "HF_HUB_OFFLINE";

    /// <summary>Gets the hub, or a mirror that answers as it does: <c>api/models/{id}/revision/{revision}</c> and <c>{id}/resolve/{commit}/{file}</c>.</summary>
    /// <value>An address that begins with https; http is taken for this machine alone. The default is https://huggingface.co.</value>
    [Required]
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>Gets the token that opens private and gated models. It goes to <see cref="Endpoint"/> and to no server that a reply points at; no message, log or text form shows it.</summary>
    /// <value>The default, null, sends none. Nothing is read from the environment: <c>Token = Environment.GetEnvironmentVariable("HF_TOKEN")</c>.</value>
    public string? Token { get; init; }

    /// <summary>Gets whether only what was downloaded before may be used.</summary>
    /// <value>The default is what <see cref="OfflineVariable"/> says, and false where that is not set.</value>
    public bool Offline { get; init; } = Environment.GetEnvironmentVariable(OfflineVariable)?.Trim().ToLowerInvariant() is "1" or "true" or "yes" or "on";

    /// <summary>Gets the most bytes that a file may have; a larger one is refused before, or at the latest when, it comes.</summary>
    /// <value>At least 1. The default is 16 GiB.</value>
    [Range(1L, long.MaxValue)]
    public long MaxFileBytes { get; init; } = 16L << 30;

    /// <summary>Gets how often a request is made again in a row without a byte coming: where the connection breaks, or the hub answers with 408, 429 or 5xx.</summary>
    /// <value>In [0, 100]. The default is 5.</value>
    [Range(0, 100)]
    public int Retries { get; init; } = 5;

    /// <summary>Gets how long to wait before a request is made again; each further wait is twice as long, up to two minutes. A hub that says how long to wait is obeyed instead.</summary>
    /// <value>At most two minutes. The default is one second.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long no byte may come until the connection counts as broken.</summary>
    /// <value>Above 0. The default is 30 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the SHA-256 that files must have, in hexadecimal, by file name: <c>["model.safetensors"] = "9f86d0…"</c>. Files that are there already are held against it, too.
    /// </summary>
    /// <value>The default, empty, takes the hub's word for what its files hold.</value>
    [Required]
    public IReadOnlyDictionary<string, string> Sha256 { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets who is told how a download goes, on the thread that receives.</summary>
    public IProgress<HubProgress>? Progress { get; init; }

    /// <summary>Checks what ranges cannot say.</summary>
    /// <param name="validationContext">Names the options.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is { } endpoint && (!HubNames.IsTrusted(endpoint) || endpoint.UserInfo.Length + endpoint.Query.Length + endpoint.Fragment.Length > 0))
            yield return new ValidationResult("Endpoint must be an address that begins with https://, without user, query or fragment; http:// is taken for this machine (localhost) alone.");
        if (RetryDelay < TimeSpan.Zero || RetryDelay > HubRetries.LongestDelay)
            yield return new ValidationResult($"RetryDelay must lie between 0 and {HubRetries.LongestDelay}, but is {RetryDelay}.");
        if (Timeout <= TimeSpan.Zero)
            yield return new ValidationResult($"Timeout must be above 0, but is {Timeout}.");
        foreach (var (file, hash) in Sha256 ?? new Dictionary<string, string>())
            if (!HubNames.IsSha256(hash))
                yield return new ValidationResult($"Sha256[\"{file}\"] must be 64 hexadecimal digits, but is '{hash}'.");
        if (Token is not null && (Token.Length == 0 || Token.Any(letter => letter is <= ' ' or > '~')))
            yield return new ValidationResult("Token must be printable ASCII without spaces.");
    }

    // what a record writes of itself
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Endpoint = {Endpoint}, Token = {(Token is null ? "none" : "***")}, Offline = {Offline}");
        return true;
    }
}

/// <summary>How far the download of one file is.</summary>
/// <param name="File">Its name.</param>
/// <param name="Bytes">The bytes that are there, those of an earlier attempt included.</param>
/// <param name="Total">The bytes that it has; null where the hub does not say.</param>
public readonly record struct HubProgress(string File, long Bytes, long? Total);
