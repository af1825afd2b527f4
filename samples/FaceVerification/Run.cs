using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.DeepExtensions;
using Spectre.Console;

namespace FaceVerification;

/// <summary>Trains on some people, chooses thresholds by others, and judges by people that neither saw: in folds, so that everybody is judged once.</summary>
internal sealed record Run(MLContext Ml, DeepTrainerOptions Options, TrainingProgress Progress, int Seed)
{
    private const double FalseAccepts = 0.01;

    public int Train(string folder, int folds, DirectoryInfo output)
    {
        output.Create();
        string Out(string name) => Path.Combine(output.FullName, name);
        var clock = Stopwatch.StartNew();
        var parts = Faces.Folds(Ml, folder, folds, Seed);
        var found = new List<Fold>();
        foreach (var faces in parts)
        {
            AnsiConsole.WriteLine($"Fold {found.Count + 1} of {folds}: {Faces.People(faces.Train)} people to learn from, {Faces.People(faces.Validation)} to choose a threshold by, {Faces.People(faces.Test)} strangers to judge by.");
            found.Add(Judge(faces));
            AnsiConsole.WriteLine($"  equal error rate {found[^1].Pairs.EqualErrorRate:P1} over pairs of pictures, {found[^1].Claims.EqualErrorRate:P1} with {Templates.Enrolled} pictures enrolled.");
        }

        // the first fold's model stands for all
        var first = found[0];
        Ml.Model.Save(first.Model, Rows(parts[0].Train).Schema, Out("faces.zip"));
        var equal = ReloadedIsEqual(first.Model, parts[0].Test, Out("faces.zip"));
        ((IEnumerable<ITransformer>)first.Model).OfType<DeepTransformer>().Single().History.SaveLearningCurve(Out("learning-curve.png"));
        var decisions = Door(first);

        var (pairs, claims) = (VerificationCurve.Pooled(found.Select(fold => fold.Pairs)), VerificationCurve.Pooled(found.Select(fold => fold.Claims)));
        pairs.SaveRocPicture(Out("roc.png"), title: "Faces of people never seen in training");
        AnsiConsole.WriteLine($"Strangers: equal error rate {pairs.EqualErrorRate:P1} over {pairs.GenuinePairs:N0} genuine and {pairs.ImpostorPairs:N0} impostor pairs of pictures, " +
            $"{claims.EqualErrorRate:P1} with {Templates.Enrolled} pictures enrolled. Written to {output.FullName}.");
        Console.WriteLine("RESULT " + JsonSerializer.Serialize(new
        {
            sample = "face-verification",
            seed = Seed,
            folds,
            epochs = Options.Epochs,
            people = parts.Sum(faces => Faces.People(faces.Test)),
            genuine_pairs = pairs.GenuinePairs,
            impostor_pairs = pairs.ImpostorPairs,
            equal_error_rate = pairs.EqualErrorRate,
            mean_equal_error_rate = found.Average(fold => fold.Pairs.EqualErrorRate),
            fold_equal_error_rates = found.Select(fold => Math.Round(fold.Pairs.EqualErrorRate, 4)),
            area_under_curve = pairs.AreaUnderCurve,
            // each fold's at the threshold that its validation people chose
            false_accept_rate = found.Average(fold => fold.PairsAtThreshold.FalseAcceptRate),
            false_reject_rate = found.Average(fold => fold.PairsAtThreshold.FalseRejectRate),
            template_equal_error_rate = claims.EqualErrorRate,
            template_false_accept_rate = found.Average(fold => fold.ClaimsAtThreshold.FalseAcceptRate),
            template_false_reject_rate = found.Average(fold => fold.ClaimsAtThreshold.FalseRejectRate),
            door_accepted = decisions.Accepted,
            door_refused = decisions.Refused,
            door_wrong = decisions.Wrong,
            seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
            reloaded_embeddings_equal = equal,
            pictures = new[] { "roc.png", "learning-curve.png" },
        }));
        foreach (var fold in found)
            (fold.Model as IDisposable)?.Dispose();
        return 0;
    }

    /// <summary>What strangers showed of a model: pictures against pictures, and against what was enrolled.</summary>
    private sealed record Fold(ITransformer Model, IReadOnlyList<EmbeddedFace> Strangers, VerificationCurve Pairs, VerificationPoint PairsAtThreshold, VerificationCurve Claims, VerificationPoint ClaimsAtThreshold);

    private Fold Judge(Faces faces)
    {
        #region train
        // keys over everybody, so that the people of validation, whom training does not know, have theirs
        var keys = Ml.Transforms.Conversion.MapValueToKey("Person", "Label").Fit(Rows([.. faces.Train, .. faces.Validation]));
        var pipeline = Recipe.Pipeline(Ml, Options);
        var model = Progress.Show(() => pipeline.Fit(keys.Transform(Rows(faces.Train)), keys.Transform(Rows(faces.Validation))));
        #endregion

        #region verify
        var threshold = VerificationCurve.Of(model.Transform(Rows(faces.Validation))).ThresholdAt(FalseAccepts);
        var pairs = VerificationCurve.Of(model.Transform(Rows(faces.Test)));
        #endregion
        var strangers = Embed(model, faces.Test);
        var claims = Templates.Curve(strangers);
        return new Fold(model, strangers, pairs, pairs.At(threshold), claims, claims.At(Templates.Curve(Embed(model, faces.Validation)).ThresholdAt(FalseAccepts)));
    }

    /// <summary>Half of the strangers are enrolled; then everybody comes to the door.</summary>
    private static AccessControl Door(Fold fold)
    {
        var people = fold.Strangers.GroupBy(face => face.Label).Select(person => person.ToList()).ToList();
        var door = new AccessControl(people[0][0].Embedding.Length, fold.ClaimsAtThreshold.Threshold);
        var members = people.Take((people.Count + 1) / 2).ToList();
        members.ForEach(door.Enrol);
        AnsiConsole.WriteLine($"At the door, with {members.Count} of the first fold's strangers enrolled by {Templates.Enrolled} pictures each:");
        foreach (var member in members)
            door.Verify(member[0].Label, member[^1]);
        foreach (var (impostor, claim) in people.Skip(members.Count).Zip(members))
            door.Verify(claim[0].Label, impostor[0]);
        foreach (var person in people)
            door.Identify(person[^2]);
        return door;
    }

    private bool ReloadedIsEqual(ITransformer model, IReadOnlyList<Face> faces, string path)
    {
        using var engine = Ml.Model.CreatePredictionEngine<Face, EmbeddedFace>(new MLContext().Model.Load(path, out _));
        var inBatches = model.Transform(Rows(faces)).GetColumn<float[]>("Embedding");
        return faces.Zip(inBatches).All(pair => engine.Predict(pair.First).Embedding.Zip(pair.Second).All(two => Math.Abs(two.First - two.Second) < 1e-5f));
    }

    private List<EmbeddedFace> Embed(ITransformer model, IReadOnlyList<Face> faces) => Ml.Data.CreateEnumerable<EmbeddedFace>(model.Transform(Rows(faces)), reuseRowObject: false).ToList();

    private IDataView Rows(IReadOnlyList<Face> faces) => Ml.Data.LoadFromEnumerable(faces);
}
