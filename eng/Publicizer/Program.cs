// Publicizer OUTPUT_FOLDER ASSEMBLY.dll ...
// Writes a copy of each assembly for the compiler alone, in which internal is public and private protected is protected;
// private stays private. Visibility is a few bits in fixed-size metadata rows (ECMA-335 II.22.37, II.22.26, II.22.15),
// so the rows are changed in place and nothing else in the file moves.
using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

var folder = Directory.CreateDirectory(args[0]).FullName;
foreach (var path in args[1..])
{
    var bytes = File.ReadAllBytes(path);
    Publicize(bytes);
    // written beside and moved: a compiler that runs at this moment sees the old file or the new one
    var temporary = Path.Combine(folder, Path.GetRandomFileName());
    File.WriteAllBytes(temporary, bytes);
    File.Move(temporary, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
}

static void Publicize(byte[] image)
{
    using var portable = new PEReader(new MemoryStream(image));
    var metadata = portable.GetMetadataReader();
    var start = portable.PEHeaders.MetadataStartOffset;

    foreach (var row in Rows(TableIndex.TypeDef))          // flags are the row's first four bytes
    {
        var flags = (TypeAttributes)BinaryPrimitives.ReadUInt32LittleEndian(row);
        var visibility = (flags & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.NotPublic => TypeAttributes.Public,
            TypeAttributes.NestedAssembly => TypeAttributes.NestedPublic,
            TypeAttributes.NestedFamANDAssem => TypeAttributes.NestedFamily,
            var unchanged => unchanged,
        };
        BinaryPrimitives.WriteUInt32LittleEndian(row, (uint)((flags & ~TypeAttributes.VisibilityMask) | visibility));
    }
    foreach (var row in Rows(TableIndex.MethodDef))        // RVA (4), implementation flags (2), flags (2)
        OpenMember(row[6..]);
    foreach (var row in Rows(TableIndex.Field))            // flags (2)
        OpenMember(row);

    RowList Rows(TableIndex table) =>
        new(image, start + metadata.GetTableMetadataOffset(table), metadata.GetTableRowSize(table), metadata.GetTableRowCount(table));

    // methods and fields share the three access bits
    static void OpenMember(Span<byte> flags)
    {
        var value = (MethodAttributes)BinaryPrimitives.ReadUInt16LittleEndian(flags);
        var access = (value & MethodAttributes.MemberAccessMask) switch
        {
            MethodAttributes.Assembly => MethodAttributes.Public,
            MethodAttributes.FamANDAssem => MethodAttributes.Family,
            var unchanged => unchanged,
        };
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)((value & ~MethodAttributes.MemberAccessMask) | access));
    }
}

/// <summary>The rows of one metadata table, each as the bytes it occupies in the file.</summary>
readonly ref struct RowList(byte[] image, int offset, int rowSize, int count)
{
    public Enumerator GetEnumerator() => new(image, offset, rowSize, count);

    public ref struct Enumerator(byte[] image, int offset, int rowSize, int count)
    {
        private int index = -1;
        public bool MoveNext() => ++index < count;
        public readonly Span<byte> Current => image.AsSpan(offset + index * rowSize, rowSize);
    }
}
