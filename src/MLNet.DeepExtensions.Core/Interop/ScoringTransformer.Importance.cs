using Microsoft.ML;

namespace MLNet.DeepExtensions;

// ML.NET keeps a second interface of this name, without a type parameter, to itself: permutation importance looks for it in a pipeline whose type it does not know,
// as in every loaded one. Its member is a public one that is there anyway.
public abstract partial class ScoringTransformer : ISingleFeaturePredictionTransformer;
