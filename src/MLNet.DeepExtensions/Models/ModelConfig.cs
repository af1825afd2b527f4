using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.DeepExtensions;

/// <summary>
/// An architecture's hyperparameters: a record that can build its network. The same record is the option that the user writes,
/// the JSON inside the saved model, and a row of the conformance tests.
/// </summary>
[ConfigFamily]
public abstract record ModelConfig
{
    /// <summary>Gets the registered architectures in the order of their names.</summary>
    public static IReadOnlyList<Type> Registered => ConfigFamily.Of<ModelConfig>().Types;

    /// <summary>Makes an architecture of your own known, so that models with it can be saved and loaded. Call it once, when the application starts.</summary>
    /// <typeparam name="T">The record; its properties are written to the model file as JSON.</typeparam>
    /// <param name="name">The name in the file, lower case with hyphens. Never change it.</param>
    public static void Register<T>(string name) where T : ModelConfig => ConfigFamily.Of<ModelConfig>().Add(typeof(T), name);

    /// <summary>Builds the untrained network. Weights come from torch's global generator.</summary>
    /// <param name="input">The shape of one example.</param>
    /// <param name="outputs">The number of raw outputs per example; there is no softmax or sigmoid at the end.</param>
    /// <returns>A network from [N, …input] to [N, outputs], in float32 on torch's default device.</returns>
    /// <exception cref="ArgumentException">The architecture cannot take this shape; the message says which it takes.</exception>
    public abstract Module<Tensor, Tensor> Build(InputShape input, int outputs);
}
