using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.DeepExtensions.Interop;

/// <summary>Walks from a column back through ML.NET's views to where its values come from.</summary>
internal static class PictureOrigin
{
    /// <summary>Whether the column's values are, or were made from, pictures, and the column of paths that is still to be seen in the data.</summary>
    public static (bool IsPicture, DataViewSchema.Column? Path) Of(IDataView data, DataViewSchema.Column column)
    {
        var pictures = column.Type is ImageDataViewType;
        DataViewSchema.Column? path = null;
        IReadOnlyList<DataViewSchema.Column> needed = [column];
        for (var view = data; ;)
        {
            var source = view switch
            {
                IDataTransform transform => transform.Source,
                SplitPart part => part.Source,
                _ => null,
            };
            if (source is null)
                return (pictures, pictures ? path : null);
            needed = view is IRowToRowMapper mapper ? [.. mapper.GetDependencies(needed)]
                : [.. needed.Where(item => item.Index < source.Schema.Count && source.Schema[item.Index].Name == item.Name).Select(item => source.Schema[item.Index])];
            pictures |= needed.Any(item => item.Type is ImageDataViewType);
            foreach (var text in needed.Where(item => item.Type is TextDataViewType))
                if (data.Schema.GetColumnOrNull(text.Name) is { Type: TextDataViewType } visible)
                    path = visible;
            view = source;
        }
    }
}
