using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using MLNet.DeepExtensions.Onnx;

namespace MLNet.DeepExtensions;

/// <summary>Where an ONNX file's weights lie: within it, or, where they are more than one message of protobuf holds, in a file beside it (external data, as ONNX calls it).</summary>
internal static class OnnxWeights
{
    /// <summary>Weights of so many bytes are still within; a message holds 2 GiB, and there is more than weights.</summary>
    public const long MostWithin = 1L << 30;

    // so that a runtime may map it into memory
    private const int Alignment = 4096;

    // the rest is axes, shapes and the like, which a runtime looks at early
    private const int Smallest = 1024;

    /// <summary>Writes a file, and one with its weights beside it if they are many: <c>pets.onnx.data</c>, whose SHA-256 is in the metadata.</summary>
    public static void WriteTo(string path, ModelProto file, long mostWithin = MostWithin)
    {
        if (BytesOf(file) <= mostWithin)
        {
            AtomicFile.Write(path, file.WriteTo);
            return;
        }
        var beside = $"{Path.GetFullPath(path)}.data";
        // an older graph would read the new weights
        File.Delete(path);
        AtomicFile.Write(beside, stream => MoveOut(file, stream, Path.GetFileName(beside)));
        AtomicFile.Write(path, file.WriteTo);
    }

    /// <summary>Writes a file that has nothing beside it.</summary>
    /// <exception cref="NotSupportedException">There is too much for it.</exception>
    public static void WriteTo(Stream stream, ModelProto file, string otherwise)
    {
        var bytes = BytesOf(file);
        if (bytes > int.MaxValue - (64 << 20))
            throw new NotSupportedException($"The weights take {bytes:N0} bytes, but one ONNX message holds at most 2 GiB. {otherwise}");
        file.WriteTo(stream);
    }

    private static long BytesOf(ModelProto file) => file.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length);

    private static void MoveOut(ModelProto file, Stream stream, string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var position = 0L;
        foreach (var tensor in file.Graph.Initializer.Where(tensor => tensor.RawData.Length >= Smallest))
        {
            Write(new byte[(Alignment - position % Alignment) % Alignment]);
            void Say(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            Say("location", name);
            Say("offset", position.ToString(CultureInfo.InvariantCulture));
            Say("length", tensor.RawData.Length.ToString(CultureInfo.InvariantCulture));
            Write(tensor.RawData.Span);
            (tensor.DataLocation, tensor.RawData) = (TensorProto.Types.DataLocation.External, ByteString.Empty);
        }
        file.MetadataProps.Add(new StringStringEntryProto { Key = "weights_file", Value = name });
        file.MetadataProps.Add(new StringStringEntryProto { Key = "weights_sha256", Value = Convert.ToHexStringLower(hash.GetHashAndReset()) });

        void Write(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
            position += bytes.Length;
        }
    }
}
