using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.DeepExtensions.Tests.AspNetCore;

/// <summary>A photo as a model takes it that reads files itself.</summary>
public sealed class Photo
{
    public byte[] Image { get; set; } = [];

    public string Label { get; set; } = "";
}

/// <summary>An application that takes rows and pictures, and a model of pictures behind it.</summary>
public sealed class HostileTarget : IAsyncLifetime
{
    private readonly Served served = new();

    public WebApplication Application { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var path = served.PathOf("photos.zip");
        Train(path);
        Application = await Served.RunAsync(builder =>
        {
            builder.Services.AddDeepPredictions(Served.With(options => (options.Deadline, options.MaxTextLength) = (TimeSpan.FromSeconds(2), 1000))).FromFile(served.First);
            builder.Services.AddDeepPredictions<Photo, Blobs.Answer>(options => options.Canary = new Photo { Image = Pictures.Png(8, 8) }).FromFile(path);
        }, application =>
        {
            application.MapDeepPredictions<Asked, Told>("/predict", maxBytes: 10_000);
            application.MapImagePredictions<Photo, Blobs.Answer>("/photo", image => new Photo { Image = image.Bytes }, limits: new ImageUploadLimits { MaxBytes = 100_000, MaxPixels = 1_000_000 });
            application.MapImagePredictions<Asked, Told>("/grey", image => new Asked { Features = image.DecodeGrey(2, 2) }, limits: new ImageUploadLimits { MaxBytes = 100_000, MaxPixels = 1_000_000 });
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Application.DisposeAsync();
        served.Dispose();
    }

    internal static void Train(string path)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Photo { Image = Pictures.Png(8 + i % 3, 8, (byte)(i % 2 * 200)), Label = "ab"[i % 2].ToString() }).ToList());
        using var model = ml.Transforms.ReadImages("Picture", "Image", new ImageReading { Height = 8, Width = 8 }).Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.Deep(new ConvNet(), new DeepTrainerOptions { Epochs = 1, Seed = 1 }, featureColumnName: "Picture"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel")).Fit(data);
        ml.Model.Save(model, data.Schema, path);
    }
}

/// <summary>Pictures made here, whole and broken.</summary>
internal static class Pictures
{
    public static byte[] Png(int width, int height, byte shade = 0) => Encode(width, height, shade, SKEncodedImageFormat.Png);

    public static byte[] Jpeg(int width, int height) => Encode(width, height, 99, SKEncodedImageFormat.Jpeg);

    public static byte[] Noise(int width, int height)
    {
        var random = new Random(1);
        using var bitmap = new SKBitmap(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new SKColor((uint)random.Next() | 0xFF000000));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 90);
        return data.ToArray();
    }

    /// <summary>A picture that is a few bytes long and states to be large.</summary>
    public static byte[] PngThatStates(int width, int height)
    {
        var bytes = Png(4, 4);
        foreach (var (at, value) in new[] { (16, width), (20, height) })
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), value);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc(bytes.AsSpan(12, 17)));
        return bytes;
    }

    /// <summary>Two frames of a GIF, 2 × 2 pixels.</summary>
    public static byte[] AnimatedGif()
    {
        byte[] frame = [0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x34, 0x05, 0];
        return [.. "GIF89a"u8, 2, 0, 2, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255, .. frame, .. frame, 0x3B];
    }

    private static byte[] Encode(int width, int height, byte shade, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(new SKColor(shade, (byte)(255 - shade), 7));
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
        return ~crc;
    }
}

