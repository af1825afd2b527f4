using System.Globalization;
using System.Numerics;

namespace MLNet.DeepExtensions;

/// <summary>
/// Reads a pickle (Python's pickletools describes the format) that holds tensors and plain containers. It has no way to call anything: the few functions that
/// torch.save needs are understood by name, and every other name is refused. Nothing recurses, and depth is bounded.
/// </summary>
internal sealed class Unpickler(PickleInput input)
{
    private const int MaxDepth = 256;

    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = [];
    private readonly Dictionary<long, object?> memo = [];

    /// <summary>Reads one value.</summary>
    /// <exception cref="InvalidModelFileException">The pickle is damaged, too deep, or asks for something that is not read here.</exception>
    public static object? Read(PickleInput input) => new Unpickler(input).Read();

    private object? Read()
    {
        while (true)
        {
            var position = input.Position;
            var opcode = input.Byte();
            switch (opcode)
            {
                case 0x80: input.Byte(); break;                                     // PROTO
                case 0x95: input.Int64(); break;                                    // FRAME
                case (byte)'.': return Pop();
                case (byte)'(':
                    if (marks.Count == MaxDepth)
                        throw PickleRefusal.Damaged($"it is nested more than {MaxDepth} deep");
                    marks.Push(stack.Count);
                    break;
                case (byte)'0': Pop(); break;
                case (byte)'1': PopToMark(); break;
                case (byte)'2': Push(Peek()); break;
                case (byte)'q': memo[input.Byte()] = Peek(); break;
                case (byte)'r': memo[input.UInt32()] = Peek(); break;
                case 0x94: memo[memo.Count] = Peek(); break;
                case (byte)'h': Push(Recall(input.Byte())); break;
                case (byte)'j': Push(Recall(input.UInt32())); break;
                case (byte)'c': Push(PickledCalls.Find(input.Line(), input.Line())); break;
                case 0x93:
                    var name = Pop() as string;
                    Push(PickledCalls.Find(Pop() as string ?? "?", name ?? "?"));
                    break;
                case (byte)'R':
                    var arguments = Pop() as object?[] ?? throw PickleRefusal.Damaged("a call without arguments");
                    Push(PickledCalls.Call(Pop(), arguments));
                    break;
                case (byte)'Q': Push(PickledCalls.Storage(Pop())); break;
                case (byte)'b': Build(Pop(), Peek()); break;
                case 0x81 or 0x92 or (byte)'i' or (byte)'o': throw PickleRefusal.Code(stack.OfType<PickledGlobal>().LastOrDefault()?.ToString() ?? "an object");
                default:
                    if (!Plain(opcode) && !Container(opcode))
                        throw PickleRefusal.Damaged($"byte {position:N0} holds 0x{opcode:X2}, which is no opcode that torch.save writes");
                    break;
            }
        }
    }

    private bool Plain(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)input.Int32()); break;
            case (byte)'K': Push((long)input.Byte()); break;
            case (byte)'M': Push((long)input.UInt16()); break;
            case (byte)'G': Push(input.Double()); break;
            case 0x8a: Push(Whole(input.Take(input.Byte()))); break;
            case 0x8b: Push(Whole(input.Take(input.Int32()))); break;
            case (byte)'X': Push(input.Text(input.UInt32())); break;
            case 0x8c: Push(input.Text(input.Byte())); break;
            case 0x8d: Push(input.Text(input.Int64())); break;
            case (byte)'T': Push(input.Text(input.Int32())); break;
            case (byte)'U': Push(input.Text(input.Byte())); break;
            case (byte)'B': Push(input.Take(input.UInt32()).ToArray()); break;
            case (byte)'C': Push(input.Take(input.Byte()).ToArray()); break;
            case (byte)'F' or (byte)'I' or (byte)'L':
                var line = input.Line();
                Push(line is "00" or "01" ? line == "01"
                    : double.TryParse(line.TrimEnd('L'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? opcode == (byte)'F' ? number : (object)(long)number
                    : throw PickleRefusal.Damaged($"'{FileText.Shorten(line)}' is no number"));
                break;
            default: return false;
        }
        return true;
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)']' or 0x8f: Push(new List<object?>()); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'}': Push(new PickledDictionary()); break;
            case (byte)'l' or 0x91: Push(PopToMark().ToList()); break;
            case (byte)'t': Push(PopToMark()); break;
            case 0x85: Push(new[] { Pop() }); break;
            case 0x86:
                var second = Pop();
                Push(new[] { Pop(), second });
                break;
            case 0x87:
                var (third, middle) = (Pop(), Pop());
                Push(new[] { Pop(), middle, third });
                break;
            case (byte)'d':
                var pairs = PopToMark();
                var made = new PickledDictionary();
                Add(made, pairs);
                Push(made);
                break;
            case (byte)'a':
                var item = Pop();
                Top<List<object?>>().Add(item);
                break;
            case (byte)'e' or 0x90:
                var items = PopToMark();
                Top<List<object?>>().AddRange(items);
                break;
            case (byte)'s':
                var value = Pop();
                var key = Pop();
                Top<PickledDictionary>().Items.Add((key, value));
                break;
            case (byte)'u':
                var entries = PopToMark();
                Add(Top<PickledDictionary>(), entries);
                break;
            default: return false;
        }
        return true;
    }

    // torch notes versions of modules on a state_dict: data that no tensor needs
    private static void Build(object? state, object? target)
    {
        if (target is not (PickledDictionary or PickledTensor))
            throw PickleRefusal.Code(target?.GetType().Name ?? "an object's state");
        _ = state;
    }

    private static void Add(PickledDictionary dictionary, object?[] keysAndValues)
    {
        if (keysAndValues.Length % 2 != 0)
            throw PickleRefusal.Damaged("a dictionary has a key without a value");
        for (var i = 0; i < keysAndValues.Length; i += 2)
            dictionary.Items.Add((keysAndValues[i], keysAndValues[i + 1]));
    }

    private static object Whole(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 64)
            throw PickleRefusal.Damaged($"a whole number has {bytes.Length:N0} bytes");
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private void Push(object? value) => stack.Add(value);

    private object? Peek() => stack.Count > (marks.Count > 0 ? marks.Peek() : 0) ? stack[^1] : throw PickleRefusal.Damaged("a value is missing");

    private object? Pop()
    {
        var value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object?[] PopToMark()
    {
        if (!marks.TryPop(out var mark))
            throw PickleRefusal.Damaged("a mark is missing");
        object?[] values = [.. stack.Skip(mark)];
        stack.RemoveRange(mark, stack.Count - mark);
        return values;
    }

    private T Top<T>() where T : class => Peek() as T ?? throw PickleRefusal.Damaged("something is added to what is no container");

    private object? Recall(long key) => memo.TryGetValue(key, out var value) ? value : throw PickleRefusal.Damaged($"value {key} is used before it is made");
}
