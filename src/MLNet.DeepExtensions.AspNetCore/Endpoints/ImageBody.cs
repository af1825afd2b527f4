using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace MLNet.DeepExtensions;

/// <summary>The picture in a request: its body, or the one file of a form. What a client calls a file is not looked at.</summary>
internal static class ImageBody
{
    // around a file: the boundary, its headers, some fields
    private const int FormBytes = 16 << 10;
    private const int MaxSections = 16;

    public static async Task<ImageUpload> ReadAsync(HttpContext context, ImageUploadLimits limits, CancellationToken cancellation)
    {
        var isForm = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        if (!isForm && !(type is not null && (type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase))))
            throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "The body must be a picture, with Content-Type: image/jpeg or image/png for instance, or a form with one file.");
        var body = await RequestBody.ReadAsync(context.Request, isForm ? limits.MaxBytes + FormBytes : limits.MaxBytes, cancellation).ConfigureAwait(false);
        var bytes = isForm ? await FileOf(body, type!, limits, cancellation).ConfigureAwait(false) : body.Array!.Length == body.Count ? body.Array : body.ToArray();
        return Look(bytes, limits);
    }

    private static ImageUpload Look(byte[] bytes, ImageUploadLimits limits)
    {
        (int Width, int Height)? size;
        try
        {
            size = ImageDecoder.SizeOf(bytes, "sent");
        }
        catch (InvalidImageException e)
        {
            throw new RequestFault(StatusCodes.Status422UnprocessableEntity, $"The picture {e.Reason}");
        }
        if (size is not { } known)
            throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "The body is no picture of a known kind (JPEG, PNG, GIF, WebP, BMP, ICO, PGM, PPM), or its beginning is damaged.");
        if (known.Width < 1 || known.Height < 1)
            throw new RequestFault(StatusCodes.Status422UnprocessableEntity, $"The picture has {known.Width} × {known.Height} pixels.");
        return (long)known.Width * known.Height <= limits.MaxPixels ? new ImageUpload(bytes, known.Width, known.Height, limits)
            : throw new RequestFault(StatusCodes.Status413PayloadTooLarge, $"The picture has {known.Width:N0} × {known.Height:N0} pixels; at most {limits.MaxPixels:N0} are taken.");
    }

    private static async Task<byte[]> FileOf(ArraySegment<byte> body, MediaTypeHeaderValue type, ImageUploadLimits limits, CancellationToken cancellation)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
            throw new RequestFault(StatusCodes.Status400BadRequest, "The form's Content-Type names no boundary.");
        byte[]? file = null;
        try
        {
            var reader = new MultipartReader(boundary, new MemoryStream(body.Array!, body.Offset, body.Count, writable: false)) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10, BodyLengthLimit = limits.MaxBytes };
            for (var sections = 0; await reader.ReadNextSectionAsync(cancellation).ConfigureAwait(false) is { } section; sections++)
            {
                if (sections == MaxSections)
                    throw new RequestFault(StatusCodes.Status400BadRequest, $"The form has more than {MaxSections} fields.");
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
                    continue;
                if (file is not null)
                    throw new RequestFault(StatusCodes.Status400BadRequest, "The form holds several files; send one picture with each request.");
                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, cancellation).ConfigureAwait(false);
                file = content.ToArray();
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new RequestFault(StatusCodes.Status400BadRequest, "The form is damaged or cut off.");
        }
        return file ?? throw new RequestFault(StatusCodes.Status400BadRequest, "The form holds no file; send the picture as its one file.");
    }
}