[Collection(nameof(Alone))]
public class HostileRequestsTests(HostileTarget target) : IClassFixture<HostileTarget>
{
    private static readonly Dictionary<string, (string Path, int Status, Func<HttpContent> Content)> requests = new()
    {
        ["empty JSON"] = ("/predict", 400, () => Json("")),
        ["JSON null"] = ("/predict", 400, () => Json("null")),
        ["JSON array"] = ("/predict", 400, () => Json("[1, 2]")),
        ["truncated JSON"] = ("/predict", 400, () => Json("{\"number\": 3, \"features\": [1, 2")),
        ["wrong type of a value"] = ("/predict", 400, () => Json("{\"number\": \"three\"}")),
        ["deep JSON"] = ("/predict", 400, () => Json(new string('[', 4000) + new string(']', 4000))),
        ["deep JSON in a member"] = ("/predict", 400, () => Json("{\"extra\":" + new string('[', 4000) + new string(']', 4000) + "}")),
        ["NaN"] = ("/predict", 400, () => Json("{\"features\": [NaN, 1, 2, 3]}")),
        ["number that overflows"] = ("/predict", 400, () => Json("{\"features\": [1e999, 1, 2, 3]}")),
        ["integer that overflows"] = ("/predict", 400, () => Json("{\"number\": 99999999999999999999}")),
        ["vector too short"] = ("/predict", 400, () => Json("{\"features\": [1]}")),
        ["vector too long"] = ("/predict", 400, () => Json("{\"features\": [1,2,3,4,5]}")),
        ["text too long"] = ("/predict", 413, () => Json($"{{\"text\": \"{new string('x', 1001)}\"}}")),
        ["huge JSON"] = ("/predict", 413, () => Json($"{{\"text\": \"{new string('x', 20_000)}\"}}")),
        ["huge JSON without a length"] = ("/predict", 413, () => Chunked(Encoding.UTF8.GetBytes($"{{\"text\": \"{new string('x', 20_000)}\"}}"), "application/json")),
        ["JSON as text"] = ("/predict", 415, () => new StringContent("{}", Encoding.UTF8, "text/plain")),
        ["no type at all"] = ("/predict", 415, () => new ByteArrayContent("{}"u8.ToArray())),
        ["another character set"] = ("/predict", 415, () => new StringContent("{}", Encoding.Unicode, "application/json")),
        ["not UTF-8"] = ("/predict", 400, () => Bytes([.. "{\"text\": \""u8, 0xFF, 0xFE, .. "\"}"u8], "application/json")),
        ["compressed JSON"] = ("/predict", 415, () => Compressed(new byte[10_000_000])),
        ["empty picture"] = ("/photo", 400, () => Bytes([], "image/png")),
        ["no picture"] = ("/photo", 415, () => Bytes("GET / HTTP/1.1"u8.ToArray(), "image/png")),
        ["script as a picture"] = ("/photo", 415, () => Bytes("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"u8.ToArray(), "image/svg+xml")),
        ["text as a picture"] = ("/photo", 415, () => Bytes(Pictures.Png(4, 4), "text/html")),
        ["truncated JPEG"] = ("/photo", 422, () => Bytes(Pictures.Jpeg(200, 200)[..400], "image/jpeg")),
        ["truncated JPEG, decoded by the application"] = ("/grey", 422, () => Bytes(Pictures.Jpeg(200, 200)[..400], "image/jpeg")),
        ["damaged PNG"] = ("/photo", 422, () => Bytes(Damaged(Pictures.Noise(100, 100)), "image/png")),
        ["PNG of a gigapixel"] = ("/photo", 413, () => Bytes(Pictures.PngThatStates(32_000, 32_000), "image/png")),
        ["PNG with sides that overflow"] = ("/photo", 415, () => Bytes(Pictures.PngThatStates(int.MaxValue, int.MaxValue), "image/png")),
        ["PNG bomb"] = ("/photo", 413, () => Bytes(Pictures.Png(4000, 4000), "image/png")),
        ["PGM of a gigapixel"] = ("/photo", 413, () => Bytes("P5 32000 32000 255\n"u8.ToArray(), "image/x-portable-graymap")),
        ["PGM without sides"] = ("/photo", 422, () => Bytes("P5 x"u8.ToArray(), "image/x-portable-graymap")),
        ["huge picture"] = ("/photo", 413, () => Bytes(new byte[200_000], "image/png")),
        ["huge picture without a length"] = ("/photo", 413, () => Chunked(new byte[200_000], "image/png")),
        ["form without a file"] = ("/photo", 400, () => new MultipartFormDataContent { { new StringContent("x"), "name" } }),
        ["form with two files"] = ("/photo", 400, () => new MultipartFormDataContent { { Bytes(Pictures.Png(4, 4), "image/png"), "a", "a.png" }, { Bytes(Pictures.Png(4, 4), "image/png"), "b", "b.png" } }),
        ["form without a boundary"] = ("/photo", 400, () => Bytes("--x\r\n"u8.ToArray(), "multipart/form-data")),
        ["form that is cut off"] = ("/photo", 400, () => Bytes("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.png\"\r\n\r\nabc"u8.ToArray(), "multipart/form-data; boundary=x")),
        ["form of many fields"] = ("/photo", 400, ManyFields),
        ["form with a huge file"] = ("/photo", 413, () => new MultipartFormDataContent { { Bytes(new byte[200_000], "image/png"), "a", "a.png" } }),
    };

