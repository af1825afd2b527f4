using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.DeepExtensions;

/// <summary>Texts without labels as examples: some of their tokens are hidden, and are what is to be learnt.</summary>
internal sealed record MaskedTexts(InputColumn Text) : ExampleSource
{
    // what a row's target is said to be is its text; it is never read
    private readonly TrainingColumns columns = new(Text?.Name!, [Text!], null);

    public override void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Text?.Name, "textColumn");
        columns.Check();
    }

    public override string? RoleOf(string column, SchemaShape schema) => column == Text.Name ? "text" : null;

    public override SchemaShape Promise(SchemaShape schema, DeepTask task, OutputForm form, ModelConfig model) => columns.Promise(schema, task, form, model);

    public override (IReadOnlyList<FeatureColumn> Features, DeepTask Task) Bind(IDataView data, DeepTask task, OutputForm form, DeepTrainerOptions options, ModelConfig model)
    {
        var (features, fitted) = columns.Bind(data, task, form, options, model);
        if (features[0].Text is not { } text)
            throw new ArgumentException($"Column '{Text.Name}' must be text, but is {features[0].Type}.", nameof(data));
        if (text.Tokenizer.Special.Mask is null)
            throw new ArgumentException($"{text.Tokenizer.GetType().Name} has no token that hides others, such as [MASK]: it is the tokenizer of networks that write. Take another one.", nameof(model));
        // a mask that is written in a text asks what stands there
        return ([features[0] with { Text = text with { Tokenizer = text.Tokenizer with { ReadsSpecialTokens = true } } }], ((MaskedTokensTask)fitted).With(text.Tokenizer));
    }

    public override TrainingSet Read(IDataView data, string name, IReadOnlyList<FeatureColumn> features, DeepTask task, MissingFeatures missing, DeepTrainerOptions options, RowMemory memory, IHost host,
        IChannel channel) => columns.Read(data, name, features, task, missing, options, memory, host, channel);

    public override IBatchSource Arrange(IBatchSource prepared, DeepTask task, IReadOnlyList<NetworkColumn> inputs, int seed, bool isTraining)
    {
        var tokenizer = inputs[0].Features.Text!.Tokenizer;
        return new MaskedBatches(prepared, ((MaskedTokensTask)task).Masking, tokenizer.Count, tokenizer.Special, seed, isFixed: !isTraining);
    }
}
