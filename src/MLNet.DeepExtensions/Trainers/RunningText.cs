using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.DeepExtensions.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.DeepExtensions;

/// <summary>All texts of a column as one stream of tokens, whose windows are examples: each token's target is the one that follows.</summary>
/// <param name="TextColumn">The column.</param>
/// <param name="Tokenizer">How texts are cut into tokens; null takes what the network brings along.</param>
/// <param name="Window">The tokens in a window; null takes as many as the network reads.</param>
internal sealed record RunningText(string TextColumn, TextTokenizer? Tokenizer, int? Window) : ExampleSource
{
    // scoring reads a text to its end, window by window
    private const int LongestText = 1 << 20;

    /// <summary>A column of texts as a network that writes reads them, to their ends.</summary>
    public static FeatureColumn Column(string name, TextTokenizer tokenizer) => new()
    {
        Name = name, Elements = ElementKind.Int32, Shape = new IdsShape(tokenizer.Count), Dimensions = [0], Text = new TextColumn { Tokenizer = tokenizer, MaxTokens = LongestText, GoesOn = true },
    };

    public override void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(TextColumn, "textColumnName");
        if (Window is { } window && window is < 2 or > LongestText)
            throw new ArgumentOutOfRangeException("window", window, $"A window must have from 2 to {LongestText:N0} tokens.");
        if (Tokenizer is not null)
            ConfigValidation.Check(Tokenizer, "tokenizer");
    }

    public override string? RoleOf(string column, SchemaShape schema) => column == TextColumn ? "text" : null;

    public override SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form, ModelConfig model)
    {
        var text = FeatureColumn.Require(schema, TextColumn, "text");
        task.CheckLabel(text);
        var promised = schema.ToDictionary(column => column.Name);
        foreach (var column in task.Promise(text))
            promised[column.Name] = column;
        return new SchemaShape(promised.Values);
    }

    public override (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(IDataView data, DeepTask task, OutputForm form, DeepTrainerOptions options, ModelConfig model)
    {
        if (options.Normalization is not null)
            throw new ArgumentException("Tokens are no numbers to be normalised: leave Normalization unset.", nameof(options));
        var text = FeatureColumn.Require(data.Schema, TextColumn, "text");
        var fitted = (LanguageModelTask)task.Fit(text, form);
        var tokenizer = Tokenizer ?? model.TokenizerFor(TextColumn) ?? throw new ArgumentException(
            $"{model.GetType().Name} brings no tokenizer along: give one, for example tokenizer: new Characters().", "tokenizer");
        if (!tokenizer.IsFitted)
            tokenizer = tokenizer.Fit(data.GetColumn<string>(text));
        return ([Column(TextColumn, tokenizer)],
            fitted with { Vocabulary = tokenizer.Count, Window = Window ?? model.MaxTokensFor(TextColumn) });
    }

    // one that sees the token it is to say has a loss of nothing, and has learnt nothing
    public override void CheckNetwork(nn.Module network, IReadOnlyList<NetworkColumn> inputs, Device device)
    {
        const int steps = 4;
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        network.eval();
        var ids = zeros(2, steps, ScalarType.Int32, device);
        ids[1, steps - 1] = ((IdsShape)inputs[0].Features.Shape).Categories - 1;
        var output = network.Call(NetworkColumn.Apply(inputs, new ModelInput([new InputTensor(TextColumn, ids, full(2, steps, ScalarType.Int64, device))]))).narrow(1, 0, steps - 1);
        if ((output[0] - output[1]).abs().max().ToDouble() > 1e-4 * Math.Max(1e-3, output.abs().max().ToDouble()))
            throw new ArgumentException("What the network says of a token depends on tokens behind it, so that it could copy what it is to learn. Take one that looks back only: Gpt, or a recurrent network with Bidirectional = false.", "model");
    }

    public override TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, MissingFeatures missing, DeepTrainerOptions options, RowMemory memory, IHost host, IChannel channel)
    {
        var encoder = features[0].Text!.Tokenizer.Encoder;
        var stream = TokenStream.For(encoder.Count, memory);
        var column = FeatureColumn.Require(data.Schema, TextColumn, "text");
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        var ids = new List<int>();
        var text = ReadOnlyMemory<char>.Empty;
        try
        {
            while (cursor.MoveNext())
            {
                HostDoors.CheckAlive(host);
                getter(ref text);
                ids.Clear();
                encoder.EncodeBehindAnother(text, int.MaxValue, ids);
                stream.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids));
            }
        }
        catch (RowMemorySpentException e)
        {
            throw new InvalidOperationException($"The {name} texts take more than the CacheBudget of {memory.Budget:N0} bytes. Set CacheFolder to keep them in a file, or a larger CacheBudget.", e);
        }
        var rows = stream.Count < 2 ? null : new TokenRows(stream, ((LanguageModelTask)task).Window, isMoving: options.Shuffle && name == "training");
        return rows?.Count switch
        {
            null => throw new InvalidOperationException($"The {name} texts have {stream.Count} tokens, but one that another one follows is the least that can be learnt from."),
            > int.MaxValue => throw new InvalidOperationException($"The {name} texts have {rows.Count:N0} windows, more than {int.MaxValue:N0}. Split them, or take longer windows."),
            _ => TrainingSet.Of(rows, name),
        };
    }
}