    public static TheoryData<string> Kinds => [.. requests.Keys];

    [Theory, MemberData(nameof(Kinds))]
    public async Task HostileRequest_IsAnsweredByAProblem_AndTheNextOneByTheModel(string kind)
    {
        using var client = Served.Client(target.Application);
        var (path, status, content) = requests[kind];
        using (var response = await client.PostAsync(path, content()))
            await EndpointTests.AssertProblem(response, status);
        await AssertServes(client);
    }

    [Fact]
    public async Task AnimatedPicture_PathLikeName_AndPictureInAForm_AreJustPictures()
    {
        using var client = Served.Client(target.Application);
        foreach (var content in new HttpContent[]
        {
            Bytes(Pictures.AnimatedGif(), "image/gif"), Bytes(Pictures.Jpeg(300, 20), "application/octet-stream"),
            new MultipartFormDataContent { { Bytes(Pictures.Png(9, 9), "image/png"), "file", "../../etc/passwd" } },
            new MultipartFormDataContent { { new StringContent("x"), "note" }, { Bytes(Pictures.Png(9, 9), "text/html"), "file", "C:\\boot.ini" } },
        })
        {
            using var response = await client.PostAsync("/photo", content);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task BodyThatDoesNotCome_Is408()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"number\""u8.ToArray());
        var answer = await ReadAsync(socket);
        Assert.StartsWith("HTTP/1.1 408", answer);
        Assert.Contains("application/problem+json", answer);
        using var client = Served.Client(target.Application);
        await AssertServes(client);
    }

    [Fact]
    public async Task ClientWhoGoesAway_InItsBody_HarmsNobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = await ConnectAsync();
            await socket.SendAsync("POST /photo HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc"u8.ToArray());
            if (i % 2 == 0)
                socket.LingerState = new LingerOption(true, 0);
        }
        using var client = Served.Client(target.Application);
        await AssertServes(client);
    }

    [Fact]
    public async Task ManyHostileRequests_LeaveNothingBehind()
    {
        using var client = Served.Client(target.Application);
        await All(1);
        LiveTensors.Settle();
        var (tensors, managed) = (TorchSharp.torch.Tensor.TotalCount, GC.GetTotalMemory(forceFullCollection: true));
        await All(8);
        LiveTensors.Settle();
        Assert.Equal(tensors, TorchSharp.torch.Tensor.TotalCount);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - managed, long.MinValue, 4 << 20);
        await AssertServes(client);

        Task All(int times) => Task.WhenAll(Enumerable.Range(0, times).SelectMany(_ => requests.Values).Select(async request =>
        {
            using var response = await client.PostAsync(request.Path, request.Content());
            Assert.InRange((int)response.StatusCode, 400, 499);
        }));
    }

    private static async Task AssertServes(HttpClient client)
    {
        using var response = await Served.AskAsync(client, Served.Row(3));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<Socket> ConnectAsync()
    {
        var address = new Uri(Served.AddressOf(target.Application));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var (bytes, text) = (new byte[4096], "");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!text.EndsWith("}", StringComparison.Ordinal) && await socket.ReceiveAsync(bytes, patience.Token) is var read and > 0)
            text += Encoding.UTF8.GetString(bytes, 0, read).TrimEnd('\r', '\n', '0');
        return text;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private static HttpContent Chunked(byte[] bytes, string type) => new WithoutLength(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static HttpContent Compressed(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var zip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true))
            zip.Write(bytes);
        var content = Bytes(memory.ToArray()[..Math.Min((int)memory.Length, 9000)], "application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static MultipartFormDataContent ManyFields()
    {
        var form = new MultipartFormDataContent();
        for (var i = 0; i < 40; i++)
            form.Add(new StringContent("x"), $"field{i}");
        return form;
    }

    private static byte[] Damaged(byte[] bytes)
    {
        bytes.AsSpan(bytes.Length / 2, 40).Fill(0xA5);
        return bytes;
    }

    private sealed class WithoutLength(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
